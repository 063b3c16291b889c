import type { Finding, SocketReport, ThreadAnswer } from "../../index.ts";
import { worstFirst } from "../inspecting/finding-lines.ts";
import type {
  EndpointState,
  FindingState,
  FlowState,
  PeerState,
  ProcessState,
  SocketState,
} from "./page-state.ts";

/** So much of one process is sent to the page; the rest is counted. */
export const LIMITS = {
  sockets: 200,
  peersOfSocket: 100,
  peers: 1000,
  endpoints: 20,
  findings: 50,
  text: 400,
} as const;

/** What the threads of one process answered. `clockOf`: when a thread's clock was 0, on the server's clock. */
export interface Answered {
  readonly sockets: readonly ThreadAnswer<SocketReport>[];
  readonly findings: readonly ThreadAnswer<Finding>[];
  readonly clockOf: (threadId: number) => number;
}

type Content = Pick<ProcessState, "atMs" | "sockets" | "socketCount" | "findings" | "findingCount">;

/** What the page shows of a process. */
export function toContent({ sockets: threads, findings: found, clockOf }: Answered): Content {
  const sockets: SocketState[] = [];
  let socketCount = 0;
  let peerRoom: number = LIMITS.peers;
  let atMs = 0;
  for (const { threadId, nowMs, list, omitted } of threads) {
    socketCount += list.length + omitted;
    const readMs = nowMs + clockOf(threadId);
    atMs = Math.max(atMs, readMs);
    for (const socket of list) {
      if (sockets.length >= LIMITS.sockets) break;
      const shown = Math.min(LIMITS.peersOfSocket, peerRoom, socket.peers.length);
      peerRoom -= shown;
      sockets.push(toSocket(socket, threadId, shown, readMs));
    }
  }
  const all = found.flatMap(({ threadId, list }) => list.map((finding) => toFinding(finding, threadId)));
  const findingCount = all.length + found.reduce((sum, { omitted }) => sum + omitted, 0);
  return { atMs, sockets, socketCount, findings: worstFirst(all).slice(0, LIMITS.findings), findingCount };
}

/** Unique in its process: ids are, in their threads. */
function socketId(threadId: number, id: number): string {
  return `${threadId}.${id}`;
}

function toSocket(socket: SocketReport, threadId: number, peerCount: number, readMs: number): SocketState {
  return {
    id: socketId(threadId, socket.id),
    type: socket.type,
    label: clip(socket.label),
    isClosed: socket.isClosed,
    endpoints: socket.endpoints.slice(0, LIMITS.endpoints).map(toEndpoint),
    peers: socket.peers.slice(0, peerCount).map((peer) => toPeer(peer, readMs)),
    peerCount: socket.peerCount,
    sent: toFlow(socket.sent, "sent"),
    received: toFlow(socket.received, "received"),
    waitingSends: socket.waiting.sends,
    waitingReceives: socket.waiting.receives,
    facts: socket.facts,
  };
}

function toEndpoint(endpoint: SocketReport["endpoints"][number]): EndpointState {
  return {
    endpoint: clip(endpoint.endpoint),
    kind: endpoint.kind,
    handshakeCount: endpoint.handshakeCount,
    failureCount: endpoint.failureCount,
    lastError: endpoint.lastError === null ? null : clip(endpoint.lastError.message),
    unsentCount: endpoint.unsentCount,
  };
}

function toPeer(peer: SocketReport["peers"][number], readMs: number): PeerState {
  return {
    endpoint: clip(peer.endpoint),
    address: clip(peer.address),
    type: peer.type,
    outgoing: peer.outgoing,
    live: peer.live,
    liveSinceMs: peer.liveAgeMs === null ? null : Math.round(readMs - peer.liveAgeMs),
    sent: toFlow(peer.sent, "sent"),
    received: toFlow(peer.received, "received"),
    sendHighWaterMark: peer.sendHighWaterMark,
    receiveHighWaterMark: peer.receiveHighWaterMark,
  };
}

/** What a subscriber did not ask for is not lost to it, nor what `conflate` makes way for. */
function toFlow(flow: SocketReport["sent"], direction: "sent" | "received"): FlowState {
  const { "no-subscriber": unwanted, conflated: _replaced, ...lost } = flow.dropped;
  const dropped =
    direction === "sent" && unwanted !== undefined ? { ...lost, "no-subscriber": unwanted } : lost;
  return { accepted: flow.accepted, delivered: flow.delivered, queued: flow.queued, dropped };
}

function toFinding(finding: Finding, threadId: number): FindingState {
  return {
    code: finding.code,
    severity: finding.severity,
    socketId: socketId(threadId, finding.socket.id),
    socketLabel: clip(finding.socket.label),
    endpoint: finding.endpoint,
    peer: finding.peer,
    what: finding.what,
    remedy: finding.remedy,
    evidence: finding.evidence,
    help: finding.help,
  };
}

/** Names and errors may come from a peer, and be as long as it likes. */
function clip(text: string): string {
  return text.length <= LIMITS.text ? text : `${text.slice(0, LIMITS.text)}…`;
}
