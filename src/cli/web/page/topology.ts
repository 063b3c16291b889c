// Who is connected to whom: processes with their sockets, peers that are elsewhere, and an arrow for each connection.
import type { FlowState, PageState, PeerState, ProcessState, SocketState } from "../page-state.ts";
import { hostOf, leadsTo } from "./endpoint-match.ts";
import type { History } from "./history.ts";
import { droppedIn, peerKeysOf, socketKey } from "./history.ts";
import { count } from "./numbers.ts";

/** So many peers of one socket that are elsewhere have a box each; more share one. */
const FOREIGN_COUNT_MAX = 4;
/** So many sockets of one process are drawn, those with connections first; the tables have them all. */
const PORT_COUNT_MAX = 12;

/** A box: a process, or a peer that is not looked into. */
export interface Box {
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly kind: "process" | "foreign" | "absent";
  readonly status: ProcessState["status"];
  /** All of them, drawn or not. */
  readonly socketCount: number;
  readonly ports: readonly Port[];
}

/** A socket in its box; of a peer that is elsewhere, what is known of its socket. */
export interface Port {
  readonly key: string;
  readonly type: string;
  readonly text: string;
  readonly socket: SocketState | null;
  readonly process: ProcessState | null;
}

/** One direction of an arrow. */
export interface Stream {
  readonly perSecond: number;
  readonly droppedPerSecond: number;
  readonly dropped: number;
  readonly queued: number;
  readonly hwm: number;
  readonly delivered: number;
}

/** A connection, or several between the same two sockets. It points where the messages of its types go. */
export interface Arrow {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly live: boolean;
  /** Messages may go both ways. */
  readonly isTwoWay: boolean;
  readonly connectionCount: number;
  /** With the direction of the arrow, and against it. */
  readonly forth: Stream;
  readonly back: Stream;
}

export interface Topology {
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** A peer of a socket, from where it is seen. */
interface End {
  readonly port: string;
  readonly type: string;
  readonly key: string;
  readonly peer: PeerState;
  readonly process: ProcessState;
}

/** What sends is left of what receives. */
const RANKS: Readonly<Record<string, number>> = {
  PUSH: 0,
  PUB: 0,
  XPUB: 0,
  REQ: 0,
  DEALER: 1,
  ROUTER: 2,
  REP: 3,
  PULL: 3,
  SUB: 3,
  XSUB: 3,
  SCATTER: 0,
  RADIO: 0,
  CLIENT: 0,
  SERVER: 3,
  GATHER: 3,
  DISH: 3,
};

const ONE_WAY = new Set(["PUSH", "PULL", "PUB", "SUB", "XPUB", "XSUB", "SCATTER", "GATHER", "RADIO", "DISH"]);

export function topologyOf(state: PageState, history: History): Topology {
  return new Drawing(history).draw(state);
}

class Drawing {
  readonly #history: History;
  readonly #boxes: Map<string, Box>;
  readonly #arrows: Map<string, Arrow>;

  constructor(history: History) {
    this.#history = history;
    this.#boxes = new Map();
    this.#arrows = new Map();
  }

  draw({ processes }: PageState): Topology {
    const outgoing: End[] = [];
    const accepted = new Map<string, End[]>();
    for (const process of processes) {
      const ports: Port[] = [];
      for (const socket of process.sockets) {
        const key = socketKey(process, socket);
        ports.push({ key, type: socket.type, text: placeOf(socket), socket, process });
        const ends = endsOf(process, socket, key);
        outgoing.push(...ends.filter(({ peer }) => peer.outgoing));
        accepted.set(
          key,
          ends.filter(({ peer }) => !peer.outgoing),
        );
      }
      this.#boxes.set(process.key, {
        key: process.key,
        title: process.title,
        note: String(process.pid),
        kind: "process",
        status: process.status,
        socketCount: process.socketCount,
        ports,
      });
    }
    // Those of old first, so that a newcomer changes no pair that was found before.
    for (const end of outgoing.sort(byAge)) this.#connect(end, processes, accepted);
    for (const ends of accepted.values())
      this.#foreigners(ends.filter(({ process }) => process.status !== "ended"));
    return trim([...this.#boxes.values()], [...this.#arrows.values()]);
  }

  #connect(end: End, processes: readonly ProcessState[], accepted: ReadonlyMap<string, End[]>): void {
    const binder = binderOf(end, processes);
    if (binder === undefined) {
      if (end.process.status === "ended") return;
      const isThere = end.peer.live;
      const { endpoint, type } = end.peer;
      const key = `at ${endpoint}`;
      this.#addForeign(key, isThere ? hostOf(endpoint) : "no answer", type ?? "", endpoint, isThere);
      this.#addArrow(end.port, end.type, `${key}/peer`, type ?? "", end, undefined);
      return;
    }
    const ends = accepted.get(binder.key) ?? [];
    const twin = twinOf(end, ends);
    if (twin !== undefined) ends.splice(ends.indexOf(twin), 1);
    this.#addArrow(end.port, end.type, binder.key, binder.type, end, twin);
  }

