import type { SocketType } from "../base/socket-type.ts";
import type { RefusedOptions } from "./refused-option-types.ts";

/**
 * The options that every socket has. Each is a property and may be given to the constructor. A value of the wrong type
 * or out of range throws `ZmqError` EINVAL with the range and the unit; a value that cannot be honoured throws ENOTSUP
 * with the reason. docs/guide/options.md has them all in one table.
 */
export interface CommonOptions extends ConnectionOptions, PeerLimits, RefusedOptions {
  /**
   * Milliseconds that messages which are not sent yet are kept when the socket closes or disconnects: -1 for ever, 0
   * drops them at once. Default -1; 0 for Subscriber, XSubscriber and Dish, and where the context's `blocky` is false.
   * ZMQ_LINGER.
   */
  linger: number;

  /**
   * Queues messages only for peers that are connected: `send` waits while there are none, instead of filling the
   * queue of a peer that may never come. Default false. Applies at the next bind or connect. ZMQ_IMMEDIATE.
   */
  immediate: boolean;

  /**
   * Milliseconds for which the event loop keeps spinning after traffic instead of sleeping until the next: it cuts the
   * latency of a busy exchange to a fraction and burns a core meanwhile. 0 is off. Default 0. Applies at the next bind
   * or connect.
   */
  busyPoll: number;

  /**
   * Which I/O threads may serve the connections, a bit for each; 0: any. Among them the one with the fewest endpoints does.
   * Without effect with `ioMode` "loop". EINVAL at bind or connect if it names none that there is. Default 0. Applies at
   * the next bind or connect. ZMQ_AFFINITY.
   */
  affinity: number;

  /** The number of the socket type. ZMQ_TYPE. */
  readonly type: SocketType;

  /** The endpoint that was last bound or connected, wildcards resolved; `null` before. ZMQ_LAST_ENDPOINT. */
  readonly lastEndpoint: string | null;

  /** The security mechanism: `null` for none. ZMQ_MECHANISM. */
  readonly securityMechanism: null | "plain" | "curve" | "gssapi";

  /** Whether threads may share the socket object: false. ZMQ_THREAD_SAFE. */
  readonly threadSafe: boolean;
}

/** How connections are made, watched and made again. */
export interface ConnectionOptions {
  /**
   * Uses IPv6 beside IPv4: host names resolve to either, and `*` listens on both. Default false, or what the context
   * says. Applies at the next bind or connect. ZMQ_IPV6.
   */
  ipv6: boolean;

  /**
   * How many connections may wait in the system to be accepted. Default 100. Applies at the next bind or connect.
   * ZMQ_BACKLOG.
   */
  backlog: number;

  /**
   * The number of a file descriptor that is a listening socket already, e.g. 3 of a program that systemd starts when
   * somebody connects; -1 opens one. `bind` then takes it as it is: a tcp endpoint's address is not looked at, the file of an
   * ipc endpoint stays when it is unbound. The descriptor belongs to the socket from then on. Not on Windows. Default -1.
   * Applies at the next bind or connect. ZMQ_USE_FD.
   */
  useFd: number;

  /**
   * Milliseconds before a lost or refused connection is tried again; chance adds up to as much, so that many clients
   * do not come back at once. -1 and 0 never try again. Default 100. Applies at the next bind or connect.
   * ZMQ_RECONNECT_IVL.
   */
  reconnectInterval: number;

  /**
   * Milliseconds up to which the wait doubles from one failed attempt to the next; 0 keeps it at `reconnectInterval`.
   * Default 0. Applies at the next bind or connect. ZMQ_RECONNECT_IVL_MAX.
   */
  reconnectMaxInterval: number;

  /**
   * After what a connection is not tried again: the sum of 1 (refused), 2 (the handshake failed) and 4 (it was there
   * and ended). Default 0. Applies at the next bind or connect. ZMQ_RECONNECT_STOP.
   */
  reconnectStop: number;

  /**
   * Milliseconds after which an attempt to connect is given up and counts as failed; 0 leaves it to the system.
   * Default 0. Applies at the next bind or connect. ZMQ_CONNECT_TIMEOUT.
   */
  connectTimeout: number;

  /**
   * Milliseconds within which a peer must finish its handshake; 0 is unlimited. Default 30000. Applies at the next
   * bind or connect. ZMQ_HANDSHAKE_IVL.
   */
  handshakeInterval: number;

