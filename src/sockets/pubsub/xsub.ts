import { SocketType } from "../../base/socket-type.ts";
import type { Context } from "../../core/context.ts";
import type { Settable, XSubscriberOptions } from "../../core/option-types.ts";
import type { Readable } from "../readable.ts";
import { installReadable } from "../readable.ts";
import { coreOf, installOptions, Socket } from "../socket.ts";
import type { Writable } from "../writable.ts";
import { installWritable } from "../writable.ts";
import { topicsCount } from "./topics.ts";
import { XsubPattern } from "./xsub-pattern.ts";

/**
 * 29/PUBSUB, XSUB: a Subscriber that subscribes by sending messages, `01 topic` and `00 topic`. Peers: Publisher, XPublisher.
 */
export class XSubscriber extends Socket {
  constructor(options?: Settable<XSubscriberOptions> & { readonly context?: Context }) {
    super(SocketType.XSubscriber, (host) => new XsubPattern(host), options);
  }

  /** How many different topics the socket is subscribed to. libzmq: ZMQ_TOPICS_COUNT. */
  get topicsCount(): number {
    return topicsCount(coreOf(this));
  }
}

export interface XSubscriber extends Readable, Writable, XSubscriberOptions {}

installOptions(XSubscriber, SocketType.XSubscriber);
installReadable(XSubscriber);
installWritable(XSubscriber);
