import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { FairQueue } from "../../routing/fair-queue.ts";

/** 41/CLIENTSERVER: "the rest of the thread-safe family MUST NOT allow multipart messages" (libzmq behaviour B120). */
export function checkSingle(name: string, message: Message): void {
  if (message.length === 1) return;
  throw new ZmqError("EINVAL", `A ${name} message has one frame, not ${message.length}.`, {
    remedy: "Put the parts into one frame, in an encoding of your own; or use a socket type with frames.",
  });
}

/** The next message of one frame. 41/CLIENTSERVER: it "MUST discard any part of a multipart message". */
export function receiveSingle<Label>(host: PatternHost, inward: FairQueue<Label>): Message | undefined {
  for (;;) {
    const message = inward.receive();
    if (message === undefined || message.length === 1) return message;
    const { origin } = inward;
    if (origin !== null) host.countReceivedDrop(origin, "protocol");
  }
}
