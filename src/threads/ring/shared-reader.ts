import type { Message } from "../../base/message.ts";
import { messageSize } from "../../base/message.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import type { Run } from "../../base/run.ts";
import type { DropReason, PipeSink } from "../../pipe/pipe.ts";
import { FLOW, FLOW_AT, PAIR } from "../layout.ts";
import type { FlowCounters } from "./flow-counters.ts";
import { LatestReader } from "./latest-slot.ts";
import { RingReader } from "./ring-reader.ts";

/** A message that was taken out of the ring and not handed out yet. */
interface Ahead {
  readonly message: Message;
  readonly isControl: boolean;
}

/** After so many messages that a sink took the writer learns of it. */
const FEED_COUNT_MAX = 32;
/** Many messages at once are not more octets than a processor's cache holds besides the ring. */
const MANY_SIZE_MAX = 1 << 18;
/** No mark is higher. */
const MARK_MAX = 0x7fffffff;

/** What the reading half needs of its end. */
export interface SharedReaderHost {
  collect(): void;
  /** There is credit: a writer that waits is told if it gives him room. */
  ringWriter(): void;
}

/**
 * The reading half of an end: order, counts, and the credit that the writer gets in steps of the low-water mark.
 *
 *     in front of everything      control messages of the newest generation, or a message that a look brought up
 *     the ring                    as written; control messages of older generations are passed over
 */
export class SharedReader {
  readonly counters: FlowCounters;
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #ring: RingReader;
  readonly #host: SharedReaderHost;
  readonly #ahead: RingQueue<Ahead>;
  /** In place of the ring, for messages, where only the newest is kept. */
  readonly #latest: LatestReader | null;
  #read: number;
  /** Messages that the sink took and that are not counted as read yet. */
  #fed: number;
  #credited: number;
  #hwm: number;
  #lwm: number;
  #hwmTurn: number;
  #generation: number;
  /** Nothing was found, and the owner is to be told when there is something. */
  #waits: boolean;

  constructor(
    memory: SharedArrayBuffer,
    words: Int32Array,
    direction: number,
    counters: FlowCounters,
    host: SharedReaderHost,
  ) {
    this.counters = counters;
    this.#words = words;
    this.#at = FLOW_AT[direction]!;
    this.#host = host;
    this.#ring = new RingReader(memory, words, direction, this.#at, host);
    this.#ahead = new RingQueue();
    const ring = this.#ring;
    const isConflated = words[PAIR.CONFLATE] !== 0;
    this.#latest = isConflated
      ? new LatestReader(
          words,
          direction,
          (index) => ring.memoryOf(index),
          (index) => ring.forget(index),
        )
      : null;
    this.#read = 0;
    this.#fed = 0;
    this.#credited = 0;
    this.#hwm = 0;
    this.#lwm = 0;
    this.#hwmTurn = -1;
    this.#generation = 0;
    this.#waits = true;
    this.#readMark();
  }

