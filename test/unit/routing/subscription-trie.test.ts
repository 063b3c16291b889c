import assert from "node:assert/strict";
import { test } from "node:test";
import { SubscriptionTrie } from "../../../src/routing/subscription-trie.ts";

function octets(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}

function topicsOf(trie: SubscriptionTrie): string[] {
  const topics: string[] = [];
  trie.forEach(1, (topic) => topics.push(Buffer.from(topic.subarray(1)).toString("latin1")));
  return topics.sort();
}

test("a topic is wanted as often as it was added (libzmq behaviour B53)", () => {
  const trie = new SubscriptionTrie();
  assert.equal(trie.add(octets("a"), 0), true);
  assert.equal(trie.add(octets("a"), 0), false);
  assert.equal(trie.remove(octets("a"), 0), false);
  assert.equal(trie.matches(octets("a")), true);
  assert.equal(trie.remove(octets("a"), 0), true);
  assert.equal(trie.matches(octets("a")), false);
  assert.equal(trie.remove(octets("a"), 0), false);
});

test("nothing matches without a topic, everything matches the empty one (libzmq behaviour B52)", () => {
  const trie = new SubscriptionTrie();
  assert.equal(trie.matches(octets("")), false);
  trie.add(octets(""), 0);
  assert.equal(trie.matches(octets("")), true);
  assert.equal(trie.matches(octets("anything")), true);
});

test("only beginnings match", () => {
  const trie = new SubscriptionTrie();
  trie.add(octets("x:news"), 2);
  assert.equal(trie.matches(octets("news")), true);
  assert.equal(trie.matches(octets("news today")), true);
  assert.equal(trie.matches(octets("new")), false);
  assert.equal(trie.matches(octets("my news")), false);
});

test("each topic is listed once, with room before it", () => {
  const trie = new SubscriptionTrie();
  for (const topic of ["b", "a", "a", "ab", "", "gone"]) trie.add(octets(topic), 0);
  trie.remove(octets("gone"), 0);
  assert.deepEqual(topicsOf(trie), ["", "a", "ab", "b"]);
  assert.equal(trie.topicCount, 4);
});

test("many topics go and the rest stays", () => {
  const trie = new SubscriptionTrie();
  for (let i = 0; i < 30_000; i++) trie.add(octets(`topic ${i}`), 0);
  for (let i = 0; i < 30_000; i++)
    if (i % 1000 !== 0) assert.equal(trie.remove(octets(`topic ${i}`), 0), true);
  assert.equal(trie.topicCount, 30);
  assert.deepEqual(topicsOf(trie), Array.from({ length: 30 }, (_, i) => `topic ${i * 1000}`).sort());
});
