import { RingQueue } from "../../base/ring-queue.ts";

/** Memory that a direction keeps for large bodies when the reader is done with it. */
const KEPT_SIZE_MAX = 1 << 22;
/** Larger ones come seldom, and are not kept. */
const POOLED_SIZE_MAX = 1 << 21;

/** Memory for one large body. */
export interface AsideMemory {
  readonly memory: SharedArrayBuffer;
  /** By which the reader knows it; 0: he was not given it yet. */
  index: number;
}

/** A body on its way, and the position that `HEAD` has passed when the reader has copied it. */
interface Lent {
  readonly aside: AsideMemory;
  readonly end: number;
}

/**
 * Memory for bodies that travel beside the ring, used again as soon as the reader has copied them: touching a fresh
 * mebibyte costs the system 256 page faults, more than copying it twice.
 */
export class AsidePool {
  readonly #lent: RingQueue<Lent>;
  #free: AsideMemory[];
  #lentSize: number;
  #freeSize: number;
  /** Told of memory that is used no more, by its index. */
  readonly #forget: (index: number) => void;

  constructor(forget: (index: number) => void) {
    this.#lent = new RingQueue();
    this.#free = [];
    this.#lentSize = 0;
    this.#freeSize = 0;
    this.#forget = forget;
  }

  /** So much is on its way that waiting for the reader is better than more memory. */
  get isAhead(): boolean {
    return this.#lentSize >= KEPT_SIZE_MAX;
  }

  /** The reader has come to `head`. */
  recycle(head: number): void {
    for (let first = this.#lent.peek(); first !== undefined; first = this.#lent.peek()) {
      if (((head - first.end) | 0) < 0) return;
      this.#lent.take();
      const { aside } = first;
      const size = aside.memory.byteLength;
      this.#lentSize -= size;
      if (size > POOLED_SIZE_MAX || this.#freeSize + size > KEPT_SIZE_MAX) {
        this.#forget(aside.index);
        continue;
      }
      this.#freeSize += size;
      this.#free.push(aside);
    }
  }

  /** Memory of at least `size` octets, and not of many more. */
  take(size: number): AsideMemory {
    const at = this.#free.findIndex(
      ({ memory }) => memory.byteLength >= size && memory.byteLength <= 4 * size,
    );
    if (at === -1)
      return { memory: new SharedArrayBuffer(size > POOLED_SIZE_MAX ? size : roundUp(size)), index: 0 };
    const [found] = this.#free.splice(at, 1) as [AsideMemory];
    this.#freeSize -= found.memory.byteLength;
    return found;
  }

  /** It is on its way until `HEAD` passes `end`. */
  lend(aside: AsideMemory, end: number): void {
    this.#lentSize += aside.memory.byteLength;
    this.#lent.push({ aside, end });
  }
}

/** To a power of two. */
function roundUp(size: number): number {
  return 2 ** Math.ceil(Math.log2(size));
}