  /** Whether the writer would be refused, as far as we can see. */
  get isFull(): boolean {
    const words = this.#words;
    const hwm = words[this.#at + FLOW.HWM]!;
    if (hwm === 0) return false;
    const outstanding = (Atomics.load(words, this.#at + FLOW.WRITTEN) - words[this.#at + FLOW.CREDITED]!) | 0;
    return outstanding + words[this.#at + FLOW.HELD]! >= hwm;
  }

  take(): Message | undefined {
    if (!this.#ahead.isEmpty || this.#words[this.#at + FLOW.FRONT] !== this.#generation) {
      const ahead = this.#takeAhead();
      if (ahead !== undefined) {
        if (!ahead.isControl) this.#count(1);
        return ahead.message;
      }
    }
    const message = this.#takeOrAwait();
    if (message !== undefined && !this.#ring.isControl) this.#count(1);
    return message;
  }

  /** Messages that lie as on the wire, at most `countMax`. */
  takeRun(countMax: number): Run | undefined {
    const run = this.#nextRun(countMax);
    if (run !== undefined) this.#count(run.count);
    return run;
  }

  /** `undefined`: nothing waits, or it must be taken one by one. */
  takeMany(countMax: number): Message[] | undefined {
    if (this.#latest !== null || this.#words[this.#at + FLOW.FRONT] !== this.#generation) return undefined;
    const messages: Message[] = [];
    let size = 0;
    // A look has brought up the first of them.
    while (messages.length < countMax && this.#ahead.peek()?.isControl === false) {
      messages.push((this.#ahead.take() as Ahead).message);
    }
    while (messages.length < countMax && size < MANY_SIZE_MAX && this.#ahead.isEmpty) {
      const message = this.#ring.take();
      if (message === undefined) break;
      if (this.#ring.isControl) {
        this.#ahead.push({ message, isControl: true });
        break;
      }
      messages.push(message);
      size += message.length === 1 ? message[0]!.length : messageSize(message);
    }
    if (messages.length === 0) return undefined;
    this.#count(messages.length);
    return messages;
  }

  /** Whether `take` would give something; if not, the owner is told when there is. */
  hasMessage(): boolean {
    if (this.#words[this.#at + FLOW.FRONT] !== this.#generation) this.#restart();
    if (!this.#ahead.isEmpty || this.#look()) return true;
    return this.#cameMeanwhile() && this.#look();
  }

  #look(): boolean {
    // The newest message is left where it is: a newer one may take its place yet.
    return this.#latest?.hasMessage() === true || this.#bringUp();
  }

  /** Takes the next message out of the ring, to be handed out later. */
  #bringUp(): boolean {
    const message = this.#ring.take();
    if (message === undefined) return false;
    this.#ahead.push({ message, isControl: this.#ring.isControl });
    return true;
  }

  setSink(sink: PipeSink | null): void {
    this.#countFed();
    this.counters.sink = sink;
    this.#noteHeld(0);
    this.#giveCredit(0);
    this.#words[this.#at + FLOW.HAS_SINK] = sink === null ? 0 : 1;
  }

  /** The sink holds less than before. */
  noteRoom(): void {
    this.#giveCredit(0);
  }

  /** Drops the oldest messages. */
  discard(count: number, reason: DropReason): void {
    const wanted = Math.min(count, this.counters.unread);
    let dropped = 0;
    while (dropped < wanted) {
      const ahead = this.#takeAhead();
      const message = ahead === undefined ? this.#takeFresh() : ahead.message;
      if (message === undefined) break;
      if (ahead === undefined ? !this.#ring.isControl : !ahead.isControl) dropped++;
    }
    this.counters.addReaderDrops(reason, dropped);
    this.#count(dropped);
  }

  /** Messages that were read are dropped after all. */
  retract(count: number, reason: DropReason): void {
    this.#countFed();
    this.counters.addReaderDrops(reason, count);
    this.#noteHeld(0);
  }

  /** A new mark counts from what was read by now. */
  setHwm(hwm: number): void {
    this.#words[this.#at + FLOW.HWM] = hwm;
    Atomics.add(this.#words, this.#at + FLOW.HWM_TURN, 1);
    this.#readMark();
  }

  /** The bell was rung: feeds the sink, and answers whether the owner is to be told of messages. */
  noteBell(): boolean {
    if (this.counters.sink !== null) this.#feed(this.counters.sink);
    if (!this.#waits || !this.hasMessage()) return false;
    this.#waits = false;
    Atomics.store(this.#words, this.#at + FLOW.READER_WAITS, 0);
    return true;
  }

  /** The writer's thread is gone, perhaps between telling of messages and counting them. */
  recount(): void {
    this.#ring.pass(MARK_MAX);
    let count = 0;
    this.#ahead.forEach(({ isControl }) => {
      if (!isControl) count++;
    });
    for (let message = this.#takeFresh(); message !== undefined; message = this.#takeFresh()) {
      const { isControl } = this.#ring;
      if (!isControl) count++;
      this.#ahead.push({ message, isControl });
    }
    this.#words[this.#at + FLOW.WRITTEN] = (this.#read + count) | 0;
  }

  /** What follows marks up to this one may be read. */
  pass(mark: number): void {
    this.#ring.pass(mark);
  }

  onMemory(index: number, memory: SharedArrayBuffer): void {
    this.#ring.onMemory(index, memory);
  }

  close(): void {
    this.#countFed();
    this.counters.sink = null;
    this.#words[this.#at + FLOW.HAS_SINK] = 0;
    this.#words[this.#at + FLOW.HELD] = 0;
    this.#ahead.clear();
  }

  /** Hands messages to the sink for as long as it takes them. */
  #feed(sink: PipeSink): void {
    const countMax = this.#hwm === 0 ? FEED_COUNT_MAX : Math.min(FEED_COUNT_MAX, this.#lwm);
    while (this.counters.sink === sink) {
      const run = this.#nextRun(sink.takeRunMax);
      if (run !== undefined) {
        this.#fed += run.count;
        sink.takeRun(run);
        this.#countFed();
        continue;
      }
      const ahead = this.#takeAhead();
      const message = ahead !== undefined ? ahead.message : this.#takeOrAwait();
      if (message === undefined) break;
      const isControl = ahead !== undefined ? ahead.isControl : this.#ring.isControl;
      // Before the sink has it: it may end with this very message, and say what it held.
      if (!isControl) this.#fed++;
      if (!sink.take(message, true)) {
        if (!isControl && this.#fed > 0) this.#fed--;
        this.#ahead.unshift(ahead ?? { message, isControl });
        break;
      }
      if (this.#fed >= countMax) this.#countFed();
    }
    this.#countFed();
  }

  #nextRun(countMax: number): Run | undefined {
    if (countMax === 0 || this.#latest !== null || !this.#ahead.isEmpty) return undefined;
    return this.#words[this.#at + FLOW.FRONT] === this.#generation ? this.#ring.takeRun(countMax) : undefined;
  }

  /** Messages that the sink took leave the queue; what it holds of them counts by itself. */
  #countFed(): void {
    if (this.#fed === 0) return;
    this.#addRead(this.#fed);
    this.#fed = 0;
    this.#giveCredit(0);
  }

  #takeAhead(): Ahead | undefined {
    if (this.#words[this.#at + FLOW.FRONT] !== this.#generation) this.#restart();
    return this.#ahead.take();
  }

  /** Control messages that were not read are void, and newer ones come first. */
  #restart(): void {
    this.#generation = Atomics.load(this.#words, this.#at + FLOW.FRONT);
    const fresh = this.#ring.restart(this.#generation);
    const kept: Ahead[] = [];
    for (let one = this.#ahead.take(); one !== undefined; one = this.#ahead.take()) {
      if (!one.isControl) kept.push(one);
    }
    for (const message of fresh) this.#ahead.push({ message, isControl: true });
    for (const one of kept) this.#ahead.push(one);
  }

  /** Nothing was found: asks to be told. Answers whether to look again: the writer had published before he could see that. */
  #cameMeanwhile(): boolean {
    const at = this.#at + FLOW.READER_WAITS;
    this.#waits = true;
    if (this.#words[at] === 1) return false;
    Atomics.store(this.#words, at, 1);
    if (!this.#ring.hasRecord() && this.#latest?.hasMessage() !== true) return false;
    Atomics.store(this.#words, at, 0);
    return true;
  }

  /** The next of all that was not brought up yet; if there is none, the owner is told when there is. */
  #takeOrAwait(): Message | undefined {
    const message = this.#takeFresh();
    return message === undefined && this.#cameMeanwhile() ? this.#takeFresh() : message;
  }

  #takeFresh(): Message | undefined {
    const message = this.#ring.take();
    if (message !== undefined || this.#latest === null) return message;
    this.#ring.isControl = false;
    return this.#latest.take();
  }

  /** Messages left the queue. */
  #count(count: number): void {
    this.#addRead(count);
    if (this.#hwm > 0 && ((this.#read - this.#credited) | 0) >= this.#lwm) this.#giveCredit(count);
  }

  #addRead(count: number): void {
    const words = this.#words;
    const at = this.#at;
    if (words[at + FLOW.HWM_TURN] !== this.#hwmTurn) this.#readMark();
    const before = this.#read;
    const read = (before + count) | 0;
    if (before < 0 && read >= 0) words[at + FLOW.READ_HIGH]!++;
    this.#read = read;
    words[at + FLOW.READ] = read;
  }

  /** With a sink, `heldMore` messages that were just read are on their way into its hands. */
  #giveCredit(heldMore: number): void {
    const words = this.#words;
    if (this.counters.sink !== null) this.#noteHeld(heldMore);
    this.#credited = this.#read;
    Atomics.store(words, this.#at + FLOW.CREDITED, this.#credited);
    this.#host.ringWriter();
  }

  #noteHeld(more: number): void {
    const { sink } = this.counters;
    this.#words[this.#at + FLOW.HELD] = sink === null ? 0 : sink.heldCount + more;
  }

  #readMark(): void {
    const words = this.#words;
    this.#hwmTurn = Atomics.load(words, this.#at + FLOW.HWM_TURN);
    this.#hwm = words[this.#at + FLOW.HWM]!;
    this.#lwm = (this.#hwm + 1) >> 1;
    if (this.counters.sink !== null) this.#noteHeld(0);
    this.#credited = this.#read;
    Atomics.store(words, this.#at + FLOW.CREDITED, this.#credited);
  }
}
