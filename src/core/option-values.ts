import type { AcceptFilter } from "./accept-filter.ts";
import type { OwnMetadata } from "./peer-metadata.ts";

/**
 * The options of one socket in the form that the library reads: one plain, mutable record of one shape for every
 * socket type. Names are those of the public properties; what differs in form is octets (`routingId`,
 * `welcomeMessage`) and parsed filters. Units, ranges and defaults stand in the option table.
 */
export interface SocketOptionValues {
  // Queues and waiting.
  /** Messages, per peer; 0 is unlimited. */
  sendHighWaterMark: number;
  /** Messages, per peer; 0 is unlimited. */
  receiveHighWaterMark: number;
  /** Milliseconds; -1 waits for ever, 0 does not wait. */
  sendTimeout: number;
  /** Milliseconds; -1 waits for ever, 0 does not wait. */
  receiveTimeout: number;
  /** Milliseconds; -1 waits for ever, 0 drops at once. */
  linger: number;
  immediate: boolean;
  conflate: boolean;
  maxPendingSends: number;
  maxPendingReceives: number;
  /** Messages, per socket; -1 takes ten times receiveHighWaterMark. Read it through `orphanCap`. */
  maxOrphans: number;
  /** Milliseconds after the last traffic; 0 is off. */
  busyPoll: number;

  // Request-reply, STREAM.
  /** Empty if none. */
  routingId: Uint8Array;
  probeRouter: boolean;
  correlate: boolean;
  relaxed: boolean;
  mandatory: boolean;
  handover: boolean;
  notify: boolean;
  /** 1: peers that come; 2: peers that leave; 3: both. */
  routerNotify: number;
  helloMessage: Uint8Array | null;
  disconnectMessage: Uint8Array | null;
  hiccupMessage: Uint8Array | null;

  // Publish-subscribe.
  noDrop: boolean;
  manual: boolean;
  manualLastValue: boolean;
  verboseUnsubscribe: boolean;
  verbosity: null | "allSubs" | "allSubsUnsubs";
  welcomeMessage: Uint8Array | null;
  invertMatching: boolean;
  onlyFirstSubscribe: boolean;
  /** -1 is unlimited. */
  maxSubscriptionsPerPeer: number;
  /** Octets; -1 is unlimited. */
  maxTopicSize: number;

  // Connections.
  ipv6: boolean;
  backlog: number;
  /** -1: none. */
  useFd: number;
  /** Milliseconds; 0 and -1 never reconnect. */
  reconnectInterval: number;
  /** Milliseconds; 0 keeps the interval constant. */
  reconnectMaxInterval: number;
  /** Sum of the `RECONNECT_STOP` values. */
  reconnectStop: number;
  /** Milliseconds; 0 leaves it to the system. */
  connectTimeout: number;
  /** Milliseconds; 0 is unlimited. */
  handshakeInterval: number;
  metadata: OwnMetadata;
  /** Milliseconds; 0 is off. */
  heartbeatInterval: number;
  /** Milliseconds in whole hundreds; 0 is none. */
  heartbeatTimeToLive: number;
  /** Milliseconds; 0 never, -1 takes heartbeatInterval. */
  heartbeatTimeout: number;
  tcpKeepalive: number;
  /** Seconds; 0 and -1 leave it to the system. */
  tcpKeepaliveIdle: number;
  tcpAcceptFilter: readonly AcceptFilter[];
  /** `host:port`. */
  socksProxy: string | null;
  socksUsername: string | null;
  socksPassword: string | null;
  /** Accepted connections, per bound endpoint; -1 is unlimited. */
  maxConnections: number;
  /** Accepted connections before the end of their handshake, per bound endpoint. */
  maxPendingHandshakes: number;
  affinity: number;

  // Limits on what a peer may send.
  /** Octets, per frame; -1 is unlimited. */
  maxMessageSize: number;
  /** Octets, per message of several frames; -1 is unlimited. */
  maxMultipartSize: number;
  maxFramesPerMessage: number;
  /** Octets. */
  maxCommandSize: number;
  /** Octets from the first of the greeting to the last of the handshake. */
  maxHandshakeSize: number;

  // Security. What has no mechanism here is held at its default.
  plainServer: boolean;
  plainUsername: string | null;
  plainPassword: string | null;
  curveServer: boolean;
  /** Keys: 32 octets. */
  curvePublicKey: Uint8Array | null;
  curveSecretKey: Uint8Array | null;
  curveServerKey: Uint8Array | null;
  zapDomain: string | null;
  zapEnforceDomain: boolean;
  gssapiServer: boolean;
  gssapiPlainText: boolean;
  gssapiPrincipal: string | null;
  gssapiServicePrincipal: string | null;
  gssapiPrincipalNameType: GssapiNameType;
  gssapiServicePrincipalNameType: GssapiNameType;

  // What Node cannot honour: held at its default.
  sendBufferSize: number;
  receiveBufferSize: number;
  typeOfService: number;
  tcpKeepaliveCount: number;
  tcpKeepaliveInterval: number;
  tcpMaxRetransmitTimeout: number;
  interface: string | null;
  loopbackFastPath: boolean;
  rate: number;
  recoveryInterval: number;
  multicastHops: number;
  multicastLoop: boolean;
  multicastMaxTransportDataUnit: number;
  vmciBufferSize: number;
  vmciBufferMinSize: number;
  vmciBufferMaxSize: number;
  vmciConnectTimeout: number;
}

export type GssapiNameType = "hostBased" | "userName" | "krb5Principal";

export type SocketOptionName = keyof SocketOptionValues;
