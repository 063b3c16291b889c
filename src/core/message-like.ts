import { ZmqError } from "../base/errors.ts";
import type { Frame, Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";

/** One frame as `send` takes it: octets, text (UTF-8), a number (its decimal text) or `null` (an empty frame). */
export type FrameLike = ArrayBufferView | ArrayBufferLike | string | number | null;

/** A message as `send` takes it: one frame or an array of frames. */
export type MessageLike = FrameLike | readonly FrameLike[];

/** The frames of a message, by reference where they are octets. Throws EINVAL for anything that is no message. */
export function toMessage(input: MessageLike): Message {
  if (input instanceof Uint8Array) return [input];
  if (!Array.isArray(input)) return [toFrame(input as FrameLike)];
  const count = input.length;
  if (count === 0)
    throw new ZmqError("EINVAL", "A message needs at least one frame; an empty array was given.");
  const message: Message = new Array(count);
  for (let i = 0; i < count; i++) {
    const frame = input[i] as FrameLike;
    message[i] = frame instanceof Uint8Array ? frame : toFrame(frame);
  }
  return message;
}

function toFrame(input: FrameLike): Frame {
  if (typeof input === "string") return platform.encodeText(input);
  if (input === null) return platform.view(NOTHING, 0, 0);
  if (typeof input === "number") return platform.encodeText(String(input));
  if (ArrayBuffer.isView(input)) return platform.view(input.buffer, input.byteOffset, input.byteLength);
  if (isArrayBuffer(input)) return platform.view(input, 0, input.byteLength);
  const shown = input === undefined ? "undefined" : typeof input;
  throw new ZmqError("EINVAL", `A frame cannot be made of ${shown}.`, {
    remedy: "Send a Buffer, typed array, ArrayBuffer, string, number or null, or an array of these.",
  });
}

const NOTHING = new ArrayBuffer(0);

function isArrayBuffer(input: unknown): input is ArrayBufferLike {
  if (input instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== "undefined" && input instanceof SharedArrayBuffer;
}
