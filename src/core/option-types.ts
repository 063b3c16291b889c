import type { CommonOptions } from "./common-options.ts";

export type { CommonOptions, ConnectionOptions, PeerLimits } from "./common-options.ts";
export type { RefusedOptions, SecurityOptions } from "./refused-option-types.ts";

/** Options of the sockets that send. */
export interface SendOptions {
  /**
   * The most messages that wait for one peer; 0 is unlimited. At the mark `send` waits or the message is dropped, by
   * socket type. Default 1000. ZMQ_SNDHWM.
   */
  sendHighWaterMark: number;

  /**
   * Milliseconds after which a `send` that must wait is rejected with EAGAIN; -1 waits for ever, 0 does not wait.
   * Default -1. ZMQ_SNDTIMEO.
   */
  sendTimeout: number;

  /** The most `send` calls that may wait at once; more are rejected with EBUSY. Default 1024. */
  maxPendingSends: number;

  /**
   * Octets of the kernel's send buffer for udp: of Radio and Datagram; -1 leaves it to the system. With others ENOTSUP: Node
   * has no call for it. Default -1. Applies at the next bind or connect. ZMQ_SNDBUF.
   */
  sendBufferSize: number;

  /**
   * How many routers a multicast datagram of a Radio or Datagram may pass, and one more. With others ENOTSUP: there is no
   * multicast. Default 1. Applies at the next bind or connect. ZMQ_MULTICAST_HOPS.
   */
  multicastHops: number;
}

/** Options of the sockets that receive. */
export interface ReceiveOptions {
  /**
   * The most messages of one peer that wait to be received; 0 is unlimited. At the mark the peer is not read from
   * until there is room. Default 1000. ZMQ_RCVHWM.
   */
  receiveHighWaterMark: number;

  /**
   * Milliseconds after which a `receive` that must wait is rejected with EAGAIN; -1 waits for ever, 0 does not wait.
   * Default -1. ZMQ_RCVTIMEO.
   */
  receiveTimeout: number;

  /** The most `receive` calls that may wait at once; more are rejected with EBUSY. Default 1024. */
  maxPendingReceives: number;

  /**
   * The most messages of peers that left which are kept for the application; -1 takes ten times
   * `receiveHighWaterMark`. Others are dropped and counted as `orphaned`. Default -1.
   */
  maxOrphans: number;

  /**
   * Octets of the kernel's receive buffer for udp: of Dish and Datagram; -1 leaves it to the system. With others ENOTSUP:
   * Node has no call for it. Default -1. Applies at the next bind or connect.
   * ZMQ_RCVBUF.
   */
  receiveBufferSize: number;
}

/** Options of the sockets that can keep the newest message alone. */
export interface ConflateOptions {
  /**
   * Keeps only the newest message in each queue, whatever the high-water marks. Messages must have one frame. Default
   * false. Applies at the next bind or connect. ZMQ_CONFLATE.
   */
  conflate: boolean;
}

/** Options of the sockets that a Router can know by name. */
export interface IdentityOptions {
  /**
   * The name by which a Router knows this socket: 1 to 255 octets in UTF-8, the first not zero; `null` lets the Router
   * choose. Octets may be set too. Default null. Applies at the next bind or connect. ZMQ_ROUTING_ID.
   */
  get routingId(): string | null;
  set routingId(value: string | Uint8Array | null);
}

/** Options of the sockets that can announce themselves to a Router. */
export interface ProbeOptions {
  /**
   * Sends an empty message to each new peer, so that a Router learns of this socket before it has anything to say. For
   * peers that are Routers alone. Default false. ZMQ_PROBE_ROUTER.
   */
  probeRouter: boolean;
}

/** Options of the sockets that match messages to subscriptions on the sending side. */
export interface PublishOptions {
  /**
   * Waits until every matching peer has room, as Push does, instead of dropping for those that are full. Default
   * false. ZMQ_XPUB_NODROP.
   */
  noDrop: boolean;

  /** The most subscriptions of one peer; more close its connection. -1 is unlimited. Default -1. */
  maxSubscriptionsPerPeer: number;

  /** The longest topic in bytes that a peer may subscribe to; a longer one closes its connection. -1 is unlimited. Default -1. */
  maxTopicSize: number;
}

/** What the sockets show that send or receive by topic. */
export interface TopicsShown {
  /**
   * How many different topics there are subscriptions to: of all peers together where it is sent by topic, of the socket
   * itself where it is received. ZMQ_TOPICS_COUNT.
   */
  readonly topicsCount: number;
}

