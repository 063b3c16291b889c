import { platform } from "./platform.ts";

/** One frame of a message: an octet string. In Node these are `Buffer`s whenever they reach the application. */
export type Frame = Uint8Array;

/**
 * A message: one or more frames, atomic. All layers hand on this one array; it is one queue element and counts once
 * against a high-water mark. A message that is in a pipe or beyond is never changed any more.
 */
export type Message = Frame[];

/**
 * Bodies below this many octets are copied when a message must outlive the `send` call that brought it; larger ones
 * are kept by reference. An application may therefore reuse its small buffers at once, as with `zmq_send`, and large
 * bodies stay zero-copy.
 */
export const COPY_SIZE_MAX = 4096;

const SLAB_SIZE = 8192;
let slab: Uint8Array | null = null;
let slabOffset = 0;

/** A body of `size` octets for the caller to fill: small ones share a slab of 8 KiB, as `Buffer.allocUnsafe` does. */
export function allocateBody(size: number): Uint8Array {
  if (size > SLAB_SIZE >> 2) return platform.allocate(size);
  if (slab === null || slabOffset + size > SLAB_SIZE) {
    slab = platform.allocate(SLAB_SIZE);
    slabOffset = 0;
  }
  const body = platform.view(slab.buffer, slab.byteOffset + slabOffset, size);
  // Aligned, so that copies into it go by words.
  slabOffset += (size + 7) & ~7;
  return body;
}

/** A private copy of a frame. */
export function copyFrame(frame: Frame): Frame {
  const size = frame.length;
  const body = allocateBody(size);
  if (size < 48) for (let i = 0; i < size; i++) body[i] = frame[i]!;
  else body.set(frame);
  return body;
}

/** The message in a form that may be kept after the call that lent it: small bodies copied, large ones by reference. */
export function keepMessage(message: Message): Message {
  const count = message.length;
  if (count === 1) {
    const frame = message[0]!;
    return [frame.length < COPY_SIZE_MAX ? copyFrame(frame) : frame];
  }
  const kept: Message = new Array(count);
  for (let i = 0; i < count; i++) {
    const frame = message[i]!;
    kept[i] = frame.length < COPY_SIZE_MAX ? copyFrame(frame) : frame;
  }
  return kept;
}

/** Octets in all bodies of a message, framing not counted. */
export function messageSize(message: Message): number {
  let size = 0;
  for (let i = 0; i < message.length; i++) size += message[i]!.length;
  return size;
}
