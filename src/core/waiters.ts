import { ZmqError } from "../base/errors.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";

/** How long a call may wait. */
export interface WaitOptions {
  /** Aborting rejects the call with ABORT_ERR and loses nothing. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; -1 waits for ever. Default: the socket's option. */
  readonly timeoutMs?: number | undefined;
  /** `false`: the process may end although the call waits. Default true. */
  readonly keepAlive?: boolean | undefined;
}

/** One call that waits, with what it asked for. */
export interface Waiter<Payload, Result> {
  readonly payload: Payload;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
  timer: Timer | null;
  readonly signal: AbortSignal | undefined;
  /** Whether it keeps the process alive. */
  readonly holds: boolean;
  promise: Promise<Result> | null;
}

/** The listener on a signal, and how many calls wait with it. */
interface Watch {
  readonly listener: () => void;
  count: number;
}

/** Calls that wait, first come first served. While there is one the process stays alive, unless it does without. */
export class WaitQueue<Payload, Result> {
  readonly #queue: RingQueue<Waiter<Payload, Result>>;
  /** A sentence for the caller whose time ran out. */
  readonly #describeTimeout: (timeoutMs: number) => string;
  /** Adds to an error what the caller should know, e.g. how far it came. */
  readonly #note: ((error: Error, payload: Payload) => void) | null;
  /** One listener for all calls that share a signal: eleven of them Node takes for a leak. */
  #watches: Map<AbortSignal, Watch> | null;
  #holdCount: number;

  constructor(
    describeTimeout: (timeoutMs: number) => string,
    note: ((error: Error, payload: Payload) => void) | null = null,
  ) {
    this.#queue = new RingQueue();
    this.#describeTimeout = describeTimeout;
    this.#note = note;
    this.#watches = null;
    this.#holdCount = 0;
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
  add(payload: Payload, timeoutMs: number, signal: AbortSignal | undefined, holds = true): Promise<Result> {
    // A signal tells of its abort once.
    if (signal?.aborted) return Promise.reject(this.#noted(abortError(signal), payload));
    if (timeoutMs === 0)
      return Promise.reject(this.#noted(new ZmqError("EAGAIN", this.#describeTimeout(0)), payload));
    let waiter: Waiter<Payload, Result> | undefined;
    const promise = new Promise<Result>((resolve, reject) => {
      waiter = { payload, resolve, reject, timer: null, signal, holds, promise: null };
    });
    this.#enter(waiter as unknown as Waiter<Payload, Result>, promise, timeoutMs);
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
    for (const waiter of this.#takeWhere(({ payload }) => isDue(payload))) waiter.resolve(result);
  }

  /** Rejects all calls because their socket ends: a program that dropped their promises is not brought down by it. */
  rejectAll(makeError: () => Error): void {
    for (let waiter = this.#queue.peek(); waiter !== undefined; waiter = this.#queue.peek()) {
      waiter.promise?.catch(() => undefined);
      this.rejectNext(makeError());
    }
  }

  #enter(waiter: Waiter<Payload, Result>, promise: Promise<Result>, timeoutMs: number): void {
    waiter.promise = promise;
    if (timeoutMs > 0) waiter.timer = platform.setTimer(() => this.#expire(waiter, timeoutMs), timeoutMs);
    if (waiter.signal !== undefined) this.#watch(waiter.signal);
    if (waiter.holds && this.#holdCount++ === 0) platform.hold();
    this.#queue.push(waiter);
  }

  #takeNext(): Waiter<Payload, Result> {
    const waiter = this.#queue.take() as Waiter<Payload, Result>;
    this.#release(waiter);
    return waiter;
  }

  /** Takes out all that `isDue`, in order; the others keep theirs. */
  #takeWhere(isDue: (waiter: Waiter<Payload, Result>) => boolean): Waiter<Payload, Result>[] {
    const taken: Waiter<Payload, Result>[] = [];
    for (let left = this.#queue.length; left > 0; left--) {
      const waiter = this.#queue.take() as Waiter<Payload, Result>;
      if (isDue(waiter)) taken.push(waiter);
      else this.#queue.push(waiter);
    }
    for (const waiter of taken) this.#release(waiter);
    return taken;
  }

  #expire(waiter: Waiter<Payload, Result>, timeoutMs: number): void {
    if (!this.#queue.remove(waiter)) return;
    this.#release(waiter);
    waiter.reject(this.#noted(new ZmqError("EAGAIN", this.#describeTimeout(timeoutMs)), waiter.payload));
  }

  #watch(signal: AbortSignal): void {
    this.#watches ??= new Map();
    let watch = this.#watches.get(signal);
    if (watch === undefined) {
      watch = { listener: () => this.#abort(signal), count: 0 };
      this.#watches.set(signal, watch);
      signal.addEventListener("abort", watch.listener, { once: true });
    }
    watch.count++;
  }

  #abort(signal: AbortSignal): void {
    for (const waiter of this.#takeWhere((one) => one.signal === signal)) {
      waiter.reject(this.#noted(abortError(signal), waiter.payload));
    }
  }

  /** The call is settled: nothing of it is left in a timer, on its signal or on the process. */
  #release({ timer, signal, holds }: Waiter<Payload, Result>): void {
    if (holds && --this.#holdCount === 0) platform.release();
    if (timer !== null) platform.clearTimer(timer);
    if (signal === undefined) return;
    const watch = this.#watches?.get(signal) as Watch;
    if (--watch.count > 0) return;
    this.#watches?.delete(signal);
    signal.removeEventListener("abort", watch.listener);
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
