import type { Message } from "../base/message.ts";
import { keepMessage } from "../base/message.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { DropCounts, DropReason, Pipe, PipeCounters, PipeSink } from "./pipe.ts";
import { noDrops } from "./pipe.ts";

/**
 * One direction of a local pipe.
 *
 *     written ----------------------------> counts up with each message taken
 *     credited ------------->               what the writer knows of `read`, in steps of the low-water mark
 *     read      ----------------->          counts up with each message handed to the reader
 *
 *     held                                  what the sink took and still has in its hands
 *
 *     full  <=>  hwm > 0 and written - credited + held >= hwm
 */
export class Channel implements PipeCounters {
  hwm: number;
  /** Keeps only the newest message (ZMQ_CONFLATE). */
  readonly conflate: boolean;
  /** Readers are applications, which may change the arrays that they get. */
  readonly isDirect: boolean;
  sink: PipeSink | null;
  /** The end that reads, told when a message comes after it found none. */
  reader: Pipe | null;
  /** The end that writes, told when there is room after it found none. */
  writer: Pipe | null;
  isClosed: boolean;
  readonly dropped: DropCounts;
  #lwm: number;
  #written: number;
  #read: number;
  #credited: number;
  #readerWaits: boolean;
  #writerWaits: boolean;
  /** Control messages in the queue, and where they stand: they take no part in the counts. */
  #controls: Set<Message> | null;
  readonly #queue: RingQueue<Message>;

  constructor(hwm: number, conflate: boolean, isDirect = false) {
    this.hwm = conflate ? 0 : hwm;
    this.conflate = conflate;
    this.isDirect = isDirect;
    this.sink = null;
    this.reader = null;
    this.writer = null;
    this.isClosed = false;
    this.dropped = noDrops();
    this.#lwm = (this.hwm + 1) >> 1;
    this.#written = 0;
    this.#read = 0;
    this.#credited = 0;
    this.#readerWaits = true;
    this.#writerWaits = false;
    this.#controls = null;
    this.#queue = new RingQueue();
  }

  get accepted(): number {
    return this.#written + this.dropped.hwm;
  }

  get delivered(): number {
    const dropped = this.dropped;
    let lost = 0;
    for (const reason of READ_SIDE) lost += dropped[reason];
    return this.#written - this.queued - lost;
  }

  get queued(): number {
    return this.unread + (this.sink === null ? 0 : this.sink.heldCount);
  }

  /** Messages in the queue, control messages not counted. */
  get unread(): number {
    return this.#queue.length - (this.#controls === null ? 0 : this.#controls.size);
  }

  write(message: Message, owned: boolean): boolean {
    if (this.isClosed) return false;
    if (this.sink !== null && this.#queue.isEmpty && this.sink.take(message, owned)) {
      this.#credited = this.#read = ++this.#written;
      return true;
    }
    if (this.#isFull()) {
      this.#writerWaits = true;
      return false;
    }
    if (this.conflate) this.#dropQueued("conflated");
    this.#written++;
    this.#queue.push(owned ? (this.isDirect ? message.slice() : message) : keepMessage(message));
    this.#wakeReader();
    return true;
  }

