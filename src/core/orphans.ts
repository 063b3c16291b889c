import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { SocketOptionValues } from "./options.ts";
import { orphanCap } from "./options.ts";

/** Pipes of peers that left, with messages to be received yet. They are kept for the application up to a cap. */
export class Orphans {
  readonly #pipes: Set<Pipe>;
  /** Lets go of a pipe of which everything was read. */
  readonly #letGo: (pipe: Pipe) => void;
  readonly #drained: RingQueue<Pipe>;
  #isSettleDeferred: boolean;

  constructor(letGo: (pipe: Pipe) => void) {
    this.#pipes = new Set();
    this.#letGo = letGo;
    this.#drained = new RingQueue();
    this.#isSettleDeferred = false;
  }

  add(pipe: Pipe, options: SocketOptionValues): void {
    this.#pipes.add(pipe);
    this.#bound(options);
  }

  delete(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  /** The last message was read. Out of a read, where the pattern is in the midst of its turn: the pipe is let go of later. */
  noteDrained(pipe: Pipe): void {
    this.#drained.push(pipe);
    if (this.#isSettleDeferred) return;
    this.#isSettleDeferred = true;
    platform.defer(() => {
      this.#isSettleDeferred = false;
      this.settle();
    });
  }

  /** Lets go of what was read to its end. A thread that only blocks calls this itself: what is deferred never comes. */
  settle(): void {
    for (let pipe = this.#drained.take(); pipe !== undefined; pipe = this.#drained.take()) this.#letGo(pipe);
  }

  #bound(options: SocketOptionValues): void {
    let left = orphanCap(options);
    for (const pipe of this.#pipes) {
      // One peer that leaves loses nothing of what its pipe may hold: over inproc that is the sum of two marks.
      const { hwm } = pipe.received;
      if (options.maxOrphans < 0) left = Math.max(left, hwm === 0 ? Number.POSITIVE_INFINITY : hwm);
    }
    for (const pipe of this.#pipes) {
      const excess = pipe.unreadCount - left;
      if (excess > 0) pipe.discard(excess, "orphaned");
      left = Math.max(0, left - pipe.unreadCount);
    }
  }
}
