import type { Frame } from "../base/message.ts";
import { RingQueue } from "../base/ring-queue.ts";
import { orphanCap } from "../core/options.ts";
import type { PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { emptyFrame } from "./envelope.ts";

/** What the application is told, as if the peer had sent it. */
export interface Notice<Label> {
  /** Whom it is of. */
  readonly label: Label;
  readonly body: Frame;
}

interface Placed<Label> extends Notice<Label> {
  readonly kind: "arrival" | "departure" | "words";
  /** How many messages must have left the pipe before it. */
  readonly mark: number;
}

/**
 * What the application is told of peers that came and left, each notice in its place among what that peer sent. They are
 * of our making, no queue had them, and they count nowhere.
 *
 *     from one peer, in order:   arrival   what it sent   what it sent   departure   words
 *
 * As many wait as messages of peers that left may. Then peers that come and go unheard are not told of: neither that they
 * came nor that they left, for both notices look alike. Who was told of is told of to the end.
 */
export class Notices<Label> {
  readonly #host: PatternHost;
  /** Of peers whose messages are not all read yet. */
  readonly #waiting: Map<Pipe, RingQueue<Placed<Label>>>;
  readonly #due: RingQueue<Placed<Label>>;
  readonly #nothing: Frame;
  #tellsArrivals: boolean;

  constructor(host: PatternHost) {
    this.#host = host;
    this.#waiting = new Map();
    this.#due = new RingQueue();
    this.#nothing = emptyFrame();
    this.#tellsArrivals = false;
  }

  /** Whether one is to be received before any message. */
  get isDue(): boolean {
    return !this.#due.isEmpty;
  }

  /** Whether any wait for messages to be read: then `received` is to be told of each. */
  get areWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  take(): Notice<Label> | undefined {
    return this.#due.take();
  }

  /** A connection stands, and what has come over it stands behind the notice; `isAnother`: what an earlier one brought does not. */
  tellArrival(pipe: Pipe, label: Label, isAnother: boolean): void {
    this.#tellsArrivals = true;
    const notice = { label, body: this.#nothing, kind: "arrival", mark: pipe.received.accepted } as const;
    if (isAnother) this.#place(pipe, notice);
    else this.#add(this.#due, notice);
  }

  /** No connection stands any more. */
  tellDeparture(pipe: Pipe, label: Label): void {
    const mark = pipe.received.accepted;
    this.#place(pipe, { label, body: this.#nothing, kind: "departure", mark });
  }

  /** The last that there is of a peer that left. */
  tellWords(pipe: Pipe, label: Label, body: Frame): void {
    this.#place(pipe, { label, body, kind: "words", mark: pipe.received.accepted });
  }

  /** A message of the pipe was received. Answers whether notices are due that were not. */
  received(pipe: Pipe): boolean {
    return this.#waiting.has(pipe) && this.#release(pipe, passedCount(pipe));
  }

  /** The pipe was read to its end, or is given up. Answers likewise. */
  passed(pipe: Pipe): boolean {
    return this.#release(pipe, Number.POSITIVE_INFINITY);
  }

  /** Now, or behind what is unread. */
  #place(pipe: Pipe, notice: Placed<Label>): void {
    let waiting = this.#waiting.get(pipe);
    if (waiting === undefined) {
      if (pipe.unreadCount === 0) return this.#add(this.#due, notice);
      waiting = new RingQueue();
      this.#waiting.set(pipe, waiting);
    }
    this.#add(waiting, notice);
  }

  #release(pipe: Pipe, count: number): boolean {
    const waiting = this.#waiting.get(pipe);
    if (waiting === undefined) return false;
    const dueBefore = this.#due.length;
    for (let next = waiting.peek(); next !== undefined && next.mark <= count; next = waiting.peek()) {
      waiting.take();
      this.#add(this.#due, next);
    }
    if (waiting.isEmpty) this.#waiting.delete(pipe);
    return this.#due.length > dueBefore;
  }

  #add(queue: RingQueue<Placed<Label>>, notice: Placed<Label>): void {
    const isFull = queue.length >= Math.max(orphanCap(this.#host.options), COUNT_MIN);
    if (!isFull || !this.#isSpared(queue, notice)) queue.push(notice);
  }

  /** Whether a notice is left out where there are too many. */
  #isSpared(queue: RingQueue<Placed<Label>>, { label, kind }: Placed<Label>): boolean {
    // So many come as there are peers.
    if (kind === "arrival") return false;
    if (kind === "words" || !this.#tellsArrivals) return true;
    let arrival: Placed<Label> | undefined;
    queue.forEach((one) => {
      if (one.label === label && one.kind === "arrival") arrival = one;
    });
    return arrival !== undefined && queue.remove(arrival);
  }
}

/** `maxOrphans` is about messages: with none of them, those who come and go at a time are told of all the same. */
const COUNT_MIN = 64;

/** Messages that came into the pipe and left it, whichever way. */
function passedCount(pipe: Pipe): number {
  const { accepted, queued } = pipe.received.snapshot?.() ?? pipe.received;
  return accepted - queued;
}
