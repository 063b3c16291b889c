import type { DropCounts, DropReason, FlowCounts, PipeCounters, PipeSink } from "../../pipe/pipe.ts";
import { DROP_REASONS, noDrops } from "../../pipe/pipe.ts";
import { FLOW, PAIR } from "../layout.ts";

/**
 * The counts of one direction, in shared memory, for either end. What a closed reader had not read is dropped for the reason
 * of its closing, whenever it was written: no count has to be moved when an end closes or its thread dies.
 */
export class FlowCounters implements PipeCounters {
  /** Only in the reader's thread. */
  sink: PipeSink | null;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #at: number;
  readonly #closedAt: number;

  /** `readerEnd` is 0 for end A, 1 for B. */
  constructor(words: Int32Array, at: number, readerEnd: number) {
    this.sink = null;
    this.#words = words;
    this.#doubles = new Float64Array(words.buffer, words.byteOffset, words.length >> 1);
    this.#at = at;
    this.#closedAt = PAIR.CLOSED + readerEnd;
  }

  get hwm(): number {
    return this.#words[this.#at + FLOW.HWM]!;
  }

  /** Published, not read. */
  get unread(): number {
    return this.#words[this.#closedAt] === 0 ? this.#left : 0;
  }

  get queued(): number {
    const waiting = this.#words[this.#closedAt] === 0 ? this.#waiting : 0;
    return waiting + this.#held;
  }

  get accepted(): number {
    let count = this.#published;
    for (let i = 0; i < DROP_REASONS.length; i++) count += this.#writerDrops(i);
    return count;
  }

  get delivered(): number {
    let lost = this.queued;
    for (let i = 0; i < DROP_REASONS.length; i++) lost += this.#readerDrops(i);
    return this.#published - lost;
  }

  get dropped(): DropCounts {
    const counts = noDrops();
    for (let i = 0; i < DROP_REASONS.length; i++)
      counts[DROP_REASONS[i]!] = this.#writerDrops(i) + this.#readerDrops(i);
    return counts;
  }

  /** From one look at each word, and so that the law holds whatever the other thread did meanwhile. */
  snapshot(): FlowCounts {
    const dropped = noDrops();
    let lost = 0;
    let refused = 0;
    for (let i = 0; i < DROP_REASONS.length; i++) {
      const written = this.#writerDrops(i);
      const read = this.#doubles[((this.#at + FLOW.READER_DROPS) >> 1) + i]!;
      dropped[DROP_REASONS[i]!] = written + read;
      refused += written;
      lost += read;
    }
    const closed = this.#words[this.#closedAt]!;
    const read = this.#total(FLOW.READ, FLOW.READ_HIGH);
    const left = Math.max(0, (this.#words[this.#at + FLOW.WRITTEN]! - (read | 0)) | 0);
    const waiting = closed === 0 ? this.#waiting : 0;
    const held = this.#held;
    if (closed !== 0) {
      dropped[DROP_REASONS[closed - 1]!] += left;
      lost += left;
    }
    // What was dropped in between may not have been seen to leave yet.
    const remaining = Math.max(0, read + left - lost);
    const queued = Math.min(remaining, waiting + held);
    return { accepted: remaining + lost + refused, delivered: remaining - queued, queued, dropped };
  }

  /** The writer gave messages up. Answers how many it had before. */
  addWriterDrops(reason: DropReason, count: number): number {
    const at = ((this.#at + FLOW.WRITER_DROPS) >> 1) + DROP_REASONS.indexOf(reason);
    const before = this.#doubles[at]!;
    this.#doubles[at] = before + count;
    return before;
  }

  /** The reader gave messages up that left the queue. */
  addReaderDrops(reason: DropReason, count: number): void {
    this.#doubles[((this.#at + FLOW.READER_DROPS) >> 1) + DROP_REASONS.indexOf(reason)]! += count;
  }

  /** Published, never less than what was read: a writer that died between telling and counting told more than it counted. */
  get #published(): number {
    return this.#total(FLOW.READ, FLOW.READ_HIGH) + this.#left;
  }

  get #left(): number {
    const left = (this.#words[this.#at + FLOW.WRITTEN]! - this.#words[this.#at + FLOW.READ]!) | 0;
    return left > 0 ? left : 0;
  }

  /**
   * Published, and not known to be in anybody's hands. What a sink of the other thread has just read is in its credit or in
   * its hands from the first moment on: a count that missed it could let the process end before the message is sent.
   */
  get #waiting(): number {
    const isFedElsewhere = this.sink === null && this.#words[this.#at + FLOW.HAS_SINK] !== 0;
    if (!isFedElsewhere) return this.#left;
    const credited = Atomics.load(this.#words, this.#at + FLOW.CREDITED);
    return Math.max(0, (this.#words[this.#at + FLOW.WRITTEN]! - credited) | 0);
  }

  /** Looked at after `#waiting`. */
  get #held(): number {
    return this.sink === null ? this.#words[this.#at + FLOW.HELD]! : this.sink.heldCount;
  }

  #total(low: number, high: number): number {
    const words = this.#words;
    for (;;) {
      const turns = words[this.#at + high]!;
      const count = words[this.#at + low]! >>> 0;
      if (words[this.#at + high] === turns) return turns * 2 ** 32 + count;
    }
  }

  /** Never got into the queue. */
  #writerDrops(index: number): number {
    return this.#doubles[((this.#at + FLOW.WRITER_DROPS) >> 1) + index]!;
  }

  /** Left the queue without being delivered, or never will. */
  #readerDrops(index: number): number {
    const count = this.#doubles[((this.#at + FLOW.READER_DROPS) >> 1) + index]!;
    return this.#words[this.#closedAt] === index + 1 ? count + this.#left : count;
  }
}
