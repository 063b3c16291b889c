import { ZmqError } from "../base/errors.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { PipeHost, PipeLink, PipeTransport } from "../core/transport.ts";
import { createLocalPipe } from "../pipe/local-pipe.ts";
import type { Pipe, PipeEvents } from "../pipe/pipe.ts";

/** A connection between two sockets of one context. */
interface Bond {
  readonly endpoint: string;
  readonly connector: PipeHost;
  readonly connectorEnd: Pipe;
  readonly binderEnd: Pipe;
  /** Who has the other end; `null` until somebody binds the name. */
  binder: PipeHost | null;
}

/**
 * `inproc://`: sockets of one context joined by pipes. There is no stream, no handshake and no check of socket types,
 * as in libzmq. A name may be connected before it is bound: the pipe stands at once and is used from one side.
 *
 *     connector --- connectorEnd ======= binderEnd --- binder, now or later
 */
export class InprocTransport implements PipeTransport {
  readonly kind: "pipe";
  readonly scheme: string;
  readonly #binders: Map<string, PipeHost>;
  readonly #namesOf: Map<PipeHost, Set<string>>;
  /** Connections to names that nobody has bound yet, in the order of connecting. */
  readonly #waiting: Map<string, RingQueue<Bond>>;
  /** By either end, for as long as somebody has the end. */
  readonly #bonds: WeakMap<Pipe, Bond>;

  constructor() {
    this.kind = "pipe";
    this.scheme = "inproc";
    this.#binders = new Map();
    this.#namesOf = new Map();
    this.#waiting = new Map();
    this.#bonds = new WeakMap();
  }

