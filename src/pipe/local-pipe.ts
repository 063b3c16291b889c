import type { Message } from "../base/message.ts";
import { Channel } from "./channel.ts";
import type { DropReason, PeerInfo, Pipe, PipeCounters, PipeEvents, PipeSink } from "./pipe.ts";

/** High-water marks and mode of a pair of ends, seen from the first. */
export interface LocalPipeOptions {
  /** Most messages that wait from the first end to the second; 0 is unlimited. */
  readonly firstToSecondHwm: number;
  readonly secondToFirstHwm: number;
  readonly conflate: boolean;
  /** Both ends are applications' sockets: an array of frames that several peers get is copied for each. */
  readonly isDirect?: boolean;
}

/** Both ends of a pipe within one thread: `[first, second]`. */
export function createLocalPipe(
  options: LocalPipeOptions,
  first: PeerInfo,
  second: PeerInfo,
): [LocalPipe, LocalPipe] {
  const forth = new Channel(options.firstToSecondHwm, options.conflate, options.isDirect);
  const back = new Channel(options.secondToFirstHwm, options.conflate, options.isDirect);
  const a = new LocalPipe(forth, back, first);
  const b = new LocalPipe(back, forth, second);
  forth.writer = back.reader = a;
  forth.reader = back.writer = b;
  return [a, b];
}

/** One end of a pipe whose both ends live in one thread. */
export class LocalPipe implements Pipe {
  events: PipeEvents;
  peer: PeerInfo;
  live: boolean;
  #isClosed: boolean;
  readonly #out: Channel;
  readonly #in: Channel;

  constructor(outward: Channel, inward: Channel, peer: PeerInfo) {
    this.events = NOBODY;
    this.peer = peer;
    this.live = false;
    this.#isClosed = false;
    this.#out = outward;
    this.#in = inward;
  }

  get crossesThreads(): boolean {
    return false;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isEnded(): boolean {
    return (this.#in.writer as LocalPipe).#isClosed;
  }

  get unreadCount(): number {
    return this.#in.unread;
  }

  get written(): PipeCounters {
    return this.#out;
  }

  get received(): PipeCounters {
    return this.#in;
  }

  tryWrite(message: Message, owned: boolean): boolean {
    return this.#out.write(message, owned);
  }

  writeControl(message: Message): void {
    this.#out.writeControl(message);
  }

  restartControl(messages: readonly Message[]): void {
    this.#out.restartControl(messages);
  }

  checkWritable(): boolean {
    return this.#out.hasRoom();
  }

  get runs(): null {
    return null;
  }

  tryRead(): Message | undefined {
    return this.#in.take();
  }

  tryReadMany(countMax: number): Message[] | undefined {
    return this.#in.takeMany(countMax);
  }

  checkReadable(): boolean {
    return this.#in.hasMessage();
  }

  setSink(sink: PipeSink | null): void {
    this.#in.sink = sink;
  }

  noteRoom(): void {
    this.#in.noteRoom();
  }

  discard(count: number, reason: DropReason): void {
    this.#in.discard(count, reason);
  }

  countDrop(reason: DropReason): void {
    if (this.#out.dropped[reason]++ === 0) this.events.onFirstDrop?.(this, reason);
  }

  /** Counts a message that came for the other end and is not handed over, whatever room there is. */
  writeOff(reason: Exclude<DropReason, "hwm">): void {
    this.#out.writeOff(reason);
  }

  retract(count: number, reason: DropReason): void {
    this.#in.dropped[reason] += count;
  }

  setHighWaterMarks(writeHwm: number, readHwm: number): void {
    this.#out.setHwm(writeHwm);
    this.#in.setHwm(readHwm);
  }

  close(reason: DropReason): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.live = false;
    const peerEnd = this.#out.reader as LocalPipe;
    this.#out.closeWriter();
    this.#in.closeReader(reason);
    if (!peerEnd.#isClosed) {
      peerEnd.live = false;
      peerEnd.events.onPeerClosed(peerEnd);
    }
  }
}

/** An end that nobody has claimed yet says nothing. */
const NOBODY: PipeEvents = {
  onReadable: () => undefined,
  onWritable: () => undefined,
  onPeerClosed: () => undefined,
  onDrained: () => undefined,
};
