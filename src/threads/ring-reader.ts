import { invariant } from "../base/errors.ts";
import type { Frame, Message } from "../base/message.ts";
import { allocateBody } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { decodeAside } from "./aside.ts";
import { FLOW } from "./layout.ts";
import {
  ALIGNED_SIZE,
  ASIDE_WORDS,
  BY_REFERENCE,
  FIRST_SEGMENT_SIZE,
  firstSegmentAt,
  KIND,
  KIND_SHIFT,
  LINK_SIZE,
  SIZE_MASK,
  singleSize,
} from "./record.ts";

/** What the reader needs of the pipe. */
export interface ReaderHost {
  /** Memory that was given and has not been asked for yet is asked for by `collect`. */
  collect(): void;
}

/** Small bodies are views of blocks of this size, as those that come over a stream (ADR 0014). */
const BLOCK_SIZE = 8192;
/** Records from here on are copied one by one. */
const SINGLE_COPY_SIZE = 2048;

/**
 * The reading side of one direction: takes whole records out of the ring and makes messages of them in ordinary memory.
 *
 *     HEAD                position          block end          TAIL
 *      v                     v                  v                v
 *     [ooooooooooooooooooooooxxxxxxxxxxxxxxxxxxxyyyyyyyyyyyyyyyyyy        ]
 *      taken, not yet told    in the block       still in the ring
 */
export class RingReader {
  /** The message that `take` gave last was a control message. */
  isControl: boolean;
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #host: ReaderHost;
  /** Control messages of earlier generations are void. */
  #generation: number;
  /** Marks up to this one hold nothing up. */
  #passed: number;
  #cells: Int32Array;
  #octets: Uint8Array;
  #size: number;
  #position: number;
  /** `TAIL` as it was seen last. */
  #tail: number;
  #head: number;
  /** Copied out: octets from `#blockStart` to `#blockEnd` lie in `#block` from `#blockAt` on. */
  #block: ArrayBufferLike;
  #blockShift: number;
  #blockEnd: number;
  readonly #memory: Map<number, SharedArrayBuffer>;

  constructor(memory: SharedArrayBuffer, words: Int32Array, direction: number, at: number, host: ReaderHost) {
    this.isControl = false;
    this.#words = words;
    this.#at = at;
    this.#host = host;
    this.#generation = 0;
    this.#passed = 0;
    const begin = firstSegmentAt(direction);
    this.#size = FIRST_SEGMENT_SIZE;
    this.#cells = new Int32Array(memory, begin, this.#size >> 2);
    this.#octets = new Uint8Array(memory, begin, this.#size);
    this.#position = 0;
    this.#tail = 0;
    this.#head = 0;
    this.#block = NO_BLOCK;
    this.#blockShift = 0;
    this.#blockEnd = 0;
    this.#memory = new Map();
  }

  /** Memory that the writer gave. */
  onMemory(index: number, memory: SharedArrayBuffer): void {
    this.#memory.set(index, memory);
  }

