/** What is smaller is part of a larger block, or none of the bodies that come by the dozen. */
const LARGE_SIZE = 4096;
/** Bodies of so many octets in all are a stream of them: 64 MiB. */
const STREAM_SIZE = 0x4000000;
/**
 * After how many octets of bodies the next block is made: each takes a fraction of a millisecond. All are made soon: V8 gives
 * a heap more room while it grows fast.
 */
const STEP_SIZE = 0x100000;
const BLOCK_COUNT = 16;
/** Numbers in a block of 1 MiB. */
const BLOCK_LENGTH = 131072;
/** V8 gives a heap of this size the room by itself. */
const AMPLE_SIZE = 0x2000000;
/** A thread that may not have a heap of this size, for it was started with a limit, has nothing to spare: 256 MiB. */
const LIMIT_MIN = 0x10000000;

/** A thread's heap, octets. */
export interface HeapFacts {
  readonly used_heap_size: number;
  readonly heap_size_limit: number;
}

/**
 * Keeps V8 from marking the whole heap again and again where large bodies stream through a small one.
 *
 * Bodies lie outside of the heap, but V8 counts them in. It begins to mark once the heap has grown by a part of its size, and
 * at least by 16 MB; it collects young bodies every 32 MB. So a small heap is marked with every 16 MB of bodies, by four
 * threads that take a quarter of the receiver's processor time, and nothing is found that the young collection would not have.
 * Where the heap is larger, its part is larger than 32 MB, and there are none of these markings.
 *
 * Hence a thread that has received a stream of large bodies makes its heap larger, once, by 16 MiB of numbers, which are
 * nothing to mark (ADR 0033 has the figures).
 */
export class HeapRoom {
  /** Octets of large bodies. */
  #passed: number;
  #nextAt: number;
  readonly #heapFacts: () => HeapFacts;
  readonly #blocks: number[][];

  constructor(heapFacts: () => HeapFacts) {
    this.#passed = 0;
    this.#nextAt = STREAM_SIZE;
    this.#heapFacts = heapFacts;
    this.#blocks = [];
  }

  /** What it takes of the heap, octets. */
  get size(): number {
    return this.#blocks.length * BLOCK_LENGTH * 8;
  }

  /** Memory for a body is asked for. */
  note(size: number): void {
    if (size < LARGE_SIZE) return;
    this.#passed += size;
    if (this.#passed >= this.#nextAt) this.#grow();
  }

  #grow(): void {
    const { used_heap_size: used, heap_size_limit: limit } = this.#heapFacts();
    const isNoGood = used - this.size >= AMPLE_SIZE || limit < LIMIT_MIN;
    // Of fractions, which are kept as they are: references would be followed.
    if (!isNoGood) this.#blocks.push(new Array<number>(BLOCK_LENGTH).fill(0.5));
    const isDone = isNoGood || this.#blocks.length === BLOCK_COUNT;
    this.#nextAt = isDone ? Number.POSITIVE_INFINITY : this.#passed + STEP_SIZE;
  }
}
