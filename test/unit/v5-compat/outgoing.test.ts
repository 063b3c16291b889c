import assert from "node:assert/strict";
import { test } from "node:test";
import { OutgoingQueue } from "../../../src/v5-compat/outgoing.ts";

test("a message is whole with the first frame after which no more come", () => {
  const queue = new OutgoingQueue();
  queue.append("a", true, undefined);
  assert.equal(queue.peek(), null);
  queue.append("b", false, undefined);
  queue.append("c", false, undefined);
  assert.deepEqual(queue.peek()?.frames.map(String), ["a", "b"]);
  assert.deepEqual(queue.peek()?.frames.map(String), ["a", "b"], "it is looked at, not taken");
  queue.drop();
  assert.deepEqual(queue.peek()?.frames.map(String), ["c"]);
  queue.drop();
  assert.equal(queue.peek(), null);
  queue.append("d", false, undefined);
  assert.deepEqual(queue.peek()?.frames.map(String), ["d"]);
});

test("octets stay as they are, everything else is its text", () => {
  const queue = new OutgoingQueue();
  const octets = Buffer.from([0, 255]);
  for (const frame of [octets, new Uint8Array([1, 2]), 15.99, null, undefined, true])
    queue.append(frame, true, undefined);
  queue.append("end", false, undefined);
  const frames = queue.peek()?.frames ?? [];
  assert.equal(frames[0], octets);
  assert.deepEqual(frames[1], new Uint8Array([1, 2]));
  assert.deepEqual(frames.slice(2).map(String), ["15.99", "null", "undefined", "true", "end"]);
});

test("callbacks of all its frames belong to a message; cleared, nothing is left", () => {
  const queue = new OutgoingQueue();
  const calls: string[] = [];
  queue.append("a", true, () => calls.push("a"));
  queue.append("b", false, () => calls.push("b"));
  for (const callback of queue.peek()?.callbacks ?? []) callback();
  assert.deepEqual(calls, ["a", "b"]);
  queue.append("half", true, undefined);
  queue.clear();
  queue.append("new", false, undefined);
  assert.deepEqual(queue.peek()?.frames.map(String), ["new"]);
});
