import type { Message } from "../../base/message.ts";
import type { Run } from "../../base/run.ts";
import type { Batched } from "../../pipe/batch.ts";
import { isBatching } from "../../pipe/batch.ts";
import type {
  DropReason,
  PeerInfo,
  Pipe,
  PipeCounters,
  PipeEvents,
  PipeRuns,
  PipeSink,
} from "../../pipe/pipe.ts";
import { DROP_REASONS } from "../../pipe/pipe.ts";
import { FLOW, FLOW_AT, PAIR, PIPE_HEADER_SIZE } from "../layout.ts";
import type { PipeOffer, PipeThread, SharedEnd, SharedPipeSettings, ThreadRef } from "../pipe-thread.ts";
import { FlowCounters } from "./flow-counters.ts";
import { PIPE_SIZE } from "./record.ts";
import { SharedReader } from "./shared-reader.ts";
import { SharedWriter } from "./shared-writer.ts";

let pipeCount = 0;

/** End A of a new pipe; `offer` makes what the other end is opened with. */
export function createSharedPipe(
  thread: PipeThread,
  settings: SharedPipeSettings,
  peer: PeerInfo,
): SharedPipe {
  const memory = new SharedArrayBuffer(PIPE_SIZE);
  const words = new Int32Array(memory, 0, PIPE_HEADER_SIZE >> 2);
  const marks = [settings.firstToSecondHwm, settings.secondToFirstHwm];
  for (let direction = 0; direction < 2; direction++) {
    const at = FLOW_AT[direction]!;
    words[at + FLOW.HWM] = settings.conflate ? 0 : marks[direction]!;
    words[at + FLOW.READER_WAITS] = 1;
    words[PAIR.SEND_MARK + direction] = UNKNOWN;
    words[PAIR.RECEIVE_MARK + direction] = UNKNOWN;
  }
  words[PAIR.CONFLATE] = settings.conflate ? 1 : 0;
  words[PAIR.SUMS] = settings.sums === true ? 1 : 0;
  const id = `${thread.me.uid}.${++pipeCount}`;
  return new SharedPipe(thread, id, memory, words, 0, peer);
}

/** End B. It may be in another thread than end A, or in the same. */
export function openSharedPipe(thread: PipeThread, offer: PipeOffer, peer: PeerInfo): SharedPipe {
  const words = new Int32Array(offer.memory, 0, PIPE_HEADER_SIZE >> 2);
  const pipe = new SharedPipe(thread, offer.id, offer.memory, words, 1, peer);
  for (const [index, memory] of offer.extras) pipe.onMemory(index, memory);
  return pipe;
}

const UNKNOWN = -1;

/**
 * One end of a pipe whose other end may be in another thread: a ring of shared memory in each direction. It keeps the
 * contract of pipes in pipe/pipe.ts; events come out of the thread's bell, never out of a call on the other end.
 */
export class SharedPipe implements Pipe, PipeRuns, SharedEnd, Batched {
  readonly id: string;
  events: PipeEvents;
  peer: PeerInfo;
  live: boolean;
  readonly #thread: PipeThread;
  readonly #memory: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** 0: A. 1: B. */
  readonly #end: number;
  readonly #writer: SharedWriter;
  readonly #reader: SharedReader;
  #bit: number;
  #peerThread: ThreadRef | null;
  /** Who the pipe was offered to and may have opened it already. */
  #offeredTo: ThreadRef | null;
  /** Memory given while the other end is not open: it must be given again if the offer is not taken. */
  #extras: [number, SharedArrayBuffer][] | null;
  #isClosed: boolean;
  /** The owner was told that the other end is closed. */
  #isEndTold: boolean;

