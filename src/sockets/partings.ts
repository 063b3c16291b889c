import type { Frame } from "../base/message.ts";
import { copyFrame } from "../base/message.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";

/** A message that is due, and whom it is about. */
export interface Parting<Label> {
  readonly label: Label;
  readonly body: Frame;
}

/**
 * `disconnectMessage`: what the application is given when a peer that came to it left, as if that peer had sent it last
 * (libzmq behaviour B71). It is of our making, no queue had it, and it counts nowhere.
 *
 *     from one peer, in order:   what it sent   what it sent   disconnectMessage
 */
export class Partings<Label> {
  readonly #host: PatternHost;
  /** Of peers whose messages are not all read yet. */
  readonly #waiting: Map<Pipe, Parting<Label>>;
  readonly #due: RingQueue<Parting<Label>>;

  constructor(host: PatternHost) {
    this.#host = host;
    this.#waiting = new Map();
    this.#due = new RingQueue();
  }

  get isDue(): boolean {
    return !this.#due.isEmpty;
  }

  /** Nothing can be written to the pipe any more. Told only of peers that came to us, and left by themselves. */
  left(pipe: Pipe, label: Label): void {
    const { disconnectMessage } = this.#host.options;
    if (disconnectMessage === null || pipe.peer.outgoing || pipe.isClosed || !pipe.isEnded) return;
    // Each gets its own: the application may write to it.
    const parting = { label, body: copyFrame(disconnectMessage) };
    if (pipe.unreadCount > 0) this.#waiting.set(pipe, parting);
    else this.#due.push(parting);
  }

  /** The pipe was read to its end, or is given up. */
  passed(pipe: Pipe): void {
    const parting = this.#waiting.get(pipe);
    if (parting === undefined) return;
    this.#waiting.delete(pipe);
    this.#due.push(parting);
  }

  take(): Parting<Label> | undefined {
    return this.#due.take();
  }
}
