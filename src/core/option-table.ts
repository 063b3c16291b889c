import { SocketType } from "../base/socket-type.ts";
import type { OptionRow, OptionTable } from "./option-row.ts";
import {
  bool,
  choice,
  filters,
  hostAndPort,
  INT_MAX,
  identity,
  int,
  message,
  properties,
  text,
} from "./option-row.ts";
import type { SocketOptionName, SocketOptionValues } from "./option-values.ts";
import { REFUSED_OPTIONS } from "./refused-options.ts";
import { SECURITY_OPTIONS } from "./security-options.ts";
import { RECEIVERS, SENDERS } from "./socket-groups.ts";

const { Dealer, Publisher, Pull, Push, Reply, Request, Router, Stream, Subscriber, XPublisher, XSubscriber } =
  SocketType;

const forever = "-1 waits for ever, 0 does not wait";
const unlimited = "-1 is unlimited";
const LARGEST = Number.MAX_SAFE_INTEGER;

const QUEUES = {
  sendHighWaterMark: int(
    { initial: 1000, min: 0, unit: "messages per peer", means: "0 is unlimited" },
    { applied: "now", sockets: SENDERS, libzmq: "ZMQ_SNDHWM 23" },
  ),
  receiveHighWaterMark: int(
    { initial: 1000, min: 0, unit: "messages per peer", means: "0 is unlimited" },
    { applied: "now", sockets: RECEIVERS, libzmq: "ZMQ_RCVHWM 24" },
  ),
  sendTimeout: int(
    { initial: -1, min: -1, unit: "ms", means: forever },
    { applied: "now", sockets: SENDERS, libzmq: "ZMQ_SNDTIMEO 28" },
  ),
  receiveTimeout: int(
    { initial: -1, min: -1, unit: "ms", means: forever },
    { applied: "now", sockets: RECEIVERS, libzmq: "ZMQ_RCVTIMEO 27" },
  ),
  linger: int(
    { initial: -1, min: -1, unit: "ms", means: "-1 waits for ever, 0 drops at once" },
    {
      applied: "now",
      libzmq: "ZMQ_LINGER 17",
      remark: "0 by default for Subscriber, XSubscriber and Dish, and where the context's blocky is false",
    },
  ),
  immediate: bool(false, { applied: "next", libzmq: "ZMQ_IMMEDIATE 39" }),
  conflate: bool(false, {
    applied: "next",
    sockets: [Pull, Push, Subscriber, Publisher, Dealer, SocketType.Gather, SocketType.Scatter],
    libzmq: "ZMQ_CONFLATE 54",
  }),
  maxPendingSends: int({ initial: 1024, min: 1, unit: "calls" }, { applied: "now", sockets: SENDERS }),
  maxPendingReceives: int({ initial: 1024, min: 1, unit: "calls" }, { applied: "now", sockets: RECEIVERS }),
  maxOrphans: int(
    { initial: -1, min: -1, unit: "messages", means: "-1 takes ten times receiveHighWaterMark" },
    { applied: "now", sockets: RECEIVERS },
  ),
  busyPoll: int({ initial: 0, min: 0, unit: "ms", means: "0 is off" }, { applied: "next" }),
};

