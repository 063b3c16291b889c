import type { Frame, Message } from "../base/message.ts";
import type { BlockingOptions } from "../core/blocking.ts";
import type { Receiving } from "../core/receiving.ts";
import type { WaitOptions } from "../core/waiters.ts";
import type { Socket } from "./socket.ts";
import { coreOf, receivingOf } from "./socket.ts";
import { defineMethods } from "./writable.ts";

/** A received message: its frames, each a `Buffer` in Node. */
export type ReceivedMessage = Buffer[];

/** Sockets that receive. */
export interface Readable {
  /**
   * The next message, as an array of its frames. Calls may overlap; they get messages in order. An aborted or timed-out
   * call takes no message.
   *
   * @throws EAGAIN after `receiveTimeout` ms (default: wait for ever) or when the socket is closed meanwhile, EBUSY with
   *   `maxPendingReceives` calls waiting, EFSM, ABORT_ERR, EBADF, ETERM: always as a rejection
   */
  receive(options?: WaitOptions): Promise<ReceivedMessage>;
  /** The next message if one is there. Throws what `receive` would reject with. */
  tryReceive(): ReceivedMessage | undefined;
  /**
   * Resolves when a message is there, and takes none: for who reads with `tryReceive`, and stops when he likes. A socket
   * whose turn it is to send (REQ, REP) waits for the reply or request after that.
   *
   * @throws what `receive` does, but EFSM
   */
  waitForMessage(options?: WaitOptions): Promise<void>;
  /**
   * The next message, as `receive` gives it, while this thread stands still: for workers without other work, and for
   * round trips between threads, which cost a fraction of what `await` does. Peers must be served by other threads:
   * sockets there over inproc, or any where the context has `ioMode` background. What those send to other sockets of
   * this thread is kept meanwhile; promises, timers and listeners of this thread wait until its loop turns again.
   *
   * @throws EAGAIN after `timeoutMs` ms (default: `receiveTimeout`, by default for ever; 0 takes what has come), EDEADLK
   *   where the wait could never end or this thread has to serve the socket, unless `timeoutMs` is 0, EBUSY while
   *   `receive` calls wait, EFSM, EINVAL, EBADF, ETERM
   */
  receiveSync(options?: BlockingOptions): ReceivedMessage;
  /** All messages that are there, at least one and at most `countMax`: waits for the first only. */
  receiveMany(countMax?: number, options?: WaitOptions): Promise<ReceivedMessage[]>;
  /** Arrays of messages, as `receiveMany` gives them, of `countMax` at most (default 256), until the socket closes. */
  batches(countMax?: number): AsyncIterableIterator<ReceivedMessage[], undefined>;
  /** Messages until the socket closes. */
  [Symbol.asyncIterator](): AsyncIterator<ReceivedMessage, undefined>;
}

/** An application that reads a hundred sockets holds a batch of each: larger ones outlive the collector's young space. */
export const BATCH_COUNT_MAX = 256;

const readable: Readable & ThisType<Socket> = {
  receive(options) {
    return receivingOf(this).receive(options) as Promise<ReceivedMessage>;
  },
  tryReceive() {
    return receivingOf(this).tryReceive() as ReceivedMessage | undefined;
  },
  waitForMessage(options) {
    return receivingOf(this).waitForMessage(options);
  },
  receiveSync(options) {
    return coreOf(this).blocking.receive(options) as ReceivedMessage;
  },
  receiveMany(countMax, options) {
    return receivingOf(this).receiveMany(countMax, options) as Promise<ReceivedMessage[]>;
  },
  batches(countMax = BATCH_COUNT_MAX) {
    const receiving = receivingOf(this);
    return new Iteration(receiving, () => receiving.receiveMany(countMax) as Promise<ReceivedMessage[]>);
  },
  [Symbol.asyncIterator]() {
    return new MessageIterator(receivingOf(this)) as AsyncIterator<ReceivedMessage, undefined>;
  },
};

/** Gives a socket class the methods of `Readable`. */
export function installReadable(socketClass: { readonly prototype: Socket }): void {
  defineMethods(socketClass.prototype, readable);
}

class MessageIterator implements AsyncIterator<Frame[], undefined> {
  readonly #receiving: Receiving;

  constructor(receiving: Receiving) {
    this.#receiving = receiving;
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    try {
      const message = this.#receiving.takeNow();
      if (message !== undefined) return Promise.resolve({ value: message, done: false });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#receiving.receive().then(yielded, (error: unknown) => endOrThrow(this.#receiving, error));
  }

  return(): Promise<IteratorResult<Message, undefined>> {
    return Promise.resolve(END);
  }
}

/** What `take` gives, time after time, until the socket closes. */
export class Iteration<Item> implements AsyncIterableIterator<Item, undefined> {
  readonly #receiving: Receiving;
  readonly #take: () => Promise<Item>;

  constructor(receiving: Receiving, take: () => Promise<Item>) {
    this.#receiving = receiving;
    this.#take = take;
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    return this.#take().then(yielded, (error: unknown) => endOrThrow(this.#receiving, error));
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    return Promise.resolve(END);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const END = { value: undefined, done: true } as const;

function yielded<T>(value: T): IteratorResult<T, undefined> {
  return { value, done: false };
}

/** Closing the socket ends an iteration; every other error is thrown into it. */
function endOrThrow(receiving: Receiving, error: unknown): typeof END {
  if (receiving.isShut && !receiving.isTerminated) return END;
  throw error;
}
