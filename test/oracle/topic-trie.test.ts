import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { TopicTrie } from "../../src/routing/topic-trie.ts";
import { NaiveTopics } from "./naive-topics.ts";
import { topicSource } from "./random-topics.ts";

const seed = chooseSeed(process.env.SEED);

function matches(trie: TopicTrie, message: Uint8Array): Set<number> {
  const found = new Set<number>();
  trie.match(message, { match: (subscriber) => void found.add(subscriber) });
  return found;
}

function withdrawAll(
  trie: TopicTrie,
  subscriber: number,
  random: Random,
): { topic: string; isLast: boolean }[] {
  const gone: { topic: string; isLast: boolean }[] = [];
  const note = (node: number, isLast: boolean): void => {
    gone.push({ topic: Buffer.from(trie.topicOf(node, 0)).toString("hex"), isLast });
  };
  while (trie.withdraw(subscriber, random.between(1, 20), note));
  return gone;
}

function byTopic(a: { topic: string }, b: { topic: string }): number {
  return a.topic < b.topic ? -1 : 1;
}

/** One history of some hundred steps; every answer is compared. */
function run(random: Random, where: string): void {
  const trie = new TopicTrie();
  const naive = new NaiveTopics();
  const nextTopic = topicSource(random);
  const subscriberMax = random.pick([1, 2, 5, 40]);
  // Histories that mostly add, that mostly remove, and that go up and down.
  const removal = random.pick([0.1, 0.4, 0.6]);
  for (let step = random.between(1, 400); step > 0; step--) {
    const subscriber = random.between(1, subscriberMax);
    const topic = nextTopic();
    const start = random.below(3);
    const octets = Buffer.concat([Buffer.alloc(start, 9), topic]);
    if (random.chance(0.02)) {
      const gone = withdrawAll(trie, subscriber, random);
      assert.deepEqual(gone.sort(byTopic), naive.withdraw(subscriber).sort(byTopic), where);
    } else if (random.chance(removal)) {
      assert.equal(trie.remove(subscriber, octets, start), naive.remove(subscriber, topic), where);
    } else {
      assert.equal(trie.add(subscriber, octets, start), naive.add(subscriber, topic), where);
    }
    const message = random.chance(0.5) ? topic : Buffer.concat([topic, nextTopic()]);
    assert.deepEqual(matches(trie, message), naive.match(message), where);
    assert.equal(trie.has(subscriber, octets, start), naive.has(subscriber, topic), where);
    assert.equal(trie.topicCount, naive.topicCount, where);
    assert.equal(trie.countOf(subscriber), naive.countOf(subscriber), where);
  }
}

test("the topic trie answers as a list of pairs does, whatever happened before", (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 150; round++) run(new Random(seed + round), `SEED=${seed + round}`);
});

test("the topic trie keeps all that is left when it gives memory back", (t) => {
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const trie = new TopicTrie();
  const left = new Map<string, Set<number>>();
  for (let i = 0; i < 40_000; i++) {
    const topic = random.octets(random.between(1, 12));
    for (let count = random.pick([1, 1, 1, 2, 7]); count > 0; count--) {
      const subscriber = random.between(1, 20);
      trie.add(subscriber, topic, 0);
      const key = Buffer.from(topic).toString("hex");
      if (!left.has(key)) left.set(key, new Set());
      left.get(key)!.add(subscriber);
    }
  }
  for (const [key, subscribers] of left) {
    for (const subscriber of subscribers) {
      if (random.chance(0.03)) continue;
      assert.equal(
        trie.remove(subscriber, Buffer.from(key, "hex"), 0),
        subscribers.size === 1 ? "last" : "one",
      );
      subscribers.delete(subscriber);
      if (subscribers.size === 0) left.delete(key);
    }
  }
  assert.equal(trie.topicCount, left.size);
  for (const [key, subscribers] of left) {
    for (let subscriber = 1; subscriber <= 20; subscriber++) {
      assert.equal(
        trie.has(subscriber, Buffer.from(key, "hex"), 0),
        subscribers.has(subscriber),
        `SEED=${seed}`,
      );
    }
  }
  for (let subscriber = 1; subscriber <= 20; subscriber++) withdrawAll(trie, subscriber, random);
  assert.equal(trie.topicCount, 0);
});
