// The obvious twins of the topic trie and the subscription trie: lists that are searched from end to end.

import type { Added, Removed } from "../../src/routing/topic-trie.ts";

function key(topic: Uint8Array): string {
  return Buffer.from(topic).toString("hex");
}

/** Who wants which topic: every pair, one after the other. */
export class NaiveTopics {
  readonly pairs: { readonly subscriber: number; readonly topic: string }[] = [];

  get topicCount(): number {
    return new Set(this.pairs.map((pair) => pair.topic)).size;
  }

  countOf(subscriber: number): number {
    return this.pairs.filter((pair) => pair.subscriber === subscriber).length;
  }

  has(subscriber: number, topic: Uint8Array): boolean {
    return this.pairs.some((pair) => pair.subscriber === subscriber && pair.topic === key(topic));
  }

  add(subscriber: number, topic: Uint8Array): Added {
    if (this.has(subscriber, topic)) return "again";
    const added = this.pairs.some((pair) => pair.topic === key(topic)) ? "another" : "first";
    this.pairs.push({ subscriber, topic: key(topic) });
    return added;
  }

  remove(subscriber: number, topic: Uint8Array): Removed {
    const found = this.pairs.findIndex((pair) => pair.subscriber === subscriber && pair.topic === key(topic));
    if (found >= 0) this.pairs.splice(found, 1);
    const others = this.pairs.some((pair) => pair.topic === key(topic));
    if (found < 0) return others ? "foreign" : "unknown";
    return others ? "one" : "last";
  }

  /** The topics of a subscriber, and whether it is the last one of each. */
  withdraw(subscriber: number): { topic: string; isLast: boolean }[] {
    const gone = this.pairs.filter((pair) => pair.subscriber === subscriber).map((pair) => pair.topic);
    return gone.map((topic) => ({
      topic,
      isLast: this.remove(subscriber, Buffer.from(topic, "hex")) === "last",
    }));
  }

  match(message: Uint8Array): Set<number> {
    const text = key(message);
    return new Set(this.pairs.filter((pair) => text.startsWith(pair.topic)).map((pair) => pair.subscriber));
  }
}

/** Counted topics of one subscriber. */
export class NaiveSubscriptions {
  readonly topics: string[] = [];

  get topicCount(): number {
    return new Set(this.topics).size;
  }

  add(topic: Uint8Array): boolean {
    const isNew = !this.topics.includes(key(topic));
    this.topics.push(key(topic));
    return isNew;
  }

  remove(topic: Uint8Array): boolean {
    const found = this.topics.indexOf(key(topic));
    if (found < 0) return false;
    this.topics.splice(found, 1);
    return !this.topics.includes(key(topic));
  }

  matches(message: Uint8Array): boolean {
    return this.topics.some((topic) => key(message).startsWith(topic));
  }
}
