import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { FrameLike } from "../../core/message-like.ts";
import type { Settable, XPublisherOptions } from "../../core/option-types.ts";
import type { WaitOptions } from "../../core/waiters.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { manualPattern, topicsCount, toTopics, waitForSubscribers } from "./topics.ts";
import { XpubPattern } from "./xpub-pattern.ts";

/**
 * 29/PUBSUB, XPUB: a Publisher that receives the subscriptions of its peers as messages, `01 topic` and `00 topic`. Peers:
 * Subscriber, XSubscriber.
 */
export class XPublisher extends Socket {
  constructor(options?: Settable<XPublisherOptions> & { readonly context?: Context }) {
    super(SocketType.XPublisher, (host) => new XpubPattern(host), options);
  }

  /** How many different topics the peers together have subscribed to. libzmq: ZMQ_TOPICS_COUNT. */
  get topicsCount(): number {
    return topicsCount(coreOf(this));
  }

  /**
   * Resolves when at least `count` peers have a subscription, or with `topic` one that matches it: what is sent after that
   * reaches them. The cure for the slow joiner.
   */
  waitForSubscribers(count = 1, topic?: FrameLike, options: WaitOptions = {}): Promise<void> {
    return waitForSubscribers(coreOf(this), count, topic, options);
  }

  /** With `manual`: subscribes the peer of the subscription received last, to any prefixes. ENOTSUP without `manual`. */
  subscribe(...prefixes: readonly FrameLike[]): void {
    const pattern = manualPattern(coreOf(this));
    for (const topic of toTopics(prefixes)) pattern.subscribe(topic);
  }

  /** With `manual`: undoes `subscribe`. */
  unsubscribe(...prefixes: readonly FrameLike[]): void {
    const pattern = manualPattern(coreOf(this));
    for (const topic of toTopics(prefixes)) pattern.unsubscribe(topic);
  }
}

export interface XPublisher extends Readable, Writable, XPublisherOptions {}

installOptions(XPublisher, SocketType.XPublisher);
installReadable(XPublisher);
installWritable(XPublisher);
