import type { Message } from "../../base/message.ts";
import type {
  DropCounts,
  DropReason,
  PeerInfo,
  Pipe,
  PipeCounters,
  PipeEvents,
  PipeSink,
} from "../../pipe/pipe.ts";
import { DROP_REASONS, noDrops } from "../../pipe/pipe.ts";

/**
 * An end of a pipe whose other end is not known yet: inproc, connected before it is bound. It stands for the end of a
 * local pipe, as long as a socket of this thread may come, and can go over to a pipe that leads to another thread.
 *
 *     socket --- PendingPipe --- local end === other end, nobody's            before
 *                       \------- shared end === end of another thread         after `moveTo`
 */
export class PendingPipe implements Pipe, PipeEvents {
  events: PipeEvents;
  readonly written: PipeCounters;
  #target: Pipe;
  #sink: PipeSink | null;
  /** Nobody has the other end yet. */
  #isPending: boolean;

  constructor(target: Pipe) {
    this.events = NOBODY;
    this.#target = target;
    this.#sink = null;
    this.#isPending = true;
    this.written = new CarriedCounters(target.written);
    target.events = this;
  }

  get peer(): PeerInfo {
    return this.#target.peer;
  }

  set peer(peer: PeerInfo) {
    this.#target.peer = peer;
  }

  get live(): boolean {
    return this.#target.live;
  }

  set live(live: boolean) {
    this.#target.live = live;
  }

  get crossesThreads(): boolean {
    return this.#isPending || this.#target.crossesThreads;
  }

  get isClosed(): boolean {
    return this.#target.isClosed;
  }

  get isEnded(): boolean {
    return this.#target.isEnded;
  }

  get unreadCount(): number {
    return this.#target.unreadCount;
  }

  get received(): PipeCounters {
    return this.#target.received;
  }

  tryWrite(message: Message, owned: boolean): boolean {
    return this.#target.tryWrite(message, owned);
  }

  writeControl(message: Message): void {
    this.#target.writeControl(message);
  }

  restartControl(messages: readonly Message[]): void {
    this.#target.restartControl(messages);
  }

  checkWritable(): boolean {
    return this.#target.checkWritable();
  }

  /** It is an application's: nothing of it is ever octets. */
  get runs(): null {
    return null;
  }

  tryRead(): Message | undefined {
    return this.#target.tryRead();
  }

  tryReadMany(countMax: number): Message[] | undefined {
    return this.#target.tryReadMany(countMax);
  }

  checkReadable(): boolean {
    return this.#target.checkReadable();
  }

  setSink(sink: PipeSink | null): void {
    this.#sink = sink;
    this.#target.setSink(sink);
  }

  noteRoom(): void {
    this.#target.noteRoom();
  }

  discard(count: number, reason: DropReason): void {
    this.#target.discard(count, reason);
  }

  countDrop(reason: DropReason): void {
    this.#target.countDrop(reason);
  }

  retract(count: number, reason: DropReason): void {
    this.#target.retract(count, reason);
  }

  setHighWaterMarks(writeHwm: number, readHwm: number): void {
    this.#target.setHighWaterMarks(writeHwm, readHwm);
  }

  close(reason: DropReason): void {
    this.#target.close(reason);
  }

  /** Somebody has the other end, where it is. */
  settle(): void {
    this.#isPending = false;
  }

  /**
   * Goes over to another pipe, fresh and without marks until `setMarks`: what was written and not read goes along in its
   * order. `rest` is the other end of the pipe so far; both its ends are closed.
   */
  moveTo(next: Pipe, rest: Pipe, setMarks: () => void): void {
    const former = this.#target;
    const wasFull = !former.checkWritable();
    // First of all, so that reading what waits tells nobody of room.
    former.events = NOBODY;
    (this.written as CarriedCounters).carryTo(next.written);
    next.peer = former.peer;
    this.#target = next;
    for (
      let left = rest.unreadCount, message = rest.tryRead();
      message !== undefined;
      message = rest.tryRead()
    ) {
      const now = rest.unreadCount;
      if (now === left) next.writeControl(message);
      else next.tryWrite(message, true);
      left = now;
    }
    if (this.#sink !== null) next.setSink(this.#sink);
    setMarks();
    next.events = this;
    // Whoever wrote it is gone already, and it stays for whoever comes.
    if (former.isClosed) next.close("orphaned");
    former.close("orphaned");
    rest.close("orphaned");
    // A writer that waits goes on waiting, for room in the next pipe.
    if (wasFull && next.checkWritable()) this.onWritable();
  }

  // The target's events, told as ours.

  onReadable(): void {
    this.events.onReadable(this);
  }

  onWritable(): void {
    this.events.onWritable(this);
  }

  onPeerClosed(): void {
    this.events.onPeerClosed(this);
  }

  onDrained(): void {
    this.events.onDrained(this);
  }

  onFirstDrop(_pipe: Pipe, reason: DropReason): void {
    this.events.onFirstDrop?.(this, reason);
  }
}

/** Counts of what the target takes, and of what was dropped before the last move. */
class CarriedCounters implements PipeCounters {
  #target: PipeCounters;
  #carried: DropCounts | null;

  constructor(target: PipeCounters) {
    this.#target = target;
    this.#carried = null;
  }

  get accepted(): number {
    return this.#target.accepted + (this.#carried === null ? 0 : total(this.#carried));
  }

  get delivered(): number {
    return this.#target.delivered;
  }

  get queued(): number {
    return this.#target.queued;
  }

  get dropped(): Readonly<DropCounts> {
    const { dropped } = this.#target;
    return this.#carried === null ? dropped : sum(dropped, this.#carried);
  }

  get hwm(): number {
    return this.#target.hwm;
  }

  /** Nothing was delivered so far, and what waits is written to the next target: drops are all that stays behind. */
  carryTo(next: PipeCounters): void {
    const { dropped } = this;
    if (total(dropped) > 0) this.#carried = { ...dropped };
    this.#target = next;
  }
}

function total(dropped: Readonly<DropCounts>): number {
  return DROP_REASONS.reduce((count, reason) => count + dropped[reason], 0);
}

function sum(some: Readonly<DropCounts>, others: Readonly<DropCounts>): DropCounts {
  const counts = noDrops();
  for (const reason of DROP_REASONS) counts[reason] = some[reason] + others[reason];
  return counts;
}

const NOBODY: PipeEvents = {
  onReadable: () => undefined,
  onWritable: () => undefined,
  onPeerClosed: () => undefined,
  onDrained: () => undefined,
};
