import { showText } from "../../base/bytes.ts";
import type { Message } from "../../base/message.ts";
import type { PatternFacts } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { SubscriptionTrie } from "../../routing/subscription-trie.ts";
import { CANCEL, SUBSCRIBE, subscriptionFrame } from "./subscription-frame.ts";

/** The topics that are wanted, each after `start` octets of what it stands in. */
export interface WantedTopics {
  readonly topicCount: number;
  add(octets: Uint8Array, start: number): unknown;
  /** Whether it is not wanted any more. */
  remove(octets: Uint8Array, start: number): boolean;
  /** Whether the first frame of a message is wanted. */
  matches(frame: Uint8Array): boolean;
  /** Each after `prefix` octets for the caller to fill. */
  forEach(prefix: number, visit: (topic: Uint8Array) => void): void;
}

/**
 * The upstream half of SUB, XSUB and DISH: the topics that are wanted, and telling them to every publisher, all at each new
 * connection and each change to those that are connected.
 *
 * A pipe may be read before we hear of who reads it. So all is told into a fresh one as well: what an XSUB sends comes
 * behind what it subscribed to before.
 */
export class Subscribing {
  readonly #topics: WantedTopics;
  /** How much a pipe was told that had no connection yet; `CONNECTED` once it had one. */
  readonly #pipes: Map<Pipe, number>;

  constructor(topics: WantedTopics = new SubscriptionTrie()) {
    this.#topics = topics;
    this.#pipes = new Map();
  }

  attach(pipe: Pipe): void {
    this.#pipes.set(pipe, 0);
    for (const message of this.#all()) pipe.writeControl(message);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  /** A connection stands. The first one was told all that there is; the peer of a later one knows nothing of us. */
  identified(pipe: Pipe): void {
    if (this.#pipes.get(pipe) === CONNECTED) pipe.restartControl(this.#all());
    else this.#pipes.set(pipe, CONNECTED);
  }

  /** Every call is told, also of a topic that is there (libzmq behaviour B53). */
  subscribe(octets: Uint8Array, start: number): void {
    this.#topics.add(octets, start);
    this.#tell(SUBSCRIBE, octets, start);
  }

  /** Told only when it was the last, unless `isVerbose`; a topic that is not there is ignored otherwise. */
  unsubscribe(octets: Uint8Array, start: number, isVerbose = false): void {
    if (this.#topics.remove(octets, start) || isVerbose) this.#tell(CANCEL, octets, start);
  }

  matches(message: Message): boolean {
    return this.#topics.matches(message[0]!);
  }

  get topicCount(): number {
    return this.#topics.topicCount;
  }

  /** How many topics there are, and some of them for people to read. */
  facts(): PatternFacts {
    const { topicCount } = this.#topics;
    const shown: string[] = [];
    if (topicCount <= TOPICS_SHOWN_MAX)
      this.#topics.forEach(0, (topic) => shown.push(topic.length === 0 ? "(all)" : showText(topic)));
    return { topicCount, topics: shown.join(", ") };
  }

  #tell(kind: number, octets: Uint8Array, start: number): void {
    let message: Message | null = null;
    for (const [pipe, toldCount] of this.#pipes) {
      if (!pipe.live && !this.#tellsEarly(pipe, toldCount)) continue;
      message ??= [subscriptionFrame(kind, octets, start)];
      pipe.writeControl(message);
    }
  }

  /** Whether a pipe without a connection is told of one change more. */
  #tellsEarly(pipe: Pipe, toldCount: number): boolean {
    if (toldCount === CONNECTED) return false;
    // Topics that come and go while nobody listens do not pile up.
    const isPiledUp = toldCount > 2 * this.#topics.topicCount + EARLY_MAX;
    if (isPiledUp) pipe.restartControl(this.#all());
    this.#pipes.set(pipe, isPiledUp ? 0 : toldCount + 1);
    return !isPiledUp;
  }

  #all(): Message[] {
    const messages: Message[] = [];
    this.#topics.forEach(1, (frame) => {
      frame[0] = SUBSCRIBE;
      messages.push([frame]);
    });
    return messages;
  }
}

/** With more of them nobody reads the names. */
const TOPICS_SHOWN_MAX = 8;
const CONNECTED = -1;
const EARLY_MAX = 1000;
