import { READY_WORDS, SEAT } from "../layout.ts";

type Handler = () => void;

const BIT_COUNT = 32 * READY_WORDS;

/**
 * Sets a bit in the seat that begins at the word `at`. The word of the bit before the summary, because they are taken in
 * the opposite order.
 */
export function markReady(words: Int32Array, at: number, bit: number): void {
  const word = bit >>> 5;
  const readyAt = at + SEAT.READY + word;
  const summaryAt = at + SEAT.SUMMARY;
  // A bit that is set will be taken after this moment. To look costs half of setting it, and the line stays shared.
  if ((Atomics.load(words, readyAt) & (1 << bit)) === 0) Atomics.or(words, readyAt, 1 << bit);
  if ((Atomics.load(words, summaryAt) & (1 << word)) === 0) Atomics.or(words, summaryAt, 1 << word);
}

/** The ready bits of a thread's seat and who is to be called for each. */
export class ReadyBits {
  readonly #words: Int32Array;
  /** The first word of the seat. */
  readonly #at: number;
  /** By bit. A list is never changed in place: a handler may register while it is gone through. */
  readonly #handlers: (readonly Handler[])[];
  readonly #freeBits: number[];
  #nextBit: number;
  /** Bits taken from shared memory whose handlers were not called yet, and which words of them are not 0. */
  readonly #taken: Int32Array;
  #takenSummary: number;
  /** How deep `drain` is nested. */
  #depth: number;

  /** `onNews` is called for bit 0. */
  constructor(words: Int32Array, at: number, onNews: Handler) {
    this.#words = words;
    this.#at = at;
    this.#handlers = [[onNews]];
    this.#freeBits = [];
    this.#nextBit = 1;
    this.#taken = new Int32Array(READY_WORDS);
    this.#takenSummary = 0;
    this.#depth = 0;
  }

  get isDraining(): boolean {
    return this.#depth > 0;
  }

  register(handler: Handler): number {
    let bit = this.#freeBits.pop();
    if (bit === undefined) {
      bit = 1 + ((this.#nextBit - 1) % (BIT_COUNT - 1));
      this.#nextBit++;
    }
    this.#handlers[bit] = [...(this.#handlers[bit] ?? []), handler];
    return bit;
  }

  unregister(bit: number, handler: Handler): void {
    const handlers = this.#handlers[bit] ?? [];
    const index = handlers.indexOf(handler);
    if (index < 0) return;
    this.#handlers[bit] = handlers.toSpliced(index, 1);
    if (handlers.length === 1) this.#freeBits.push(bit);
  }

  /** Calls the handlers of all bits that are set; answers whether any was. */
  drain(): boolean {
    this.#take();
    if (this.#takenSummary === 0) return false;
    this.#depth++;
    // A handler that drains goes on with what is left, and then nothing is left for us.
    while (this.#takenSummary !== 0) this.#call(this.#next());
    this.#depth--;
    return true;
  }

  /** Moves all bits that are set from shared memory to `#taken`. */
  #take(): void {
    const words = this.#words;
    if (Atomics.load(words, this.#at + SEAT.SUMMARY) === 0) return;
    let summary = Atomics.exchange(words, this.#at + SEAT.SUMMARY, 0);
    for (; summary !== 0; summary &= summary - 1) {
      const word = lowestBit(summary);
      const bits = Atomics.exchange(words, this.#at + SEAT.READY + word, 0);
      if (bits === 0) continue;
      this.#taken[word]! |= bits;
      this.#takenSummary |= 1 << word;
    }
  }

  /** The lowest bit of `#taken`, off it: news come first, because pipes may need what was mailed. */
  #next(): number {
    const word = lowestBit(this.#takenSummary);
    const bits = this.#taken[word]!;
    const left = bits & (bits - 1);
    this.#taken[word] = left;
    if (left === 0) this.#takenSummary &= ~(1 << word);
    return 32 * word + lowestBit(bits);
  }

  #call(bit: number): void {
    const handlers = this.#handlers[bit];
    if (handlers === undefined) return;
    for (const handler of handlers) {
      // One that was called before it may have unregistered it.
      if (this.#handlers[bit] === handlers || this.#handlers[bit]!.includes(handler)) callSafely(handler);
    }
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** What a handler throws is no answer to anybody who waits here: it becomes an uncaught error of the thread. */
export function callSafely(handler: Handler): void {
  try {
    handler();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
