import assert from "node:assert/strict";
import type { Message } from "../../src/base/message.ts";
import { RUN_FRAMES_MAX, RUN_SIZE_MAX } from "../../src/base/run.ts";
import { decodeNaively } from "./naive-decoder.ts";

/** The messages of a run, taken apart word by word; they must be whole and as many as it says. */
export function messagesOfRun(octets: Uint8Array, from: number, to: number, count: number): Message[] {
  assert.ok(count > 0 && from < to && to <= octets.length && to - from <= RUN_SIZE_MAX);
  const limits = { frameSizeMax: 255, commandSizeMax: -1 };
  const { frames, errorCode, restSize } = decodeNaively(Uint8Array.from(octets.subarray(from, to)), limits);
  assert.deepEqual([errorCode, restSize], [undefined, 0]);
  const messages: Message[] = [[]];
  for (const { flags, body } of frames) {
    assert.ok(flags === 0 || flags === 1, `flags ${flags}`);
    const message = messages.at(-1) as Message;
    message.push(body);
    assert.ok(message.length <= RUN_FRAMES_MAX);
    if (flags === 0) messages.push([]);
  }
  assert.deepEqual(messages.pop(), []);
  assert.equal(messages.length, count);
  return messages;
}
