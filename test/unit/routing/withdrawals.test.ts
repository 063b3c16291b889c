import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { TopicTrie } from "../../../src/routing/topic-trie.ts";
import { Withdrawals } from "../../../src/routing/withdrawals.ts";

let turns: (() => void)[] = [];
installPlatform({ yieldTurn: (callback) => void turns.push(callback) });
afterEach(() => {
  turns = [];
});

function takeTurn(): boolean {
  const callback = turns.splice(0, 1)[0];
  callback?.();
  return callback !== undefined;
}

function fill(topics: TopicTrie, subscriber: number, count: number): void {
  for (let i = 0; i < count; i++) topics.add(subscriber, Buffer.from(`${subscriber} ${i}`), 0);
}

test("a few topics go at once", () => {
  const topics = new TopicTrie();
  fill(topics, 1, 100);
  const calls: string[] = [];
  const withdrawals = new Withdrawals(() => void calls.push("slice"));
  let told = 0;
  withdrawals.start(
    topics,
    1,
    () => void told++,
    () => void calls.push("done"),
  );
  assert.deepEqual(calls, ["done", "slice"]);
  assert.equal(told, 100);
  assert.equal(turns.length, 0);
});

test("many go in slices, one a turn of the event loop", () => {
  const topics = new TopicTrie();
  fill(topics, 1, 10_000);
  const left: number[] = [];
  let isDone = false;
  const withdrawals = new Withdrawals(() => void left.push(topics.topicCount));
  withdrawals.start(topics, 1, null, () => {
    isDone = true;
  });
  while (takeTurn());
  assert.deepEqual(left, [7952, 5904, 3856, 1808, 0]);
  assert.equal(isDone, true);
});

test("subscribers that leave meanwhile wait for their turn, and share a slice if they have little", () => {
  const topics = new TopicTrie();
  const done: number[] = [];
  const withdrawals = new Withdrawals(() => undefined);
  for (let subscriber = 1; subscriber <= 40; subscriber++) {
    fill(topics, subscriber, subscriber === 1 ? 3000 : 100);
    withdrawals.start(topics, subscriber, null, () => void done.push(subscriber));
  }
  assert.deepEqual(done, []);
  let count = 1;
  while (takeTurn()) count++;
  assert.deepEqual(
    done,
    Array.from({ length: 40 }, (_, i) => i + 1),
  );
  assert.equal(count, Math.ceil((3000 + 39 * 100) / 2048));
  assert.equal(topics.topicCount, 0);
});

test("a subscriber without topics is done at once, and nothing changed", () => {
  let slices = 0;
  let isDone = false;
  const withdrawals = new Withdrawals(() => void slices++);
  withdrawals.start(new TopicTrie(), 5, null, () => {
    isDone = true;
  });
  assert.equal(isDone, true);
  assert.equal(slices, 0);
});
