import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import { INT_MAX } from "../../core/option-row.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { Asker } from "./asker.ts";

/** How often and how long `request` tries. */
export interface RetryOptions {
  /** Milliseconds that each attempt waits for the reply; -1 waits for ever. Default 2500. */
  readonly timeoutMs?: number | undefined;
  /** Further attempts after the first. Default 2. */
  readonly retries?: number | undefined;
  /** Aborting rejects the call with ABORT_ERR; a reply that comes yet is dropped, and the socket is free at once. */
  readonly signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 2500;
const RETRIES = 2;

/** Who keeps the calls of a socket. */
export interface CallOwner {
  onReply(call: RequestCall, reply: Message): void;
  /** The time of an attempt is over, and what waited to be read has been looked at. */
  onTimeout(call: RequestCall): void;
  onServerLost(call: RequestCall): void;
}

/** One `request()`: its promise, its attempts and the time of each. */
export class RequestCall implements Asker {
  readonly body: Message;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal: AbortSignal | undefined;
  readonly promise: Promise<Message>;
  message: Message;
  id: number;
  server: Pipe | null;
  isOver: boolean;
  /** When the first attempt began. */
  startMs: number;
  /** Attempts begun, and how many of them went out. */
  attemptCount: number;
  sentCount: number;
  resolve: (reply: Message) => void;
  reject: (error: Error) => void;
  readonly #owner: CallOwner;
  #timer: Timer | null;

  constructor(owner: CallOwner, body: Message, options: RetryOptions) {
    this.body = body;
    this.timeoutMs = checkedTimeout(options.timeoutMs ?? TIMEOUT_MS);
    this.retries = checkedRetries(options.retries ?? RETRIES);
    this.signal = options.signal;
    this.message = body;
    this.id = -1;
    this.server = null;
    this.isOver = false;
    this.startMs = 0;
    this.attemptCount = 0;
    this.sentCount = 0;
    this.resolve = nothing;
    this.reject = nothing;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.#owner = owner;
    this.#timer = null;
  }

  get hasAttempts(): boolean {
    return this.attemptCount <= this.retries;
  }

  /** The next attempt begins, and its time with it. */
  begin(): void {
    this.attemptCount++;
    this.#stopTimer();
    if (this.timeoutMs >= 0) this.#timer = platform.setTimer(() => this.#expire(), this.timeoutMs);
  }

  /** Nothing of it is left in a timer. */
  end(): void {
    this.isOver = true;
    this.#stopTimer();
  }

  onReply(reply: Message): void {
    this.#owner.onReply(this, reply);
  }

  onServerLost(): void {
    this.#owner.onServerLost(this);
  }

  #stopTimer(): void {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
  }

  /** After a stall of our own the reply may be waiting to be read: it gets the chance (docs/adr/0012). */
  #expire(): void {
    const { attemptCount } = this;
    this.#timer = null;
    platform.yieldTurn(() => {
      if (!this.isOver && this.attemptCount === attemptCount) this.#owner.onTimeout(this);
    });
  }
}

function nothing(): void {
  // Before the promise is made.
}

function checkedTimeout(timeoutMs: number): number {
  const isNumber = typeof timeoutMs === "number";
  if (isNumber && (timeoutMs === -1 || (timeoutMs > 0 && timeoutMs <= INT_MAX))) return timeoutMs;
  throw new ZmqError(
    "EINVAL",
    `timeoutMs of request() is -1 or a number of milliseconds above 0, at most ${INT_MAX}, not ${String(timeoutMs)}.`,
  );
}

function checkedRetries(retries: number): number {
  if (Number.isInteger(retries) && retries >= 0) return retries;
  throw new ZmqError(
    "EINVAL",
    `retries of request() is a whole number of attempts from 0, not ${String(retries)}.`,
  );
}
