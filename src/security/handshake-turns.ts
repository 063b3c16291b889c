import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";

/** What a turn of the event loop may spend on strangers; established connections come first again after it. */
const TURN_MS = 5;

/**
 * Takes turns: each handshake costs a server a fraction of a millisecond of arithmetic before it knows anything of its
 * peer, and a thousand of them may come with one look at the network. What goes beyond a turn's share waits, in order,
 * for the next one.
 */
export class HandshakeTurns {
  readonly #waiting: RingQueue<() => void>;
  #spentMs: number;
  #isCounting: boolean;

  constructor() {
    this.#waiting = new RingQueue();
    this.#spentMs = 0;
    this.#isCounting = false;
  }

  /** Whether it is the caller's turn at once; otherwise `later` is called when it is. */
  enter(later: () => void): boolean {
    if (this.#spentMs < TURN_MS && this.#waiting.isEmpty) return true;
    this.#waiting.push(later);
    return false;
  }

  /** The caller's work has begun at `startedMs` and is done. */
  spend(startedMs: number): void {
    this.#spentMs += platform.now() - startedMs;
    if (this.#isCounting) return;
    this.#isCounting = true;
    platform.yieldTurn(() => this.#begin());
  }

  /** A new turn of the loop. */
  #begin(): void {
    this.#isCounting = false;
    this.#spentMs = 0;
    while (this.#spentMs < TURN_MS) {
      const next = this.#waiting.take();
      if (next === undefined) return;
      next();
    }
    // Those called may have spent nothing: their connections are gone.
    if (!this.#waiting.isEmpty && !this.#isCounting) this.spend(platform.now());
  }
}
