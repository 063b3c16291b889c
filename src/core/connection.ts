import type { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { Run } from "../base/run.ts";
import type { Engine, EngineFailure, EnginePeer, EngineSink } from "../engine/engine.ts";
import { beginBatch, endBatch } from "../pipe/batch.ts";
import type { DropReason, Pipe, PipeEvents, PipeSink } from "../pipe/pipe.ts";
import type { ConnectionEnd, KeptBack } from "./connection-end.ts";
import type { ByteStream, StreamEvents } from "./transport.ts";

/** With so many octets waiting in the stream the connection takes no more messages from its pipe. */
const WAITING_SIZE_MAX = 131072;
/** Messages that a connection may hold where no high-water mark says less. */
const HOLD_COUNT_MAX = 0x3fffffff;
/** A peer that does not read our farewell is cut off after this. */
const FAREWELL_MS = 1000;
const TIMER_MAX_MS = 0x7fffffff;

export interface ConnectionOwner {
  /** The handshake succeeded: the session's end of the pipe, or `null` to refuse the peer. */
  openPipe(connection: Connection, peer: EnginePeer): Pipe | null;
  /** The connection is over; the pipe is the owner's again. Called once. */
  onConnectionEnded(connection: Connection, end: ConnectionEnd): void;
}

/**
 * One stream, its engine and its pipe, tied together:
 *
 *     stream --octets--> engine --messages--> pipe --> socket
 *     stream <--batch--- engine <--messages-- pipe <-- socket
 *
 * Messages written by the socket are encoded at once into the engine's batch; the batch goes to the kernel when it is
 * full or when the running code and its microtasks are done. While the kernel takes no more, messages stay in the pipe
 * and its high-water mark governs. While the pipe takes no more, the engine stops and the stream is not read.
 */
export class Connection implements EngineSink, StreamEvents, PipeEvents, PipeSink {
  readonly stream: ByteStream;
  readonly #owner: ConnectionOwner;
  readonly #spinMs: number;
  #engine: Engine | null;
  #pipe: Pipe | null;
  #isFlushScheduled: boolean;
  #flushLater: (() => void) | null;
  #isBlocked: boolean;
  #keptBack: KeptBack | null;
  #isPumping: boolean;
  #isReady: boolean;
  #isEnded: boolean;
  #isFinishing: boolean;
  #isReading: boolean;
  /** Messages in octets that the stream has not written yet. */
  #streamMessageCount: number;
  /** How many messages may be encoded before they must be flushed. */
  #roomCount: number;
  #timer: Timer | null;
  #timerAt: number;

  constructor(stream: ByteStream, owner: ConnectionOwner, spinMs: number) {
    this.stream = stream;
    this.#owner = owner;
    this.#spinMs = spinMs;
    this.#engine = null;
    this.#pipe = null;
    this.#isFlushScheduled = false;
    this.#flushLater = null;
    this.#isBlocked = false;
    this.#keptBack = null;
    this.#isPumping = false;
    this.#isReady = false;
    this.#isEnded = false;
    this.#isFinishing = false;
    this.#isReading = true;
    this.#streamMessageCount = 0;
    this.#roomCount = HOLD_COUNT_MAX;
    this.#timer = null;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get heldCount(): number {
    return this.#streamMessageCount + (this.#engine === null ? 0 : this.#engine.outputMessageCount);
  }

  /** Whether messages or octets wait to be written. */
  get hasUnsent(): boolean {
    if (this.#isEnded) return false;
    return this.heldCount > 0 || (this.#pipe !== null && this.#pipe.unreadCount > 0);
  }

  /** Runs the engine on the stream. `startEngine` sends the greeting. */
  start(engine: Engine, startEngine: (now: number) => void): void {
    this.#engine = engine;
    this.stream.start(this);
    startEngine(platform.now());
    this.#flush();
    this.#settle();
  }

  /** The socket closed its end or the session ends: writes what is left and then closes the stream. */
  finish(): void {
    this.#isFinishing = true;
    if (!this.#isReady) this.abort("local");
    else {
      this.goOn();
      this.#pump();
    }
  }

  /** From the owner's `openPipe`: these messages wait until `goOn`. */
  keepBack(messages: KeptBack): void {
    this.#keptBack = messages;
  }

  goOn(): void {
    const keptBack = this.#keptBack;
    const pipe = this.#pipe;
    if (keptBack === null || pipe === null) return;
    this.#keptBack = null;
    if (keptBack.written) {
      pipe.setSink(this);
      this.#pump();
    }
    if (keptBack.received) this.onWritable();
  }

  /** The peer is refused after all, as if `openPipe` had done it. */
  dismiss(): void {
    this.#farewell({ kind: "local", wasReady: true, error: null });
  }

  /** Ends the connection now, for a reason of ours; what the stream has not written yet is dropped for `reason`. */
  abort(kind: ConnectionEnd["kind"], error: Error | null = null, reason: DropReason = "peer-gone"): void {
    if (this.#isEnded) return;
    this.#end({ kind, wasReady: this.#isReady, error }, reason);
    this.stream.destroy();
  }

  // PipeSink: the hot path out.

  take(message: Message, owned: boolean): boolean {
    // A message that `#pump` has read makes room, and a sender that waited for it writes before it is encoded.
    if (this.#isBlocked || this.#isPumping) return false;
    const engine = this.#engine as Engine;
    if (engine.send(message, owned) || --this.#roomCount <= 0) this.#flush();
    else if (!this.#isFlushScheduled) this.#scheduleFlush();
    return true;
  }

  get takeRunMax(): number {
    return this.#isBlocked || this.#isPumping || this.#engine?.sendsRuns !== true ? 0 : this.#roomCount;
  }

  takeRun(run: Run): void {
    this.#roomCount -= run.count;
    if ((this.#engine as Engine).sendRun(run) || this.#roomCount <= 0) this.#flush();
    else if (!this.#isFlushScheduled) this.#scheduleFlush();
  }

  // StreamEvents.

  onOctets(chunk: Uint8Array, isLent: boolean): void {
    const engine = this.#engine;
    if (engine === null) return;
    if (this.#spinMs > 0) platform.spin(this.#spinMs);
    // Another thread is told of all messages of the chunk at once.
    beginBatch();
    try {
      engine.receive(chunk, platform.now(), isLent);
    } finally {
      endBatch();
    }
    this.#settle();
  }

  readTarget(): Uint8Array | null {
    return this.#engine === null ? null : this.#engine.target;
  }

  onTargetFilled(count: number): void {
    const engine = this.#engine;
    if (engine === null) return;
    beginBatch();
    try {
      engine.receiveTarget(count, platform.now());
    } finally {
      endBatch();
    }
    this.#settle();
  }

  onDrain(): void {
    this.#streamMessageCount = 0;
    this.#isBlocked = false;
    this.#engine?.recycleOutput();
    this.#pump();
  }

  onClosed(error: ZmqError | null): void {
    if (this.#isEnded) return;
    const kind = this.#isFinishing && error === null ? "local" : "closed";
    const why = kind === "closed" ? (this.#engine?.describeEnd?.(error) ?? error) : error;
    this.#end({ kind, wasReady: this.#isReady, error: why });
  }

  // EngineSink.

  onReady(peer: EnginePeer): void {
    this.#isReady = true;
    const pipe = this.#owner.openPipe(this, peer);
    // Refused by the pattern; the owner has told why.
    if (pipe === null) return this.dismiss();
    this.#pipe = pipe;
    pipe.events = this;
    this.#roomCount = this.#holdMax();
    if (pipe.isEnded) {
      this.#isFinishing = true;
      this.#keptBack = null;
    }
    // Before anything is read: what we hold counts against the high-water mark from the first message on.
    if (!this.#keptBack?.written) pipe.setSink(this);
    this.#pump();
  }

  onMessage(message: Message): boolean {
    if (this.#keptBack?.received) return false;
    return (this.#pipe as Pipe).tryWrite(message, true);
  }

  get onRunMax(): number {
    return this.#keptBack?.received ? 0 : (this.#pipe?.runs?.writeRunMax ?? 0);
  }

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.#pipe?.runs?.writeRun(octets, from, to, count);
  }

  onProgress(): void {
    this.onWritable();
  }

  onFailed(failure: EngineFailure): void {
    this.#farewell(failure);
  }

  // PipeEvents of the session's end.

  onReadable(_pipe: Pipe): void {
    this.#pump();
  }

  onWritable(): void {
    const engine = this.#engine;
    if (engine === null) return;
    beginBatch();
    try {
      engine.resume(platform.now());
    } finally {
      endBatch();
    }
    this.#settle();
  }

  onPeerClosed(_pipe: Pipe): void {
    this.finish();
  }

  onDrained(_pipe: Pipe): void {
    // Seen by `#pump`, which reads to the end anyway.
  }

  /** Messages that waited in the pipe, then a flush. */
  #pump(): void {
    const pipe = this.#pipe;
    const engine = this.#engine;
    if (engine === null) return;
    if (pipe !== null && !this.#keptBack?.written) {
      this.#isPumping = true;
      const runs = engine.sendsRuns ? pipe.runs : null;
      while (!this.#isBlocked) {
        const run = runs?.readRun(this.#roomCount);
        const message = run === undefined ? pipe.tryRead() : undefined;
        if (run === undefined && message === undefined) break;
        this.#roomCount -= run === undefined ? 1 : run.count;
        const isWorthIt = run === undefined ? engine.send(message as Message, false) : engine.sendRun(run);
        if (isWorthIt || this.#roomCount <= 0) this.#flush();
      }
      this.#isPumping = false;
    }
    this.#flush();
    // A pipe to another thread cannot see what we hold: it is told, and when we hold as much as we may above all.
    if (this.#isBlocked) return pipe?.noteRoom();
    if (this.#isFinishing && this.#isReady && this.stream.waitingSize === 0) {
      this.#farewell({ kind: "local", wasReady: true, error: null });
    } else {
      pipe?.noteRoom();
    }
  }

  /** What the pipe's high-water mark lets us hold: queue and hands together never exceed it. */
  #holdMax(): number {
    const hwm = this.#pipe === null ? 0 : this.#pipe.received.hwm;
    return hwm === 0 ? HOLD_COUNT_MAX : hwm;
  }

  #scheduleFlush(): void {
    this.#isFlushScheduled = true;
    this.#flushLater ??= () => {
      this.#isFlushScheduled = false;
      if (this.#isBlocked) return;
      this.#flush();
      this.#pipe?.noteRoom();
    };
    platform.defer(this.#flushLater);
  }

  #flush(): void {
    const engine = this.#engine;
    if (engine === null || engine.outputSize === 0) return;
    if (this.#spinMs > 0) platform.spin(this.#spinMs);
    const messageCount = engine.outputMessageCount;
    const isWritten = this.stream.write(engine.takeOutput());
    if (isWritten) {
      engine.recycleOutput();
      this.#roomCount = this.#holdMax();
      return;
    }
    this.#streamMessageCount += messageCount;
    this.#roomCount = this.#holdMax() - this.#streamMessageCount;
    if (this.stream.waitingSize >= WAITING_SIZE_MAX || this.#roomCount <= 0 || this.#isFinishing)
      this.#isBlocked = true;
  }

  /** After octets came or time passed: answers go out, reading stops or goes on, the timer is set. */
  #settle(): void {
    const engine = this.#engine;
    if (engine === null) return;
    if (engine.outputSize > 0 && !this.#isFlushScheduled) this.#scheduleFlush();
    if (engine.isStopped === this.#isReading) {
      this.#isReading = !engine.isStopped;
      if (this.#isReading) this.stream.resumeReading();
      else this.stream.pauseReading();
    }
    const deadline = engine.nextDeadline();
    if (deadline < this.#timerAt) this.#arm(deadline);
  }

  #arm(deadline: number): void {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timerAt = deadline;
    const delayMs = Math.min(Math.max(0, deadline - platform.now()), TIMER_MAX_MS);
    this.#timer = platform.setTimer(() => {
      // After a stall of our own loop the timer fires before the octets that wait are read: let them be read first.
      this.#timer = null;
      platform.yieldTurn(() => this.#onTimer());
    }, delayMs);
  }

  #onTimer(): void {
    const engine = this.#engine;
    this.#timerAt = Number.POSITIVE_INFINITY;
    if (engine === null) return;
    engine.handleDeadline(platform.now(), this.#isReading);
    this.#settle();
  }

  /** Lets the peer read what was said last, then ends. */
  #farewell(end: ConnectionEnd): void {
    if (this.#isEnded) return;
    this.#flush();
    this.#end(end);
    const { stream } = this;
    stream.end();
    // A peer that broke the rules gets no time; with others the stream has a grace of its own.
    if (end.kind !== "local") platform.setTimer(() => stream.destroy(), FAREWELL_MS);
  }

  #end(end: ConnectionEnd, reason: DropReason = "peer-gone"): void {
    this.#isEnded = true;
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
    const engine = this.#engine as Engine | null;
    const heldCount = this.heldCount;
    engine?.close();
    this.#engine = null;
    this.#streamMessageCount = 0;
    const pipe = this.#pipe;
    this.#pipe = null;
    if (pipe !== null) {
      // First of all counted, or another thread would take for delivered what nobody holds any more.
      if (heldCount > 0) pipe.retract(heldCount, reason);
      pipe.setSink(null);
    }
    this.#owner.onConnectionEnded(this, end);
  }
}
