import { invariant } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { allocateBody } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import type { Run } from "../../base/run.ts";
import { SHORT_HEADER_SIZE } from "../../wire/frame.ts";
import { FLOW } from "../layout.ts";
import { decodeAside } from "./aside.ts";
import {
  ASIDE_WORDS,
  BY_REFERENCE,
  FIRST_SEGMENT_SIZE,
  firstSegmentAt,
  KIND,
  KIND_SHIFT,
  LINK_SIZE,
  runBegin,
  runEnd,
  SINGLE_HEAD_SIZE,
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
  #block: Uint8Array;
  #blockStart: number;
  #blockEnd: number;
  /** Messages of a run that are in the block and not taken; the run lies before the position. */
  #runCount: number;
  /** Where they begin and end in the block. */
  #runAt: number;
  #runEnd: number;
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
    this.#blockStart = 0;
    this.#blockEnd = 0;
    this.#runCount = 0;
    this.#runAt = 0;
    this.#runEnd = 0;
    this.#memory = new Map();
  }

  /** Memory that the writer gave. */
  onMemory(index: number, memory: SharedArrayBuffer): void {
    this.#memory.set(index, memory);
  }

  /** Whether a record waits. It may be a void one, so that `take` gives nothing. */
  hasRecord(): boolean {
    if (this.#runCount > 0) return true;
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
      if (this.#runCount > 0) return this.#takeShort();
      if (this.#position === this.#blockEnd && !this.#refill()) return undefined;
      const at = this.#position & (this.#size - 1);
      const cell = this.#cells[at >> 2]!;
      if (this.#position !== this.#blockEnd) {
        if (cell >>> KIND_SHIFT === KIND.RUN) {
          this.#enterRun(at, cell & SIZE_MASK);
          continue;
        }
        const size = cell & SIZE_MASK;
        const block = this.#block;
        const begin = (this.#position - this.#blockStart + SINGLE_HEAD_SIZE) | 0;
        this.#position = (this.#position + singleSize(size)) | 0;
        this.isControl = false;
        return [platform.view(block.buffer, block.byteOffset + begin, size)];
      }
      const message = this.#takeRecord(at, cell);
      if (message !== undefined) return message;
    }
  }

  /** Messages that lie as on the wire, at most `countMax`; `undefined` if it is others that come next. */
  takeRun(countMax: number): Run | undefined {
    if (this.#runCount === 0) {
      this.#publishMuch();
      if (!this.hasRecord()) return undefined;
      const at = this.#position & (this.#size - 1);
      const cell = this.#cells[at >> 2]!;
      if (cell >>> KIND_SHIFT !== KIND.RUN || (cell & SIZE_MASK) > countMax) return undefined;
      if (this.#position === this.#blockEnd) {
        const word = this.#cells[(at >> 2) + 1]!;
        const end = runEnd(word);
        // Told with a later call: until the next one the octets are in use.
        this.#position = (this.#position + ((end + 7) & ~7)) | 0;
        this.#blockEnd = this.#position;
        return { octets: this.#octets.subarray(at + runBegin(word), at + end), count: cell & SIZE_MASK };
      }
      this.#enterRun(at, cell & SIZE_MASK);
    }
    const count = this.#runCount;
    if (count > countMax) return undefined;
    this.#runCount = 0;
    return { octets: this.#block.subarray(this.#runAt, this.#runEnd), count };
  }

  /** Past a run in the block; its messages are taken from there one by one. */
  #enterRun(at: number, count: number): void {
    const word = this.#cells[(at >> 2) + 1]!;
    const begin = (this.#position - this.#blockStart) | 0;
    this.#runAt = begin + runBegin(word);
    this.#runEnd = begin + runEnd(word);
    this.#runCount = count;
    this.#position = (this.#blockStart + ((this.#runEnd + 7) & ~7)) | 0;
  }

  #takeShort(): Message {
    const block = this.#block;
    const { buffer, byteOffset } = block;
    let at = this.#runAt;
    let flags = block[at]!;
    let size = block[at + 1]!;
    at += SHORT_HEADER_SIZE;
    const message = [platform.view(buffer, byteOffset + at, size)];
    at += size;
    while (flags !== 0) {
      flags = block[at]!;
      size = block[at + 1]!;
      at += SHORT_HEADER_SIZE;
      message.push(platform.view(buffer, byteOffset + at, size));
      at += size;
    }
    this.#runAt = at;
    this.#runCount--;
    this.isControl = false;
    return message;
  }

  /** Tells the writer what he may use again. */
  publishHead(): void {
    if (this.#head === this.#position) return;
    this.#head = this.#position;
    Atomics.store(this.#words, this.#at + FLOW.HEAD, this.#head);
  }

  /** As `publishHead`, seldom enough to cost nothing. */
  #publishMuch(): void {
    if (((this.#position - this.#head) | 0) >= this.#size >> 2) this.publishHead();
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
        const body = this.#copyOut(at + SINGLE_HEAD_SIZE, rest);
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
    this.#publishMuch();
    if (!this.hasRecord()) {
      this.publishHead();
      return false;
    }
    const at = this.#position & (this.#size - 1);
    const cell = this.#cells[at >> 2]!;
    if (this.#blockSizeOf(at, cell) === 0) return true;
    const available = (this.#tail - this.#position) | 0;
    const length = this.#wholeRecords(at, Math.min(available, this.#size - at, BLOCK_SIZE));
    const block = allocateBody(length);
    const octets = this.#octets;
    if (length < 64) for (let i = 0; i < length; i++) block[i] = octets[at + i]!;
    else block.set(new Uint8Array(octets.buffer, octets.byteOffset + at, length));
    this.#block = block;
    this.#blockStart = this.#position;
    this.#blockEnd = (this.#position + length) | 0;
    return true;
  }

  /** Octets of records of small bodies from `at` on, `max` at the most, records whole. */
  #wholeRecords(at: number, max: number): number {
    const cells = this.#cells;
    let length = 0;
    while (length < max) {
      const size = this.#blockSizeOf(at + length, cells[(at + length) >> 2]!);
      if (size === 0 || length + size > max) break;
      length += size;
    }
    return length;
  }

  /** The size of a record that is copied in blocks; 0 of any other. */
  #blockSizeOf(at: number, cell: number): number {
    const kind = cell >>> KIND_SHIFT;
    if (kind === KIND.RUN) return (runEnd(this.#cells[(at >> 2) + 1]!) + 7) & ~7;
    const size = cell & SIZE_MASK;
    return kind === KIND.SINGLE && size < SINGLE_COPY_SIZE ? singleSize(size) : 0;
  }
}

function copyFrom(memory: SharedArrayBuffer, size: number): Frame {
  const body = platform.allocate(size);
  body.set(new Uint8Array(memory, 0, size));
  return body;
}

const NO_BLOCK = new Uint8Array(0);
