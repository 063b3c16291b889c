import type { Distributor } from "./distributor.ts";
import { NO_NODE, PrefixTree, ROOT } from "./prefix-tree.ts";
import { SubscriberSets } from "./subscriber-sets.ts";

/** `first`: nobody had the topic. `another`: others had. `again`: this subscriber had it, and nothing changes. */
export type Added = "first" | "another" | "again";

/** `last`: nobody has the topic any more. `one`: others have. Nothing changes for `foreign`, a topic that only others have, and `unknown`, one that nobody has. */
export type Removed = "last" | "one" | "foreign" | "unknown";

/** Hears of a topic that a subscriber has no more; `topicOf` answers for the node during the call. */
export type WithdrawnListener = (node: number, isLast: boolean) => void;

/**
 * Who wants which topic, on the publishing side: topics are octet strings, subscribers are numbers from 1 that a
 * `Distributor` gave. A topic counts once for each subscriber, however often it was subscribed to.
 *
 *     value of a node     0: no topic    n > 0: subscriber n alone    n < 0: the set -n of subscribers
 *     list of subscriber  its nodes; each node, or its set, notes the place in the list, so that leaving is O(1)
 */
export class TopicTrie {
  readonly #tree: PrefixTree;
  #sets: SubscriberSets;
  /** The nodes of each subscriber, by its number. */
  readonly #lists: number[][];
  #topicCount: number;

  constructor() {
    this.#tree = new PrefixTree();
    this.#sets = new SubscriberSets();
    this.#lists = [];
    this.#topicCount = 0;
  }

  /** Distinct topics of all subscribers. */
  get topicCount(): number {
    return this.#topicCount;
  }

  /** Topics of one subscriber. */
  countOf(subscriber: number): number {
    const list = this.#lists[subscriber];
    return list === undefined ? 0 : list.length;
  }

  /** Whether a subscriber has the topic that stands from `start` on. */
  has(subscriber: number, octets: Uint8Array, start: number): boolean {
    const node = this.#tree.find(octets, start);
    return node >= 0 && this.#placeOf(node, subscriber) >= 0;
  }

  add(subscriber: number, octets: Uint8Array, start: number): Added {
    const tree = this.#tree;
    const node = tree.insert(octets, start);
    const value = tree.value(node);
    if (value === 0) {
      this.#topicCount++;
      tree.setValue(node, subscriber);
      tree.setNote(node, this.#enlist(subscriber, node));
      return "first";
    }
    if (this.#placeOf(node, subscriber) >= 0) return "again";
    let set = -value;
    if (value > 0) set = this.#sets.add(this.#sets.create(), value, tree.note(node));
    tree.setValue(node, -this.#sets.add(set, subscriber, this.#enlist(subscriber, node)));
    return "another";
  }

  remove(subscriber: number, octets: Uint8Array, start: number): Removed {
    const node = this.#tree.find(octets, start);
    if (node < 0 || this.#tree.value(node) === 0) return "unknown";
    const place = this.#placeOf(node, subscriber);
    if (place < 0) return "foreign";
    this.#unlist(subscriber, place);
    const isLast = this.#leave(node, subscriber);
    this.#giveBack();
    return isLast ? "last" : "one";
  }

  /** Removes up to `countMax` topics of a subscriber. Answers whether it has more. */
  withdraw(subscriber: number, countMax: number, listener: WithdrawnListener | null): boolean {
    const list = this.#lists[subscriber];
    if (list === undefined) return false;
    for (let count = 0; count < countMax && list.length > 0; count++) {
      const node = list.pop() as number;
      if (listener !== null) listener(node, this.#tree.value(node) > 0);
      this.#leave(node, subscriber);
      // Other names of nodes are in the list, and compacting renews them.
      this.#giveBack();
    }
    if (list.length > 0) return true;
    this.#lists[subscriber] = [];
    return false;
  }

  /** Tells a distributor every subscriber of every topic that a message starts with; it may hear of one repeatedly. */
  match(octets: Uint8Array, distributor: Pick<Distributor, "match">): void {
    const tree = this.#tree;
    let node = ROOT;
    let at = 0;
    do {
      const value = tree.value(node);
      if (value > 0) distributor.match(value);
      else if (value < 0) this.#sets.match(-value, distributor);
      node = tree.descend(node, octets, at);
      at += tree.labelSize(node);
    } while (node !== NO_NODE);
  }

  /** The same for the topic that is `octets` and nothing less. */
  matchExact(octets: Uint8Array, distributor: Pick<Distributor, "match">): void {
    const node = this.#tree.find(octets, 0);
    const value = node < 0 ? 0 : this.#tree.value(node);
    if (value > 0) distributor.match(value);
    else if (value < 0) this.#sets.match(-value, distributor);
  }

  /** The topic of a node after `prefix` octets for the caller to fill. */
  topicOf(node: number, prefix: number): Uint8Array {
    return this.#tree.stringOf(node, prefix);
  }

  /** The place in the subscriber's list, or -1 if the node is not one of its topics. */
  #placeOf(node: number, subscriber: number): number {
    const value = this.#tree.value(node);
    if (value < 0) return this.#sets.place(-value, subscriber);
    return value === subscriber ? this.#tree.note(node) : -1;
  }

  #setPlace(node: number, subscriber: number, place: number): void {
    const value = this.#tree.value(node);
    if (value < 0) this.#sets.setPlace(-value, subscriber, place);
    else this.#tree.setNote(node, place);
  }

  #enlist(subscriber: number, node: number): number {
    while (this.#lists.length <= subscriber) this.#lists.push([]);
    return (this.#lists[subscriber] as number[]).push(node) - 1;
  }

  /** The last of the list takes the place of the one that goes. */
  #unlist(subscriber: number, place: number): void {
    const list = this.#lists[subscriber] as number[];
    const last = list.pop() as number;
    if (place === list.length) return;
    list[place] = last;
    this.#setPlace(last, subscriber, place);
  }

  /** Takes a subscriber from a node; whether it was the last one there. */
  #leave(node: number, subscriber: number): boolean {
    const tree = this.#tree;
    const value = tree.value(node);
    if (value > 0) {
      tree.erase(node);
      this.#topicCount--;
      return true;
    }
    const set = this.#sets.remove(-value, subscriber);
    if (this.#sets.count(set) > 1) {
      tree.setValue(node, -set);
      return false;
    }
    const survivor = this.#sets.someMember(set);
    tree.setValue(node, survivor);
    tree.setNote(node, this.#sets.place(set, survivor));
    this.#sets.release(set);
    return false;
  }

  /** Gives memory back once most of it is unused. */
  #giveBack(): void {
    const tree = this.#tree;
    if (tree.isSparse) {
      tree.compact();
      this.#eachMember((node, subscriber, place) => {
        (this.#lists[subscriber] as number[])[place] = node;
      });
    }
    if (this.#sets.isSparse) {
      const sets = new SubscriberSets();
      for (let node = tree.nextWithValue(-1); node >= 0; node = tree.nextWithValue(node)) {
        const value = tree.value(node);
        if (value < 0) tree.setValue(node, -this.#sets.copyTo(sets, -value));
      }
      this.#sets = sets;
    }
  }

  #eachMember(visit: (node: number, subscriber: number, place: number) => void): void {
    const tree = this.#tree;
    for (let node = tree.nextWithValue(-1); node >= 0; node = tree.nextWithValue(node)) {
      const value = tree.value(node);
      if (value > 0) visit(node, value, tree.note(node));
      else this.#sets.forEach(-value, (subscriber, place) => visit(node, subscriber, place));
    }
  }
}
