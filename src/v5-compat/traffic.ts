import type { EventEmitter } from "node:events";
import type { Readable, Socket, Writable } from "../index.ts";
import { ZmqError } from "../index.ts";
import * as zmq from "./constants.ts";
import { toCompatError } from "./error.ts";
import type { Outgoing, SendCallback } from "./outgoing.ts";
import { OutgoingQueue } from "./outgoing.ts";

/** After so many messages the loop turns, or a busy peer would starve everything else. */
const BURST_MAX = 1000;
/** The socket's own handle keeps the process alive, as long as `unref` was not called. */
const WAIT = { timeoutMs: -1, keepAlive: false } as const;

/** Messages between a socket and the emitter of version 5: read as they come, sent in order as the socket takes them. */
export class Traffic {
  readonly #emitter: EventEmitter;
  readonly #socket: Socket;
  readonly #readable: Readable | null;
  readonly #writable: Writable | null;
  readonly #outgoing: OutgoingQueue;
  /** How many reasons there are to stand still: `pause`, calls of `bind` under way, `close`. */
  #stopCount: number;
  #isPaused: boolean;
  #isAwaiting: boolean;
  #immediate: NodeJS.Immediate | null;
  #isReading: boolean;
  #sending: AbortController | null;
  #isSending: boolean;
  /** REQ awaits a reply; REP owes one. */
  #isOwed: boolean;

  constructor(emitter: EventEmitter, socket: Socket) {
    this.#emitter = emitter;
    this.#socket = socket;
    this.#readable = "tryReceive" in socket ? (socket as unknown as Readable) : null;
    this.#writable = "trySend" in socket ? (socket as unknown as Writable) : null;
    this.#outgoing = new OutgoingQueue();
    this.#stopCount = 0;
    this.#isPaused = false;
    this.#isAwaiting = false;
    this.#immediate = null;
    this.#isReading = false;
    this.#sending = null;
    this.#isSending = false;
    this.#isOwed = false;
    this.#awaitMessage();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.stop();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.go();
  }

  /** Nothing is read or sent until `go` was called as often. */
  stop(): void {
    this.#stopCount++;
    this.#sending?.abort();
  }

  go(): void {
    if (--this.#stopCount > 0) return;
    this.#awaitMessage();
    this.#flush();
  }

  /** For ever: what waits is forgotten, as it was in version 5. */
  close(): void {
    this.stop();
    this.#outgoing.clear();
  }

  send(message: unknown, flags: number, callback: SendCallback | undefined): void {
    const hasMore = (flags & zmq.ZMQ_SNDMORE) !== 0;
    if (Array.isArray(message)) {
      const last = message.length - 1;
      message.forEach((frame, index) => {
        if (index < last) this.#outgoing.append(frame, true, undefined);
        else this.#outgoing.append(frame, hasMore, callback);
      });
    } else {
      this.#outgoing.append(message, hasMore, callback);
    }
    this.#flush();
  }

  /** The next message, taken by hand; `null` if there is none. */
  read(): Buffer[] | null {
    return this.#take() ?? null;
  }

  #take(): Buffer[] | undefined {
    if (this.#socket.closed || !this.#socket.readable) return undefined;
    const message = this.#readable?.tryReceive();
    if (message !== undefined) this.#isOwed = this.#socket.type === zmq.ZMQ_REP;
    return message;
  }

  /** Waiting takes no message: `pause` need not end it. */
  #awaitMessage(): void {
    if (this.#readable === null || this.#stopCount > 0 || this.#isAwaiting || this.#immediate !== null)
      return;
    this.#isAwaiting = true;
    this.#readable.waitForMessage(WAIT).then(
      () => this.#onAwaited(() => this.#readBurst()),
      (error: unknown) => this.#onAwaited(() => this.#emitter.emit("error", toCompatError(error))),
    );
  }