const PATTERNS = {
  routingId: identity({
    applied: "next",
    sockets: [Request, Reply, Router, Dealer],
    libzmq: "ZMQ_ROUTING_ID 5",
  }),
  probeRouter: bool(false, {
    applied: "now",
    sockets: [Router, Dealer, Request],
    libzmq: "ZMQ_PROBE_ROUTER 51",
  }),
  correlate: bool(false, { applied: "now", sockets: [Request], libzmq: "ZMQ_REQ_CORRELATE 52" }),
  relaxed: bool(false, { applied: "now", sockets: [Request], libzmq: "ZMQ_REQ_RELAXED 53" }),
  mandatory: bool(false, { applied: "now", sockets: [Router], libzmq: "ZMQ_ROUTER_MANDATORY 33" }),
  handover: bool(false, { applied: "now", sockets: [Router], libzmq: "ZMQ_ROUTER_HANDOVER 56" }),
  notify: bool(true, { applied: "now", sockets: [Stream], libzmq: "ZMQ_STREAM_NOTIFY 73" }),
  routerNotify: int(
    { initial: 0, min: 0, max: 3, means: "a sum: 1 tells of peers that come, 2 of peers that leave" },
    { applied: "now", sockets: [Router], libzmq: "ZMQ_ROUTER_NOTIFY 97", remark: "over inproc, too" },
  ),
  helloMessage: message({
    applied: "next",
    sockets: [Dealer, Router, SocketType.Client, SocketType.Server, SocketType.Peer],
    libzmq: "ZMQ_HELLO_MSG 110",
  }),
  disconnectMessage: message({
    applied: "now",
    sockets: [Router, SocketType.Server, SocketType.Peer],
    libzmq: "ZMQ_DISCONNECT_MSG 111",
  }),
  hiccupMessage: message({
    applied: "next",
    sockets: [Dealer, SocketType.Client, SocketType.Peer],
    libzmq: "ZMQ_HICCUP_MSG 114",
    remark: "over tcp and ipc, whose connections are made anew",
  }),
  noDrop: bool(false, {
    applied: "now",
    sockets: [XPublisher, Publisher, SocketType.Radio],
    libzmq: "ZMQ_XPUB_NODROP 69",
  }),
  multicastLoop: bool(true, {
    applied: "next",
    sockets: [SocketType.Radio, SocketType.Datagram],
    libzmq: "ZMQ_MULTICAST_LOOP 96",
  }),
  manual: bool(false, { applied: "now", sockets: [XPublisher], libzmq: "ZMQ_XPUB_MANUAL 71" }),
  manualLastValue: bool(false, {
    applied: "now",
    sockets: [XPublisher],
    libzmq: "ZMQ_XPUB_MANUAL_LAST_VALUE 98",
    remark: "manual is on where this is",
  }),
  verboseUnsubscribe: bool(false, {
    applied: "now",
    sockets: [XSubscriber],
    libzmq: "ZMQ_XSUB_VERBOSE_UNSUBSCRIBE 115",
  }),
  verbosity: choice([null, "allSubs", "allSubsUnsubs"] as const, {
    applied: "now",
    sockets: [XPublisher],
    libzmq: "ZMQ_XPUB_VERBOSE 40, ZMQ_XPUB_VERBOSER 78",
  }),
  welcomeMessage: message({ applied: "now", sockets: [XPublisher], libzmq: "ZMQ_XPUB_WELCOME_MSG 72" }),
  invertMatching: bool(false, {
    applied: "now",
    sockets: [Publisher, Subscriber, XPublisher],
    libzmq: "ZMQ_INVERT_MATCHING 74",
  }),
  onlyFirstSubscribe: bool(false, {
    applied: "now",
    sockets: [XPublisher, XSubscriber],
    libzmq: "ZMQ_ONLY_FIRST_SUBSCRIBE 108",
  }),
  maxSubscriptionsPerPeer: int(
    { initial: -1, min: -1, unit: "subscriptions", means: unlimited },
    { applied: "now", sockets: [Publisher, XPublisher, SocketType.Radio] },
  ),
  maxTopicSize: int(
    { initial: -1, min: -1, unit: "bytes", means: unlimited },
    { applied: "now", sockets: [Publisher, XPublisher] },
  ),
};

const CONNECTIONS = {
  ipv6: bool(false, { applied: "next", libzmq: "ZMQ_IPV6 42", remark: "the context's ipv6 is the default" }),
  backlog: int({ initial: 100, min: 0, unit: "connections" }, { applied: "next", libzmq: "ZMQ_BACKLOG 19" }),
  useFd: int(
    { initial: -1, min: -1, means: "-1 opens one" },
    {
      applied: "next",
      libzmq: "ZMQ_USE_FD 89",
      remark: "bind() listens on this descriptor, which is open and listening already",
    },
  ),
  reconnectInterval: int(
    { initial: 100, min: -1, unit: "ms", means: "-1 and 0 never reconnect" },
    { applied: "next", libzmq: "ZMQ_RECONNECT_IVL 18" },
  ),
  reconnectMaxInterval: int(
    { initial: 0, min: 0, unit: "ms", means: "0 keeps the interval constant" },
    { applied: "next", libzmq: "ZMQ_RECONNECT_IVL_MAX 21" },
  ),
  reconnectStop: int(
    {
      initial: 0,
      min: 0,
      max: 7,
      means: "the sum of 1 (refused), 2 (handshake failed) and 4 (disconnected)",
    },
    { applied: "next", libzmq: "ZMQ_RECONNECT_STOP 109" },
  ),
  connectTimeout: int(
    { initial: 0, min: 0, unit: "ms", means: "0 leaves it to the system" },
    { applied: "next", libzmq: "ZMQ_CONNECT_TIMEOUT 79" },
  ),
  handshakeInterval: int(
    { initial: 30000, min: 0, unit: "ms", means: "0 is unlimited" },
    { applied: "next", libzmq: "ZMQ_HANDSHAKE_IVL 66" },
  ),
  metadata: properties({
    applied: "next",
    libzmq: "ZMQ_METADATA 95",
    remark: "the peer's peers show it as properties; a ZAP handler is not told",
  }),
  heartbeatInterval: int(
    { initial: 0, min: 0, unit: "ms", means: "0 is off" },
    { applied: "next", libzmq: "ZMQ_HEARTBEAT_IVL 75" },
  ),
  // 37/ZMTP, The PING command: the time to live is 16 bits of tenths of a second.
  heartbeatTimeToLive: int(
    {
      initial: 0,
      min: 0,
      max: 6553599,
      step: 100,
      unit: "ms",
      means: "rounded down to 100 ms; 0 asks for nothing",
    },
    { applied: "next", libzmq: "ZMQ_HEARTBEAT_TTL 76" },
  ),
  heartbeatTimeout: int(
    { initial: -1, min: -1, unit: "ms", means: "-1 takes heartbeatInterval, 0 never gives up" },
    { applied: "next", libzmq: "ZMQ_HEARTBEAT_TIMEOUT 77" },
  ),
  tcpKeepalive: int(
    { initial: -1, min: -1, max: 1, means: "1 on, 0 off, -1 leaves it to the system" },
    { applied: "next", libzmq: "ZMQ_TCP_KEEPALIVE 34" },
  ),
  // The kernel's own bound (Linux: MAX_TCP_KEEPIDLE).
  tcpKeepaliveIdle: int(
    { initial: -1, min: -1, max: 32767, unit: "s", means: "-1 and 0 leave it to the system" },
    { applied: "next", libzmq: "ZMQ_TCP_KEEPALIVE_IDLE 36" },
  ),
  tcpAcceptFilter: filters({
    applied: "next",
    libzmq: "ZMQ_TCP_ACCEPT_FILTER 38",
    remark: "each assignment adds a filter; one that matches is enough",
  }),
  socksProxy: hostAndPort({
    applied: "next",
    libzmq: "ZMQ_SOCKS_PROXY 68",
    remark: "tcp connections go through it; names are looked up there",
  }),
  socksUsername: text({ applied: "next", libzmq: "ZMQ_SOCKS_USERNAME 99" }),
  socksPassword: text({ applied: "next", libzmq: "ZMQ_SOCKS_PASSWORD 100", isSecret: true }),
  maxConnections: int(
    { initial: -1, min: -1, unit: "connections per bound endpoint", means: unlimited },
    { applied: "next" },
  ),
  maxPendingHandshakes: int(
    { initial: 1024, min: 1, unit: "connections per bound endpoint" },
    { applied: "next" },
  ),
  affinity: int(
    { initial: 0, min: 0, max: 2 ** 64, means: "a bit for each I/O thread; 0 is any" },
    {
      applied: "next",
      libzmq: "ZMQ_AFFINITY 4",
      remark: "with ioMode background; without effect where the socket's own thread serves its connections",
    },
  ),
};