  constructor(
    thread: PipeThread,
    id: string,
    memory: SharedArrayBuffer,
    words: Int32Array,
    end: number,
    peer: PeerInfo,
  ) {
    this.id = id;
    this.events = NOBODY;
    this.peer = peer;
    this.live = false;
    this.#thread = thread;
    this.#memory = memory;
    this.#words = words;
    this.#end = end;
    this.#peerThread = null;
    this.#offeredTo = null;
    this.#extras = end === 0 ? [] : null;
    this.#isClosed = false;
    this.#isEndTold = false;
    const other = 1 - end;
    const written = new FlowCounters(words, FLOW_AT[end]!, other);
    const received = new FlowCounters(words, FLOW_AT[other]!, end);
    this.#writer = new SharedWriter(memory, words, end, written, this);
    this.#reader = new SharedReader(memory, words, other, received, this);
    this.#bit = thread.enter(this.#key(end), this);
    words[PAIR.SEAT + end] = thread.me.seat;
    words[PAIR.BIT + end] = this.#bit;
    Atomics.store(words, PAIR.UID + end, thread.me.uid);
    // What was written before we were there, or the end of who wrote it, nobody has rung for.
    if (end === 1) thread.ring(thread.me, this.#bit);
  }

  get crossesThreads(): boolean {
    const peer = this.peerThread;
    return peer === null || peer.uid !== this.#thread.me.uid;
  }

  get peerThread(): ThreadRef | null {
    if (this.#peerThread !== null) return this.#peerThread;
    const other = 1 - this.#end;
    const uid = Atomics.load(this.#words, PAIR.UID + other);
    if (uid === 0) return this.#offeredTo;
    this.#extras = null;
    this.#peerThread = { seat: this.#words[PAIR.SEAT + other]!, uid };
    return this.#peerThread;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isEnded(): boolean {
    return this.#words[PAIR.CLOSED + 1 - this.#end] !== 0;
  }

  get unreadCount(): number {
    return this.#reader.counters.unread;
  }

  get written(): PipeCounters {
    return this.#writer.counters;
  }

  get received(): PipeCounters {
    return this.#reader.counters;
  }

  tryWrite(message: Message, _owned: boolean): boolean {
    if (this.#isClosed || this.isEnded) return false;
    if (!this.#writer.write(message)) return false;
    if (isBatching()) this.#writer.keepForBatch(this);
    else this.publish();
    return true;
  }

  // PipeRuns.

  get runs(): PipeRuns {
    return this;
  }

  get writeRunMax(): number {
    return this.#isClosed || this.isEnded ? 0 : this.#writer.room;
  }

  writeRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.#writer.writeRun(octets, from, to, count);
    if (isBatching()) this.#writer.keepForBatch(this);
    else this.publish();
  }

  readRun(countMax: number): Run | undefined {
    if (this.#isClosed) return undefined;
    const run = this.#reader.takeRun(countMax);
    if (run !== undefined && this.#isEndTold) this.#noteDrained();
    return run;
  }

  writeControl(message: Message): void {
    if (this.#isClosed || this.isEnded) return;
    this.#writer.writeControl(message);
    this.publish();
  }

  restartControl(messages: readonly Message[]): void {
    if (this.#isClosed || this.isEnded) return;
    this.#writer.restartControl(messages);
    this.ringReader();
  }

  checkWritable(): boolean {
    return !this.#isClosed && !this.isEnded && this.#writer.hasRoom();
  }

  tryRead(): Message | undefined {
    if (this.#isClosed) return undefined;
    const message = this.#reader.take();
    if (message !== undefined && this.#isEndTold) this.#noteDrained();
    return message;
  }

  tryReadMany(countMax: number): Message[] | undefined {
    if (this.#isClosed) return undefined;
    const messages = this.#reader.takeMany(countMax);
    if (messages !== undefined && this.#isEndTold) this.#noteDrained();
    return messages;
  }

  checkReadable(): boolean {
    return !this.#isClosed && this.#reader.hasMessage();
  }

  setSink(sink: PipeSink | null): void {
    this.#reader.setSink(sink);
  }

  noteRoom(): void {
    this.#reader.noteRoom();
  }

  discard(count: number, reason: DropReason): void {
    this.#reader.discard(count, reason);
    if (this.#isEndTold) this.#noteDrained();
  }

  countDrop(reason: DropReason): void {
    if (this.#writer.counters.addWriterDrops(reason, 1) === 0) this.events.onFirstDrop?.(this, reason);
  }

  retract(count: number, reason: DropReason): void {
    this.#reader.retract(count, reason);
  }

  setHighWaterMarks(writeHwm: number, readHwm: number): void {
    if (this.#words[PAIR.CONFLATE] !== 0) return;
    this.#writer.setHwm(writeHwm);
    this.#reader.setHwm(readHwm);
    // A writer that waits is told, whoever raised its mark.
    if (!this.#isClosed && !this.isEnded && this.#writer.noteBell()) this.events.onWritable(this);
    this.ringWriter();
  }

  /** The marks of this end's socket. The sum rule counts once both ends told theirs; before, this end's alone. */
  setOwnMarks(send: number, receive: number): void {
    const words = this.#words;
    const other = 1 - this.#end;
    words[PAIR.SEND_MARK + this.#end] = send;
    Atomics.store(words, PAIR.RECEIVE_MARK + this.#end, receive);
    for (;;) {
      const otherReceive = Atomics.load(words, PAIR.RECEIVE_MARK + other);
      const otherSend = words[PAIR.SEND_MARK + other]!;
      if (otherReceive === UNKNOWN) this.setHighWaterMarks(send, receive);
      else this.setHighWaterMarks(sum(send, otherReceive), sum(otherSend, receive));
      // The other end may have told its marks meanwhile, and knew ours or not: who comes last sees both.
      if (
        Atomics.load(words, PAIR.RECEIVE_MARK + other) === otherReceive &&
        words[PAIR.SEND_MARK + other] === otherSend
      )
        return;
    }
  }

  close(reason: DropReason): void {
    if (this.#isClosed) return;
    this.#writer.publish();
    this.#isClosed = true;
    this.live = false;
    this.#reader.close();
    // An end that died is closed for us already.
    Atomics.compareExchange(this.#words, PAIR.CLOSED + this.#end, 0, 1 + DROP_REASONS.indexOf(reason));
    this.#ringPeer();
    this.#leaveIfDone();
  }

  /** What is written from now on is seen at the other end after `passTurn` of the same turn. Turns count up. */
  markTurn(turn: number): void {
    if (!this.#isClosed && !this.isEnded) this.#writer.mark(turn);
  }

  /** The owner knows what it must know before it sees messages of this turn. */
  passTurn(turn: number): void {
    if (this.#isClosed) return;
    this.#reader.pass(turn);
    this.onBell();
  }

  /** What `to` opens end B with. Memory given from now on goes there. */
  offer(to: ThreadRef): PipeOffer {
    this.#offeredTo = to;
    return { id: this.id, memory: this.#memory, extras: [...(this.#extras ?? [])] };
  }

  /** The offer was not taken: the pipe may be offered to another. */
  withdraw(): void {
    this.#offeredTo = null;
  }

  // Batched.

  publish(): void {
    if (this.#writer.publish()) this.#writer.noteReader(this.ringReader());
  }

  // What the two halves need.

  give(index: number, memory: SharedArrayBuffer): void {
    const to = this.peerThread;
    this.#extras?.push([index, memory]);
    if (to !== null) this.#thread.give(to, this.#key(1 - this.#end), index, memory);
  }

  collect(): void {
    this.#thread.collect();
  }

  /** The reader waits for what was published: wakes it, once. */
  ringReader(): boolean {
    const at = FLOW_AT[this.#end]! + FLOW.READER_WAITS;
    if (Atomics.load(this.#words, at) === 0 || Atomics.exchange(this.#words, at, 0) === 0) return false;
    this.#ringPeer();
    return true;
  }

  /** The writer at the other end waits, and there is room. */
  ringWriter(): void {
    const at = FLOW_AT[1 - this.#end]! + FLOW.WRITER_WAITS;
    if (Atomics.load(this.#words, at) === 0 || this.#reader.isFull) return;
    if (Atomics.exchange(this.#words, at, 0) !== 0) this.#ringPeer();
  }

  // SharedEnd.

  onBell(): void {
    if (this.#isClosed) {
      this.#leaveIfDone();
      return;
    }
    const hasEnded = this.isEnded && !this.#isEndTold;
    if (hasEnded) this.live = false;
    if (this.#reader.noteBell()) this.events.onReadable(this);
    if (!this.#isClosed && !this.isEnded && this.#writer.noteBell()) this.events.onWritable(this);
    if (!hasEnded || this.#isClosed) return;
    this.#isEndTold = true;
    this.events.onPeerClosed(this);
  }

  onMemory(index: number, memory: SharedArrayBuffer): void {
    this.#reader.onMemory(index, memory);
  }

  onPeerGone(): void {
    const words = this.#words;
    const other = 1 - this.#end;
    if (Atomics.load(words, PAIR.UID + other) === 0) return this.withdraw();
    Atomics.compareExchange(words, PAIR.CLOSED + other, 0, 1 + DROP_REASONS.indexOf("peer-gone"));
    if (this.#isClosed) return this.#leaveIfDone();
    this.#reader.recount();
    this.onBell();
  }

  #key(end: number): string {
    return `${this.id}/${end === 0 ? "A" : "B"}`;
  }

  #ringPeer(): void {
    const peer = this.peerThread;
    if (peer === null || Atomics.load(this.#words, PAIR.UID + 1 - this.#end) === 0) return;
    this.#thread.ring(peer, this.#words[PAIR.BIT + 1 - this.#end]!);
  }

  #noteDrained(): void {
    if (!this.#reader.hasMessage()) this.events.onDrained(this);
  }

  /** A closed end stays until the other is closed: its thread may die, and what it has not read is counted then. */
  #leaveIfDone(): void {
    if (this.isEnded) this.#thread.leave(this.#key(this.#end), this);
  }
}

function sum(sendMark: number, receiveMark: number): number {
  return sendMark === 0 || receiveMark === 0 ? 0 : sendMark + receiveMark;
}

const NOBODY: PipeEvents = {
  onReadable: () => undefined,
  onWritable: () => undefined,
  onPeerClosed: () => undefined,
  onDrained: () => undefined,
};
