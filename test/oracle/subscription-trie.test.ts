import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { SubscriptionTrie } from "../../src/routing/subscription-trie.ts";
import { NaiveSubscriptions } from "./naive-topics.ts";
import { topicSource } from "./random-topics.ts";

const seed = chooseSeed(process.env.SEED);

function topicsOf(trie: SubscriptionTrie): string[] {
  const topics: string[] = [];
  trie.forEach(2, (topic) => topics.push(Buffer.from(topic.subarray(2)).toString("hex")));
  return topics.sort();
}

function run(random: Random, where: string): void {
  const trie = new SubscriptionTrie();
  const naive = new NaiveSubscriptions();
  const nextTopic = topicSource(random);
  const removal = random.pick([0.2, 0.5, 0.6]);
  for (let step = random.between(1, 300); step > 0; step--) {
    const topic = nextTopic();
    const start = random.below(2);
    const octets = Buffer.concat([Buffer.alloc(start, 1), topic]);
    if (random.chance(removal)) assert.equal(trie.remove(octets, start), naive.remove(topic), where);
    else assert.equal(trie.add(octets, start), naive.add(topic), where);
    const message = Buffer.concat([topic, nextTopic()]);
    assert.equal(trie.matches(message), naive.matches(message), where);
    assert.equal(trie.topicCount, naive.topicCount, where);
  }
  assert.deepEqual(topicsOf(trie), [...new Set(naive.topics)].sort(), where);
}

test("the subscription trie answers as a list of topics does, whatever happened before", (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 400; round++) run(new Random(seed + round), `SEED=${seed + round}`);
});
