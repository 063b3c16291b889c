import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { FrameLike } from "../../core/message-like.ts";
import type { PublisherOptions, Settable } from "../../core/option-types.ts";
import type { WaitOptions } from "../../core/waiters.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { PubPattern } from "./pub-pattern.ts";
import { topicsCount, waitForSubscribers } from "./topics.ts";

/**
 * 29/PUBSUB, PUB: sends each message to all peers that subscribed to a prefix of its first frame. It never waits: what a peer
 * at its high-water mark misses is counted (`hwm`), what nobody subscribed to as well (`no-subscriber`). Peers: Subscriber,
 * XSubscriber.
 */
export class Publisher extends Socket {
  constructor(options?: Settable<PublisherOptions> & { readonly context?: Context }) {
    super(SocketType.Publisher, (host) => new PubPattern(host), options);
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
}

export interface Publisher extends Writable, PublisherOptions {}

installOptions(Publisher, SocketType.Publisher);
installWritable(Publisher);
