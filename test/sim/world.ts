import { Random } from "../../fuzz/random.ts";

interface Event {
  readonly at: number;
  /** Drawn from the seed: events of one moment come in an order of its choice. */
  readonly tiebreak: number;
  readonly action: () => void;
}

/** Simulated time: a heap of events and nothing that waits. Milliseconds. */
export class World {
  readonly random: Random;
  now: number;
  eventCount: number;
  /** A hash over everything that was noted: two runs of one seed have the same. */
  trace: number;
  readonly #heap: Event[];

  constructor(seed: number) {
    this.random = new Random(seed);
    this.now = 0;
    this.eventCount = 0;
    this.trace = 0x811c9dc5;
    this.#heap = [];
  }

  after(delayMs: number, action: () => void): void {
    this.#push({ at: this.now + Math.max(0, delayMs), tiebreak: this.random.next(), action });
  }

  /** A delay that is mostly short and sometimes long. */
  delay(meanMs: number, maxMs: number): number {
    const uniform = (this.random.next() + 1) / 0x100000001;
    return Math.min(maxMs, -Math.log(uniform) * meanMs);
  }

  /** Notes what happened for the trace. */
  note(...what: readonly (string | number)[]): void {
    for (const part of [this.now.toFixed(3), ...what]) {
      for (const character of String(part)) {
        this.trace = Math.imul(this.trace ^ character.charCodeAt(0), 0x01000193) >>> 0;
      }
    }
  }

  /** Plays all events up to `until`. */
  run(until: number): void {
    for (let next = this.#heap[0]; next !== undefined && next.at <= until; next = this.#heap[0]) {
      this.#pop();
      this.now = next.at;
      this.eventCount++;
      next.action();
    }
    this.now = Math.max(this.now, until);
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(event, heap[above] as Event)) break;
      heap[at] = heap[above] as Event;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Event;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below++;
      if (!isBefore(heap[below] as Event, last)) break;
      heap[at] = heap[below] as Event;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.tiebreak < other.tiebreak);
}
