import type { Message } from "../../base/message.ts";
import type { BlockingOptions } from "../../core/blocking.ts";
import type { MessageLike } from "../../core/message-like.ts";
import type { WaitOptions } from "../../core/waiters.ts";
import { BATCH_COUNT_MAX, Iteration } from "../readable.ts";
import type { Socket } from "../socket.ts";
import { coreOf, receivingOf, sendingOf } from "../socket.ts";
import { defineMethods } from "../writable.ts";

/** A message of one frame, and what goes with it: `[body, { routingId }]`, `[body, { group }]`. */
export type LabelledMessage<Label> = [body: Buffer, label: Label];

/** Sockets whose messages bear a label when they are received. All methods do as those of `Readable`. */
export interface LabelledReadable<Label> {
  /** The next message with its label. Rejects as `Readable.receive`. */
  receive(options?: WaitOptions): Promise<LabelledMessage<Label>>;
  /** The next message if one is there. Throws what `receive` would reject with. */
  tryReceive(): LabelledMessage<Label> | undefined;
  /** Resolves when a message is there, and takes none. */
  waitForMessage(options?: WaitOptions): Promise<void>;
  /** The next message, while this thread stands still: see `Readable.receiveSync` for where that is allowed. */
  receiveSync(options?: BlockingOptions): LabelledMessage<Label>;
  /** All messages that are there, at least one and at most `countMax`: waits for the first only. */
  receiveMany(countMax?: number, options?: WaitOptions): Promise<LabelledMessage<Label>[]>;
  /** Arrays of messages, as `receiveMany` gives them, of `countMax` at most (default 256), until the socket closes. */
  batches(countMax?: number): AsyncIterableIterator<LabelledMessage<Label>[], undefined>;
  /** Messages until the socket closes. */
  [Symbol.asyncIterator](): AsyncIterator<LabelledMessage<Label>, undefined>;
}

/** Sockets whose messages need a label to be sent. All methods do as those of `Writable`. */
export interface LabelledWritable<Label> {
  /** Sends a message of one frame. Rejects as `Writable.send`; EINVAL without a label, or for more than one frame. */
  send(message: MessageLike, options: Label & WaitOptions): Promise<void>;
  /** Sends now if that is possible, else answers `false`. Throws what `send` would reject with. */
  trySend(message: MessageLike, label: Label): boolean;
  /** Sends, and stands still until there is room: see `Writable.sendSync` for where that is allowed. */
  sendSync(message: MessageLike, options: Label & BlockingOptions): void;
  /** Sends messages with their labels in order, as `receiveMany` gives them. A rejection has `sentCount`. */
  sendMany(messages: readonly (readonly [MessageLike, Label])[], options?: WaitOptions): Promise<void>;
}

/**
 * Gives a socket class the methods of `LabelledReadable`. `show` makes of a message what the application gets, and of the
 * very same array: by it the library knows again whom the message came from.
 */
export function installLabelledReadable<Label>(
  socketClass: { readonly prototype: Socket },
  show: (message: Message) => LabelledMessage<Label>,
): void {
  const showAll = (messages: Message[]): LabelledMessage<Label>[] => messages.map(show);
  const readable: LabelledReadable<Label> & ThisType<Socket> = {
    receive(options) {
      return receivingOf(this).receive(options).then(show);
    },
    tryReceive() {
      const message = receivingOf(this).tryReceive();
      return message === undefined ? undefined : show(message);
    },
    waitForMessage(options) {
      return receivingOf(this).waitForMessage(options);
    },
    receiveSync(options) {
      return show(coreOf(this).blocking.receive(options));
    },
    receiveMany(countMax, options) {
      return receivingOf(this).receiveMany(countMax, options).then(showAll);
    },
    batches(countMax = BATCH_COUNT_MAX) {
      const receiving = receivingOf(this);
      return new Iteration(receiving, () => receiving.receiveMany(countMax).then(showAll));
    },
    [Symbol.asyncIterator]() {
      const receiving = receivingOf(this);
      return new Iteration(receiving, () => receiving.receive().then(show));
    },
  };
  defineMethods(socketClass.prototype, readable);
}

/**
 * Gives a socket class the methods of `LabelledWritable`. `frames` makes of what the application gave the message inside,
 * or throws EINVAL.
 */
export function installLabelledWritable<Label>(
  socketClass: { readonly prototype: Socket },
  frames: (message: MessageLike, label: Label) => MessageLike,
): void {
  const writable: LabelledWritable<Label> & ThisType<Socket> = {
    send(message, options) {
      try {
        return sendingOf(this).send(frames(message, options), options);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    trySend(message, label) {
      return sendingOf(this).trySend(frames(message, label));
    },
    sendSync(message, options) {
      coreOf(this).blocking.send(frames(message, options), options);
    },
    sendMany(messages, options) {
      let whole: MessageLike[];
      try {
        whole = messages.map(([message, label]) => frames(message, label));
      } catch (error) {
        return Promise.reject(Object.assign(error as Error, { sentCount: 0 }));
      }
      return sendingOf(this).sendMany(whole, options);
    },
  };
  defineMethods(socketClass.prototype, writable);
}
