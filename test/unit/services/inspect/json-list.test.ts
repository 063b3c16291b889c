import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../../src/index.ts";
import { platform } from "../../../../src/base/platform.ts";
import { JsonList } from "../../../../src/services/inspect/json-list.ts";
import { parseJson } from "../../../../src/services/inspect/protocol.ts";

function entriesOf(list: JsonList): unknown[] {
  return list.frames.flatMap((frame) => parseJson(frame) as unknown[]);
}

test("entries come in order, in frames of whole arrays", async () => {
  const list = new JsonList();
  const numbers = Array.from({ length: 5000 }, (_, at) => at);
  await list.addAll(numbers, (at) => [{ at, text: "ü".repeat(20) }]);
  list.end();
  assert.ok(list.frames.length > 1);
  assert.ok(list.frames.every((frame) => frame.length < 300_000));
  assert.deepEqual(
    entriesOf(list).map((entry) => (entry as { at: number }).at),
    numbers,
  );
  assert.equal(list.omitted, 0);
});

test("an empty list has no frames, and an item may have none or several entries", async () => {
  const empty = new JsonList();
  await empty.addAll([], () => [1]);
  empty.end();
  assert.deepEqual(empty.frames, []);
  const list = new JsonList();
  await list.addAll([0, 1, 2], (count) => Array(count).fill(count));
  list.end();
  assert.deepEqual(entriesOf(list), [1, 2, 2]);
});

test("what is too long for an answer is counted", async () => {
  const list = new JsonList();
  await list.addAll(Array(20).fill("x".repeat(1_000_000)), (text) => [text]);
  list.end();
  const size = list.frames.reduce((total, { length }) => total + length, 0);
  assert.ok(size < 8_000_000, `${size} octets`);
  assert.equal(entriesOf(list).length + list.omitted, 20);
  assert.ok(list.omitted > 0);
});

test("the loop turns while a long list is made", async () => {
  let turns = 0;
  let isOver = false;
  const turn = (): void => {
    turns++;
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const list = new JsonList();
  await list.addAll(Array(40).fill(0), () => {
    const until = platform.now() + 1;
    while (platform.now() < until);
    return [];
  });
  isOver = true;
  // 40 ms of work, 2 at a time.
  assert.ok(turns >= 5, `${turns} turns`);
});