  bind(name: string, host: PipeHost): void {
    checkName(name);
    if (this.#binders.has(name)) {
      const why = `inproc://${name} is bound already, by a socket of this context.`;
      throw new ZmqError("EADDRINUSE", why, { address: `inproc://${name}` });
    }
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
      complete(bond, binder);
    }
    this.#forgetIfEmpty(name);
  }

  unbind(name: string, host: PipeHost): boolean {
    if (this.#binders.get(name) !== host) return false;
    this.#binders.delete(name);
    const names = this.#namesOf.get(host);
    names?.delete(name);
    if (names?.size === 0) this.#namesOf.delete(host);
    return true;
  }

  connect(name: string, host: PipeHost, prepare: ((pipe: Pipe) => void) | null): PipeLink {
    checkName(name);
    const bond = createBond(`inproc://${name}`, host, this.#binders.get(name) ?? null);
    const { connectorEnd, binderEnd } = bond;
    this.#bonds.set(connectorEnd, bond);
    this.#bonds.set(binderEnd, bond);
    prepare?.(connectorEnd);
    if (!host.attachPipe(connectorEnd, null)) {
      connectorEnd.close("peer-gone");
      const why = `${host.typeName} cannot connect to ${bond.endpoint}: it takes no further peer.`;
      throw new ZmqError("EINVAL", why, {
        address: bond.endpoint,
        remedy: "Disconnect the one that it has.",
      });
    }
    const binder = this.#binders.get(name);
    if (binder === undefined) this.#wait(name, bond);
    else complete(bond, binder);
    return { pipe: connectorEnd, disconnect: () => this.#disconnect(name, bond) };
  }

  optionsChanged(_host: PipeHost, pipe: Pipe): void {
    const bond = this.#bonds.get(pipe);
    if (bond !== undefined) setMarks(bond);
  }

  release(host: PipeHost): void {
    for (const name of this.#namesOf.get(host) ?? []) this.#binders.delete(name);
    this.#namesOf.delete(host);
  }

  #wait(name: string, bond: Bond): void {
    bond.binder = null;
    if (bond.connectorEnd.isClosed && bond.binderEnd.unreadCount === 0) return;
    setMarks(bond);
    const waiting = this.#waiting.get(name) ?? new RingQueue<Bond>();
    this.#waiting.set(name, waiting);
    waiting.push(bond);
  }

  #disconnect(name: string, bond: Bond): void {
    bond.connectorEnd.close("orphaned");
    // What it wrote stays for a later binder (libzmq behaviour B4).
    if (bond.binder !== null || bond.binderEnd.unreadCount > 0) return;
    if (this.#waiting.get(name)?.remove(bond)) this.#forgetIfEmpty(name);
  }

  #forgetIfEmpty(name: string): void {
    if (this.#waiting.get(name)?.isEmpty) this.#waiting.delete(name);
  }
}

function checkName(name: string): void {
  if (name === "")
    throw new ZmqError("EINVAL", "inproc:// has no name.", { remedy: "Write it as inproc://name." });
}

/** Most messages from one socket to the other: what both allow, or all if either allows all (libzmq behaviours B1, B2). */
function sumOfMarks(sendHwm: number, receiveHwm: number): number {
  return sendHwm === 0 || receiveHwm === 0 ? 0 : sendHwm + receiveHwm;
}

/** Marks as the connector sees them: `[to the binder, from the binder]`. Before there is one its own alone count. */
function marksOf(connector: PipeHost, binder: PipeHost | null): readonly [number, number] {
  const { sendHighWaterMark, receiveHighWaterMark } = connector.options;
  if (binder === null) return [sendHighWaterMark, receiveHighWaterMark];
  return [
    sumOfMarks(sendHighWaterMark, binder.options.receiveHighWaterMark),
    sumOfMarks(binder.options.sendHighWaterMark, receiveHighWaterMark),
  ];
}

function createBond(endpoint: string, connector: PipeHost, binder: PipeHost | null): Bond {
  const [firstToSecondHwm, secondToFirstHwm] = marksOf(connector, binder);
  const conflate = connector.options.conflate || (binder !== null && binder.options.conflate);
  const unknown = {
    ...connector.describe(endpoint),
    socketType: undefined,
    routingId: NO_ID,
    outgoing: true,
  };
  const told = { ...connector.describe(endpoint), outgoing: false };
  const [connectorEnd, binderEnd] = createLocalPipe(
    { firstToSecondHwm, secondToFirstHwm, conflate, isDirect: true },
    unknown,
    told,
  );
  return { endpoint, connector, connectorEnd, binderEnd, binder };
}

function setMarks({ connector, connectorEnd, binder }: Bond): void {
  const [sendHwm, receiveHwm] = marksOf(connector, binder);
  connectorEnd.setHighWaterMarks(sendHwm, receiveHwm);
}

/**
 * Gives the binder its end, and tells both that the other is there. Either may write, close or anything else as soon as
 * it is told, so what that would tell the other is kept until the other was told too.
 */
function complete(bond: Bond, binder: PipeHost): void {
  const { endpoint, connector, connectorEnd, binderEnd } = bond;
  if (connectorEnd.isClosed && !binderEnd.checkReadable()) {
    binderEnd.close("peer-gone");
    return;
  }
  bond.binder = binder;
  setMarks(bond);
  const { socketType, routingId, address } = binder.describe(endpoint);
  Object.assign(connectorEnd.peer, { socketType, routingId, address });
  const connectorEvents = hold(connectorEnd);
  if (!binder.attachPipe(binderEnd, null)) {
    connectorEnd.events = connectorEvents;
    binderEnd.close("peer-gone");
    return;
  }
  const binderEvents = hold(binderEnd);
  connectorEnd.live = binderEnd.live = !connectorEnd.isClosed && !binderEnd.isClosed;
  introduce(connector, connectorEnd, connectorEvents);
  introduce(binder, binderEnd, binderEvents);
}

function hold(end: Pipe): PipeEvents {
  const { events } = end;
  end.events = HELD;
  return events;
}

/** Tells a host of its peer, and then what it missed. */
function introduce(host: PipeHost, end: Pipe, events: PipeEvents): void {
  end.events = events;
  if (end.isClosed) return;
  const hasEnded = end.isEnded;
  if (!host.identifyPipe(end)) {
    end.close("peer-gone");
    return;
  }
  if (!end.isClosed && end.checkReadable()) events.onReadable(end);
  if (!end.isClosed && end.checkWritable()) events.onWritable(end);
  if (!end.isClosed && hasEnded) events.onPeerClosed(end);
}

const NO_ID = new Uint8Array(0);

const HELD: PipeEvents = {
  onReadable: () => undefined,
  onWritable: () => undefined,
  onPeerClosed: () => undefined,
  onDrained: () => undefined,
};
