import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { MessageLike } from "../../core/message-like.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import type { FairQueue } from "../../routing/fair-queue.ts";

/** 41/CLIENTSERVER: "the rest of the thread-safe family MUST NOT allow multipart messages" (libzmq behaviour B120). */
export function checkSingle(name: string, message: { readonly length: number }): void {
  if (message.length === 1) return;
  throw new ZmqError("EINVAL", `A ${name} message has one frame, not ${message.length}.`, {
    remedy: "Put the parts into one frame, in an encoding of your own; or use a socket type with frames.",
  });
}

/** The one frame of what an application sends. Throws EINVAL for more. */
export function singleFrame(name: string, message: MessageLike): Exclude<MessageLike, readonly unknown[]> {
  if (!Array.isArray(message)) return message as Exclude<MessageLike, readonly unknown[]>;
  checkSingle(name, message);
  return message[0];
}

/** Whether a received message has one frame. 41/CLIENTSERVER: it "MUST discard any part of a multipart message". */
export function isSingle(message: Message, host: PatternHost, origin: Pipe | null): boolean {
  if (message.length === 1) return true;
  if (origin !== null) host.countReceivedDrop(origin, "protocol");
  return false;
}

/** The next message of one frame. */
export function receiveSingle<Label>(host: PatternHost, inward: FairQueue<Label>): Message | undefined {
  for (;;) {
    const message = inward.receive();
    if (message === undefined || isSingle(message, host, inward.origin)) return message;
  }
}
