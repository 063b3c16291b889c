import type { Frame, Message } from "../../base/message.ts";
import { COPY_SIZE_MAX } from "../../base/message.ts";
import { SHORT_HEADER_SIZE } from "../../wire/frame.ts";
import { FLOW } from "../layout.ts";
import type { AsideMemory } from "./aside-pool.ts";
import { AsidePool } from "./aside-pool.ts";
import { OpenRun, shortSize } from "./open-run.ts";
import {
  ALIGNED_SIZE,
  ASIDE_SIZE,
  ASIDE_WORDS,
  BY_COPY,
  BY_REFERENCE,
  FIRST_SEGMENT_SIZE,
  firstSegmentAt,
  KIND,
  KIND_SHIFT,
  LINK_SIZE,
  RUN_HEAD_SIZE,
  RUN_RECORD_MAX,
  SEGMENT_SIZE_MAX,
  SINGLE_HEAD_SIZE,
  singleSize,
} from "./record.ts";
import type { Segment } from "./spent-segments.ts";
import { SpentSegments } from "./spent-segments.ts";

/** What the writer needs of the pipe: a way to hand memory to the reader. */
export interface WriterHost {
  /** The memory is the reader's before anything that is published after this. */
  give(index: number, memory: SharedArrayBuffer): void;
}

/**
 * The writing side of one direction: puts records into a ring of shared memory, and goes on in a larger one when it is
 * full. Whether a message may be written at all is not asked here: that is the high-water mark's.
 *
 *     head                     published        position
 *      v                           v                v
 *     [xxxxxxxxxxxxxxxxxxxxxxxxxxxxooooooooooooooooo        ]     limit = head + size - room for a LINK
 *      may be read                  not yet told
 */
export class RingWriter {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #host: WriterHost;
  #cells: Int32Array;
  #octets: Uint8Array;
  #size: number;
  /** Where writing goes on; counts octets through all segments, modulo 2^32. */
  #position: number;
  /** The position up to which the segment has room. */
  #limit: number;
  /** The position at which this segment began. */
  #start: number;
  /** `null` for the first, which is part of the pipe's block. */
  #segment: Segment | null;
  readonly #spent: SpentSegments;
  #givenCount: number;
  /** The record that ends at the position, if it is a run that is not told of yet. */
  readonly #run: OpenRun;
  /** The position of its segment's begin. */
  #runBase: number;
  #aside: AsidePool | null;
  /** Applications' shared memory that was given to the reader, by its index. */
  #shared: WeakMap<SharedArrayBuffer, number> | null;
  #registry: FinalizationRegistry<number> | null;

  constructor(memory: SharedArrayBuffer, words: Int32Array, direction: number, at: number, host: WriterHost) {
    this.#words = words;
    this.#at = at;
    this.#host = host;
    const begin = firstSegmentAt(direction);
    this.#size = FIRST_SEGMENT_SIZE;
    this.#cells = new Int32Array(memory, begin, this.#size >> 2);
    this.#octets = new Uint8Array(memory, begin, this.#size);
    this.#position = 0;
    this.#limit = this.#size - LINK_SIZE;
    this.#start = 0;
    this.#segment = null;
    this.#spent = new SpentSegments();
    this.#givenCount = 0;
    this.#run = new OpenRun();
    this.#runBase = 0;
    this.#aside = null;
    this.#shared = null;
    this.#registry = null;
  }

  /** To be stored in `TAIL`: all records before it are whole. */
  get position(): number {
    return this.#position;
  }

  /** The position is told: what lies before it does not change any more. */
  seal(): void {
    this.#run.close();
  }

  write(message: Message): void {
    if (message.length !== 1) {
      const size = shortSize(message);
      if (size > 0) this.#endRun(this.#runFor(size).putFrames(message));
      else this.#writeFrames(KIND.MESSAGE, 0, message);
      return;
    }
    const body = message[0]!;
    const size = body.length;
    if (size < ALIGNED_SIZE) {
      this.#endRun(this.#runFor(SHORT_HEADER_SIZE + size).put(body));
      return;
    }
    if (size >= COPY_SIZE_MAX && (size >= ASIDE_SIZE || isShared(body)))
      return this.#writeFrames(KIND.MESSAGE, 0, message);
    this.#run.close();
    const need = singleSize(size);
    let at = this.#position & (this.#size - 1);
    if (((this.#position + need - this.#limit) | 0) > 0 || at + need > this.#size) {
      this.#makeRoom(need);
      at = this.#position & (this.#size - 1);
    }
    this.#cells[at >> 2] = (KIND.SINGLE << KIND_SHIFT) | size;
    this.#octets.set(body, at + SINGLE_HEAD_SIZE);
    this.#position = (this.#position + need) | 0;
  }

  /** `count` messages of short frames, as they lie on the wire in `octets` from `from` to `to`. */
  writeRun(octets: Uint8Array, from: number, to: number, count: number): void {
    const run = this.#openRun(to - from, (octets.byteOffset + from) & 7);
    this.#endRun(run.putRun(octets, from, to, count));
  }

  /** The open run, or a new one, with room for so many octets more. */
  #runFor(size: number): OpenRun {
    return this.#run.fits(size) ? this.#run : this.#openRun(size, 0);
  }

  #openRun(size: number, skip: number): OpenRun {
    this.#makeRoom((RUN_HEAD_SIZE + skip + size + 7) & ~7);
    const at = this.#position & (this.#size - 1);
    const room = Math.min(RUN_RECORD_MAX, this.#size - at, (this.#limit - this.#position) | 0) & ~7;
    this.#runBase = (this.#position - at) | 0;
    this.#run.open(this.#cells, this.#octets, at, room, skip);
    return this.#run;
  }

  /** The run ends at this offset of the segment now. */
  #endRun(offset: number): void {
    this.#position = (this.#runBase + offset) | 0;
  }

