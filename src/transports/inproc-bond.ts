import type { PipeHost } from "../core/transport.ts";
import type { LocalPipe } from "../pipe/local-pipe.ts";
import { createLocalPipe } from "../pipe/local-pipe.ts";
import type { DropReason, PeerInfo, Pipe, PipeEvents } from "../pipe/pipe.ts";

/** A connection to a name, from the side of its connector. */
export interface Bond {
  readonly name: string;
  readonly endpoint: string;
  readonly connector: PipeHost;
  readonly connectorEnd: Pipe;
  /** The socket of this thread that has the other end; `null` as long as none has. */
  binder: PipeHost | null;
  /** What happens at one end is told to the other later, not out of the call. */
  readonly tellsLater: boolean;
  /** The other end, for a socket of this thread. */
  openHere(): Pipe;
  /** Offers the other end to the thread that has bound the name. `false`: none has. */
  offer(): boolean;
  /** The high-water marks of a host changed, or become known. */
  setMarks(): void;
}

/** A connection within this thread. */
export class LocalBond implements Bond {
  readonly name: string;
  readonly endpoint: string;
  readonly connector: PipeHost;
  readonly connectorEnd: LocalPipe;
  readonly binderEnd: LocalPipe;
  binder: PipeHost | null;

  constructor(name: string, connector: PipeHost, binder: PipeHost | null) {
    this.name = name;
    this.endpoint = `inproc://${name}`;
    this.connector = connector;
    this.binder = binder;
    const [firstToSecondHwm, secondToFirstHwm] = marksOf(connector, binder);
    const conflate = connector.options.conflate || (binder !== null && binder.options.conflate);
    const told = connector.describe(this.endpoint);
    const [connectorEnd, binderEnd] = createLocalPipe(
      { firstToSecondHwm, secondToFirstHwm, conflate, isDirect: true },
      unknownPeer(told),
      { ...told, outgoing: false },
    );
    this.connectorEnd = connectorEnd;
    this.binderEnd = binderEnd;
  }

  get tellsLater(): boolean {
    return false;
  }

  openHere(): Pipe {
    return this.binderEnd;
  }

  offer(): boolean {
    return false;
  }

  setMarks(): void {
    const [sendHwm, receiveHwm] = marksOf(this.connector, this.binder);
    this.connectorEnd.setHighWaterMarks(sendHwm, receiveHwm);
  }
}

/** What a connector knows of a peer that it has not met: the endpoint. */
export function unknownPeer(told: PeerInfo): PeerInfo {
  return { ...told, socketType: undefined, routingId: NO_ID, outgoing: true };
}

/**
 * Gives the binder its end, and tells both that the other is there. Either may write, close or anything else as soon as
 * it is told, so what that would tell the other is kept until the other was told too.
 */
export function complete(bond: Bond, binder: PipeHost): void {
  const { endpoint, connector, connectorEnd, tellsLater } = bond;
  const binderEnd = bond.openHere();
  if (connectorEnd.isClosed && !binderEnd.checkReadable()) {
    binderEnd.close("peer-gone");
    return;
  }
  bond.binder = binder;
  bond.setMarks();
  const { socketType, routingId, address } = binder.describe(endpoint);
  Object.assign(connectorEnd.peer, { socketType, routingId, address });
  const heldForConnector = new HeldEvents(connectorEnd);
  sayHello(binder, binderEnd);
  if (!binder.attachPipe(binderEnd, null)) {
    heldForConnector.release();
    binderEnd.close("peer-gone");
    return;
  }
  const heldForBinder = new HeldEvents(binderEnd);
  connectorEnd.live = binderEnd.live = !connectorEnd.isClosed && !binderEnd.isClosed;
  heldForConnector.introduce(connector, tellsLater);
  heldForBinder.introduce(binder, tellsLater);
}

/**
 * The first message of a socket to each peer (libzmq behaviour B70). The two share one queue, so here it counts as any other.
 * Called before the socket has the end and can write.
 */
export function sayHello(host: PipeHost, end: Pipe): void {
  const { helloMessage } = host.options;
  if (helloMessage !== null) end.tryWrite([helloMessage], false);
}

/** Gives a socket of this thread its end of a pipe from another thread; `tell` lets the connector know of it. */
export function welcome(binder: PipeHost, end: Pipe, tell: () => void): boolean {
  sayHello(binder, end);
  if (!binder.attachPipe(end, null)) {
    end.close("peer-gone");
    return false;
  }
  const held = new HeldEvents(end);
  end.live = !end.isClosed && !end.isEnded;
  tell();
  held.introduce(binder, true);
  return true;
}

/** Events of an end whose host does not know its peer yet. Room is told, and all else kept. */
export class HeldEvents implements PipeEvents {
  readonly #end: Pipe;
  readonly #events: PipeEvents;
  #isReadable: boolean;
  #hasEnded: boolean;

  constructor(end: Pipe) {
    this.#end = end;
    this.#events = end.events;
    this.#isReadable = false;
    this.#hasEnded = false;
    end.events = this;
  }

  onReadable(): void {
    this.#isReadable = true;
  }

  onWritable(): void {
    this.#events.onWritable(this.#end);
  }

  onPeerClosed(): void {
    this.#hasEnded = true;
  }

  onDrained(): void {
    this.#events.onDrained(this.#end);
  }

  onFirstDrop(_pipe: Pipe, reason: DropReason): void {
    this.#events.onFirstDrop?.(this.#end, reason);
  }

  /** There is no peer to be introduced to: the host is told if it was one and is gone. */
  release(): void {
    this.#end.events = this.#events;
    if (this.#hasEnded && !this.#end.isClosed) this.#events.onPeerClosed(this.#end);
  }

  /**
   * Tells the host of its peer, and then what it missed: how things stand, or only what was told in the meantime if the end
   * tells later, and so will go on to tell.
   */
  introduce(host: PipeHost, tellsLater: boolean): void {
    const end = this.#end;
    const events = this.#events;
    const hasEnded = tellsLater ? this.#hasEnded : end.isEnded;
    end.events = events;
    if (end.isClosed) return;
    if (!host.identifyPipe(end)) {
      end.close("peer-gone");
      return;
    }
    if (!end.isClosed && (!tellsLater || this.#isReadable) && end.checkReadable()) events.onReadable(end);
    if (!end.isClosed && !tellsLater && end.checkWritable()) events.onWritable(end);
    if (!end.isClosed && hasEnded) events.onPeerClosed(end);
  }
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

const NO_ID = new Uint8Array(0);
