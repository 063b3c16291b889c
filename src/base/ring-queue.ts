/**
 * First in, first out, in a ring whose size is a power of two. The only queue in the tree: `Array.shift` at depth
 * 60,000 costs a thousand times as much.
 *
 *        head            tail
 *          v               v
 *   [ . . . a b c d e f g h . . . ]      length = tail - head (mod size)
 */
export class RingQueue<T> {
  #slots: (T | undefined)[];
  #mask: number;
  #head: number;
  #tail: number;

  constructor() {
    // The first 16 slots come with the first element: an idle connection owns several queues and uses none.
    this.#slots = EMPTY as (T | undefined)[];
    this.#mask = 0;
    this.#head = 0;
    this.#tail = 0;
  }

  get length(): number {
    return (this.#tail - this.#head) & this.#mask;
  }

  get isEmpty(): boolean {
    return this.#head === this.#tail;
  }

  push(item: T): void {
    const next = (this.#tail + 1) & this.#mask;
    if (next === this.#head) {
      this.#grow();
      this.push(item);
      return;
    }
    this.#slots[this.#tail] = item;
    this.#tail = next;
  }

  /** Puts an item back in front of all others. */
  unshift(item: T): void {
    const before = (this.#head - 1) & this.#mask;
    if (before === this.#tail || this.#mask === 0) {
      this.#grow();
      this.unshift(item);
      return;
    }
    this.#slots[before] = item;
    this.#head = before;
  }

  /** Takes the first item, or gives `undefined`. */
  take(): T | undefined {
    const head = this.#head;
    if (head === this.#tail) return undefined;
    const item = this.#slots[head];
    this.#slots[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    return item;
  }

  /** Takes up to `countMax` items at once, in order. */
  takeMany(countMax: number): T[] {
    const count = Math.min(countMax, this.length);
    const slots = this.#slots;
    const head = this.#head;
    const end = Math.min(head + count, slots.length);
    const items = slots.slice(head, end) as T[];
    slots.fill(undefined, head, end);
    const wrapped = count - (end - head);
    for (let i = 0; i < wrapped; i++) {
      items.push(slots[i] as T);
      slots[i] = undefined;
    }
    this.#head = (head + count) & this.#mask;
    return items;
  }

  peek(): T | undefined {
    return this.#head === this.#tail ? undefined : this.#slots[this.#head];
  }

  /** Calls back with all items, in order; the queue must not change meanwhile. */
  forEach(callback: (item: T) => void): void {
    for (let at = this.#head; at !== this.#tail; at = (at + 1) & this.#mask) callback(this.#slots[at] as T);
  }

  /** Takes out one item wherever it stands; linear. */
  remove(item: T): boolean {
    const mask = this.#mask;
    for (let at = this.#head; at !== this.#tail; at = (at + 1) & mask) {
      if (this.#slots[at] !== item) continue;
      for (let next = (at + 1) & mask; next !== this.#tail; next = (next + 1) & mask) {
        this.#slots[(next - 1) & mask] = this.#slots[next];
      }
      this.#tail = (this.#tail - 1) & mask;
      this.#slots[this.#tail] = undefined;
      return true;
    }
    return false;
  }

  clear(): void {
    this.#slots = EMPTY as (T | undefined)[];
    this.#mask = 0;
    this.#head = 0;
    this.#tail = 0;
  }

  #grow(): void {
    const count = this.length;
    const size = count === 0 ? FIRST_SIZE : this.#slots.length * 2;
    const slots = new Array<T | undefined>(size).fill(undefined);
    for (let i = 0; i < count; i++) slots[i] = this.#slots[(this.#head + i) & this.#mask];
    this.#slots = slots;
    this.#mask = size - 1;
    this.#head = 0;
    this.#tail = count;
  }
}

const FIRST_SIZE = 16;
const EMPTY: readonly undefined[] = Object.freeze([undefined]);
