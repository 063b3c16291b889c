/** Two threads that wake each other, with nothing to say: what a round trip between threads costs at best. */

/** About 30 us, and then to sleep. */
const spinTurns = 3000;

/** Words; each on a cache line of its own. */
const TURN = 0;
const WAITS = 16;

export const turnMemorySize = 128;

export class BareTurn {
  #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  /** Counts the turn up and wakes the other if it sleeps. */
  give(turn: number): void {
    Atomics.store(this.#words, TURN, turn);
    if (Atomics.exchange(this.#words, WAITS, 0) === 1) Atomics.notify(this.#words, TURN);
  }

  /** Waits until it is this turn. */
  await(turn: number): void {
    for (let i = 0; i < spinTurns; i++) if (Atomics.load(this.#words, TURN) === turn) return;
    while (Atomics.load(this.#words, TURN) !== turn) {
      Atomics.store(this.#words, WAITS, 1);
      const seen = Atomics.load(this.#words, TURN);
      if (seen !== turn) Atomics.wait(this.#words, TURN, seen);
    }
  }
}
