import assert from "node:assert/strict";
import { endianness } from "node:os";
import { test } from "node:test";
import { encodeStatistics, FlowCount } from "../../../src/services/proxy-statistics.ts";

const octets = (size: number): Uint8Array => new Uint8Array(size);

test("messages, their frames and all their bytes are counted", () => {
  const count = new FlowCount();
  count.add([octets(3)]);
  count.add([octets(0), octets(1000), octets(24)]);
  assert.deepEqual(count.without(null), { messages: 2, frames: 4, bytes: 1027 });
  assert.deepEqual(count.without([octets(20), octets(7)]), { messages: 1, frames: 2, bytes: 1000 });
  assert.deepEqual(new FlowCount().without(null), { messages: 0, frames: 0, bytes: 0 });
});

test("they are told as eight numbers of 64 bits, frames before bytes, received before sent, front before back", () => {
  const flow = (frames: number, bytes: number) => ({ messages: 99, frames, bytes });
  const message = encodeStatistics({
    frontEnd: { received: flow(1, 2), sent: flow(3, 4) },
    backEnd: { received: flow(5, 6), sent: flow(7, 2 ** 53 - 1) },
  });
  const read = endianness() === "LE" ? "readBigUInt64LE" : "readBigUInt64BE";
  assert.deepEqual(
    message.map((frame) => Buffer.from(frame)[read]()),
    [1n, 2n, 3n, 4n, 5n, 6n, 7n, 9007199254740991n],
  );
  assert.ok(message.every((frame) => frame.length === 8));
});
