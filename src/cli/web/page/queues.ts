// Every queue between a socket and a peer: how full it is.
import type { PageState, PeerState, SocketState } from "../page-state.ts";
import { droppedIn, peerKeysOf, socketKey } from "./history.ts";

/** One direction of a pipe. */
export interface Queue {
  readonly key: string;
  readonly process: string;
  readonly socketType: string;
  /** Where the socket is, or its peer. */
  readonly place: string;
  readonly direction: "out" | "in";
  readonly queued: number;
  /** 0 is unlimited. */
  readonly hwm: number;
  readonly dropped: number;
}

const NEVER_SENDS = new Set(["PULL", "SUB", "GATHER", "DISH"]);
const NEVER_RECEIVES = new Set(["PUSH", "PUB", "SCATTER", "RADIO"]);

export function sends(type: string): boolean {
  return !NEVER_SENDS.has(type);
}

export function receives(type: string): boolean {
  return !NEVER_RECEIVES.has(type);
}

export function queuesOf({ processes }: PageState): Queue[] {
  return processes
    .filter(({ status }) => status !== "ended")
    .flatMap((process) =>
      process.sockets.flatMap((socket) => {
        const keys = peerKeysOf(socketKey(process, socket), socket.peers);
        return socket.peers.flatMap((peer, index) =>
          ofPeer(`${process.title} (${process.pid})`, socket, peer, keys[index] as string),
        );
      }),
    );
}

function ofPeer(process: string, socket: SocketState, peer: PeerState, key: string): Queue[] {
  const facts = { process, socketType: socket.type, place: peer.address || peer.endpoint };
  const queues: Queue[] = [];
  if (sends(socket.type)) {
    const { queued } = peer.sent;
    const dropped = droppedIn(peer.sent);
    queues.push({
      ...facts,
      key: `${key} out`,
      direction: "out",
      queued,
      hwm: peer.sendHighWaterMark,
      dropped,
    });
  }
  if (receives(socket.type)) {
    const { queued } = peer.received;
    const dropped = droppedIn(peer.received);
    queues.push({
      ...facts,
      key: `${key} in`,
      direction: "in",
      queued,
      hwm: peer.receiveHighWaterMark,
      dropped,
    });
  }
  return queues;
}

/** 0 to 1; nothing is full that has no limit. */
export function share(queued: number, hwm: number): number {
  return hwm > 0 ? Math.min(1, queued / hwm) : 0;
}

/** The fullest queue of a socket. */
export function fullest(socket: SocketState): { readonly queued: number; readonly hwm: number } | undefined {
  let best: { queued: number; hwm: number } | undefined;
  const offer = (queued: number, hwm: number): void => {
    if (
      best === undefined ||
      share(queued, hwm) > share(best.queued, best.hwm) ||
      (share(queued, hwm) === share(best.queued, best.hwm) && queued > best.queued)
    )
      best = { queued, hwm };
  };
  for (const peer of socket.peers) {
    if (sends(socket.type)) offer(peer.sent.queued, peer.sendHighWaterMark);
    if (receives(socket.type)) offer(peer.received.queued, peer.receiveHighWaterMark);
  }
  return best;
}

/** How a queue looks: from four fifths on it may soon be full. */
export function levelOf(queued: number, hwm: number): "calm" | "high" | "full" {
  const part = share(queued, hwm);
  return part >= 1 ? "full" : part >= 0.8 ? "high" : "calm";
}