  writeControl(message: Message): void {
    if (this.isClosed) return;
    if (this.sink !== null && this.#queue.isEmpty && this.sink.take(message, true)) return;
    this.#controls ??= new Set();
    this.#controls.add(message);
    this.#queue.push(message);
    this.#wakeReader();
  }

  /** Drops control messages that were not read and puts these in front of everything. */
  restartControl(messages: readonly Message[]): void {
    if (this.isClosed) return;
    const waiting: Message[] = [];
    for (let one = this.#queue.take(); one !== undefined; one = this.#queue.take()) {
      if (!this.#controls?.has(one)) waiting.push(one);
    }
    this.#controls = null;
    for (const message of messages) this.writeControl(message);
    for (const message of waiting) this.#queue.push(message);
    if (waiting.length > 0) this.#wakeReader();
  }

  hasRoom(): boolean {
    if (this.isClosed) return false;
    if (!this.#isFull()) return true;
    this.#writerWaits = true;
    return false;
  }

  take(): Message | undefined {
    const message = this.#queue.take();
    if (message === undefined) {
      this.#readerWaits = true;
      return undefined;
    }
    if (this.#controls !== null && this.#controls.delete(message)) {
      if (this.isClosed) this.#noteDrained();
      return message;
    }
    this.#read++;
    if (this.isClosed) this.#noteDrained();
    else if (this.hwm > 0 && this.#read - this.#credited >= this.#lwm) this.#giveCredit();
    return message;
  }

  /** `undefined` when nothing waits, or control messages stand between. */
  takeMany(countMax: number): Message[] | undefined {
    if (this.#queue.isEmpty || (this.#controls !== null && this.#controls.size > 0)) return undefined;
    const messages = this.#queue.takeMany(countMax);
    this.#read += messages.length;
    if (this.isClosed) this.#noteDrained();
    else if (this.hwm > 0 && this.#read - this.#credited >= this.#lwm) this.#giveCredit();
    return messages;
  }

  hasMessage(): boolean {
    if (!this.#queue.isEmpty) return true;
    this.#readerWaits = true;
    return false;
  }

  /** Tells a writer that waits if there is room. */
  noteRoom(): void {
    if (!this.#writerWaits || this.isClosed || this.#isFull()) return;
    this.#writerWaits = false;
    const writer = this.writer as Pipe;
    writer.events.onWritable(writer);
  }

  /** Drops the oldest messages. */
  discard(count: number, reason: DropReason): void {
    for (let left = Math.min(count, this.unread); left > 0; ) {
      const message = this.#queue.take() as Message;
      if (this.#controls?.delete(message)) continue;
      this.#read++;
      this.dropped[reason]++;
      left--;
    }
    if (this.isClosed) this.#noteDrained();
    else if (this.hwm > 0 && this.#read - this.#credited >= this.#lwm) this.#giveCredit();
  }

  /** Counts a message that came and goes no further. */
  writeOff(reason: Exclude<DropReason, "hwm">): void {
    this.#written++;
    this.#read++;
    this.#credited++;
    this.dropped[reason]++;
  }

  /** No more messages; those that wait may be read. */
  closeWriter(): void {
    this.isClosed = true;
    this.#writerWaits = false;
  }

  /** The reader is gone: what waits is dropped. */
  closeReader(reason: DropReason): void {
    this.isClosed = true;
    this.sink = null;
    this.#dropQueued(reason);
    this.#queue.clear();
    this.#controls = null;
  }

  setHwm(hwm: number): void {
    if (this.conflate) return;
    this.hwm = hwm;
    this.#lwm = (hwm + 1) >> 1;
    this.#giveCredit();
  }

  #dropQueued(reason: DropReason): void {
    const count = this.unread;
    this.dropped[reason] += count;
    this.#read += count;
    this.#credited = this.#read;
    this.#queue.clear();
    this.#controls = null;
  }

  #noteDrained(): void {
    if (!this.#queue.isEmpty) return;
    const reader = this.reader as Pipe;
    reader.events.onDrained(reader);
  }

  #giveCredit(): void {
    this.#credited = this.#read;
    this.noteRoom();
  }

  #isFull(): boolean {
    if (this.hwm === 0) return false;
    const held = this.sink === null ? 0 : this.sink.heldCount;
    return this.#written - this.#credited + held >= this.hwm;
  }

  #wakeReader(): void {
    if (!this.#readerWaits) return;
    this.#readerWaits = false;
    const reader = this.reader as Pipe;
    reader.events.onReadable(reader);
  }
}

/** Reasons that take a message out of those that were written; `hwm` ones never got in. */
const READ_SIDE = [
  "no-subscriber",
  "unroutable",
  "peer-gone",
  "linger",
  "conflated",
  "orphaned",
  "protocol",
] as const;