/** Options of the sockets that can turn matching round. */
export interface MatchOptions {
  /**
   * Turns matching round: messages go to those whose subscriptions do not match. Must be set on both sides. Default
   * false. ZMQ_INVERT_MATCHING.
   */
  invertMatching: boolean;
}

/** Options of the sockets that exchange subscriptions as messages. */
export interface SubscriptionMessageOptions {
  /**
   * Only the first frame of a message can be a subscription; others are plain frames whatever their first octet.
   * Default false. ZMQ_ONLY_FIRST_SUBSCRIBE.
   */
  onlyFirstSubscribe: boolean;
}

/** The options of a Pair. */
export interface PairOptions extends CommonOptions, SendOptions, ReceiveOptions {}

/** The options of a Publisher. */
export interface PublisherOptions
  extends CommonOptions,
    SendOptions,
    ConflateOptions,
    PublishOptions,
    MatchOptions,
    TopicsShown {}

/** The options of a Subscriber. */
export interface SubscriberOptions
  extends CommonOptions,
    ReceiveOptions,
    ConflateOptions,
    MatchOptions,
    TopicsShown {}

/** The options of a Request. */
export interface RequestOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    IdentityOptions,
    ProbeOptions {
  /**
   * Sends a number with each request and takes no reply but the one with that number. Default false.
   * ZMQ_REQ_CORRELATE.
   */
  correlate: boolean;

  /**
   * Allows a new request before the reply to the last came; a late reply is discarded if `correlate` is set too.
   * Default false. ZMQ_REQ_RELAXED.
   */
  relaxed: boolean;
}

/** The options of a Reply. */
export interface ReplyOptions extends CommonOptions, SendOptions, ReceiveOptions, IdentityOptions {}

/** The options of a Dealer. */
export interface DealerOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    IdentityOptions,
    ProbeOptions,
    ConflateOptions,
    HelloOptions,
    HiccupOptions {}

/** The options of a Router. */
export interface RouterOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    IdentityOptions,
    ProbeOptions,
    HelloOptions,
    DisconnectOptions {
  /**
   * Rejects a message to an unknown peer with EHOSTUNREACH and waits for one whose queue is full, instead of dropping
   * it. Default false. ZMQ_ROUTER_MANDATORY.
   */
  mandatory: boolean;

  /**
   * Gives a routing id to the newcomer that announces it and closes the peer that had it, instead of refusing the
   * newcomer. Default false. ZMQ_ROUTER_HANDOVER.
   */
  handover: boolean;

  /**
   * Receives an empty message from a peer, `[routing id, ""]`: 1 before all else when it came, 2 behind all else when it
   * left, 3 both; 0 neither. They are in no count. A peer's own empty message, as `probeRouter` sends one, looks the same.
   * Default 0. ZMQ_ROUTER_NOTIFY.
   */
  routerNotify: number;
}

/** The options of a Pull. */
export interface PullOptions extends CommonOptions, ReceiveOptions, ConflateOptions {}

/** The options of a Push. */
export interface PushOptions extends CommonOptions, SendOptions, ConflateOptions {}

/** The options of an XPublisher. */
export interface XPublisherOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    PublishOptions,
    MatchOptions,
    SubscriptionMessageOptions,
    TopicsShown {
  /**
   * Leaves the subscriptions to the application: each is received as a message, and `subscribe` and `unsubscribe` act
   * for the peer that sent the last. Default false. ZMQ_XPUB_MANUAL.
   */
  manual: boolean;

  /**
   * As `manual`, and the next message after a subscription message was received goes to the peer of that one alone, if it
   * wants it: what it missed, for example. Default false. ZMQ_XPUB_MANUAL_LAST_VALUE.
   */
  manualLastValue: boolean;

  /**
   * Which subscription messages are received: `null` the first of a topic and the last end, `"allSubs"` also repeated
   * ones, `"allSubsUnsubs"` also every end. Default null. ZMQ_XPUB_VERBOSE, ZMQ_XPUB_VERBOSER.
   */
  verbosity: null | "allSubs" | "allSubsUnsubs";

  /**
   * A message that each new subscriber is sent first; it is seen by those who subscribed to it before. Octets may be
   * set too. Default null. ZMQ_XPUB_WELCOME_MSG.
   */
  get welcomeMessage(): string | null;
  set welcomeMessage(value: string | Uint8Array | null);
}

