import { basename } from "node:path";
import type { SocketReport, ThreadAnswer, ThreadInfo } from "../../index.ts";
import { paint } from "../console.ts";
import type { Sink } from "../io.ts";
import { table } from "../table.ts";

/** What one process answered. */
export interface Inspected {
  readonly pid: number;
  readonly info: readonly ThreadAnswer<ThreadInfo>[];
  readonly sockets: readonly ThreadAnswer<SocketReport>[];
}

type Peer = SocketReport["peers"][number];
type Flow = SocketReport["sent"];

const SOCKET_HEAD = ["socket", "id", "type", "peers", "sent", "received", "queued", "lost"];
const PEER_HEAD = ["peer", "of", "type", "state", "sent", "received", "out/limit", "in/limit", "lost"];

/** The sockets of a process and their peers, as two tables. */
export function inspectTables(sink: Sink, { pid, info, sockets: threads }: Inspected): string {
  const main = info.flatMap(({ list }) => list).sort((a, b) => a.threadId - b.threadId)[0];
  const name = main?.script == null ? (main?.title ?? "process") : basename(main.script);
  const all = threads.flatMap(({ threadId, list }) => list.map((socket) => ({ threadId, socket })));
  const parts = [`${paint(sink, "bold", `${name} (${pid})`)}: ${all.length} sockets`];
  if (all.length > 0)
    parts.push(
      table(
        SOCKET_HEAD,
        all.map(({ threadId, socket }) => socketCells(threadId, socket)),
      ),
    );
  const peers = all.flatMap(({ threadId, socket }) =>
    socket.peers.map((peer) => peerCells(idOf(threadId, socket), peer)),
  );
  if (peers.length > 0) parts.push(table(PEER_HEAD, peers));
  const unseen = threads.reduce((sum, { omitted }) => sum + omitted, 0);
  if (unseen > 0) parts.push(`and ${unseen} sockets more, too many for one answer`);
  return parts.join("\n\n");
}

function socketCells(threadId: number, socket: SocketReport): string[] {
  const { type, endpoints, peerCount, sent, received } = socket;
  const [first, ...more] = endpoints.map(({ endpoint }) => endpoint);
  const place = first === undefined ? "-" : more.length === 0 ? first : `${first} +${more.length}`;
  const queued = sent.queued + received.queued;
  const lost = lostIn(sent) + lostIn(received);
  const figures = [peerCount, sent.delivered, received.delivered, queued, lost].map(String);
  return [place, idOf(threadId, socket), type, ...figures];
}

function peerCells(id: string, peer: Peer): string[] {
  const { address, type, live, sent, received, sendHighWaterMark, receiveHighWaterMark } = peer;
  return [
    address,
    id,
    type ?? "?",
    live ? "connected" : "waiting",
    String(sent.delivered),
    String(received.delivered),
    `${sent.queued}/${sendHighWaterMark === 0 ? "-" : sendHighWaterMark}`,
    `${received.queued}/${receiveHighWaterMark === 0 ? "-" : receiveHighWaterMark}`,
    String(lostIn(sent) + lostIn(received)),
  ];
}

/** `3`, and of a thread that is not the main one `2.3`. */
function idOf(threadId: number, { id }: Pick<SocketReport, "id">): string {
  return threadId === 0 ? String(id) : `${threadId}.${id}`;
}

function lostIn({ dropped }: Flow): number {
  return Object.values(dropped).reduce<number>((sum, count) => sum + (count ?? 0), 0);
}
