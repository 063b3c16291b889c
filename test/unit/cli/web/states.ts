// States for the live page, with what a test says of them and nothing else in them.

import type {
  EndpointState,
  FindingState,
  FlowState,
  PageState,
  PeerState,
  ProcessState,
  SocketState,
} from "../../../../src/cli/web/page-state.ts";

type Part<T> = Partial<T>;

export function flow(part: Part<FlowState> = {}): FlowState {
  return { accepted: 0, delivered: 0, queued: 0, dropped: {}, ...part };
}

export function peer(part: Part<PeerState> = {}): PeerState {
  return {
    endpoint: "tcp://127.0.0.1:5555",
    address: "tcp://127.0.0.1:5555",
    type: "PUSH",
    outgoing: true,
    live: true,
    liveSinceMs: 0,
    sent: flow(),
    received: flow(),
    sendHighWaterMark: 1000,
    receiveHighWaterMark: 1000,
    ...part,
  };
}

export function endpoint(text: string, kind: EndpointState["kind"]): EndpointState {
  return { endpoint: text, kind, handshakeCount: 0, failureCount: 0, lastError: null, unsentCount: 0 };
}

export function socket(id: string, type: string, part: Part<SocketState> = {}): SocketState {
  const peers = part.peers ?? [];
  return {
    id,
    type,
    label: `${type} ${id}`,
    isClosed: false,
    endpoints: [],
    peers,
    peerCount: peers.length,
    sent: flow(),
    received: flow(),
    waitingSends: 0,
    waitingReceives: 0,
    facts: {},
    ...part,
  };
}

export function process(key: string, part: Part<ProcessState> = {}): ProcessState {
  const { sockets = [], findings = [] } = part;
  return {
    key,
    pid: 100,
    title: `${key}.js`,
    status: "live",
    atMs: 0,
    sockets,
    socketCount: sockets.length,
    findings,
    findingCount: findings.length,
    ...part,
  };
}

/** All processes answered at the same time. */
export function state(atMs: number, ...processes: ProcessState[]): PageState {
  return {
    sequence: atMs,
    atMs,
    processes: processes.map((one) => (one.status === "live" ? { ...one, atMs } : one)),
  };
}

export function finding(part: Part<FindingState> = {}): FindingState {
  return {
    code: "hwm-drop",
    severity: "error",
    socketId: "1",
    socketLabel: "Publisher tcp://127.0.0.1:5555",
    endpoint: null,
    peer: null,
    what: "4990 messages were dropped.",
    remedy: "Read faster.",
    evidence: { droppedCount: 4990 },
    help: "docs/guide/missing-messages.md#hwm-drop",
    ...part,
  };
}

export const PLACE = "tcp://127.0.0.1:5555";

/** A PUSH that is bound, and so many PULLs that connected to it, each `apartMs` after the one before. */
export function fanOut(count: number, apartMs = 1000): ProcessState[] {
  const addresses = Array.from({ length: count }, (_, index) => `tcp://127.0.0.1:${40_000 + index}`);
  const push = socket("1", "PUSH", {
    endpoints: [endpoint(PLACE, "bind")],
    // Not in the order in which they came.
    peers: addresses
      .map((address, index) =>
        peer({
          address,
          type: "PULL",
          outgoing: false,
          liveSinceMs: index * apartMs,
          sent: flow({ delivered: index }),
        }),
      )
      .reverse(),
  });
  const pulls = addresses.map((_, index) =>
    process(`pull${index}`, {
      pid: 200 + index,
      sockets: [
        socket("1", "PULL", {
          endpoints: [endpoint(PLACE, "connect")],
          peers: [
            peer({ liveSinceMs: index * apartMs + 3, received: flow({ accepted: index, delivered: index }) }),
          ],
        }),
      ],
    }),
  );
  return [process("push", { sockets: [push] }), ...pulls];
}
