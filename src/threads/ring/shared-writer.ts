import type { Message } from "../../base/message.ts";
import type { Batched } from "../../pipe/batch.ts";
import { publishLater } from "../../pipe/batch.ts";
import { FLOW, FLOW_AT, PAIR } from "../layout.ts";
import { asideSize, encodeAside } from "./aside.ts";
import type { FlowCounters } from "./flow-counters.ts";
import { LatestWriter } from "./latest-slot.ts";
import type { WriterHost } from "./ring-writer.ts";
import { RingWriter } from "./ring-writer.ts";

/** In an open batch the reader is told after so many messages all the same: he can work meanwhile. */
const BATCH_COUNT_MIN = 64;
/** A reader that was asleep each time is told less often: to wake it costs as much as hundreds of messages. */
const BATCH_COUNT_MAX = 1024;
const BATCH_SIZE_MAX = 32768;
/** Room where no mark says less. */
const ROOM_MAX = 0x3fffffff;

/**
 * The writing half of an end: the high-water mark, and when what was written is told.
 *
 *     full  <=>  hwm > 0 and written - credited + held >= hwm          as in pipe/channel.ts
 */
export class SharedWriter {
  readonly counters: FlowCounters;
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #ring: RingWriter;
  readonly #host: WriterHost;
  /** In place of the ring, for messages, where only the newest is kept. */
  readonly #latest: LatestWriter | null;
  #isLatestFresh: boolean;
  /** Messages written, modulo 2^32. */
  #written: number;
  /** What is known of the reader's credit; may be ahead of his own after a change of the mark. */
  #credited: number;
  #hwm: number;
  #hwmTurn: number;
  /** `TAIL`. */
  #published: number;
  #publishedCount: number;
  /** In an open batch the reader is told after so many. */
  #batchCount: number;
  #isInBatch: boolean;
  /** The owner was refused, and is to be told of room. */
  #waits: boolean;
  #generation: number;

