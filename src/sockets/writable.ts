import type { BlockingOptions } from "../core/blocking.ts";
import type { MessageLike } from "../core/message-like.ts";
import type { WaitOptions } from "../core/waiters.ts";
import type { Socket } from "./socket.ts";
import { coreOf, sendingOf } from "./socket.ts";

/** Sockets that send. */
export interface Writable {
  /**
   * Sends a message: a frame or an array of frames. Resolves when the message is queued for a peer, at once while
   * there is room. Calls may overlap; they send in order. Small frames are copied; bodies of 4 KiB and more go out by
   * reference and must not be changed until they are sent.
   *
   * @throws EAGAIN after `sendTimeout` ms (default: wait for ever), EBUSY with `maxPendingSends` calls waiting, EFSM,
   *   EHOSTUNREACH, EINVAL, ABORT_ERR, EBADF, ETERM: always as a rejection
   */
  send(message: MessageLike, options?: WaitOptions): Promise<void>;
  /** Sends now if that is possible, else answers `false`. Throws what `send` would reject with. */
  trySend(message: MessageLike): boolean;
  /**
   * Sends a message as `send` does, and stands still until there is room for it: see `receiveSync` for where that is
   * allowed, and what waits meanwhile.
   *
   * @throws EAGAIN after `timeoutMs` ms (default: `sendTimeout`, by default for ever; 0 does not wait), EDEADLK where the
   *   wait could never end or this thread has to serve the socket, unless `timeoutMs` is 0, EBUSY while `send` calls
   *   wait, EFSM, EHOSTUNREACH, EINVAL, EBADF, ETERM
   */
  sendSync(message: MessageLike, options?: BlockingOptions): void;
  /** Sends messages in order, without a promise for each. A rejection has `sentCount`, the messages that were sent. */
  sendMany(messages: readonly MessageLike[], options?: WaitOptions): Promise<void>;
}

const writable: Writable & ThisType<Socket> = {
  send(message, options) {
    return sendingOf(this).send(message, options);
  },
  trySend(message) {
    return sendingOf(this).trySend(message);
  },
  sendSync(message, options) {
    coreOf(this).blocking.send(message, options);
  },
  sendMany(messages, options) {
    return sendingOf(this).sendMany(messages, options);
  },
};

/** Gives a socket class the methods of `Writable`. */
export function installWritable(socketClass: { readonly prototype: Socket }): void {
  defineMethods(socketClass.prototype, writable);
}

/** Methods as a class body would define them. */
export function defineMethods(prototype: object, methods: object): void {
  for (const key of Reflect.ownKeys(methods)) {
    const value: unknown = Reflect.get(methods, key);
    Object.defineProperty(prototype, key, { value, writable: true, configurable: true });
  }
}
