import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { Timer } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";

/** How long a call may wait. */
export interface WaitOptions {
  /** Aborting rejects the call with ABORT_ERR and loses nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; -1 waits for ever. Default: the socket's option. */
  readonly timeoutMs?: number | undefined;
}

/** One call that waits, with what it asked for. */
export interface Waiter<Payload, Result> {
  readonly payload: Payload;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  timer: Timer | null;
  signal: AbortSignal | null;
  onAbort: (() => void) | null;
  promise: Promise<Result> | null;
}

/** Calls that wait, first come first served. While there is one the process stays alive. */
export class WaitQueue<Payload, Result> {
  readonly #queue: RingQueue<Waiter<Payload, Result>>;
  /** A sentence for the caller whose time ran out. */
  readonly #describeTimeout: (timeoutMs: number) => string;
  /** Adds to an error what the caller should know, e.g. how far it came. */
  readonly #note: ((error: Error, payload: Payload) => void) | null;

  constructor(
    describeTimeout: (timeoutMs: number) => string,
    note: ((error: Error, payload: Payload) => void) | null = null,
  ) {
    this.#queue = new RingQueue();
    this.#describeTimeout = describeTimeout;
    this.#note = note;
  }

  get isEmpty(): boolean {
    return this.#queue.isEmpty;
  }

  get length(): number {
    return this.#queue.length;
  }

  /** The call that is next. */
  peek(): Waiter<Payload, Result> | undefined {
    return this.#queue.peek();
  }

  /** Lets a call wait. `timeoutMs` -1 is for ever, 0 rejects at once. */
  add(payload: Payload, timeoutMs: number, signal: AbortSignal | undefined): Promise<Result> {
    // A signal tells of its abort once.
    if (signal?.aborted) return Promise.reject(this.#noted(abortError(signal), payload));
    if (timeoutMs === 0) return Promise.reject(this.#noted(new ZmqError("EAGAIN", this.#describeTimeout(0)), payload));
    let waiter: Waiter<Payload, Result> | undefined;
    const promise = new Promise<Result>((resolve, reject) => {
      waiter = { payload, resolve, reject, timer: null, signal: null, onAbort: null, promise: null };
    });
    this.#enter(waiter as unknown as Waiter<Payload, Result>, promise, timeoutMs, signal);
    return promise;
  }

  /** Settles the call that is next with a result. */
  resolveNext(result: Result): void {
    this.#takeNext().resolve(result);
  }

  /** Settles the call that is next with an error. */
  rejectNext(error: Error): void {
    const waiter = this.#takeNext();
    waiter.reject(this.#noted(error, waiter.payload));
  }

  /** Settles every call, wherever it stands, that `isDue`; the others keep their order. */
  resolveWhere(isDue: (payload: Payload) => boolean, result: Result): void {
    const count = this.#queue.length;
    for (let left = count; left > 0; left--) {
      const waiter = this.#queue.take() as Waiter<Payload, Result>;
      if (isDue(waiter.payload)) {
        release(waiter);
        waiter.resolve(result);
      } else {
        this.#queue.push(waiter);
      }
    }
    if (count > 0 && this.#queue.isEmpty) platform.release();
  }

  /** Rejects all calls because their socket ends: a program that dropped their promises is not brought down by it. */
  rejectAll(makeError: () => Error): void {
    for (let waiter = this.#queue.peek(); waiter !== undefined; waiter = this.#queue.peek()) {
      waiter.promise?.catch(() => undefined);
      this.rejectNext(makeError());
    }
  }

  #enter(waiter: Waiter<Payload, Result>, promise: Promise<Result>, timeoutMs: number, signal: AbortSignal | undefined): void {
    waiter.promise = promise;
    if (timeoutMs > 0) waiter.timer = platform.setTimer(() => this.#expire(waiter, timeoutMs), timeoutMs);
    if (signal !== undefined) {
      waiter.signal = signal;
      waiter.onAbort = () => this.#abort(waiter);
      signal.addEventListener("abort", waiter.onAbort, { once: true });
    }
    if (this.#queue.isEmpty) platform.hold();
    this.#queue.push(waiter);
  }

  #takeNext(): Waiter<Payload, Result> {
    const waiter = this.#queue.take() as Waiter<Payload, Result>;
    release(waiter);
    if (this.#queue.isEmpty) platform.release();
    return waiter;
  }

  #expire(waiter: Waiter<Payload, Result>, timeoutMs: number): void {
    this.#withdraw(waiter, new ZmqError("EAGAIN", this.#describeTimeout(timeoutMs)));
  }

  #abort(waiter: Waiter<Payload, Result>): void {
    this.#withdraw(waiter, abortError(waiter.signal as AbortSignal));
  }

  #withdraw(waiter: Waiter<Payload, Result>, error: Error): void {
    if (!this.#queue.remove(waiter)) return;
    release(waiter);
    if (this.#queue.isEmpty) platform.release();
    waiter.reject(this.#noted(error, waiter.payload));
  }

  #noted(error: Error, payload: Payload): Error {
    this.#note?.(error, payload);
    return error;
  }
}

/** The rejection of a call whose signal was aborted. */
export function abortError(signal: AbortSignal): ZmqError {
  return new ZmqError("ABORT_ERR", "The call was aborted by its signal.", { cause: signal.reason });
}

function release(waiter: Pick<Waiter<unknown, unknown>, "timer" | "signal" | "onAbort">): void {
  if (waiter.timer !== null) platform.clearTimer(waiter.timer);
  if (waiter.onAbort !== null) (waiter.signal as AbortSignal).removeEventListener("abort", waiter.onAbort);
}