  constructor(
    memory: SharedArrayBuffer,
    words: Int32Array,
    direction: number,
    counters: FlowCounters,
    host: WriterHost,
  ) {
    this.counters = counters;
    this.#words = words;
    this.#at = FLOW_AT[direction]!;
    this.#host = host;
    this.#ring = new RingWriter(memory, words, direction, this.#at, host);
    const isConflated = words[PAIR.CONFLATE] !== 0;
    this.#latest = isConflated
      ? new LatestWriter(words, direction, counters, (given) => this.#ring.give(given))
      : null;
    this.#isLatestFresh = false;
    this.#written = 0;
    this.#credited = 0;
    this.#hwm = words[this.#at + FLOW.HWM]!;
    this.#hwmTurn = 0;
    this.#published = 0;
    this.#publishedCount = 0;
    this.#batchCount = BATCH_COUNT_MIN;
    this.#isInBatch = false;
    this.#waits = false;
    this.#generation = 0;
  }

  /** `false`: full; the reader will tell of room. */
  write(message: Message): boolean {
    if (this.#latest !== null) return this.#writeLatest(this.#latest, message);
    const words = this.#words;
    const mayBeFull =
      words[this.#at + FLOW.HWM_TURN] !== this.#hwmTurn || (this.#hwm > 0 && this.#outstanding >= this.#hwm);
    if (mayBeFull && !this.hasRoom()) return false;
    this.#ring.write(message);
    this.#written = (this.#written + 1) | 0;
    return true;
  }

  /** How many messages `write` would take now. */
  get room(): number {
    if (this.#latest !== null || this.#isFull()) return 0;
    return this.#hwm === 0 ? ROOM_MAX : this.#hwm - this.#outstanding;
  }

  /** `count` messages, no more than there is room for, as they lie on the wire. */
  writeRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.#ring.writeRun(octets, from, to, count);
    this.#written = (this.#written + count) | 0;
  }

  /** The end is told at the latest when the batch is over. */
  keepForBatch(pipe: Batched): void {
    if (
      ((this.#written - this.#publishedCount) | 0) >= this.#batchCount ||
      ((this.#ring.position - this.#published) | 0) >= BATCH_SIZE_MAX
    ) {
      pipe.publish();
    } else if (!this.#isInBatch) {
      this.#isInBatch = true;
      publishLater(pipe);
    }
  }

  /** What was published found the reader waiting, or at work. */
  noteReader(isWaiting: boolean): void {
    const count = isWaiting ? this.#batchCount * 2 : this.#batchCount >> 1;
    this.#batchCount = Math.max(BATCH_COUNT_MIN, Math.min(count, BATCH_COUNT_MAX));
  }

  writeControl(message: Message): void {
    this.#ring.writeControl(message, this.#generation);
  }

  restartControl(messages: readonly Message[]): void {
    const memory = new SharedArrayBuffer(asideSize(messages));
    encodeAside(messages, memory);
    this.#host.give(-++this.#generation, memory);
    Atomics.store(this.#words, this.#at + FLOW.FRONT, this.#generation);
  }

  /** What is written from now on waits for the reader to pass the mark. */
  mark(mark: number): void {
    this.#ring.writeMark(mark);
  }

  /** Tells the reader of all that was written; answers whether there was anything. */
  publish(): boolean {
    this.#isInBatch = false;
    const { position } = this.#ring;
    if (position === this.#published && !this.#isLatestFresh) return false;
    this.#isLatestFresh = false;
    this.#ring.seal();
    this.#published = position;
    this.#publishedCount = this.#written;
    Atomics.store(this.#words, this.#at + FLOW.TAIL, position);
    this.#words[this.#at + FLOW.WRITTEN] = this.#written;
    return true;
  }

  /** Whether a message would be taken; if not, the owner is told when there is room. */
  hasRoom(): boolean {
    if (!this.#isFull()) return true;
    const at = this.#at + FLOW.WRITER_WAITS;
    Atomics.store(this.#words, at, 1);
    // The reader may have made room before he could see that we wait.
    if (this.#isFull()) {
      this.#waits = true;
      return false;
    }
    if (!this.#waits) Atomics.store(this.#words, at, 0);
    return true;
  }

  /** The bell was rung: answers whether the owner is to be told of room. */
  noteBell(): boolean {
    if (!this.#waits || !this.hasRoom()) return false;
    this.#waits = false;
    Atomics.store(this.#words, this.#at + FLOW.WRITER_WAITS, 0);
    return true;
  }

  setHwm(hwm: number): void {
    const words = this.#words;
    words[this.#at + FLOW.HWM] = hwm;
    Atomics.add(words, this.#at + FLOW.HWM_TURN, 1);
    this.#readMark();
    // A new mark counts from what was read by now; one that the reader set he has counted so himself.
    this.#credited = words[this.#at + FLOW.READ]!;
  }

  #writeLatest(latest: LatestWriter, message: Message): boolean {
    if (!latest.write(message)) this.#written = (this.#written + 1) | 0;
    this.#isLatestFresh = true;
    return true;
  }

  #isFull(): boolean {
    const words = this.#words;
    if (words[this.#at + FLOW.HWM_TURN] !== this.#hwmTurn) this.#readMark();
    if (this.#hwm === 0) return false;
    const credited = Atomics.load(words, this.#at + FLOW.CREDITED);
    if (((credited - this.#credited) | 0) > 0) this.#credited = credited;
    return this.#outstanding >= this.#hwm;
  }

  /** Messages that count against the mark, as far as the reader's credit is known. */
  get #outstanding(): number {
    return ((this.#written - this.#credited) | 0) + this.#words[this.#at + FLOW.HELD]!;
  }

  #readMark(): void {
    const words = this.#words;
    this.#hwmTurn = Atomics.load(words, this.#at + FLOW.HWM_TURN);
    this.#hwm = words[this.#at + FLOW.HWM]!;
  }
}
