import { ZmqError } from "../base/errors.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { PipeHost, PipeLink, PipeTransport } from "../core/transport.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { Bond } from "./inproc-bond.ts";
import { complete, LocalBond, sayHello } from "./inproc-bond.ts";
import type { LocalNames, Neighbours } from "./neighbours.ts";

/**
 * `inproc://`: sockets of one context joined by pipes. There is no stream, no handshake and no check of socket types,
 * as in libzmq. A name may be connected before it is bound: the pipe stands at once and is used from one side.
 *
 *     connector --- connectorEnd ======= binderEnd --- binder, now or later, of this thread or of a neighbour
 */
export class InprocTransport implements PipeTransport, LocalNames {
  readonly kind: "pipe";
  readonly scheme: string;
  /** Other threads of the context; `null` where there can be none. */
  readonly #neighbours: Neighbours | null;
  readonly #binders: Map<string, PipeHost>;
  readonly #namesOf: Map<PipeHost, Set<string>>;
  /** Connections to names that nobody has bound yet, in the order of connecting. */
  readonly #waiting: Map<string, RingQueue<Bond>>;
  /** By either end, for as long as somebody has the end. */
  readonly #bonds: WeakMap<Pipe, Bond>;

  constructor(neighbours: Neighbours | null = null) {
    this.kind = "pipe";
    this.scheme = "inproc";
    this.#neighbours = neighbours;
    this.#binders = new Map();
    this.#namesOf = new Map();
    this.#waiting = new Map();
    this.#bonds = new WeakMap();
    neighbours?.serve(this);
  }

  bind(name: string, host: PipeHost): void {
    checkName(name);
    if (this.#binders.has(name)) throw takenError(name, "by a socket of this context");
    if (this.#neighbours?.claim(name, host) === false)
      throw takenError(name, "by a socket of this context in another thread");
    this.#binders.set(name, host);
    const names = this.#namesOf.get(host);
    if (names === undefined) this.#namesOf.set(host, new Set([name]));
    else names.add(name);
    const waiting = this.#waiting.get(name);
    if (waiting === undefined) return;
    // Whoever is told may bind, unbind, connect and close: each step looks at how things stand then.
    for (let binder = this.#binders.get(name); binder !== undefined; binder = this.#binders.get(name)) {
      const bond = waiting.take();
      if (bond === undefined) break;
      this.#complete(bond, binder);
    }
    this.#forgetIfEmpty(name);
  }

  unbind(name: string, host: PipeHost): boolean {
    if (this.#binders.get(name) !== host) return false;
    this.#free(name);
    const names = this.#namesOf.get(host);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(host);
    return true;
  }

  isBound(name: string): boolean {
    return this.#binders.has(name) || this.#neighbours?.find(name) === true;
  }

  connect(name: string, host: PipeHost, prepare: ((pipe: Pipe) => void) | null): PipeLink {
    checkName(name);
    const binder = this.#binders.get(name) ?? null;
    const neighbours = binder === null ? this.#neighbours : null;
    const bond = neighbours?.createBond(name, host) ?? new LocalBond(name, host, binder);
    const { connectorEnd, endpoint } = bond;
    this.#bonds.set(connectorEnd, bond);
    prepare?.(connectorEnd);
    sayHello(host, connectorEnd);
    if (!host.attachPipe(connectorEnd, null)) {
      this.#abandon(bond);
      const why = `${host.typeName} cannot connect to ${endpoint}: it takes no further peer.`;
      throw new ZmqError("EINVAL", why, {
        address: endpoint,
        remedy: "Disconnect the one that it has.",
      });
    }
    this.place(bond);
    return { pipe: connectorEnd, disconnect: () => this.#disconnect(bond) };
  }

  optionsChanged(host: PipeHost, pipe: Pipe): void {
    const bond = this.#bonds.get(pipe);
    if (bond !== undefined) bond.setMarks();
    else this.#neighbours?.marksChanged(host, pipe);
  }

  release(host: PipeHost): void {
    for (const name of this.#namesOf.get(host) ?? []) this.#free(name);
    this.#namesOf.delete(host);
  }

  // LocalNames.

  binderOf(name: string): PipeHost | null {
    return this.#binders.get(name) ?? null;
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Joins the connection to whoever has bound the name, or lets it wait. */
  place(bond: Bond): void {
    let binder = this.binderOf(bond.name);
    // A pipe of this thread cannot wait for another: a name that was there when it was made, and is not any more, counts.
    if (binder === null && this.#neighbours !== null && bond instanceof LocalBond) binder = bond.binder;
    if (binder !== null) this.#complete(bond, binder);
    else if (!bond.offer()) this.#wait(bond);
  }

  lookAgain(): void {
    for (const [name, waiting] of [...this.#waiting]) {
      if (this.#neighbours?.find(name) !== true) continue;
      // Those that cannot go there after all wait again, in the same order.
      for (let count = waiting.length; count > 0; count--) {
        const bond = waiting.take();
        if (bond !== undefined) this.place(bond);
      }
      this.#forgetIfEmpty(name);
    }
  }

  #complete(bond: Bond, binder: PipeHost): void {
    this.#bonds.set(bond.openHere(), bond);
    complete(bond, binder);
  }

  #wait(bond: Bond): void {
    const { name } = bond;
    bond.binder = null;
    if (bond.connectorEnd.isClosed && bond.connectorEnd.written.queued === 0) return this.#abandon(bond);
    bond.setMarks();
    const waiting = this.#waiting.get(name) ?? new RingQueue<Bond>();
    this.#waiting.set(name, waiting);
    waiting.push(bond);
  }

  #disconnect(bond: Bond): void {
    const { name, connectorEnd } = bond;
    connectorEnd.close("orphaned");
    if (bond.binder !== null) return;
    // What it wrote stays for a later binder (libzmq behaviour B4), however late, unless it does not linger.
    if (connectorEnd.written.queued > 0 && bond.connector.options.linger !== 0) return;
    if (!this.#waiting.get(name)?.remove(bond)) return;
    bond.openHere().close("linger");
    this.#abandon(bond);
    this.#forgetIfEmpty(name);
  }

  /** Nobody will have the other end. */
  #abandon(bond: Bond): void {
    bond.connectorEnd.close("peer-gone");
    bond.openHere().close("peer-gone");
  }

  #free(name: string): void {
    this.#binders.delete(name);
    this.#neighbours?.release(name);
  }

  #forgetIfEmpty(name: string): void {
    if (this.#waiting.get(name)?.isEmpty) this.#waiting.delete(name);
  }
}

function checkName(name: string): void {
  if (name === "")
    throw new ZmqError("EINVAL", "inproc:// has no name.", { remedy: "Write it as inproc://name." });
}

function takenError(name: string, byWhom: string): ZmqError {
  const address = `inproc://${name}`;
  return new ZmqError("EADDRINUSE", `${address} is bound already, ${byWhom}.`, { address });
}
