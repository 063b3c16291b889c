import type { MessageLike } from "../core/message-like.ts";
import type { WaitOptions } from "../core/waiters.ts";
import type { Socket } from "./socket.ts";
import { sendingOf } from "./socket.ts";

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