  /**
   * What else this socket tells its peers in the handshake: names that begin with "X-" and texts, which the peer's
   * `peers[i].properties` show. Values may be set as octets; a text `X-name:value` adds one, as in libzmq; `null` removes
   * all. It is as secret as messages are: a mechanism without encryption sends it in clear text. Default null. Applies at
   * the next bind or connect. ZMQ_METADATA.
   */
  get metadata(): Readonly<Record<string, string>> | null;
  set metadata(value: Readonly<Record<string, string | Uint8Array>> | string | null);

  /**
   * Milliseconds between the PINGs that find dead peers; 0 sends none. Default 0. Applies at the next bind or connect.
   * ZMQ_HEARTBEAT_IVL.
   */
  heartbeatInterval: number;

  /**
   * Milliseconds of silence after which the peer shall give the connection up, sent with each PING and rounded down to
   * 100; 0 asks for nothing. Default 0. Applies at the next bind or connect. ZMQ_HEARTBEAT_TTL.
   */
  heartbeatTimeToLive: number;

  /**
   * Milliseconds after a PING within which the peer must send anything at all; 0 never gives it up, -1 takes
   * `heartbeatInterval`. Default -1. Applies at the next bind or connect. ZMQ_HEARTBEAT_TIMEOUT.
   */
  heartbeatTimeout: number;

  /**
   * The system's own probes of silent tcp connections: 1 on, 0 off, -1 leaves it to the system. Default -1. Applies at
   * the next bind or connect. ZMQ_TCP_KEEPALIVE.
   */
  tcpKeepalive: number;

  /**
   * Seconds of silence before the first probe of `tcpKeepalive`; 0 and -1 leave it to the system. Default -1. Applies
   * at the next bind or connect. ZMQ_TCP_KEEPALIVE_IDLE.
   */
  tcpKeepaliveIdle: number;

  /**
   * An address or range of addresses (`192.168.0.0/16`) from which tcp peers are accepted. Each assignment adds one,
   * `null` removes all; without any, all peers are accepted. Default null. Applies at the next bind or connect.
   * ZMQ_TCP_ACCEPT_FILTER.
   */
  tcpAcceptFilter: string | null;

  /**
   * `host:port` of a SOCKS5 proxy through which tcp peers are connected; `null` connects directly. The peer's name goes to
   * the proxy as it is and is looked up there. connectTimeout counts for both ways together; without it the proxy has
   * handshakeInterval to answer. Default null. Applies at the next bind or connect. ZMQ_SOCKS_PROXY.
   */
  socksProxy: string | null;

  /**
   * The name to give `socksProxy`, 1 to 255 octets; `null` for a proxy that asks for none. It and the password are sent in
   * clear text. Default null. Applies at the next bind or connect. ZMQ_SOCKS_USERNAME.
   */
  socksUsername: string | null;

  /**
   * The password to give `socksProxy` with `socksUsername`; `null` is an empty one. Default null. Applies at the next bind
   * or connect. ZMQ_SOCKS_PASSWORD.
   */
  socksPassword: string | null;

  /**
   * The most connections that one bound endpoint holds; further ones are closed at once. -1 is unlimited. Default -1.
   * Applies at the next bind or connect.
   */
  maxConnections: number;

  /**
   * The most connections of one bound endpoint whose handshake is not done; further ones are closed at once. Default
   * 1024. Applies at the next bind or connect.
   */
  maxPendingHandshakes: number;
}

/** What a peer may send before its connection is closed. */
export interface PeerLimits {
  /**
   * The largest frame of a message in bytes; -1 is unlimited. Default -1. Applies at the next bind or connect.
   * ZMQ_MAXMSGSIZE.
   */
  maxMessageSize: number;

  /**
   * The largest message in bytes, all its frames together; -1 is unlimited. Default -1. Applies at the next bind or
   * connect.
   */
  maxMultipartSize: number;

  /** The most frames of one message. Default 131072. Applies at the next bind or connect. */
  maxFramesPerMessage: number;

  /** The largest command in bytes, subscriptions aside. Default 65536. Applies at the next bind or connect. */
  maxCommandSize: number;

  /** The most bytes of greeting and handshake together. Default 65536. Applies at the next bind or connect. */
  maxHandshakeSize: number;
}
