import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { FrameLike } from "../../core/message-like.ts";
import type { Settable, SubscriberOptions } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import { SubPattern } from "./sub-pattern.ts";
import { topicsCount, toTopics } from "./topics.ts";

/**
 * 29/PUBSUB, SUB: receives what its publishers send and it subscribed to. Peers: Publisher, XPublisher.
 */
export class Subscriber extends Socket {
  constructor(options?: Settable<SubscriberOptions> & { readonly context?: Context }) {
    super(SocketType.Subscriber, (host) => new SubPattern(host), options);
  }

  /** How many different topics the socket is subscribed to. libzmq: ZMQ_TOPICS_COUNT. */
  get topicsCount(): number {
    return topicsCount(coreOf(this));
  }

  /** Receives messages whose first frame starts with one of the prefixes; without arguments, all. Counted: see `unsubscribe`. */
  subscribe(...prefixes: readonly FrameLike[]): void {
    coreOf(this).checkOpen();
    const pattern = coreOf(this).pattern as SubPattern;
    for (const topic of toTopics(prefixes)) pattern.subscribe(topic);
  }

  /** Undoes one `subscribe` of each prefix; without arguments, of the empty one. Unknown prefixes are ignored. */
  unsubscribe(...prefixes: readonly FrameLike[]): void {
    coreOf(this).checkOpen();
    const pattern = coreOf(this).pattern as SubPattern;
    for (const topic of toTopics(prefixes)) pattern.unsubscribe(topic);
  }
}

export interface Subscriber extends Readable, SubscriberOptions {}

installOptions(Subscriber, SocketType.Subscriber);
installReadable(Subscriber);