/** The options of an XSubscriber. */
export interface XSubscriberOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    SubscriptionMessageOptions,
    TopicsShown {
  /**
   * Tells the publishers of every `00 topic` that is sent, not only of the last of a topic: for an XPublisher with
   * `verbosity`, or behind a device. Default false. ZMQ_XSUB_VERBOSE_UNSUBSCRIBE.
   */
  verboseUnsubscribe: boolean;
}

/** The options of a Stream. */
export interface StreamOptions extends CommonOptions, SendOptions, ReceiveOptions {
  /** Receives an empty message when a peer connects and when it leaves. Default true. ZMQ_STREAM_NOTIFY. */
  notify: boolean;
}

/** Options of the sockets that can introduce themselves. */
export interface HelloOptions {
  /**
   * The first message on every connection, sent again on each that is made anew; `null` sends none. Beyond the high-water
   * mark, and not counted here. Octets may be set too. Default null. Applies at the next bind or connect. ZMQ_HELLO_MSG.
   */
  get helloMessage(): string | null;
  set helloMessage(value: string | Uint8Array | null);
}

/** Options of the sockets that know their peers apart. */
export interface DisconnectOptions {
  /**
   * A message that is received when a peer left that had connected to this socket, as if that peer had sent it last; `null`
   * receives none. It is in no count. Octets may be set too. Default null. ZMQ_DISCONNECT_MSG.
   */
  get disconnectMessage(): string | null;
  set disconnectMessage(value: string | Uint8Array | null);
}

/** Options of the sockets whose connections are made anew by themselves. */
export interface HiccupOptions {
  /**
   * A message that is received when a connection made by this socket broke, behind what had come over it; `null` receives
   * none. It is in no count. Over tcp and ipc. Octets may be set too. Default null. Applies at the next bind or connect.
   * ZMQ_HICCUP_MSG.
   */
  get hiccupMessage(): string | null;
  set hiccupMessage(value: string | Uint8Array | null);
}

/** The options of a Server. */
export interface ServerOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    HelloOptions,
    DisconnectOptions {}

/** The options of a Client. */
export interface ClientOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    HelloOptions,
    HiccupOptions {}

/** The options of a Gather. */
export interface GatherOptions extends CommonOptions, ReceiveOptions, ConflateOptions {}

/** The options of a Scatter. */
export interface ScatterOptions extends CommonOptions, SendOptions, ConflateOptions {}

/** The options of a Peer. */
export interface PeerOptions
  extends CommonOptions,
    SendOptions,
    ReceiveOptions,
    HelloOptions,
    DisconnectOptions,
    HiccupOptions {}

/** The options of a Channel. */
export interface ChannelOptions extends CommonOptions, SendOptions, ReceiveOptions {}

/** Options of the sockets that can send to multicast groups, over udp. */
export interface MulticastOptions {
  /** Whether what is sent to a multicast group comes back to this machine's own members. Default true. Applies at the next bind or connect. ZMQ_MULTICAST_LOOP. */
  multicastLoop: boolean;
}

/** The options of a Radio. */
export interface RadioOptions extends CommonOptions, SendOptions, MulticastOptions {
  /**
   * Waits until every dish of the group has room, instead of dropping for those that are full. Default false.
   * ZMQ_XPUB_NODROP.
   */
  noDrop: boolean;

  /** The most groups that one peer may have joined; more close its connection. -1 is unlimited. Default -1. */
  maxSubscriptionsPerPeer: number;
}

/** The options of a Dish. */
export interface DishOptions extends CommonOptions, ReceiveOptions {}

/** The options of a Datagram. */
export interface DatagramOptions extends CommonOptions, SendOptions, ReceiveOptions, MulticastOptions {}

/** Properties that only show something. */
export type ReadonlyOptionName = "type" | "lastEndpoint" | "securityMechanism" | "threadSafe" | "topicsCount";

/** Options that are text to be read, and may be set to octets. */
export type OctetOptionName =
  | "routingId"
  | "welcomeMessage"
  | "helloMessage"
  | "disconnectMessage"
  | "hiccupMessage";

/** What a constructor takes of a class's options. */
export type Settable<Options> = {
  [Name in Exclude<keyof Options, ReadonlyOptionName>]?:
    | (Name extends OctetOptionName ? Uint8Array : never)
    | (Name extends "metadata" ? Readonly<Record<string, string | Uint8Array>> | string : never)
    | Options[Name]
    | undefined;
};
