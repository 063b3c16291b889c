// Threads for shared pipes without threads: bells are rung when the test settles. Both ends run in this one.

import type { PipeThread, SharedEnd, ThreadRef } from "../../src/threads/pipe-thread.ts";

/** Rings that were rung and not heard yet, of all threads. */
const rung: (() => void)[] = [];

let lastUid = 0;
const threads = new Map<number, FakeThread>();

export class FakeThread implements PipeThread {
  readonly me: ThreadRef;
  readonly #ends: (SharedEnd | null)[] = [null];
  readonly #keys = new Map<string, SharedEnd>();
  readonly #early = new Map<string, [number, SharedArrayBuffer][]>();

  constructor() {
    this.me = { seat: lastUid, uid: ++lastUid };
    threads.set(this.me.uid, this);
  }

  get endCount(): number {
    return this.#keys.size;
  }

  enter(key: string, end: SharedEnd): number {
    this.#keys.set(key, end);
    for (const [index, memory] of this.#early.get(key) ?? [])
      queueMicrotask(() => end.onMemory(index, memory));
    this.#early.delete(key);
    return this.#ends.push(end) - 1;
  }

  leave(key: string, end: SharedEnd): void {
    this.#keys.delete(key);
    this.#ends[this.#ends.indexOf(end)] = null;
  }

  ring(thread: ThreadRef, bit: number): void {
    rung.push(() => {
      const to = threads.get(thread.uid);
      if (to !== undefined) to.#ends[bit]?.onBell();
    });
  }

  give(thread: ThreadRef, key: string, index: number, memory: SharedArrayBuffer): void {
    const to = threads.get(thread.uid) as FakeThread;
    const end = to.#keys.get(key);
    if (end !== undefined) end.onMemory(index, memory);
    else to.#early.set(key, [...(to.#early.get(key) ?? []), [index, memory]]);
  }

  collect(): void {
    // Everything is given at once.
  }

  /** The other threads learn that this one is gone, without a word of its own. */
  die(): void {
    threads.delete(this.me.uid);
    for (const other of threads.values()) {
      for (const end of other.#keys.values()) if (end.peerThread?.uid === this.me.uid) end.onPeerGone();
    }
  }
}

/** All bells that were rung, and those that this rings, are heard. */
export function hearBells(): void {
  for (let ring = rung.splice(0, 1)[0]; ring !== undefined; ring = rung.splice(0, 1)[0]) ring();
}
