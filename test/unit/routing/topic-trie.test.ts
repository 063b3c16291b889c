import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { TopicTrie } from "../../../src/routing/topic-trie.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function matched(trie: TopicTrie, message: string): number[] {
  const found: number[] = [];
  trie.match(octets(message), { match: (subscriber) => void found.push(subscriber) });
  return found.sort();
}

function usedMemory(): number {
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

test("a topic is told once, for the first and the last subscriber", () => {
  const trie = new TopicTrie();
  assert.equal(trie.add(1, octets("a"), 0), "first");
  assert.equal(trie.add(1, octets("a"), 0), "again");
  assert.equal(trie.add(2, octets("a"), 0), "another");
  assert.equal(trie.remove(3, octets("a"), 0), "foreign");
  assert.equal(trie.remove(1, octets("a"), 0), "one");
  assert.equal(trie.remove(1, octets("a"), 0), "foreign");
  assert.equal(trie.remove(2, octets("a"), 0), "last");
  assert.equal(trie.remove(2, octets("a"), 0), "unknown");
  assert.equal(trie.topicCount, 0);
});

test("topics match by what a message starts with, as octets", () => {
  const trie = new TopicTrie();
  ["", "a", "ab", "b", "\0", "\xff", "\xc3"].forEach((topic, index) => trie.add(index + 1, octets(topic), 0));
  assert.deepEqual(matched(trie, ""), [1]);
  assert.deepEqual(matched(trie, "abc"), [1, 2, 3]);
  assert.deepEqual(matched(trie, "\0a"), [1, 5]);
  assert.deepEqual(matched(trie, "\xff"), [1, 6]);
  assert.deepEqual(matched(trie, "\xc3\xa4"), [1, 7]);
  assert.deepEqual(matched(trie, "c"), [1]);
});

test("an exact match finds the very topic, and no beginning of it", () => {
  const trie = new TopicTrie();
  ["", "a", "ab", "abc"].forEach((topic, index) => trie.add(index + 1, octets(topic), 0));
  trie.add(9, octets("ab"), 0);
  const exactly = (text: string): number[] => {
    const found: number[] = [];
    trie.matchExact(octets(text), { match: (subscriber) => void found.push(subscriber) });
    return found.sort();
  };
  assert.deepEqual([exactly(""), exactly("a"), exactly("ab"), exactly("abc")], [[1], [2], [3, 9], [4]]);
  assert.deepEqual([exactly("b"), exactly("abcd"), exactly("\0")], [[], [], []]);
  trie.remove(2, octets("a"), 0);
  assert.deepEqual(exactly("a"), []);
});

test("topics that have a beginning in common are no topic by that", () => {
  const trie = new TopicTrie();
  trie.add(1, octets("abc"), 0);
  trie.add(1, octets("abd"), 0);
  assert.equal(trie.remove(1, octets("ab"), 0), "unknown");
  assert.deepEqual(matched(trie, "abx"), []);
  assert.equal(trie.has(1, octets("ab"), 0), false);
});

test("a subscriber leaves in steps, and its topics are told", () => {
  const trie = new TopicTrie();
  for (let i = 0; i < 10; i++) trie.add(1, octets(`topic ${i}`), 0);
  trie.add(2, octets("topic 3"), 0);
  const told: string[] = [];
  const note = (node: number, isLast: boolean): void => {
    told.push(`${Buffer.from(trie.topicOf(node, 0)).toString()} ${isLast}`);
  };
  assert.equal(trie.withdraw(1, 4, note), true);
  assert.equal(trie.countOf(1), 6);
  assert.equal(trie.withdraw(1, 6, note), false);
  assert.equal(trie.withdraw(1, 6, note), false);
  assert.deepEqual(
    told.sort(),
    Array.from({ length: 10 }, (_, i) => `topic ${i} ${i !== 3}`),
  );
  assert.deepEqual(matched(trie, "topic 3"), [2]);
  assert.equal(trie.withdraw(77, 1, note), false);
});

test("distinct topics are counted over all subscribers (libzmq behaviour B65)", () => {
  const trie = new TopicTrie();
  for (const topic of ["a", "b", "b"]) trie.add(1, octets(topic), 0);
  for (const topic of ["b", "c"]) trie.add(2, octets(topic), 0);
  assert.equal(trie.topicCount, 3);
  trie.withdraw(1, 10, null);
  assert.equal(trie.topicCount, 2);
});

for (const subscribers of [1, 100]) {
  test(`200,000 topics of 14 octets over ${subscribers} subscribers cost at most 250 octets each, and give them back`, (t) => {
    const count = 200_000;
    const topic = Buffer.alloc(14);
    const before = usedMemory();
    const trie = new TopicTrie();
    for (let i = 0; i < count; i++) {
      topic.write(`topic:${((i * 7919) % 100_000_000).toString().padStart(8, "0")}`, "latin1");
      trie.add(1 + (i % subscribers), topic, 0);
    }
    const full = usedMemory() - before;
    t.diagnostic(`${(full / count).toFixed(1)} octets a subscription`);
    assert.equal(trie.topicCount, count);
    assert.ok(full <= 250 * count, `${full / count} octets a subscription`);
    for (let subscriber = 1; subscriber <= subscribers; subscriber++)
      while (trie.withdraw(subscriber, 2048, null));
    assert.ok(usedMemory() - before <= 0.2 * full);
    assert.equal(trie.topicCount, 0);
  });
}

test("a million repetitions of a subscription cost nothing, and so do as many cancellations", () => {
  const trie = new TopicTrie();
  trie.add(1, octets("the same"), 0);
  const before = usedMemory();
  const topic = octets("the same");
  for (let i = 0; i < 1_000_000; i++) assert.equal(trie.add(1, topic, 0), "again");
  for (let i = 0; i < 1_000_000; i++) trie.remove(1, octets("another"), 0);
  assert.ok(usedMemory() - before < 100_000);
});

test("one topic of 2 MiB costs at most twice its size, and gives it back", () => {
  const topic = Buffer.alloc(2 ** 21, "x");
  const trie = new TopicTrie();
  trie.add(1, octets("x"), 0);
  const before = usedMemory();
  trie.add(1, topic, 0);
  assert.ok(usedMemory() - before <= 2 * topic.length);
  assert.deepEqual(matched(trie, "x".repeat(2 ** 21)), [1, 1]);
  trie.remove(1, topic, 0);
  assert.ok(usedMemory() - before <= topic.length / 10);
});

test("topics that come and go for ever do not add up", () => {
  const trie = new TopicTrie();
  const topic = Buffer.alloc(40);
  const churn = (from: number, count: number): void => {
    for (let i = from; i < from + count; i++) {
      topic.write(`${i}`.repeat(5).padEnd(40, "."), "latin1");
      trie.add(1, topic, 0);
      // One in a hundred stays for longer.
      if (i % 100 === 0) continue;
      trie.remove(1, topic, 0);
    }
  };
  churn(0, 1000);
  const before = usedMemory();
  churn(1000, 300_000);
  assert.equal(trie.countOf(1), 3010);
  assert.ok(usedMemory() - before < 3010 * 250);
});

test("`a`, `aa`, ... up to 4,096 times `a`: each message finds them all", () => {
  const trie = new TopicTrie();
  const message = Buffer.alloc(5000, "a");
  for (let size = 1; size <= 4096; size++) trie.add(size, message.subarray(0, size), 0);
  assert.equal(matched(trie, "a".repeat(5000)).length, 4096);
  assert.equal(matched(trie, "a".repeat(10)).length, 10);
  for (let size = 1; size <= 4096; size++) assert.equal(trie.remove(size, message, 5000 - size), "last");
});
