import { NO_NODE, PrefixTree, ROOT } from "./prefix-tree.ts";

/**
 * The topics that a subscribing socket wants, each counted: a topic subscribed to twice must be cancelled twice
 * (libzmq behaviour B53).
 */
export class SubscriptionTrie {
  /** The value of a node is the count of its topic. */
  readonly #tree: PrefixTree;
  #topicCount: number;

  constructor() {
    this.#tree = new PrefixTree();
    this.#topicCount = 0;
  }

  /** Distinct topics. */
  get topicCount(): number {
    return this.#topicCount;
  }

  /** Adds one to the topic that stands from `start` on; whether it is new. */
  add(octets: Uint8Array, start: number): boolean {
    const node = this.#tree.insert(octets, start);
    const count = this.#tree.value(node);
    this.#tree.setValue(node, count + 1);
    if (count > 0) return false;
    this.#topicCount++;
    return true;
  }

  /** Takes one from a topic; whether that was the last. An unknown topic changes nothing. */
  remove(octets: Uint8Array, start: number): boolean {
    const tree = this.#tree;
    const node = tree.find(octets, start);
    if (node < 0) return false;
    const count = tree.value(node);
    if (count === 0) return false;
    if (count > 1) {
      tree.setValue(node, count - 1);
      return false;
    }
    this.#topicCount--;
    tree.erase(node);
    if (tree.isSparse) tree.compact();
    return true;
  }

  /** Whether the octets start with any of the topics. */
  matches(octets: Uint8Array): boolean {
    const tree = this.#tree;
    let node = ROOT;
    let at = 0;
    do {
      if (tree.value(node) !== 0) return true;
      node = tree.descend(node, octets, at);
      at += tree.labelSize(node);
    } while (node !== NO_NODE);
    return false;
  }

  /** Calls back with each topic once, in no special order, after `prefix` octets for the caller to fill. */
  forEach(prefix: number, visit: (topic: Uint8Array) => void): void {
    const tree = this.#tree;
    for (let node = tree.nextWithValue(-1); node >= 0; node = tree.nextWithValue(node)) {
      visit(tree.stringOf(node, prefix));
    }
  }
}
