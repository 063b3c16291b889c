import type { Message } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";

/**
 * Messages in memory that is no ring: how many they are, then for each how many frames it has, then for each frame its
 * size and its octets. Numbers are 32-bit, lowest octet first.
 */
export function asideSize(messages: readonly Message[]): number {
  let size = 4;
  for (const message of messages) {
    size += 4;
    for (const frame of message) size += 4 + frame.length;
  }
  return size;
}

export function encodeAside(messages: readonly Message[], memory: SharedArrayBuffer): void {
  const octets = new Uint8Array(memory);
  const view = new DataView(memory);
  let at = 0;
  const put = (count: number): void => {
    view.setUint32(at, count, true);
    at += 4;
  };
  put(messages.length);
  for (const message of messages) {
    put(message.length);
    for (const frame of message) {
      put(frame.length);
      octets.set(frame, at);
      at += frame.length;
    }
  }
}

/** The messages in ordinary memory of their own. */
export function decodeAside(memory: SharedArrayBuffer, size: number): Message[] {
  const octets = platform.allocate(size);
  octets.set(new Uint8Array(memory, 0, size));
  const view = new DataView(octets.buffer, octets.byteOffset, size);
  let at = 0;
  const take = (): number => {
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const messages: Message[] = [];
  for (let left = take(); left > 0; left--) {
    const message: Message = [];
    for (let frames = take(); frames > 0; frames--) {
      const length = take();
      message.push(platform.view(octets.buffer, octets.byteOffset + at, length));
      at += length;
    }
    messages.push(message);
  }
  return messages;
}
