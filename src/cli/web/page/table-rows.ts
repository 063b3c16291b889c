// The two tables: what stands in them, and in which order.
import type { PageState } from "../page-state.ts";
import { boxNameOf, statusText } from "./describe.ts";
import type { History } from "./history.ts";
import { droppedIn, peerKeysOf, socketKey } from "./history.ts";
import { fill, rate, whole } from "./numbers.ts";
import { receives, sends } from "./queues.ts";
import { placeOf } from "./topology.ts";

/** What is shown, and what it is sorted by. */
export type Cell = readonly [text: string, value: number | string];

export interface Row {
  readonly key: string;
  readonly cells: readonly Cell[];
  /** Something was lost. */
  readonly isLossy: boolean;
  readonly isOver: boolean;
}

export const SOCKET_COLUMNS = [
  "Process",
  "Socket",
  "Endpoint",
  "Peers",
  "Sent/s",
  "Received/s",
  "Sent",
  "Received",
  "Waiting",
  "Lost",
] as const;

export const PEER_COLUMNS = [
  "Process",
  "Socket",
  "Peer",
  "Address",
  "State",
  "Sent/s",
  "Received/s",
  "Waiting out",
  "Waiting in",
  "Lost",
] as const;

function number(value: number): Cell {
  return [whole(value), value];
}

function perSecond(value: number): Cell {
  return [rate(value), value];
}

const NONE: Cell = ["–", -1];

export function socketRows(state: PageState, history: History): Row[] {
  return state.processes.flatMap((process) =>
    process.sockets.map((socket): Row => {
      const key = socketKey(process, socket);
      const { sent, received } = socket;
      const rates = history.ratesOf(key);
      const out = sends(socket.type);
      const back = receives(socket.type);
      const lost = droppedIn(sent) + droppedIn(received);
      const name = boxNameOf(process);
      const place = placeOf(socket);
      return {
        key,
        isLossy: lost > 0,
        isOver: process.status === "ended" || socket.isClosed,
        cells: [
          [name, name],
          [socket.type, socket.type],
          [place, place],
          number(socket.peerCount),
          out ? perSecond(rates.sent) : NONE,
          back ? perSecond(rates.received) : NONE,
          out ? number(sent.delivered) : NONE,
          back ? number(received.delivered) : NONE,
          number(sent.queued + received.queued),
          number(lost),
        ],
      };
    }),
  );
}

export function peerRows(state: PageState, history: History): Row[] {
  return state.processes.flatMap((process) =>
    process.sockets.flatMap((socket) => {
      const keys = peerKeysOf(socketKey(process, socket), socket.peers);
      return socket.peers.map((peer, index): Row => {
        const key = keys[index] as string;
        const rates = history.ratesOf(key);
        const out = sends(socket.type);
        const back = receives(socket.type);
        const lost = droppedIn(peer.sent) + droppedIn(peer.received);
        const name = boxNameOf(process);
        const isOver = process.status === "ended";
        const state = isOver ? statusText("ended") : peer.live ? "connected" : "not connected";
        return {
          key,
          isLossy: lost > 0,
          isOver,
          cells: [
            [name, name],
            [`${socket.type} ${placeOf(socket)}`, `${socket.type} ${placeOf(socket)}`],
            [peer.type ?? "unknown", peer.type ?? ""],
            [peer.address, peer.address],
            [state, state],
            out ? perSecond(rates.sent) : NONE,
            back ? perSecond(rates.received) : NONE,
            out ? [fill(peer.sent.queued, peer.sendHighWaterMark), peer.sent.queued] : NONE,
            back ? [fill(peer.received.queued, peer.receiveHighWaterMark), peer.received.queued] : NONE,
            number(lost),
          ],
        };
      });
    }),
  );
}

/** By one column; rows that are equal there stay in their order. `null`: as they come. */
export function sortRows(rows: readonly Row[], column: number | null, isDescending: boolean): readonly Row[] {
  if (column === null) return rows;
  const sign = isDescending ? -1 : 1;
  return [...rows].sort((a, b) => {
    const [one, other] = [(a.cells[column] as Cell)[1], (b.cells[column] as Cell)[1]];
    if (one === other) return 0;
    if (typeof one === "number" && typeof other === "number") return sign * (one - other);
    return sign * (String(one) < String(other) ? -1 : 1);
  });
}
