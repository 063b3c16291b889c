import type { Frame, Message } from "../../base/message.ts";
import { allocateBody } from "../../base/message.ts";

/** First octet of a frame that asks for the topic in the rest of it. 37/ZMTP, "The Publish-Subscribe Pattern". */
export const SUBSCRIBE = 1;
/** First octet of a frame that cancels the topic in the rest of it. */
export const CANCEL = 0;

/** Where the topic starts. */
export const TOPIC = 1;

/** Whether a frame that goes upstream is about a topic; all others are the user's. */
export function isSubscription(frame: Frame): boolean {
  return frame.length > 0 && frame[0]! <= SUBSCRIBE;
}

/** `01 topic` or `00 topic`. The topic stands in `octets` from `start` on and is copied. */
export function subscriptionFrame(kind: number, octets: Uint8Array, start: number): Frame {
  const frame = allocateBody(TOPIC + octets.length - start);
  frame[0] = kind;
  frame.set(start === 0 ? octets : octets.subarray(start), TOPIC);
  return frame;
}

/**
 * Hands every frame of an upstream message that is about a topic to `take`, and gives the user's frames, maybe none.
 * libzmq behaviour B60: any frame of a message may be about a topic, with `onlyFirst` only the first.
 */
export function takeSubscriptions(
  message: Message,
  onlyFirst: boolean,
  take: (frame: Frame) => void,
): Message {
  const rest: Message = [];
  for (let i = 0; i < message.length; i++) {
    const frame = message[i]!;
    if ((i === 0 || !onlyFirst) && isSubscription(frame)) take(frame);
    else rest.push(frame);
  }
  return rest;
}