  /** A control message; void once the reader knows of a later `generation`. */
  writeControl(message: Message, generation: number): void {
    this.#writeFrames(KIND.CONTROL, generation, message);
  }

  /** What is written from now on waits until the reader has passed the mark. Marks count up. */
  writeMark(mark: number): void {
    this.#makeRoom(8);
    this.#put(KIND.MARK, mark);
  }

  #writeFrames(kind: number, generation: number, message: Message): void {
    const count = message.length;
    const headSize = kind === KIND.CONTROL ? 12 : 8;
    let wordCount = count;
    let inlineSize = 0;
    for (let i = 0; i < count; i++) {
      const frame = message[i]!;
      if (this.#goesAside(frame)) wordCount += ASIDE_WORDS - 1;
      else inlineSize += (frame.length + 7) & ~7;
    }
    const need = ((headSize + 4 * wordCount + 7) & ~7) + inlineSize;
    // Memory is given before room is made: giving may fail, and then nothing was written.
    const given: number[] = [];
    const lent: AsideMemory[] = [];
    for (let i = 0; i < count; i++) {
      const frame = message[i]!;
      if (!this.#goesAside(frame)) continue;
      if (isShared(frame)) given.push(this.#giveShared(frame.buffer as SharedArrayBuffer));
      else {
        const aside = this.#putAside(frame);
        given.push(aside.index);
        lent.push(aside);
      }
    }
    this.#makeRoom(need);
    const cells = this.#cells;
    const octets = this.#octets;
    const at = this.#position & (this.#size - 1);
    let cell = at >> 2;
    cells[cell++] = (kind << KIND_SHIFT) | count;
    cells[cell++] = need;
    if (kind === KIND.CONTROL) cells[cell++] = generation;
    let to = (at + headSize + 4 * wordCount + 7) & ~7;
    let givenAt = 0;
    for (let i = 0; i < count; i++) {
      const frame = message[i]!;
      if (this.#goesAside(frame)) {
        const isOurs = isShared(frame);
        cells[cell++] = isOurs ? BY_REFERENCE : BY_COPY;
        cells[cell++] = given[givenAt++]!;
        cells[cell++] = isOurs ? frame.byteOffset : 0;
        cells[cell++] = frame.length;
        continue;
      }
      cells[cell++] = frame.length;
      octets.set(frame, to);
      to += (frame.length + 7) & ~7;
    }
    this.#position = (this.#position + need) | 0;
    for (const aside of lent) this.#aside?.lend(aside, this.#position);
  }

  #goesAside(frame: Uint8Array): boolean {
    return frame.length >= COPY_SIZE_MAX && (frame.length >= ASIDE_SIZE || isShared(frame));
  }

  /** Hands memory to the reader; answers its index. */
  give(memory: SharedArrayBuffer): number {
    this.#host.give(++this.#givenCount, memory);
    return this.#givenCount;
  }

  /** A copy of a large body, where the reader finds it. */
  #putAside(frame: Frame): AsideMemory {
    this.#aside ??= new AsidePool((index) => this.#forget(index));
    const pool = this.#aside;
    const headAt = this.#at + FLOW.HEAD;
    pool.recycle(Atomics.load(this.#words, headAt));
    for (let spin = frame.length >> 6; spin > 0 && pool.isAhead; spin--) {
      pool.recycle(Atomics.load(this.#words, headAt));
    }
    const aside = pool.take(frame.length);
    new Uint8Array(aside.memory).set(frame);
    if (aside.index === 0) aside.index = this.give(aside.memory);
    return aside;
  }

  /** Memory of the application's, where the reader finds it: given once, whatever lies in it; answers its index. */
  #giveShared(memory: SharedArrayBuffer): number {
    this.#shared ??= new WeakMap();
    let index = this.#shared.get(memory);
    if (index === undefined) {
      index = this.give(memory);
      this.#shared.set(memory, index);
      this.#registry ??= new FinalizationRegistry((gone) => this.#forget(gone));
      this.#registry.register(memory, index);
    }
    return index;
  }

  /** Nobody here has the memory any more: it is never spoken of again, and the reader need not keep it. */
  #forget(index: number): void {
    // Told with the next message.
    this.#makeRoom(8);
    this.#put(KIND.FORGET, index);
  }

  /** The position can take a record of `need` octets in one piece. */
  #makeRoom(need: number): void {
    this.#run.close();
    if (this.#fits(need)) return;
    this.#readLimit();
    if (this.#fits(need)) {
      if (!this.#spent.isEmpty && this.#letSpentGo()) this.#makeRoom(need);
      return;
    }
    if (this.#size >= AMPLE_SIZE && this.#awaitRoom(need)) return;
    this.#grow(need);
  }

  /** The reader is up with us again, and has been for a while: one segment is enough. */
  #letSpentGo(): boolean {
    const head = Atomics.load(this.#words, this.#at + FLOW.HEAD);
    const isUp = ((this.#position - head) | 0) <= this.#size >> 1;
    if (!isUp || !this.#spent.isIdle(head, this.#position) || !this.#fits(8)) return false;
    this.#put(KIND.FORGET, (this.#spent.drop() as Segment).index);
    return true;
  }

  /**
   * A reader that is at work frees room sooner than fresh memory is had, of which every page costs a microsecond or more.
   * If he does not get on he may lack a processor: a few short naps leave him ours. `false` if he still does not.
   */
  #awaitRoom(need: number): boolean {
    const headAt = this.#at + FLOW.HEAD;
    let before = 0;
    let patience = PATIENCE;
    let naps = NAPS;
    for (let look = 0; look < LOOKS_MAX; look++) {
      const head = this.#readLimit();
      if (this.#fits(need)) return true;
      if (head !== before) {
        before = head;
        patience = PATIENCE;
        naps = NAPS;
      } else if (--patience === 0) {
        if (--naps < 0) return false;
        Atomics.wait(this.#words, headAt, head, NAP_MS);
        patience = 1;
      }
    }
    return false;
  }

  /** Whether there is room, after padding if the record would run over the segment's end. */
  #fits(need: number): boolean {
    const at = this.#position & (this.#size - 1);
    const left = this.#size - at;
    if (need <= left) return ((this.#position + need - this.#limit) | 0) <= 0;
    if (((this.#position + left + need - this.#limit) | 0) > 0) return false;
    this.#cells[at >> 2] = (KIND.PAD << KIND_SHIFT) | left;
    this.#position = (this.#position + left) | 0;
    return true;
  }

  /** Answers how far the reader is. */
  #readLimit(): number {
    const head = Atomics.load(this.#words, this.#at + FLOW.HEAD);
    // What the reader has still to read of former segments takes no room of this one.
    const from = ((head - this.#start) | 0) > 0 ? head : this.#start;
    this.#limit = (from + this.#size - LINK_SIZE) | 0;
    return head;
  }

  /** Goes on in a segment with more room. Room for the LINK is always left. */
  #grow(need: number): void {
    let size = Math.min(this.#size * 2, SEGMENT_SIZE_MAX);
    while (size < 2 * need + LINK_SIZE) size *= 2;
    const former = this.#segment;
    const head = Atomics.load(this.#words, this.#at + FLOW.HEAD);
    const segment = this.#spent.take(size, head) ?? this.#giveSegment(size);
    this.#put(KIND.LINK, segment.index);
    this.#size = size;
    this.#cells = new Int32Array(segment.memory);
    this.#octets = new Uint8Array(segment.memory);
    this.#segment = segment;
    this.#start = this.#position;
    this.#limit = (this.#position + size - LINK_SIZE) | 0;
    if (former !== null && !this.#spent.keep(former, size, this.#position))
      this.#put(KIND.FORGET, former.index);
    // The segment may begin in its middle; a record that does not fit to the end is padded there.
    if (!this.#fits(need)) this.#grow(need);
  }

  #giveSegment(size: number): Segment {
    const memory = new SharedArrayBuffer(size);
    return { memory, index: this.give(memory), end: 0 };
  }

  /** A record of two words; there is room. */
  #put(kind: number, value: number): void {
    const at = (this.#position & (this.#size - 1)) >> 2;
    this.#cells[at] = kind << KIND_SHIFT;
    this.#cells[at + 1] = value;
    this.#position = (this.#position + 8) | 0;
  }
}

/** Smaller rings grow at once. */
const AMPLE_SIZE = 1 << 20;
/** Looks without news from the reader, some 20 us, and looks at all, some milliseconds. */
const PATIENCE = 2000;
const LOOKS_MAX = 200_000;
const NAPS = 4;
const NAP_MS = 0.05;

function isShared(frame: Uint8Array): boolean {
  return frame.buffer instanceof SharedArrayBuffer;
}