  /** Whether a record waits. It may be a void one, so that `take` gives nothing. */
  hasRecord(): boolean {
    if (this.#position === this.#tail) {
      this.#tail = Atomics.load(this.#words, this.#at + FLOW.TAIL);
      if (this.#position === this.#tail) return false;
    }
    if (this.#position !== this.#blockEnd) return true;
    const cell = (this.#position & (this.#size - 1)) >> 2;
    return this.#cells[cell]! >>> KIND_SHIFT !== KIND.MARK || this.#cells[cell + 1]! <= this.#passed;
  }

  /** What follows marks up to this one may be taken. */
  pass(mark: number): void {
    this.#passed = mark;
  }

  /** Control messages of generations before this one are void. Gives those that come in front of everything. */
  restart(generation: number): Message[] {
    this.#generation = generation;
    const memory = this.memoryOf(-generation);
    this.forget(-generation);
    return decodeAside(memory, memory.byteLength);
  }

  /** The next message; `undefined` if none is published. */
  take(): Message | undefined {
    for (;;) {
      const position = this.#position;
      if (position === this.#blockEnd && !this.#refill()) return undefined;
      const at = this.#position & (this.#size - 1);
      const cell = this.#cells[at >> 2]!;
      if (cell >>> KIND_SHIFT === KIND.SINGLE && this.#position !== this.#blockEnd) {
        const size = cell & SIZE_MASK;
        const begin = (this.#position + this.#blockShift + (size < ALIGNED_SIZE ? 4 : 8)) | 0;
        const frame = platform.view(this.#block, begin, size);
        this.#position = (this.#position + singleSize(size)) | 0;
        this.isControl = false;
        return [frame];
      }
      const message = this.#takeRecord(at, cell);
      if (message !== undefined) return message;
    }
  }

  /** Tells the writer what he may use again. */
  publishHead(): void {
    if (this.#head === this.#position) return;
    this.#head = this.#position;
    Atomics.store(this.#words, this.#at + FLOW.HEAD, this.#head);
  }

  /** The next record, copied on its own. `undefined` if it was no message. */
  #takeRecord(at: number, cell: number): Message | undefined {
    const kind = cell >>> KIND_SHIFT;
    const rest = cell & SIZE_MASK;
    this.isControl = kind === KIND.CONTROL;
    switch (kind) {
      case KIND.PAD:
        this.#skip(rest);
        return undefined;
      case KIND.SINGLE: {
        const body = this.#copyOut(at + (rest < ALIGNED_SIZE ? 4 : 8), rest);
        this.#skip(singleSize(rest));
        return [body];
      }
      case KIND.LINK:
        this.#follow(this.#cells[(at >> 2) + 1]!);
        return undefined;
      case KIND.FORGET:
        this.#memory.delete(this.#cells[(at >> 2) + 1]!);
        this.#skip(8);
        return undefined;
      case KIND.MARK:
        this.#skip(8);
        return undefined;
      default:
        invariant(
          kind === KIND.MESSAGE || kind === KIND.CONTROL,
          "a record in shared memory has a known kind",
        );
        return this.#takeFrames(at, rest);
    }
  }

  #takeFrames(at: number, count: number): Message | undefined {
    const cells = this.#cells;
    let cell = (at >> 2) + 1;
    const need = cells[cell++]!;
    const isVoid = this.isControl && cells[cell++]! < this.#generation;
    const headCell = cell;
    let wordCount = 0;
    for (let i = 0; i < count; i++) wordCount += cells[headCell + wordCount]! < 0 ? ASIDE_WORDS : 1;
    let from = (4 * (headCell + wordCount) + 7) & ~7;
    const message: Message = new Array(count);
    let isFreed = false;
    for (let i = 0; i < count; i++) {
      const word = cells[cell++]!;
      if (word >= 0) {
        message[i] = this.#copyOut(from, word);
        from += (word + 7) & ~7;
        continue;
      }
      const index = cells[cell++]!;
      const offset = cells[cell++]! >>> 0;
      const size = cells[cell++]! >>> 0;
      const memory = this.memoryOf(index);
      if (word === BY_REFERENCE) {
        message[i] = platform.view(memory, offset, size);
        continue;
      }
      message[i] = copyFrom(memory, size);
      isFreed = true;
    }
    this.#skip(need);
    // The writer uses the memory again as soon as he knows.
    if (isFreed) this.publishHead();
    return isVoid ? undefined : message;
  }

  #copyOut(at: number, size: number): Frame {
    const body = allocateBody(size);
    const octets = this.#octets;
    if (size < 64) for (let i = 0; i < size; i++) body[i] = octets[at + i]!;
    else body.set(new Uint8Array(octets.buffer, octets.byteOffset + at, size));
    return body;
  }

  /** Past a record that is not in a block. */
  #skip(size: number): void {
    this.#position = (this.#position + size) | 0;
    this.#blockEnd = this.#position;
    const taken = (this.#position - this.#head) | 0;
    if (taken >= this.#size >> 2 || size >= SINGLE_COPY_SIZE * 4) this.publishHead();
  }

  #follow(index: number): void {
    const memory = this.memoryOf(index);
    this.#skip(LINK_SIZE);
    this.publishHead();
    this.#size = memory.byteLength;
    this.#cells = new Int32Array(memory);
    this.#octets = new Uint8Array(memory);
  }

  /** Memory that the writer gave. */
  memoryOf(index: number): SharedArrayBuffer {
    let memory = this.#memory.get(index);
    if (memory === undefined) {
      this.#host.collect();
      memory = this.#memory.get(index);
    }
    invariant(memory !== undefined, "memory is given before what lies in it is published");
    return memory as SharedArrayBuffer;
  }

  forget(index: number): void {
    this.#memory.delete(index);
  }

  /**
   * Copies what is published into a block, if the next records are small. `false`: nothing is published. The block may
   * stay empty: then the next record is taken by itself.
   */
  #refill(): boolean {
    if (((this.#position - this.#head) | 0) >= this.#size >> 2) this.publishHead();
    if (!this.hasRecord()) {
      this.publishHead();
      return false;
    }
    const at = this.#position & (this.#size - 1);
    const cell = this.#cells[at >> 2]!;
    if (cell >>> KIND_SHIFT !== KIND.SINGLE || (cell & SIZE_MASK) >= SINGLE_COPY_SIZE) return true;
    const available = (this.#tail - this.#position) | 0;
    const length = this.#wholeRecords(at, Math.min(available, this.#size - at, BLOCK_SIZE));
    const block = allocateBody(length);
    const octets = this.#octets;
    if (length < 64) for (let i = 0; i < length; i++) block[i] = octets[at + i]!;
    else block.set(new Uint8Array(octets.buffer, octets.byteOffset + at, length));
    this.#block = block.buffer;
    this.#blockShift = (block.byteOffset - this.#position) | 0;
    this.#blockEnd = (this.#position + length) | 0;
    return true;
  }

  /** Octets of small single frames from `at` on, `max` at the most, records whole. */
  #wholeRecords(at: number, max: number): number {
    const cells = this.#cells;
    let length = 0;
    while (length < max) {
      const cell = cells[(at + length) >> 2]!;
      const size = cell & SIZE_MASK;
      if (cell >>> KIND_SHIFT !== KIND.SINGLE || size >= SINGLE_COPY_SIZE) break;
      const next = length + singleSize(size);
      if (next > max) break;
      length = next;
    }
    return length;
  }
}

function copyFrom(memory: SharedArrayBuffer, size: number): Frame {
  const body = platform.allocate(size);
  body.set(new Uint8Array(memory, 0, size));
  return body;
}

const NO_BLOCK = new ArrayBuffer(0);
