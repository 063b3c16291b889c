import type { Pipe } from "../pipe/pipe.ts";
import type { SocketOptionValues } from "./options.ts";
import { orphanCap } from "./options.ts";

/** Pipes of peers that left, with messages to be received yet. They are kept for the application up to a cap. */
export class Orphans {
  readonly #pipes: Set<Pipe>;

  constructor() {
    this.#pipes = new Set();
  }

  add(pipe: Pipe, options: SocketOptionValues): void {
    this.#pipes.add(pipe);
    this.#bound(options);
  }

  delete(pipe: Pipe): void {
    this.#pipes.delete(pipe);
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