  /** Peers that came in and are not among what we look into. */
  #foreigners(ends: readonly End[]): void {
    const types = new Map<string, End[]>();
    for (const end of ends) {
      const type = end.peer.type ?? "";
      types.set(type, [...(types.get(type) ?? []), end]);
    }
    for (const [type, alike] of types) {
      for (const end of alike) {
        const { address } = end.peer;
        const isMany = alike.length > FOREIGN_COUNT_MAX;
        const key = isMany ? `many ${type} of ${end.port}` : `at ${address} ${type} of ${end.port}`;
        const title = isMany ? count(alike.length, "other peer") : hostOf(address);
        this.#addForeign(key, title, type, isMany ? hostOf(address) : address, true);
        this.#addArrow(end.port, end.type, `${key}/peer`, type, end, undefined);
      }
    }
  }

  #addForeign(key: string, title: string, type: string, text: string, isThere: boolean): void {
    if (this.#boxes.has(key)) return;
    this.#boxes.set(key, {
      key,
      title,
      note: isThere ? "not looked into" : "nobody there",
      kind: isThere ? "foreign" : "absent",
      status: "live",
      socketCount: 1,
      ports: [{ key: `${key}/peer`, type: type === "" ? "?" : type, text, socket: null, process: null }],
    });
  }

  #addArrow(
    near: string,
    nearType: string,
    far: string,
    farType: string,
    end: End,
    twin: End | undefined,
  ): void {
    const out = this.#stream(end, twin);
    const back = this.#streamBack(end, twin);
    const turns = (RANKS[nearType] ?? 1) > (RANKS[farType] ?? rankOfUnknown(nearType));
    const [from, to] = turns ? [far, near] : [near, far];
    const [forth, against] = turns ? [back, out] : [out, back];
    const key = `${from} > ${to}`;
    const isLive = end.peer.live && end.process.status !== "ended" && twin?.process.status !== "ended";
    const before = this.#arrows.get(key);
    this.#arrows.set(key, {
      key,
      from,
      to,
      live: isLive || before?.live === true,
      isTwoWay: !ONE_WAY.has(nearType) && !ONE_WAY.has(farType),
      connectionCount: (before?.connectionCount ?? 0) + 1,
      forth: before === undefined ? forth : both(before.forth, forth),
      back: before === undefined ? against : both(before.back, against),
    });
  }

  /** From this end to the other. */
  #stream(end: End, twin: End | undefined): Stream {
    const own = this.#history.ratesOf(end.key);
    const other = twin === undefined ? undefined : this.#history.ratesOf(twin.key);
    const flows: FlowState[] = twin === undefined ? [end.peer.sent] : [end.peer.sent, twin.peer.received];
    return streamOf(
      flows,
      Math.max(own.sent, other?.received ?? 0),
      droppedShare(own.dropped, end.peer.sent, end.peer.received) +
        (twin === undefined ? 0 : droppedShare(other?.dropped ?? 0, twin.peer.received, twin.peer.sent)),
      end.peer.sendHighWaterMark,
    );
  }

  #streamBack(end: End, twin: End | undefined): Stream {
    if (twin !== undefined) return this.#stream(twin, end);
    const own = this.#history.ratesOf(end.key);
    const { sent, received, receiveHighWaterMark } = end.peer;
    return streamOf(
      [received],
      own.received,
      droppedShare(own.dropped, received, sent),
      receiveHighWaterMark,
    );
  }
}

function endsOf(process: ProcessState, socket: SocketState, port: string): End[] {
  const keys = peerKeysOf(port, socket.peers);
  return socket.peers.map((peer, index) => ({
    port,
    type: socket.type,
    key: keys[index] as string,
    peer,
    process,
  }));
}

function byAge(a: End, b: End): number {
  const difference = (a.peer.liveSinceMs ?? Infinity) - (b.peer.liveSinceMs ?? Infinity);
  return Number.isNaN(difference) || difference === 0 ? (a.key < b.key ? -1 : 1) : difference;
}

interface Binder {
  readonly key: string;
  readonly type: string;
}