  /** Listeners run in a turn of their own, so that what they throw is an uncaught exception and no rejected promise. */
  #onAwaited(goOn: () => void): void {
    process.nextTick(() => {
      this.#isAwaiting = false;
      if (this.#stopCount === 0 && !this.#socket.closed) goOn();
    });
  }

  #readBurst(): void {
    if (this.#isReading || this.#stopCount > 0) return;
    this.#isReading = true;
    let count = 0;
    try {
      for (let message = this.#take(); message !== undefined; message = this.#take()) {
        this.#emitMessage(message);
        if (this.#stopCount > 0 || ++count >= BURST_MAX) break;
      }
    } finally {
      this.#isReading = false;
      this.#readOn(count >= BURST_MAX);
    }
    this.#flush();
  }

  #readOn(isBurst: boolean): void {
    if (this.#stopCount > 0) return;
    if (!isBurst) return this.#awaitMessage();
    this.#immediate ??= setImmediate(() => {
      this.#immediate = null;
      this.#readBurst();
    });
  }

  /** What a listener throws is an 'error' event, and without a listener for that an uncaught exception. */
  #emitMessage(message: Buffer[]): void {
    try {
      this.#emitter.emit("message", ...message);
    } catch (error) {
      this.#emitter.emit("error", error);
    }
  }

  /** Sends what can be sent. */
  #flush(): void {
    if (this.#isSending || this.#sending !== null || this.#stopCount > 0) return;
    this.#isSending = true;
    try {
      for (let next = this.#outgoing.peek(); next !== null; next = this.#outgoing.peek()) {
        if (!this.#sendNow(next) || this.#stopCount > 0) break;
      }
    } finally {
      this.#isSending = false;
    }
  }

  /** Whether the next one can be tried. */
  #sendNow(message: Outgoing): boolean {
    if (this.#isOutOfTurn()) return false;
    try {
      if (this.#writable === null)
        throw new ZmqError("ENOTSUP", "This socket type cannot send.", { remedy: "" });
      if (!this.#writable.trySend(message.frames)) {
        this.#awaitRoom(message, this.#writable);
        return false;
      }
    } catch (error) {
      if (this.#socket.closed) return false;
      this.#outgoing.drop();
      this.#fail(message, error);
      return true;
    }
    this.#onSent(message);
    return true;
  }

  /** REQ and REP alternate: messages wait for their turn in the queue. */
  #isOutOfTurn(): boolean {
    const { type } = this.#socket;
    if (type === zmq.ZMQ_REP) return !this.#isOwed;
    return type === zmq.ZMQ_REQ && this.#isOwed && Reflect.get(this.#socket, "relaxed") !== true;
  }

  #onSent(message: Outgoing): void {
    this.#outgoing.drop();
    this.#isOwed = this.#socket.type === zmq.ZMQ_REQ;
    for (const callback of message.callbacks) callback.call(this.#emitter);
  }

  /** The socket takes the message when it has a peer with room. */
  #awaitRoom(message: Outgoing, writable: Writable): void {
    const sending = new AbortController();
    this.#sending = sending;
    writable.send(message.frames, { ...WAIT, signal: sending.signal }).then(
      () => this.#settle(() => this.#onSent(message)),
      (error: unknown) => {
        if (this.#socket.closed) return;
        // After `pause` it stays the first of the queue.
        if (sending.signal.aborted) return this.#settle(() => undefined);
        this.#settle(() => {
          this.#outgoing.drop();
          this.#fail(message, error);
        });
      },
    );
  }

  #settle(finish: () => void): void {
    process.nextTick(() => {
      this.#sending = null;
      if (this.#socket.closed) return;
      try {
        finish();
      } finally {
        this.#flush();
      }
    });
  }

  #fail(message: Outgoing, error: unknown): void {
    const compat = toCompatError(error);
    if (message.callbacks.length === 0) this.#emitter.emit("error", compat);
    for (const callback of message.callbacks) callback.call(this.#emitter, compat);
  }
}
