import type { Frame } from "../base/message.ts";
import { copyFrame } from "../base/message.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { emptyFrame } from "./envelope.ts";

/** A message that is due, and whom it is of. */
export interface Parting<Label> {
  readonly label: Label;
  readonly body: Frame;
}

interface Waiting<Label> extends Parting<Label> {
  /** How many messages must have left the pipe before it; infinite: all, and the pipe is gone. */
  readonly mark: number;
}

/** Bits of `routerNotify`. */
const CAME = 1;
const LEFT = 2;

/**
 * `disconnectMessage`, and the notices of `routerNotify`: what the application is given when a peer came or left, as if that
 * peer had sent it first or last (libzmq behaviours B71, B47). They are of our making, no queue had them, and they count
 * nowhere.
 *
 *     from one peer, in order:   notice   what it sent   what it sent   notice   disconnectMessage
 */
export class Partings<Label> {
  readonly #host: PatternHost;
  /** Of peers whose messages are not all read yet. */
  readonly #waiting: Map<Pipe, RingQueue<Waiting<Label>>>;
  readonly #due: RingQueue<Parting<Label>>;
  /** Pipes of peers that we connected to, and whether a connection stands. */
  readonly #outgoing: Map<Pipe, boolean>;

  constructor(host: PatternHost) {
    this.#host = host;
    this.#waiting = new Map();
    this.#due = new RingQueue();
    this.#outgoing = new Map();
  }

  get isDue(): boolean {
    return !this.#due.isEmpty;
  }

  /** Whether any wait for messages to be read: then `received` is to be told of each. */
  get areWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** A connection stands. What came over an earlier one of the same pipe may be unread. */
  came(pipe: Pipe, label: Label): void {
    const isAnother = this.#outgoing.has(pipe);
    if (pipe.peer.outgoing) this.#outgoing.set(pipe, true);
    if (!this.#tells(CAME)) return;
    if (isAnother) this.#notify(pipe, label, pipe.received.accepted);
    // What is there already stands behind it.
    else this.#due.push({ label, body: emptyFrame() });
  }

  /** The connection behind a pipe broke, and the pipe stays. */
  lost(pipe: Pipe, label: Label): void {
    if (this.#outgoing.get(pipe) !== true) return;
    this.#outgoing.set(pipe, false);
    if (this.#tells(LEFT)) this.#notify(pipe, label, pipe.received.accepted);
  }

  /** Nothing can be written to the pipe any more. Told only of peers that left by themselves. */
  left(pipe: Pipe, label: Label): void {
    const { outgoing } = pipe.peer;
    const stood = !outgoing || this.#outgoing.get(pipe) === true;
    this.#outgoing.delete(pipe);
    if (pipe.isClosed || !pipe.isEnded) return;
    if (stood && this.#tells(LEFT)) this.#notify(pipe, label, Number.POSITIVE_INFINITY);
    const { disconnectMessage } = this.#host.options;
    if (disconnectMessage === null || outgoing) return;
    // Each gets its own: the application may write to it.
    this.#tell(pipe, { label, body: copyFrame(disconnectMessage) }, Number.POSITIVE_INFINITY);
  }

  /** A message of the pipe was received. */
  received(pipe: Pipe): void {
    if (this.#waiting.has(pipe)) this.#release(pipe, passedCount(pipe));
  }

  /** The pipe was read to its end, or is given up. */
  passed(pipe: Pipe): void {
    this.#outgoing.delete(pipe);
    this.#release(pipe, Number.POSITIVE_INFINITY);
  }

  take(): Parting<Label> | undefined {
    return this.#due.take();
  }

  #tells(kind: number): boolean {
    return (this.#host.options.routerNotify & kind) !== 0;
  }

  #notify(pipe: Pipe, label: Label, mark: number): void {
    this.#tell(pipe, { label, body: emptyFrame() }, mark);
  }

  /** Now, or behind what is unread. */
  #tell(pipe: Pipe, parting: Parting<Label>, mark: number): void {
    let waiting = this.#waiting.get(pipe);
    if (waiting === undefined) {
      if (pipe.unreadCount === 0) {
        this.#due.push(parting);
        return;
      }
      waiting = new RingQueue();
      this.#waiting.set(pipe, waiting);
    }
    waiting.push({ ...parting, mark });
  }

  #release(pipe: Pipe, count: number): void {
    const waiting = this.#waiting.get(pipe);
    if (waiting === undefined) return;
    for (let next = waiting.peek(); next !== undefined && next.mark <= count; next = waiting.peek()) {
      waiting.take();
      this.#due.push(next);
    }
    if (waiting.isEmpty) this.#waiting.delete(pipe);
  }
}

/** Messages that came into the pipe and left it, whichever way. */
export function passedCount(pipe: Pipe): number {
  const { accepted, queued } = pipe.received.snapshot?.() ?? pipe.received;
  return accepted - queued;
}
