import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { MonitorEvent, MonitorEventType, MonitorHub } from "./monitor-event.ts";
import { threadBound } from "./thread-bound.ts";

/** Events kept for a slow reader; older ones make way. libzmq would block the socket here. */
const EVENT_COUNT_MAX = 1000;

interface EventWaiter {
  readonly resolve: (event: MonitorEvent) => void;
  readonly reject: (error: Error) => void;
  promise: Promise<MonitorEvent> | null;
}

const bindToThread = threadBound("Observe in the socket's thread, and post what is to be known elsewhere.");

type Listener<Type extends MonitorEventType> = (event: Extract<MonitorEvent, { type: Type }>) => void;

/**
 * The events of one socket, read in one of two ways: `for await (const event of socket.events)` and `receive()`, or
 * `socket.events.on("accept", (event) => ...)`. Watching never holds the socket up and does not keep the process alive
 * by itself; a pending `receive` does.
 */
export class Observer {
  readonly #hub: MonitorHub;
  readonly #queue: RingQueue<MonitorEvent>;
  readonly #handlers: Map<MonitorEventType, Set<Listener<never>>>;
  readonly #receive: (event: MonitorEvent) => void;
  #waiter: EventWaiter | null;
  #isClosed: boolean;
  #droppedCount: number;

  /** @internal */
  constructor(hub: MonitorHub, isSocketClosed: () => boolean) {
    this.#hub = hub;
    this.#queue = new RingQueue();
    this.#handlers = new Map();
    this.#receive = (event) => this.#onEvent(event);
    this.#waiter = null;
    this.#isClosed = isSocketClosed();
    this.#droppedCount = 0;
    if (!this.#isClosed) hub.add(this.#receive);
    bindToThread(this);
  }

  /** Whether no more events will come. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /** Events that made way for newer ones because nobody read them. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** What loggers show of it. */
  toJSON(): object {
    return { type: "Observer", closed: this.#isClosed, droppedCount: this.#droppedCount };
  }

  /** Stops observing; the iteration ends. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#hub.remove(this.#receive);
    this.#settleWaiter((waiter) => {
      // A program that dropped the promise is not brought down by it.
      waiter.promise?.catch(() => undefined);
      waiter.reject(closedError());
    });
  }

  /** The next event. EBADF when observing ended, EBUSY when another call waits. */
  receive(): Promise<MonitorEvent> {
    const event = this.#queue.take();
    if (event !== undefined) return Promise.resolve(event);
    if (this.#isClosed) return Promise.reject(closedError());
    if (this.#waiter !== null)
      return Promise.reject(new ZmqError("EBUSY", "Another receive() waits on this observer."));
    platform.hold();
    let waiter: EventWaiter | null = null;
    const promise = new Promise<MonitorEvent>((resolve, reject) => {
      this.#waiter = waiter = { resolve, reject, promise: null };
    });
    (waiter as unknown as EventWaiter).promise = promise;
    return promise;
  }

  /** Calls `listener` for each event of a type. What it throws is reported as an uncaught error, not to the socket. */
  on<Type extends MonitorEventType>(type: Type, listener: Listener<Type>): this {
    let handlers = this.#handlers.get(type);
    if (handlers === undefined) this.#handlers.set(type, (handlers = new Set()));
    handlers.add(listener as unknown as Listener<never>);
    return this;
  }

  /** Undoes `on`. */
  off<Type extends MonitorEventType>(type: Type, listener: Listener<Type>): this {
    this.#handlers.get(type)?.delete(listener as unknown as Listener<never>);
    return this;
  }

  /** Events until the socket or the observer closes. */
  async *[Symbol.asyncIterator](): AsyncIterator<MonitorEvent, undefined> {
    while (!this.#isClosed || !this.#queue.isEmpty) {
      try {
        yield await this.receive();
      } catch (error) {
        if (this.#isClosed) return;
        throw error;
      }
    }
  }

  #onEvent(event: MonitorEvent): void {
    const handlers = this.#handlers.get(event.type);
    if (handlers !== undefined)
      for (const handler of handlers) callLater(handler as unknown as (event: MonitorEvent) => void, event);
    if (this.#waiter !== null) this.#settleWaiter((waiter) => waiter.resolve(event));
    else if (this.#handlers.size === 0 || this.#queue.length > 0) this.#keep(event);
    if (event.type !== "end") return;
    this.#isClosed = true;
    this.#hub.remove(this.#receive);
  }

  #keep(event: MonitorEvent): void {
    if (this.#queue.length >= EVENT_COUNT_MAX) {
      this.#queue.take();
      this.#droppedCount++;
    }
    this.#queue.push(event);
  }

  #settleWaiter(settle: (waiter: EventWaiter) => void): void {
    const waiter = this.#waiter;
    if (waiter === null) return;
    this.#waiter = null;
    platform.release();
    settle(waiter);
  }
}

/** A listener of the application runs in a turn of its own: what it throws or calls cannot disturb the connection. */
function callLater(handler: (event: MonitorEvent) => void, event: MonitorEvent): void {
  platform.defer(() => handler(event));
}

function closedError(): ZmqError {
  return new ZmqError("EBADF", "The observer is closed.", {
    remedy: "Its socket closed, or close() was called on it.",
  });
}
