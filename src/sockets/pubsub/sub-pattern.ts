import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { DropReason, Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { SubscriptionTrie } from "../../routing/subscription-trie.ts";
import type { WantedTopics } from "./subscribing.ts";
import { Subscribing } from "./subscribing.ts";

/**
 * 29/PUBSUB, "The SUB Socket Type": receives from its publishers in turn what it subscribed to, sends nothing. DISH is one
 * with other topics.
 */
export class SubPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;
  readonly #subscribing: Subscribing;
  /** The message that `canReceive` found. */
  #prefetched: Message | undefined;

  constructor(
    host: PatternHost,
    type: typeof SocketType.Subscriber | typeof SocketType.Dish = SocketType.Subscriber,
    topics: WantedTopics = new SubscriptionTrie(),
  ) {
    this.type = type;
    this.#host = host;
    this.#inward = new FairQueue();
    this.#subscribing = new Subscribing(topics);
    this.#prefetched = undefined;
  }

  /** Different topics that are wanted. */
  get topicsCount(): number {
    return this.#subscribing.topicCount;
  }

  subscribe(topic: Uint8Array): void {
    this.#subscribing.subscribe(topic, 0);
  }

  unsubscribe(topic: Uint8Array): void {
    this.#subscribing.unsubscribe(topic, 0);
  }

  attach(pipe: Pipe): boolean {
    this.#inward.attach(pipe);
    this.#subscribing.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    this.#subscribing.identified(pipe);
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#subscribing.detach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#subscribing.detach(pipe);
    this.#inward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // Subscriptions are never refused.
  }

  send(): boolean {
    throw new ZmqError("ENOTSUP", "A SUB socket does not send.", {
      remedy: "Subscribe with subscribe(), or send to publishers with an XSUB socket.",
    });
  }

  receive(): Message | undefined {
    const prefetched = this.#prefetched;
    if (prefetched === undefined) return this.#take();
    this.#prefetched = undefined;
    return prefetched;
  }

  receiveMany(countMax: number): Message[] | undefined {
    if (this.#prefetched !== undefined) return undefined;
    const inward = this.#inward;
    for (
      let messages = inward.receiveMany(countMax);
      messages !== undefined;
      messages = inward.receiveMany(countMax)
    ) {
      const wanted = messages.filter((message) => this.#admits(message));
      if (wanted.length > 0) return wanted;
    }
    return undefined;
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return false;
  }

  facts(): PatternFacts {
    return this.#subscribing.facts();
  }

  canReceive(): boolean {
    this.#prefetched ??= this.#take();
    return this.#prefetched !== undefined;
  }

  /**
   * Why a message is not for the application. libzmq behaviour B68: a message that matches no subscription is dropped here
   * too. A publisher may send it that does not filter, or did not know yet that the topic was cancelled.
   */
  dropReason(message: Message): DropReason | null {
    const isWanted = this.#subscribing.matches(message) !== this.#host.options.invertMatching;
    return isWanted ? null : "no-subscriber";
  }

  #admits(message: Message): boolean {
    const reason = this.dropReason(message);
    if (reason === null) return true;
    const { origin } = this.#inward;
    if (origin !== null) this.#host.countReceivedDrop(origin, reason);
    return false;
  }

  #take(): Message | undefined {
    const inward = this.#inward;
    for (let message = inward.receive(); message !== undefined; message = inward.receive()) {
      if (this.#admits(message)) return message;
    }
    return undefined;
  }
}
