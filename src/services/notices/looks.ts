import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";

/** After a loss or a doubt: so that the numbers mean something. */
export const SOON_MS = 250;
/** Once more, and once for every socket: what is wrong only if it lasts. */
export const LATER_MS = 5500;
/** The loop turns after so long. */
const SLICE_MS = 2;
/** Looks take one part in twenty of the time at the most. */
const REST_FACTOR = 20;
/** At the end of the process. */
const FLUSH_MS = 50;

/**
 * Which sockets are looked at when: soon after there is a doubt, and some seconds later. One timer for all of them, which
 * keeps nothing alive. Each queue has one delay, so its first is due first.
 */
export class Looks<Item> {
  readonly #look: (item: Item) => void;
  readonly #soon: Map<Item, number>;
  readonly #later: Map<Item, number>;
  /** Made not long ago; nothing speaks against them. */
  readonly #young: Map<Item, number>;
  readonly #queues: readonly Map<Item, number>[];
  #timer: Timer | null;
  #timerMs: number;
  /** Time to rest until then. */
  #restMs: number;

  constructor(look: (item: Item) => void) {
    this.#look = look;
    this.#soon = new Map();
    this.#later = new Map();
    this.#young = new Map();
    this.#queues = [this.#soon, this.#later, this.#young];
    this.#timer = null;
    this.#timerMs = 0;
    this.#restMs = 0;
  }

  noteNew(item: Item): void {
    this.#young.set(item, platform.now() + LATER_MS);
    this.#arm();
  }

  noteDoubt(item: Item): void {
    const nowMs = platform.now();
    if (!this.#soon.has(item)) this.#soon.set(item, nowMs + SOON_MS);
    if (!this.#later.has(item)) this.#later.set(item, nowMs + LATER_MS);
    this.#arm();
  }

  /** Answers whether there was a doubt that nobody has looked into yet. */
  delete(item: Item): boolean {
    const isDoubtful = this.#soon.delete(item);
    this.#later.delete(item);
    this.#young.delete(item);
    if (this.#nextMs() === Number.POSITIVE_INFINITY) this.#disarm();
    return isDoubtful;
  }

  /** The process ends: what there is doubt of is looked at now, within reason. */
  flush(): void {
    const untilMs = platform.now() + FLUSH_MS;
    for (const queue of [this.#soon, this.#later]) {
      const waiting = [...queue.keys()];
      queue.clear();
      for (const item of waiting) {
        if (platform.now() > untilMs) return;
        this.#look(item);
      }
    }
  }

  #nextMs(): number {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      for (const dueMs of queue.values()) {
        nextMs = Math.min(nextMs, dueMs);
        break;
      }
    }
    return nextMs;
  }

  #arm(): void {
    const nextMs = Math.max(this.#nextMs(), this.#restMs);
    if (nextMs === Number.POSITIVE_INFINITY || (this.#timer !== null && this.#timerMs <= nextMs)) return;
    this.#disarm();
    this.#timerMs = nextMs;
    this.#timer = platform.setTimer(() => this.#run(), Math.max(1, Math.ceil(nextMs - platform.now())));
  }

  #disarm(): void {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.#timer = null;
    const sinceMs = platform.now();
    for (let nowMs = sinceMs; nowMs - sinceMs < SLICE_MS; nowMs = platform.now()) {
      const item = this.#takeDue(sinceMs);
      if (item === undefined) break;
      this.#look(item);
    }
    const nowMs = platform.now();
    this.#restMs = nowMs + (nowMs - sinceMs) * REST_FACTOR;
    this.#arm();
  }

  #takeDue(nowMs: number): Item | undefined {
    for (const queue of this.#queues) {
      for (const [item, dueMs] of queue) {
        if (dueMs > nowMs) break;
        queue.delete(item);
        return item;
      }
    }
    return undefined;
  }
}
