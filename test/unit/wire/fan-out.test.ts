import assert from "node:assert/strict";
import { test } from "node:test";
import { FanOut } from "../../../src/wire/fan-out.ts";
import { BATCH_SIZE } from "../../../src/wire/frame.ts";

test("messages follow each other in one batch without gaps", () => {
  const fanOut = new FanOut();
  const first = {};
  fanOut.begin(first, 10);
  const { batch } = fanOut;
  assert.deepEqual([fanOut.start, fanOut.end], [0, 10]);
  fanOut.begin({}, 5);
  assert.deepEqual([fanOut.start, fanOut.end], [10, 15]);
  assert.equal(fanOut.batch, batch);
});

test("it knows the message of its slice, and no other", () => {
  const fanOut = new FanOut();
  const [first, second] = [{}, {}];
  assert.equal(fanOut.holds(first), false);
  fanOut.begin(first, 10);
  assert.deepEqual([fanOut.holds(first), fanOut.holds(second)], [true, false]);
  fanOut.begin(second, 10);
  assert.deepEqual([fanOut.holds(first), fanOut.holds(second)], [false, true]);
});

test("a batch that has no room is left as it is, and a new one begun", () => {
  const fanOut = new FanOut();
  fanOut.begin({}, BATCH_SIZE - 1);
  const { batch } = fanOut;
  batch.fill(7);
  fanOut.begin({}, 1);
  assert.equal(fanOut.batch, batch, "the last octet is used");
  fanOut.begin({}, 1);
  assert.notEqual(fanOut.batch, batch);
  assert.deepEqual([fanOut.start, fanOut.end], [0, 1]);
  assert.ok(
    batch.every((octet) => octet === 7),
    "peers may still be sending it",
  );
});

test("a message larger than a batch has one of its own", () => {
  const fanOut = new FanOut();
  fanOut.begin({}, BATCH_SIZE * 2);
  assert.equal(fanOut.batch.length, BATCH_SIZE * 2);
  assert.deepEqual([fanOut.start, fanOut.end], [0, BATCH_SIZE * 2]);
});