const LIMITS = {
  maxMessageSize: int(
    { initial: -1, min: -1, max: LARGEST, unit: "bytes per frame", means: unlimited },
    { applied: "next", libzmq: "ZMQ_MAXMSGSIZE 22" },
  ),
  maxMultipartSize: int(
    { initial: -1, min: -1, max: LARGEST, unit: "bytes per message", means: unlimited },
    { applied: "next" },
  ),
  maxFramesPerMessage: int({ initial: 131072, min: 1, unit: "frames" }, { applied: "next" }),
  maxCommandSize: int({ initial: 65536, min: 512, max: INT_MAX, unit: "bytes" }, { applied: "next" }),
  maxHandshakeSize: int({ initial: 65536, min: 512, max: INT_MAX, unit: "bytes" }, { applied: "next" }),
};

/** Every option of every socket type. */
export const SOCKET_OPTIONS: OptionTable<SocketOptionValues> = {
  ...QUEUES,
  ...PATTERNS,
  ...CONNECTIONS,
  ...LIMITS,
  ...SECURITY_OPTIONS,
  ...REFUSED_OPTIONS,
};

/** Properties that only show something, with libzmq's names. */
export const READONLY_OPTIONS = {
  type: "ZMQ_TYPE 16",
  lastEndpoint: "ZMQ_LAST_ENDPOINT 32",
  securityMechanism: "ZMQ_MECHANISM 43",
  threadSafe: "ZMQ_THREAD_SAFE 81",
  topicsCount: "ZMQ_TOPICS_COUNT 116",
} as const;

/** The socket types of those that not all have. */
const READONLY_SOCKETS: Readonly<Record<string, readonly SocketType[]>> = {
  topicsCount: [Publisher, Subscriber, XPublisher, XSubscriber],
};

/** Whether a socket of this type has a property of this name that only shows something. */
export function hasReadonly(type: SocketType, name: string): boolean {
  return Object.hasOwn(READONLY_OPTIONS, name) && READONLY_SOCKETS[name]?.includes(type) !== false;
}

/** The names of a socket type's options, in the order of the table. */
export function socketOptionNames(type: SocketType): SocketOptionName[] {
  return (Object.keys(SOCKET_OPTIONS) as SocketOptionName[]).filter((name) => hasOption(type, name));
}

export function hasOption(type: SocketType, name: SocketOptionName): boolean {
  const row: OptionRow<unknown> = SOCKET_OPTIONS[name];
  return row.sockets === undefined || row.sockets.includes(type);
}

export function isOptionName(name: string): name is SocketOptionName {
  return Object.hasOwn(SOCKET_OPTIONS, name);
}
