import type { FlowTotals } from "../../core/ledger.ts";
import { addFlow, emptyFlow } from "../../core/ledger.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";
import { typeOf } from "../../core/socket-view.ts";

/** Closed sockets over inproc whose peers have yet to read: so many are watched until they have. */
const UNREAD_COUNT_MAX = 256;

/** Messages of many sockets. */
export interface FlowPair {
  readonly sent: FlowTotals;
  readonly received: FlowTotals;
}

/** What happened at the endpoints of many sockets. */
export interface ConnectionTotals {
  attemptCount: number;
  handshakeCount: number;
  disconnectCount: number;
  refusalCount: number;
}

/** All that closed sockets of one type have counted. */
export interface ClosedTotals extends ConnectionTotals, FlowPair {
  socketCount: number;
}

/** The totals of closed sockets by type, so that no sum goes back when a socket closes. */
export class ClosedSockets {
  readonly #totals: Map<string, ClosedTotals>;
  /** Their counts still move. */
  readonly #unread: Set<ViewedSocket>;

  constructor() {
    this.#totals = new Map();
    this.#unread = new Set();
  }

  add(socket: ViewedSocket): void {
    for (const other of this.#unread) if (other.stats(false).sent.queued === 0) this.#settle(other);
    const totals = this.#totalsOf(socket);
    totals.socketCount++;
    for (const record of socket.books.journal.endpoints.values()) addConnections(totals, record);
    const hasUnread = socket.stats(false).sent.queued > 0;
    if (hasUnread && this.#unread.size < UNREAD_COUNT_MAX) this.#unread.add(socket);
    else this.#settle(socket);
  }

  /** By type, as it is now. */
  read(): ReadonlyMap<string, ClosedTotals> {
    const totals = new Map<string, ClosedTotals>();
    for (const [type, kept] of this.#totals) totals.set(type, structuredClone(kept));
    for (const socket of this.#unread) addMessages(totals.get(typeOf(socket)) as ClosedTotals, socket);
    return totals;
  }

  #settle(socket: ViewedSocket): void {
    this.#unread.delete(socket);
    addMessages(this.#totalsOf(socket), socket);
  }

  #totalsOf(socket: ViewedSocket): ClosedTotals {
    const type = typeOf(socket);
    let totals = this.#totals.get(type);
    if (totals === undefined) this.#totals.set(type, (totals = newTotals()));
    return totals;
  }
}

function addMessages(totals: ClosedTotals, socket: ViewedSocket): void {
  const { sent, received } = socket.stats(false);
  addFlow(totals.sent, sent);
  addFlow(totals.received, received);
}

function addConnections(totals: ConnectionTotals, part: ConnectionTotals): void {
  totals.attemptCount += part.attemptCount;
  totals.handshakeCount += part.handshakeCount;
  totals.disconnectCount += part.disconnectCount;
  totals.refusalCount += part.refusalCount;
}

function newTotals(): ClosedTotals {
  const connections = { attemptCount: 0, handshakeCount: 0, disconnectCount: 0, refusalCount: 0 };
  return { socketCount: 0, ...connections, ...newFlowPair() };
}

export function newFlowPair(): FlowPair {
  return { sent: emptyFlow(), received: emptyFlow() };
}
