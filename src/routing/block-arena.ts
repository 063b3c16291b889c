/**
 * Blocks of 32-bit words in one typed array. A block has 2^k words, is named by the place of its first word, and goes
 * back to a list of free blocks of its size. A million small sets in here cost the garbage collector nothing: to it
 * they are one object.
 *
 * `words` is replaced when the arena grows: read the field anew after every `allocate`.
 */
export class BlockArena {
  words: Int32Array;
  /** The words as octets. */
  octets: Uint8Array;
  /** The first free block by k, 0 if none; a free block holds the next one in its first word. */
  readonly #free: number[];
  #used: number;
  #freeWords: number;

  constructor() {
    this.words = new Int32Array(FIRST_WORDS);
    this.octets = new Uint8Array(this.words.buffer);
    this.#free = new Array<number>(K_MAX + 1).fill(0);
    // Block 0 does not exist, so that 0 can mean none.
    this.#used = 8;
    this.#freeWords = 0;
  }

  /** A block of 2^k words, all zero. */
  allocate(k: number): number {
    const size = 1 << k;
    const freed = this.#free[k] as number;
    if (freed !== 0) {
      this.#free[k] = this.words[freed]!;
      this.#freeWords -= size;
      this.words.fill(0, freed, freed + size);
      return freed;
    }
    const block = this.#used;
    this.#used += size;
    if (this.#used > this.words.length) {
      this.words = grown(this.words, this.#used);
      this.octets = new Uint8Array(this.words.buffer);
    }
    return block;
  }

  release(block: number, k: number): void {
    this.words[block] = this.#free[k] as number;
    this.#free[k] = block;
    this.#freeWords += 1 << k;
  }

  /** Whether little of it is in use: time to copy that into a new arena. */
  get isSparse(): boolean {
    return this.words.length > SPARSE_WORDS_MIN && this.#used - this.#freeWords < this.words.length >> 3;
  }
}

/** A copy with room for at least `length` words. */
export function grown(words: Int32Array, length: number): Int32Array {
  const larger = new Int32Array(Math.max(length, words.length + (words.length >> 1)));
  larger.set(words);
  return larger;
}

const FIRST_WORDS = 32;
const SPARSE_WORDS_MIN = 4096;
const K_MAX = 30;
