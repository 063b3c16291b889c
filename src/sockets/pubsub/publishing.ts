import type { Frame, Message } from "../../base/message.ts";
import type { PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { Distributor } from "../../routing/distributor.ts";
import type { Added, Removed, WithdrawnListener } from "../../routing/topic-trie.ts";
import { TopicTrie } from "../../routing/topic-trie.ts";
import { Withdrawals } from "../../routing/withdrawals.ts";
import { TOPIC } from "./subscription-frame.ts";

/** One attached peer. */
interface Subscriber {
  /** Its name in the trie and the distributor. A new connection gets a new one, the old topics go with the old one. */
  number: number;
  isIdentified: boolean;
  isWelcomed: boolean;
}

/** `prefix`: a message that begins with the topic. `exact`: one whose first frame is the topic. */
export type Matching = "prefix" | "exact";

/** What a peer's topics are withdrawn from beside the publisher's own trie (XPUB in manual mode). */
export interface FurtherTopics {
  readonly topics: TopicTrie;
  readonly listener: WithdrawnListener;
}

/**
 * The downstream half of PUB, XPUB and RADIO: who wants which topic, and sending each message to those who want it. What is
 * sent in datagrams goes out unasked: nobody there says what it wants.
 */
export class Publishing {
  /** Called after each change of the subscriptions. */
  onSubscription: (() => void) | null;
  readonly #host: PatternHost;
  readonly #subscribers: Map<Pipe, Subscriber>;
  readonly #topics: TopicTrie;
  readonly #distributor: Distributor;
  readonly #withdrawals: Withdrawals;
  readonly #matching: Matching;
  /** Peers in datagrams. */
  readonly #unasked: Set<number>;
  /** Attached peers with a topic. */
  #subscribedCount: number;
  /** A send was refused because of `noDrop`. */
  #isBlocked: boolean;

  /** `onWithdrawn` is called after topics of peers that left have gone. */
  constructor(host: PatternHost, onWithdrawn: (() => void) | null, matching: Matching = "prefix") {
    this.onSubscription = null;
    this.#host = host;
    this.#subscribers = new Map();
    this.#topics = new TopicTrie();
    this.#distributor = new Distributor();
    this.#withdrawals = new Withdrawals(() => {
      onWithdrawn?.();
      this.onSubscription?.();
    });
    this.#matching = matching;
    this.#unasked = new Set();
    this.#subscribedCount = 0;
    this.#isBlocked = false;
  }

  has(pipe: Pipe): boolean {
    return this.#subscribers.has(pipe);
  }

  /** The name of an attached peer in tries. */
  numberOf(pipe: Pipe): number {
    return (this.#subscribers.get(pipe) as Subscriber).number;
  }

  /** Whether there is a peer in datagrams. */
  get hasUnasked(): boolean {
    return this.#unasked.size > 0;
  }

  attach(pipe: Pipe): void {
    const number = this.#distributor.attach(pipe);
    this.#subscribers.set(pipe, { number, isIdentified: false, isWelcomed: false });
    if (pipe.peer.isDatagram) {
      this.#unasked.add(number);
      this.#noteSubscribed(1, pipe);
    }
    if (pipe.live) this.welcome(pipe);
  }

  /** A connection stands. What an earlier one of the same pipe wanted is forgotten: the peer tells all anew. */
  identified(pipe: Pipe, listener: WithdrawnListener | null, further: FurtherTopics | null): void {
    const subscriber = this.#subscribers.get(pipe) as Subscriber;
    if (subscriber.isIdentified) {
      this.leave(pipe, listener, further);
      this.attach(pipe);
      this.identified(pipe, listener, further);
      return;
    }
    subscriber.isIdentified = true;
    this.welcome(pipe);
  }

  /** The welcome message goes ahead of everything else, once a connection (libzmq behaviour B59). */
  welcome(pipe: Pipe): void {
    const subscriber = this.#subscribers.get(pipe) as Subscriber;
    if (subscriber.isWelcomed) return;
    subscriber.isWelcomed = true;
    const body = this.#host.options.welcomeMessage;
    if (body !== null && !pipe.tryWrite([body], false)) pipe.countDrop("hwm");
  }

  /** Nothing can be sent to the peer any more: its topics go, each told to `listener`. */
  leave(pipe: Pipe, listener: WithdrawnListener | null, further: FurtherTopics | null): void {
    const subscriber = this.#subscribers.get(pipe);
    if (subscriber === undefined) return;
    const { number } = subscriber;
    if (this.#unasked.delete(number) || this.#topics.countOf(number) > 0) this.#noteSubscribed(-1, null);
    this.#subscribers.delete(pipe);
    this.#distributor.detach(pipe);
    if (further !== null) this.#withdrawals.start(further.topics, number, further.listener, () => undefined);
    this.#withdrawals.start(this.#topics, number, listener, () => this.#distributor.release(number));
    this.unblock();
  }

  /** Different topics of all peers together. */
  get topicsCount(): number {
    return this.#topics.topicCount;
  }

  /** The topic of a node that a listener was told of, after one octet. */
  topicOf(node: number): Frame {
    return this.#topics.topicOf(node, TOPIC);
  }

  subscribe(pipe: Pipe, octets: Uint8Array, start: number): Added {
    const number = this.numberOf(pipe);
    const added = this.#topics.add(number, octets, start);
    if (added === "again") return added;
    if (this.#topics.countOf(number) === 1) this.#noteSubscribed(1, pipe);
    this.onSubscription?.();
    return added;
  }

  cancel(pipe: Pipe, octets: Uint8Array, start: number): Removed {
    const number = this.numberOf(pipe);
    const removed = this.#topics.remove(number, octets, start);
    if (removed === "unknown" || removed === "foreign") return removed;
    if (this.#topics.countOf(number) === 0) this.#noteSubscribed(-1, null);
    this.onSubscription?.();
    this.unblock();
    return removed;
  }

  /** Whether a subscription keeps to the limits, measured in `topics`. If not, the peer is disconnected. */
  admits(pipe: Pipe, frame: Frame, topics: TopicTrie = this.#topics): boolean {
    const { maxSubscriptionsPerPeer, maxTopicSize } = this.#host.options;
    if (maxTopicSize >= 0 && frame.length - TOPIC > maxTopicSize) {
      const why = `The peer subscribed to a topic of ${frame.length - TOPIC} octets; maxTopicSize is ${maxTopicSize}.`;
      this.#host.disconnectPeer(pipe, why, false);
      return false;
    }
    if (maxSubscriptionsPerPeer < 0) return true;
    const number = this.numberOf(pipe);
    if (topics.countOf(number) < maxSubscriptionsPerPeer || topics.has(number, frame, TOPIC)) return true;
    const why = `The peer has more than ${maxSubscriptionsPerPeer} subscriptions, which is maxSubscriptionsPerPeer.`;
    this.#host.disconnectPeer(pipe, why, false);
    return false;
  }

  /** How many topics a peer has. */
  topicCount(pipe: Pipe): number {
    return this.#topics.countOf(this.numberOf(pipe));
  }

  /**
   * Sends to all who want the message, or to one of them alone. `false` only with `noDrop`: one of them is full, and nobody
   * got it.
   */
  send(message: Message, only: Pipe | null = null): boolean {
    const distributor = this.#distributor;
    this.#match(message[0]!, only === null ? distributor : this.#only(only));
    if (distributor.matchedCount === 0) {
      this.#host.countDrop("no-subscriber", message[0]);
      return true;
    }
    if (this.#host.options.noDrop && !distributor.canSend()) {
      this.#isBlocked = true;
      return false;
    }
    distributor.send(message);
    return true;
  }

  canSend(): boolean {
    return !this.#isBlocked;
  }

  /** What blocked a send may be gone. */
  unblock(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#host.becameWritable();
  }

  /** Peers that have a topic, or that would get a message that starts with `octets`. */
  subscriberCount(octets?: Uint8Array): number {
    if (octets === undefined) return this.#subscribedCount;
    this.#match(octets);
    const count = this.#distributor.matchedCount;
    this.#distributor.begin();
    return count;
  }

  #noteSubscribed(change: 1 | -1, pipe: Pipe | null): void {
    this.#subscribedCount += change;
    this.#host.subscribersChanged(this.#subscribedCount, pipe);
  }

  #only(pipe: Pipe): Pick<Distributor, "match"> {
    const wanted = this.numberOf(pipe);
    return {
      match: (number) => {
        if (number === wanted) this.#distributor.match(number);
      },
    };
  }

  #match(octets: Uint8Array, matched: Pick<Distributor, "match"> = this.#distributor): void {
    const distributor = this.#distributor;
    distributor.begin();
    if (this.#matching === "exact") this.#topics.matchExact(octets, matched);
    else this.#topics.match(octets, matched);
    if (this.#unasked.size > 0) for (const number of this.#unasked) distributor.match(number);
    if (this.#host.options.invertMatching) distributor.invert();
  }
}
