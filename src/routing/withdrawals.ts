import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { TopicTrie, WithdrawnListener } from "./topic-trie.ts";

interface Withdrawal {
  readonly topics: TopicTrie;
  readonly subscriber: number;
  readonly listener: WithdrawnListener | null;
  readonly done: () => void;
}

/**
 * Takes all topics of subscribers that left out of their tries: a few at once, many in slices between which the event
 * loop turns, first come first served. A peer that leaves with a million topics stops nobody.
 */
export class Withdrawals {
  readonly #queue: RingQueue<Withdrawal>;
  readonly #onSlice: () => void;
  #isScheduled: boolean;

  /** `onSlice` is called after topics have gone. */
  constructor(onSlice: () => void) {
    this.#queue = new RingQueue();
    this.#onSlice = onSlice;
    this.#isScheduled = false;
  }

  /** `listener` hears of each topic, `done` when none is left. */
  start(topics: TopicTrie, subscriber: number, listener: WithdrawnListener | null, done: () => void): void {
    this.#queue.push({ topics, subscriber, listener, done });
    if (!this.#isScheduled) this.#runSlice();
  }

  #runSlice(): void {
    this.#isScheduled = false;
    let left = SLICE;
    for (let next = this.#queue.peek(); next !== undefined && left > 0; next = this.#queue.peek()) {
      const { topics, subscriber, listener, done } = next;
      const before = topics.countOf(subscriber);
      const hasMore = topics.withdraw(subscriber, left, listener);
      left -= before - topics.countOf(subscriber);
      if (hasMore) break;
      this.#queue.take();
      done();
    }
    if (!this.#queue.isEmpty) {
      this.#isScheduled = true;
      platform.yieldTurn(() => this.#runSlice());
    }
    if (left < SLICE) this.#onSlice();
  }
}

/** Topics in one turn of the event loop: one to two milliseconds. */
const SLICE = 2048;