/** The socket that is bound where this end connects to; over inproc only within its own process. */
function binderOf({ peer, process: own }: End, processes: readonly ProcessState[]): Binder | undefined {
  const isInproc = peer.endpoint.startsWith("inproc:");
  let gone: Binder | undefined;
  for (const process of processes) {
    if (isInproc && process.key !== own.key) continue;
    for (const socket of process.sockets) {
      const isBound = socket.endpoints.some(
        ({ kind, endpoint }) => kind === "bind" && leadsTo(peer.endpoint, endpoint),
      );
      if (!isBound || socket.isClosed) continue;
      const found = { key: socketKey(process, socket), type: socket.type };
      // Where one that has ended and its successor were bound to the same place.
      if (process.status === "ended") gone = found;
      else return found;
    }
  }
  return gone;
}

/** How far apart the two ends of one handshake may seem: each was asked at a moment of its own. */
const HANDSHAKE_MS = 250;

/** The other end of a connection, among those that the binder accepted: it was made at the same moment. */
function twinOf(end: End, ends: readonly End[]): End | undefined {
  let best: End | undefined;
  let bestScore = Infinity;
  for (const other of ends) {
    if (other.peer.type !== end.type) continue;
    const apartMs = Math.abs((other.peer.liveSinceMs ?? 0) - (end.peer.liveSinceMs ?? 0));
    const missing =
      mismatch(other.peer.sent, end.peer.received) + mismatch(end.peer.sent, other.peer.received);
    // Within what two looks can be apart, counts tell more than times.
    const score = (apartMs > HANDSHAKE_MS ? apartMs : apartMs / 100) + Math.min(missing, 50);
    if (score < bestScore) {
      best = other;
      bestScore = score;
    }
  }
  return best;
}

/** By how much, in parts of a hundred, what was sent is not what was received. */
function mismatch(sent: FlowState, received: FlowState): number {
  const most = Math.max(sent.delivered, received.accepted);
  return most === 0 ? 0 : (100 * Math.abs(sent.delivered - received.accepted)) / most;
}

/** A peer whose type is not known stands where the type's counterpart would. */
function rankOfUnknown(nearType: string): number {
  return 3 - (RANKS[nearType] ?? 1);
}

function streamOf(
  flows: readonly FlowState[],
  perSecond: number,
  droppedPerSecond: number,
  hwm: number,
): Stream {
  const [own] = flows as [FlowState];
  let dropped = 0;
  let queued = 0;
  for (const flow of flows) {
    dropped += droppedIn(flow);
    queued += flow.queued;
  }
  return { perSecond, droppedPerSecond, dropped, queued, hwm, delivered: own.delivered };
}

/** Of the losses of a peer's both directions, those of one. */
function droppedShare(perSecond: number, one: FlowState, other: FlowState): number {
  const mine = droppedIn(one);
  const all = mine + droppedIn(other);
  return all === 0 ? 0 : (perSecond * mine) / all;
}

function both(a: Stream, b: Stream): Stream {
  return {
    perSecond: a.perSecond + b.perSecond,
    droppedPerSecond: a.droppedPerSecond + b.droppedPerSecond,
    dropped: a.dropped + b.dropped,
    queued: a.queued + b.queued,
    hwm: a.hwm === 0 || b.hwm === 0 ? 0 : a.hwm + b.hwm,
    delivered: a.delivered + b.delivered,
  };
}

/** Without sockets that are too many to be drawn, and their arrows. */
function trim(boxes: readonly Box[], arrows: readonly Arrow[]): Topology {
  if (boxes.every(({ ports }) => ports.length <= PORT_COUNT_MAX)) return { boxes, arrows };
  const joined = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const drawn = new Set<string>();
  for (const { ports } of boxes) {
    const some = [
      ...ports.filter(({ key }) => joined.has(key)),
      ...ports.filter(({ key }) => !joined.has(key)),
    ];
    for (const { key } of some.slice(0, PORT_COUNT_MAX)) drawn.add(key);
  }
  return {
    boxes: boxes.map((box) => ({ ...box, ports: box.ports.filter(({ key }) => drawn.has(key)) })),
    arrows: arrows.filter(({ from, to }) => drawn.has(from) && drawn.has(to)),
  };
}

/** Where a socket is: the first endpoint, and how many more. */
export function placeOf(socket: SocketState): string {
  const [first, ...more] = socket.endpoints;
  if (socket.isClosed) return "closed";
  if (first === undefined) return "no endpoint";
  return more.length === 0 ? first.endpoint : `${first.endpoint} +${more.length}`;
}
