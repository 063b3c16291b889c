import type { Message } from "../../base/message.ts";
import { FLOW, FLOW_AT } from "../layout.ts";
import { asideSize, decodeAside, encodeAside } from "./aside.ts";
import type { FlowCounters } from "./flow-counters.ts";

/**
 * A direction that keeps the newest message only (ZMQ_CONFLATE): three slots, one in the hands of the writer, one in the
 * reader's, and one between them that either exchanges for its own in one step. Neither ever waits for the other.
 *
 *     writer [slot] --exchange--> [slot, fresh or not] <--exchange-- [slot] reader
 *
 * The words of `FLOW.LATEST`: the slot between, with `FRESH`; for each slot the index of its memory and the size used.
 */
const BETWEEN = FLOW.LATEST;
const MEMORY_OF = FLOW.LATEST + 1;
const SIZE_OF = FLOW.LATEST + 4;
const FRESH = 4;
const SLOT_SIZE_MIN = 4096;

export class LatestWriter {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #counters: FlowCounters;
  readonly #give: (memory: SharedArrayBuffer) => number;
  readonly #memory: (SharedArrayBuffer | null)[];
  #slot: number;

  /** `give` hands memory to the reader and answers its index. */
  constructor(
    words: Int32Array,
    direction: number,
    counters: FlowCounters,
    give: (memory: SharedArrayBuffer) => number,
  ) {
    this.#words = words;
    this.#at = FLOW_AT[direction]!;
    this.#counters = counters;
    this.#give = give;
    this.#memory = [null, null, null];
    // The reader begins with slot 0, and 1 lies between.
    this.#slot = 2;
    words[this.#at + BETWEEN] = 1;
  }

  /** Answers whether the message took the place of one that nobody had read. */
  write(message: Message): boolean {
    const words = this.#words;
    const slot = this.#slot;
    const size = asideSize([message]);
    let memory = this.#memory[slot]!;
    if (memory === null || memory.byteLength < size) {
      memory = new SharedArrayBuffer(Math.max(SLOT_SIZE_MIN, size));
      this.#memory[slot] = memory;
      words[this.#at + MEMORY_OF + slot] = this.#give(memory);
    }
    encodeAside([message], memory);
    words[this.#at + SIZE_OF + slot] = size;
    const before = Atomics.exchange(words, this.#at + BETWEEN, slot | FRESH);
    this.#slot = before & ~FRESH;
    if ((before & FRESH) === 0) return false;
    this.#counters.addWriterDrops("conflated", 1);
    return true;
  }
}

export class LatestReader {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #memoryOf: (index: number) => SharedArrayBuffer;
  readonly #forget: (index: number) => void;
  /** The index of the memory that each slot had last. */
  readonly #known: number[];
  #slot: number;

  constructor(
    words: Int32Array,
    direction: number,
    memoryOf: (index: number) => SharedArrayBuffer,
    forget: (index: number) => void,
  ) {
    this.#words = words;
    this.#at = FLOW_AT[direction]!;
    this.#memoryOf = memoryOf;
    this.#forget = forget;
    this.#known = [0, 0, 0];
    this.#slot = 0;
  }

  hasMessage(): boolean {
    return (Atomics.load(this.#words, this.#at + BETWEEN) & FRESH) !== 0;
  }

  take(): Message | undefined {
    const words = this.#words;
    if (!this.hasMessage()) return undefined;
    const slot = Atomics.exchange(words, this.#at + BETWEEN, this.#slot) & ~FRESH;
    this.#slot = slot;
    const index = words[this.#at + MEMORY_OF + slot]!;
    const memory = this.#memoryOf(index);
    if (this.#known[slot] !== index) {
      if (this.#known[slot] !== 0) this.#forget(this.#known[slot]!);
      this.#known[slot] = index;
    }
    return decodeAside(memory, words[this.#at + SIZE_OF + slot]!)[0];
  }
}
