// The public API of zeromq-ts, without its comments. Written by `npm run docs`; a test holds it to the sources.

// Exported

class AuthError extends Error {
  readonly status: 300 | 400 | 500;
  constructor(status: 300 | 400 | 500, sentence: string);
}

type AuthenticationAnswer = boolean | string | AuthenticationVerdict;

type AuthenticationCallback = (request: AuthenticationRequest) => AuthenticationAnswer | Promise<AuthenticationAnswer>;

interface AuthenticationRequest {
  readonly domain: string;
  readonly address: string;
  readonly identity: Uint8Array;
  readonly mechanism: string;
  readonly username: string;
  readonly password: string;
  readonly publicKey: string;
}

interface AuthenticationVerdict {
  readonly status?: 200 | 300 | 400 | 500 | undefined;
  readonly text?: string | undefined;
  readonly userId?: string | undefined;
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

class Authenticator {
  constructor(options?: AuthenticatorOptions);
  get closed(): boolean;
  allow(...addresses: string[]): void;
  deny(...addresses: string[]): void;
  close(): Promise<void>;
  toJSON(): object;
  [Symbol.asyncDispose](): Promise<void>;
}

interface AuthenticatorOptions {
  readonly context?: Context | undefined;
  readonly allow?: Iterable<string> | undefined;
  readonly deny?: Iterable<string> | undefined;
  readonly plain?: PlainPolicy | undefined;
  readonly curve?: CurvePolicy | undefined;
  readonly onError?: ((error: unknown) => void) | undefined;
}

interface BlockingOptions {
  readonly timeoutMs?: number | undefined;
}

type Capability = "ipc" | "pgm" | "tipc" | "norm" | "curve" | "gssapi" | "draft";

interface Certificate {
  readonly publicKey: string;
  readonly secretKey?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

class Channel extends Socket {
  constructor(options?: Settable<ChannelOptions> & {
    readonly context?: Context;
  });
}

interface Channel extends Readable, Writable, ChannelOptions {
}

interface ChannelOptions extends CommonOptions, SendOptions, ReceiveOptions {
}

class Client extends Socket {
  constructor(options?: Settable<ClientOptions> & {
    readonly context?: Context;
  });
}

interface Client extends Readable, Writable, ClientOptions {
}

interface ClientOptions extends CommonOptions, SendOptions, ReceiveOptions, HelloOptions, HiccupOptions {
}

interface CloseOptions {
  readonly keepAlive?: boolean | undefined;
}

interface CloseReport {
  readonly sentCount: number;
  readonly droppedCount: number;
  readonly isLingerExpired: boolean;
  readonly stats: SocketStats;
}

interface CommonOptions extends ConnectionOptions, PeerLimits, RefusedOptions {
  linger: number;
  immediate: boolean;
  busyPoll: number;
  affinity: number;
  readonly type: SocketType;
  readonly lastEndpoint: string | null;
  readonly securityMechanism: null | "plain" | "curve" | "gssapi";
  readonly threadSafe: boolean;
}

interface ConflateOptions {
  conflate: boolean;
}

interface ConnectOptions {
  readonly routingId?: string | Uint8Array | undefined;
}

interface ConnectionOptions {
  ipv6: boolean;
  backlog: number;
  useFd: number;
  reconnectInterval: number;
  reconnectMaxInterval: number;
  reconnectStop: number;
  connectTimeout: number;
  handshakeInterval: number;
  get metadata(): Readonly<Record<string, string>> | null;
  set metadata(value: Readonly<Record<string, string | Uint8Array>> | string | null);
  heartbeatInterval: number;
  heartbeatTimeToLive: number;
  heartbeatTimeout: number;
  tcpKeepalive: number;
  tcpKeepaliveIdle: number;
  tcpAcceptFilter: string | null;
  socksProxy: string | null;
  socksUsername: string | null;
  socksPassword: string | null;
  maxConnections: number;
  maxPendingHandshakes: number;
}

class Context extends ContextCore {
  constructor(options?: Partial<ContextOptions>);
  explain(patience?: Partial<Patience>): readonly Finding[];
  metrics(options?: MetricsOptions): string;
  measure(options?: MetricsOptions): readonly Metric[];
  inspect(): Promise<Inspection>;
  static attach(handle: ContextHandle): Context;
}

interface ContextHandle {
  readonly zeromqContext: number;
  readonly isDefault: boolean;
  readonly memory: SharedArrayBuffer;
}

interface ContextInfo {
  readonly number: number;
  readonly isDefault: boolean;
  readonly ioMode: string;
  readonly socketCount: number;
  readonly closedCount: number;
}

interface CurveKeyPair {
  publicKey: string;
  secretKey: string;
}

type CurvePolicy = "any" | ReadonlySet<string> | {
  readonly directory: string;
  readonly read?: ReadCertificate | undefined;
} | AuthenticationCallback;

class Datagram extends Socket {
  constructor(options?: Settable<DatagramOptions> & {
    readonly context?: Context;
  });
}

interface Datagram extends Readable, Writable, DatagramOptions {
}

interface DatagramOptions extends CommonOptions, SendOptions, ReceiveOptions, MulticastOptions {
}

class Dealer extends Socket {
  constructor(options?: Settable<DealerOptions> & {
    readonly context?: Context;
  });
}

interface Dealer extends Readable, Writable, Requesting, DealerOptions {
}

interface DealerOptions extends CommonOptions, SendOptions, ReceiveOptions, IdentityOptions, ProbeOptions, ConflateOptions, HelloOptions, HiccupOptions {
}

interface DisconnectOptions {
  get disconnectMessage(): string | null;
  set disconnectMessage(value: string | Uint8Array | null);
}

class Dish extends Socket {
  constructor(options?: Settable<DishOptions> & {
    readonly context?: Context;
  });
  join(...groups: readonly GroupLike[]): void;
  leave(...groups: readonly GroupLike[]): void;
}

interface Dish extends LabelledReadable<ReceivedGroup>, DishOptions {
}

interface DishOptions extends CommonOptions, ReceiveOptions {
}

type DropCounts = Record<DropReason, number>;

type DropReason = (typeof DROP_REASONS)[number];

interface EndpointReport {
  readonly endpoint: string;
  readonly state: EndpointState;
  readonly what: string;
  readonly remedy: string;
  readonly address: string | null;
  readonly protocol: string | null;
  readonly mechanism: string | null;
  readonly asServer: boolean;
  readonly socketType: string | null;
  readonly peerTypes: readonly string[];
  readonly routingId: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly connectMs: number | null;
  readonly greetingMs: number | null;
  readonly handshakeMs: number | null;
  readonly pongMs: number | null;
  readonly isPinged: boolean;
  readonly speaks: string | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
  } | null;
}

type EndpointState = "zmtp" | "refused" | "other" | "silent" | "closed" | "unreachable";

interface EndpointView {
  readonly endpoint: string;
  readonly kind: "bind" | "connect";
  readonly attemptCount: number;
  readonly failureCount: number;
  readonly handshakeCount: number;
  readonly disconnectCount: number;
  readonly refusalCount: number;
  readonly briefCount: number;
  readonly ageMs: number;
  readonly handshakeAgeMs: number | null;
  readonly disconnectAgeMs: number | null;
  readonly lastError: {
    readonly code: string | null;
    readonly message: string;
  } | null;
  readonly lastErrorAgeMs: number | null;
  readonly lastErrorPeer: string | null;
  readonly unsentCount: number;
}

type ErrorCode = keyof typeof ERRORS;

// exported as Event
type MonitorEvent = {
  readonly type: "bind";
  readonly address: string;
} | {
  readonly type: "bind:error";
  readonly address: string;
  readonly error: ZmqError;
} | {
  readonly type: "accept";
  readonly address: string;
  readonly peer: string;
} | {
  readonly type: "accept:error";
  readonly address: string;
  readonly error: ZmqError;
} | {
  readonly type: "connect";
  readonly address: string;
  readonly peer: string;
} | {
  readonly type: "connect:delay";
  readonly address: string;
} | {
  readonly type: "connect:retry";
  readonly address: string;
  readonly interval: number;
  readonly error?: Error;
} | {
  readonly type: "close";
  readonly address: string;
  readonly error?: Error;
} | {
  readonly type: "close:error";
  readonly address: string;
  readonly error: ZmqError;
} | {
  readonly type: "disconnect";
  readonly address: string;
  readonly peer: string;
  readonly error?: Error;
} | {
  readonly type: "loss";
  readonly address: string;
  readonly peer?: string;
  readonly reason: DropReason;
  readonly direction: "sent" | "received";
} | {
  readonly type: "end";
} | {
  readonly type: "handshake";
  readonly address: string;
  readonly peer: string;
} | {
  readonly type: "handshake:error:protocol";
  readonly address: string;
  readonly peer: string;
  readonly error: ProtocolError;
} | {
  readonly type: "handshake:error:auth";
  readonly address: string;
  readonly peer: string;
  readonly error: AuthError;
} | {
  readonly type: "handshake:error:other";
  readonly address: string;
  readonly peer: string;
  readonly error: ZmqError;
};

// exported as EventType
type MonitorEventType = MonitorEvent["type"];

interface Fill {
  readonly queued: number;
  readonly hwm: number;
}

interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly socket: {
    readonly id: number;
    readonly type: string;
    readonly label: string;
  };
  readonly endpoint: string | null;
  readonly peer: string | null;
  readonly what: string;
  readonly remedy: string;
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
  readonly sinceMs: number | null;
  readonly help: string;
}

interface FlowStats {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<DropCounts>;
}

interface FlowView {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Partial<DropCounts>>;
}

type FrameLike = ArrayBufferView | ArrayBufferLike | string | number | null;

class Gather extends Socket {
  constructor(options?: Settable<GatherOptions> & {
    readonly context?: Context;
  });
}

interface Gather extends Readable, GatherOptions {
}

interface GatherOptions extends CommonOptions, ReceiveOptions, ConflateOptions {
}

type GroupLike = string | Uint8Array;

interface GroupOptions {
  readonly group: GroupLike;
}

interface HeartbeatOptions {
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  readonly heartbeatTimeToLive: number;
}

interface HelloOptions {
  get helloMessage(): string | null;
  set helloMessage(value: string | Uint8Array | null);
}

interface HiccupOptions {
  get hiccupMessage(): string | null;
  set hiccupMessage(value: string | Uint8Array | null);
}

interface IdentityOptions {
  get routingId(): string | null;
  set routingId(value: string | Uint8Array | null);
}

interface InspectOptions {
  readonly timeoutMs?: number | undefined;
}

interface InspectableProcess {
  readonly pid: number;
  readonly threads: readonly {
    readonly threadId: number;
    readonly endpoint: string;
  }[];
}

class InspectedProcess {
  get pid(): number | null;
  get threadIds(): readonly number[];
  get silentThreadIds(): readonly number[];
  refresh(): Promise<void>;
  info(): Promise<readonly ThreadAnswer<ThreadInfo>[]>;
  sockets(): Promise<readonly ThreadAnswer<SocketReport>[]>;
  counts(): Promise<readonly ThreadAnswer<SocketCounts>[]>;
  findings(): Promise<readonly ThreadAnswer<Finding>[]>;
  metrics(): Promise<readonly ThreadAnswer<string>[]>;
  events(): Promise<readonly ThreadAnswer<InspectionEvent>[]>;
  close(): Promise<void>;
}

interface Inspection {
  readonly endpoint: string;
  close(): Promise<void>;
}

interface InspectionEvent {
  readonly number: number;
  readonly ageMs: number;
  readonly socket: {
    readonly id: number;
    readonly type: string;
    readonly label: string;
  };
  readonly type: string;
  readonly address: string | null;
  readonly peer: string | null;
  readonly error: string | null;
  readonly reason: DropReason | null;
  readonly direction: "sent" | "received" | null;
}

interface InstrumentOptions {
  readonly context?: Context;
  readonly meter?: Meter;
  readonly sockets?: boolean;
}

type LabelledMessage<Label> = [
  body: Buffer,
  label: Label
];

interface LabelledReadable<Label> {
  receive(options?: WaitOptions): Promise<LabelledMessage<Label>>;
  tryReceive(): LabelledMessage<Label> | undefined;
  waitForMessage(options?: WaitOptions): Promise<void>;
  receiveSync(options?: BlockingOptions): LabelledMessage<Label>;
  receiveMany(countMax?: number, options?: WaitOptions): Promise<LabelledMessage<Label>[]>;
  batches(countMax?: number): AsyncIterableIterator<LabelledMessage<Label>[], undefined>;
  [Symbol.asyncIterator](): AsyncIterator<LabelledMessage<Label>, undefined>;
}

interface LabelledWritable<Label> {
  send(message: MessageLike, options: Label & WaitOptions): Promise<void>;
  trySend(message: MessageLike, label: Label): boolean;
  sendSync(message: MessageLike, options: Label & BlockingOptions): void;
  sendMany(messages: readonly (readonly [
    MessageLike,
    Label
  ])[], options?: WaitOptions): Promise<void>;
}

interface MatchOptions {
  invertMatching: boolean;
}

type MessageLike = FrameLike | readonly FrameLike[];

interface MessageOrigin {
  readonly endpoint: string;
  readonly address: string;
  readonly socketType: SocketTypeName | undefined;
  readonly routingId: Uint8Array;
  readonly userId: string;
  readonly metadata: ReadonlyMap<string, Uint8Array>;
}

interface Metric {
  readonly name: string;
  readonly kind: MetricKind;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

type MetricKind = "counter" | "gauge";

type MetricLabels = Readonly<Record<string, string>>;

interface MetricSample {
  readonly labels: MetricLabels;
  readonly value: number;
}

interface MetricsOptions {
  readonly peers?: boolean;
}

interface MulticastOptions {
  multicastLoop: boolean;
}

class Observer {
  get closed(): boolean;
  get droppedCount(): number;
  toJSON(): object;
  close(): void;
  receive(): Promise<MonitorEvent>;
  on<Type extends MonitorEventType>(type: Type, listener: Listener<Type>): this;
  off<Type extends MonitorEventType>(type: Type, listener: Listener<Type>): this;
  [Symbol.asyncIterator](): AsyncIterator<MonitorEvent, undefined>;
}

type OctetOptionName = "routingId" | "welcomeMessage" | "helloMessage" | "disconnectMessage" | "hiccupMessage";

class Pair extends Socket {
  constructor(options?: Settable<PairOptions> & {
    readonly context?: Context;
  });
}

interface Pair extends Readable, Writable, PairOptions {
}

interface PairOptions extends CommonOptions, SendOptions, ReceiveOptions {
}

interface Patience {
  readonly momentMs: number;
  readonly connectMs: number;
  readonly waitMs: number;
  readonly quietMs: number;
}

class Peer extends Socket {
  constructor(options?: Settable<PeerOptions> & {
    readonly context?: Context;
  });
  connectPeer(endpoint: string): Promise<number>;
  disconnectPeer(routingId: number): void;
}

interface Peer extends LabelledReadable<RoutingOptions>, LabelledWritable<RoutingOptions>, PeerOptions {
}

interface PeerLimits {
  maxMessageSize: number;
  maxMultipartSize: number;
  maxFramesPerMessage: number;
  maxCommandSize: number;
  maxHandshakeSize: number;
}

interface PeerOptions extends CommonOptions, SendOptions, ReceiveOptions, HelloOptions, DisconnectOptions, HiccupOptions {
}

interface PeerStats {
  readonly endpoint: string;
  readonly address: string;
  readonly socketType: string | undefined;
  readonly routingId: Uint8Array;
  readonly properties: ReadonlyMap<string, Uint8Array>;
  readonly userId: string | undefined;
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  readonly outgoing: boolean;
  readonly live: boolean;
  readonly sent: FlowStats;
  readonly received: FlowStats;
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
}

interface PeerView {
  readonly endpoint: string;
  readonly address: string;
  readonly type: string | null;
  readonly routingId: string;
  readonly outgoing: boolean;
  readonly live: boolean;
  readonly sent: FlowView;
  readonly received: FlowView;
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  readonly attachedAgeMs: number;
  readonly liveAgeMs: number | null;
  readonly subscribedAgeMs: number | null;
  readonly heardAgeMs: number | null;
  readonly givenBefore: number | null;
  readonly facts: PatternFacts;
}

type PlainPolicy = ReadonlyMap<string, string> | {
  readonly file: string;
} | AuthenticationCallback;

interface PollRequest<S extends Socket = Socket> {
  readonly socket: S;
  readonly readable?: boolean | undefined;
  readonly writable?: boolean | undefined;
}

interface PollResult<S extends Socket = Socket> {
  readonly socket: S;
  readonly readable: boolean;
  readonly writable: boolean;
}

interface ProbeCredentials {
  readonly curveServerKey?: string | undefined;
  readonly curveSecretKey?: string | undefined;
  readonly plainUsername?: string | undefined;
  readonly plainPassword?: string | undefined;
}

interface ProbeOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly credentials?: ProbeCredentials | undefined;
}

class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  readonly errno: number;
  readonly spec: string;
  constructor(code: ProtocolErrorCode, sentence: string, spec: string);
}

type ProtocolErrorCode = keyof typeof PROTOCOL_ERRORS;

class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  readonly frontEnd: F;
  readonly backEnd: B;
  constructor(frontEnd: F, backEnd: B, options?: ProxyOptions);
  run(): Promise<void>;
  pause(): void;
  resume(): void;
  statistics(): ProxyStatistics;
  terminate(): void;
}

interface ProxyFlow {
  readonly messages: number;
  readonly frames: number;
  readonly bytes: number;
}

interface ProxyOptions {
  readonly capture?: Socket | undefined;
  readonly control?: Socket | undefined;
}

interface ProxyStatistics {
  readonly frontEnd: {
    readonly received: ProxyFlow;
    readonly sent: ProxyFlow;
  };
  readonly backEnd: {
    readonly received: ProxyFlow;
    readonly sent: ProxyFlow;
  };
}

interface PublicCertificate {
  readonly publicKey: string;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

interface PublishOptions {
  noDrop: boolean;
  maxSubscriptionsPerPeer: number;
  maxTopicSize: number;
}

class Publisher extends Socket {
  constructor(options?: Settable<PublisherOptions> & {
    readonly context?: Context;
  });
  get topicsCount(): number;
  waitForSubscribers(count?: number, topic?: FrameLike, options?: WaitOptions): Promise<void>;
}

interface Publisher extends Writable, PublisherOptions {
}

interface PublisherOptions extends CommonOptions, SendOptions, ConflateOptions, PublishOptions, MatchOptions, TopicsShown {
}

class Pull extends Socket {
  constructor(options?: Settable<PullOptions> & {
    readonly context?: Context;
  });
}

interface Pull extends Readable, PullOptions {
}

interface PullOptions extends CommonOptions, ReceiveOptions, ConflateOptions {
}

class Push extends Socket {
  constructor(options?: Settable<PushOptions> & {
    readonly context?: Context;
  });
}

interface Push extends Writable, PushOptions {
}

interface PushOptions extends CommonOptions, SendOptions, ConflateOptions {
}

class Radio extends Socket {
  constructor(options?: Settable<RadioOptions> & {
    readonly context?: Context;
  });
  waitForSubscribers(count?: number, group?: GroupLike, options?: WaitOptions): Promise<void>;
}

interface Radio extends LabelledWritable<GroupOptions>, RadioOptions {
}

interface RadioOptions extends CommonOptions, SendOptions, MulticastOptions {
  noDrop: boolean;
  maxSubscriptionsPerPeer: number;
}

type ReadCertificate = (text: string) => PublicCertificate | undefined;

interface Readable {
  receive(options?: WaitOptions): Promise<ReceivedMessage>;
  tryReceive(): ReceivedMessage | undefined;
  waitForMessage(options?: WaitOptions): Promise<void>;
  receiveSync(options?: BlockingOptions): ReceivedMessage;
  receiveMany(countMax?: number, options?: WaitOptions): Promise<ReceivedMessage[]>;
  batches(countMax?: number): AsyncIterableIterator<ReceivedMessage[], undefined>;
  [Symbol.asyncIterator](): AsyncIterator<ReceivedMessage, undefined>;
}

type ReadonlyOptionName = "type" | "lastEndpoint" | "securityMechanism" | "threadSafe" | "topicsCount";

interface ReceiveOptions {
  receiveHighWaterMark: number;
  receiveTimeout: number;
  maxPendingReceives: number;
  maxOrphans: number;
  receiveBufferSize: number;
}

interface ReceivedGroup {
  readonly group: Buffer;
}

type ReceivedMessage = Buffer[];

interface RefusedOptions extends SecurityOptions {
  typeOfService: number;
  tcpKeepaliveCount: number;
  tcpKeepaliveInterval: number;
  tcpMaxRetransmitTimeout: number;
  interface: string | null;
  loopbackFastPath: boolean;
  rate: number;
  recoveryInterval: number;
  multicastMaxTransportDataUnit: number;
  vmciBufferSize: number;
  vmciBufferMinSize: number;
  vmciBufferMaxSize: number;
  vmciConnectTimeout: number;
}

class Reply extends Socket {
  constructor(options?: Settable<ReplyOptions> & {
    readonly context?: Context;
  });
}

interface Reply extends Readable, Writable, ReplyOptions {
}

interface ReplyOptions extends CommonOptions, SendOptions, ReceiveOptions, IdentityOptions {
}

class Request extends Socket {
  constructor(options?: Settable<RequestOptions> & {
    readonly context?: Context;
  });
}

interface Request extends Readable, Writable, Requesting, RequestOptions {
}

interface RequestOptions extends CommonOptions, SendOptions, ReceiveOptions, IdentityOptions, ProbeOptions {
  correlate: boolean;
  relaxed: boolean;
}

interface Requesting {
  request(message: MessageLike, options?: RetryOptions): Promise<ReceivedMessage>;
}

interface RetryOptions {
  readonly timeoutMs?: number | undefined;
  readonly retries?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

type RoutedMessage = LabelledMessage<RoutingOptions>;

class Router extends Socket {
  constructor(options?: Settable<RouterOptions> & {
    readonly context?: Context;
  });
  connect(endpoint: string, options?: ConnectOptions): void;
}

interface Router extends Readable, Writable, RouterOptions {
}

interface RouterOptions extends CommonOptions, SendOptions, ReceiveOptions, IdentityOptions, ProbeOptions, HelloOptions, DisconnectOptions {
  mandatory: boolean;
  handover: boolean;
  routerNotify: number;
}

interface RoutingOptions {
  readonly routingId: number;
}

class Scatter extends Socket {
  constructor(options?: Settable<ScatterOptions> & {
    readonly context?: Context;
  });
}

interface Scatter extends Writable, ScatterOptions {
}

interface ScatterOptions extends CommonOptions, SendOptions, ConflateOptions {
}

interface SecurityOptions {
  plainServer: boolean;
  plainUsername: string | null;
  plainPassword: string | null;
  zapDomain: string | null;
  zapEnforceDomain: boolean;
  curveServer: boolean;
  curvePublicKey: string | null;
  curveSecretKey: string | null;
  curveServerKey: string | null;
  gssapiServer: boolean;
  gssapiPrincipal: string | null;
  gssapiServicePrincipal: string | null;
  gssapiPlainText: boolean;
  gssapiPrincipalNameType: "hostBased" | "userName" | "krb5Principal";
  gssapiServicePrincipalNameType: "hostBased" | "userName" | "krb5Principal";
}

interface SendOptions {
  sendHighWaterMark: number;
  sendTimeout: number;
  maxPendingSends: number;
  sendBufferSize: number;
  multicastHops: number;
}

class SequenceCounter {
  constructor(options?: SequenceCounterOptions);
  append(message: MessageLike): Uint8Array[];
  next(topic: FrameLike): Buffer;
}

interface SequenceCounterOptions extends SequenceFormat {
  readonly first?: number | bigint | undefined;
  readonly maxTopics?: number | undefined;
}

interface SequenceFormat {
  readonly width?: 4 | 8 | undefined;
  readonly byteOrder?: "little" | "big" | undefined;
}

interface SequenceGap {
  readonly kind: "gap" | "duplicate" | "restart";
  readonly topic: Buffer;
  readonly expected: bigint;
  readonly received: bigint;
  readonly missedCount: bigint;
}

class SequenceGaps {
  constructor(options?: SequenceGapsOptions);
  get topicCount(): number;
  get totals(): SequenceTotals;
  totalsOf(topic: FrameLike): SequenceTotals | undefined;
  check(message: readonly Uint8Array[]): SequenceGap | undefined;
}

interface SequenceGapsOptions extends SequenceFormat {
  readonly topicFrame?: number | undefined;
  readonly numberFrame?: number | undefined;
  readonly numberOffset?: number | undefined;
  readonly first?: number | bigint | undefined;
  readonly maxTopics?: number | undefined;
}

interface SequenceTotals {
  readonly receivedCount: bigint;
  readonly missedCount: bigint;
  readonly gapCount: number;
  readonly duplicateCount: number;
  readonly restartCount: number;
}

class Server extends Socket {
  constructor(options?: Settable<ServerOptions> & {
    readonly context?: Context;
  });
  disconnectPeer(routingId: number): void;
}

interface Server extends LabelledReadable<RoutingOptions>, LabelledWritable<RoutingOptions>, ServerOptions {
}

interface ServerOptions extends CommonOptions, SendOptions, ReceiveOptions, HelloOptions, DisconnectOptions {
}

type Settable<Options> = {
  [Name in Exclude<keyof Options, ReadonlyOptionName>]?: (Name extends OctetOptionName ? Uint8Array : never) | (Name extends "metadata" ? Readonly<Record<string, string | Uint8Array>> | string : never) | Options[Name] | undefined;
};

type Severity = "error" | "warning" | "info";

abstract class Socket {
  get context(): Context;
  get type(): SocketType;
  get closed(): boolean;
  get lastEndpoint(): string | null;
  get securityMechanism(): null | "plain" | "curve" | "gssapi";
  get threadSafe(): boolean;
  get readable(): boolean;
  get writable(): boolean;
  get events(): Observer;
  get peers(): readonly PeerStats[];
  peerOf(message: readonly unknown[]): MessageOrigin | undefined;
  stats(): SocketStats;
  explain(patience?: Partial<Patience>): readonly Finding[];
  toJSON(): object;
  bind(endpoint: string): Promise<void>;
  bindSync(endpoint: string): void;
  unbind(endpoint: string): Promise<void>;
  unbindSync(endpoint: string): void;
  connect(endpoint: string): void;
  disconnect(endpoint: string): void;
  waitForPeers(count?: number, options?: WaitOptions): Promise<void>;
  close(options?: CloseOptions): Promise<CloseReport>;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

interface SocketCounts {
  readonly id: number;
  readonly context: number;
  readonly type: string;
  readonly label: string;
  readonly endpoints: readonly string[];
  readonly peerCount: number;
  readonly liveCount: number;
  readonly sent: FlowView;
  readonly received: FlowView;
  readonly sendFill: Fill;
  readonly receiveFill: Fill;
  readonly waiting: {
    readonly sends: number;
    readonly receives: number;
  };
}

interface SocketReport extends SocketView {
  readonly context: number;
}

interface SocketStats {
  readonly sent: FlowStats;
  readonly received: FlowStats;
  readonly peers: readonly PeerStats[];
}

const SocketType: {
  readonly Pair: 0;
  readonly Publisher: 1;
  readonly Subscriber: 2;
  readonly Request: 3;
  readonly Reply: 4;
  readonly Dealer: 5;
  readonly Router: 6;
  readonly Pull: 7;
  readonly Push: 8;
  readonly XPublisher: 9;
  readonly XSubscriber: 10;
  readonly Stream: 11;
  readonly Server: 12;
  readonly Client: 13;
  readonly Radio: 14;
  readonly Dish: 15;
  readonly Gather: 16;
  readonly Scatter: 17;
  readonly Datagram: 18;
  readonly Peer: 19;
  readonly Channel: 20;
};

type SocketType = (typeof SocketType)[keyof typeof SocketType];

interface SocketView {
  readonly id: number;
  readonly type: string;
  readonly label: string;
  readonly isClosed: boolean;
  readonly ageMs: number;
  readonly ioMode: string;
  readonly routingId: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly security: SecurityView;
  readonly endpoints: readonly EndpointView[];
  readonly peers: readonly PeerView[];
  readonly peerCount: number;
  readonly sent: FlowView;
  readonly received: FlowView;
  readonly waiting: {
    readonly sends: number;
    readonly receives: number;
    readonly sendsAgeMs: number | null;
  };
  readonly facts: PatternFacts;
  readonly losses: readonly {
    readonly reason: DropReason;
    readonly direction: "sent" | "received";
    readonly endpoint: string | null;
    readonly peer: string | null;
    readonly ageMs: number;
    readonly lostCount: number;
  }[];
  readonly lonely: {
    readonly lostCount: number;
    readonly firstLostAgeMs: number | null;
    readonly endedAgeMs: number | null;
    readonly peer: string | null;
    readonly firstAgeMs: number | null;
    readonly beforeFirst: number;
  };
  readonly lateOptions: readonly {
    readonly name: string;
    readonly ageMs: number;
  }[];
  readonly unroutableId: string | null;
  readonly unmatchedTopic: string | null;
  readonly outOfStep: {
    readonly count: number;
    readonly ageMs: number | null;
  };
  readonly postedCount: number;
  readonly events: readonly (EventView & {
    readonly ageMs: number;
  })[];
}

class Stream extends Socket {
  constructor(options?: Settable<StreamOptions> & {
    readonly context?: Context;
  });
  connect(endpoint: string, options?: ConnectOptions): void;
}

interface Stream extends Readable, Writable, StreamOptions {
}

interface StreamOptions extends CommonOptions, SendOptions, ReceiveOptions {
  notify: boolean;
}

class Subscriber extends Socket {
  constructor(options?: Settable<SubscriberOptions> & {
    readonly context?: Context;
  });
  get topicsCount(): number;
  subscribe(...prefixes: readonly FrameLike[]): void;
  unsubscribe(...prefixes: readonly FrameLike[]): void;
}

interface Subscriber extends Readable, SubscriberOptions {
}

interface SubscriberOptions extends CommonOptions, ReceiveOptions, ConflateOptions, MatchOptions, TopicsShown {
}

interface SubscriptionMessageOptions {
  onlyFirstSubscribe: boolean;
}

interface ThreadAnswer<Entry> {
  readonly threadId: number;
  readonly nowMs: number;
  readonly omitted: number;
  readonly list: readonly Entry[];
}

interface ThreadInfo {
  readonly pid: number;
  readonly threadId: number;
  readonly isMainThread: boolean;
  readonly script: string | null;
  readonly title: string;
  readonly cwd: string;
  readonly node: string;
  readonly packageVersion: string;
  readonly platform: string;
  readonly uptimeMs: number;
  readonly memory: {
    readonly rss: number;
    readonly heapUsed: number;
    readonly external: number;
  };
  readonly loop: {
    readonly meanMs: number;
    readonly maxMs: number;
    readonly utilization: number;
  } | null;
  readonly contexts: readonly ContextInfo[];
}

interface TopicsShown {
  readonly topicsCount: number;
}

interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly keepAlive?: boolean | undefined;
}

interface Writable {
  send(message: MessageLike, options?: WaitOptions): Promise<void>;
  trySend(message: MessageLike): boolean;
  sendSync(message: MessageLike, options?: BlockingOptions): void;
  sendMany(messages: readonly MessageLike[], options?: WaitOptions): Promise<void>;
}

class XPublisher extends Socket {
  constructor(options?: Settable<XPublisherOptions> & {
    readonly context?: Context;
  });
  get topicsCount(): number;
  waitForSubscribers(count?: number, topic?: FrameLike, options?: WaitOptions): Promise<void>;
  subscribe(...prefixes: readonly FrameLike[]): void;
  unsubscribe(...prefixes: readonly FrameLike[]): void;
}

interface XPublisher extends Readable, Writable, XPublisherOptions {
}

interface XPublisherOptions extends CommonOptions, SendOptions, ReceiveOptions, PublishOptions, MatchOptions, SubscriptionMessageOptions, TopicsShown {
  manual: boolean;
  manualLastValue: boolean;
  verbosity: null | "allSubs" | "allSubsUnsubs";
  get welcomeMessage(): string | null;
  set welcomeMessage(value: string | Uint8Array | null);
}

class XSubscriber extends Socket {
  constructor(options?: Settable<XSubscriberOptions> & {
    readonly context?: Context;
  });
  get topicsCount(): number;
}

interface XSubscriber extends Readable, Writable, XSubscriberOptions {
}

interface XSubscriberOptions extends CommonOptions, SendOptions, ReceiveOptions, SubscriptionMessageOptions, TopicsShown {
  verboseUnsubscribe: boolean;
}

class ZmqError extends Error {
  readonly code: string;
  readonly errno: number;
  readonly address?: string;
  constructor(code: ErrorCode, sentence: string, details?: ErrorDetails);
}

function allocateShared(size: number): Buffer;

const capability: Readonly<Partial<Record<Capability, boolean>>>;

const context: Context;

function curveKeyPair(): CurveKeyPair;

function curvePublicKey(secretKey: string): string;

function decodeZ85(text: string): Uint8Array;

function encodeZ85(octets: Uint8Array): string;

function formatCertificate(certificate: Certificate, withSecret?: boolean): string;

function heartbeat(detectWithinMs?: number): HeartbeatOptions;

function inspectProcess(target: number | string, options?: InspectOptions): Promise<InspectedProcess>;

function instrument(options?: InstrumentOptions): () => void;

function listInspectable(warn?: (sentence: string) => void): Promise<InspectableProcess[]>;

const packageVersion = "0.1.0";

function parseCertificate(text: string): Certificate;

function pollSync<Asked extends Socket | PollRequest>(items: readonly Asked[], options?: BlockingOptions): PollResult<SocketOf<Asked>>[];

function probeEndpoint(endpoint: string, options?: ProbeOptions): Promise<EndpointReport>;

function readCertificate(path: string): Promise<Certificate>;

const version = "4.3.5";

function writeCertificate(path: string, certificate: Certificate): Promise<void>;

// Reachable through what is exported

class Context {
  get closed(): boolean;
  get handle(): ContextHandle;
  terminate(): Promise<void>;
  toJSON(): object;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Context extends ContextOptions {
}

interface ContextOptions {
  ioMode: "loop" | "background";
  ioThreads: number;
  warnings: boolean;
  maxSockets: number;
  readonly maxSocketsLimit: number;
  maxMessageSize: number;
  ipv6: boolean;
  blocky: boolean;
  threadPriority: number;
  threadSchedulingPolicy: number;
}

const DROP_REASONS: readonly [
  "hwm",
  "no-subscriber",
  "unroutable",
  "peer-gone",
  "linger",
  "conflated",
  "orphaned",
  "protocol"
];

const ERRORS: {
  readonly EAGAIN: {
    readonly errno: 11;
    readonly when: "The operation could not be done within its timeout.";
    readonly remedy: "Raise sendTimeout or receiveTimeout, or see stats() and peers for what holds it up.";
  };
  readonly EBUSY: {
    readonly errno: 16;
    readonly when: "Too many operations are waiting on the socket.";
    readonly remedy: "Await earlier send() and receive() calls, or raise maxPendingSends or maxPendingReceives.";
  };
  readonly EDEADLK: {
    readonly errno: 35;
    readonly when: "A call that blocks its thread could never end, or would stop the thread that has to serve it.";
    readonly remedy: "Use the call with await, a context with ioMode background, or peers in other threads.";
  };
  readonly EADDRINUSE: {
    readonly errno: 98;
    readonly when: "The endpoint is taken.";
    readonly remedy: "Choose another endpoint, or close the socket that holds it.";
  };
  readonly EADDRNOTAVAIL: {
    readonly errno: 99;
    readonly when: "The address does not belong to this machine.";
    readonly remedy: "Bind to an address of this machine, to an interface name or to *.";
  };
  readonly EACCES: {
    readonly errno: 13;
    readonly when: "The system refused the endpoint, or a file, to this user.";
    readonly remedy: "Choose a port above 1023 or a directory that the user may write to.";
  };
  readonly EINVAL: {
    readonly errno: 22;
    readonly when: "An argument is wrong.";
    readonly remedy: "The sentence names the value and the range.";
  };
  readonly ENOTSUP: {
    readonly errno: 95;
    readonly when: "The operation is not possible here.";
    readonly remedy: "The sentence names the reason; docs/guide/options.md lists what cannot be honoured.";
  };
  readonly EPROTONOSUPPORT: {
    readonly errno: 93;
    readonly when: "The transport is unknown.";
    readonly remedy: "Use tcp://, ipc:// or inproc://, and udp:// for Radio, Dish and Datagram.";
  };
  readonly ENOCOMPATPROTO: {
    readonly errno: 156384764;
    readonly when: "The transport cannot serve that socket type, or not in that direction.";
    readonly remedy: "Over udp:// a Radio connects, a Dish binds and a Datagram binds; all other types use tcp, ipc or inproc.";
  };
  readonly ENODEV: {
    readonly errno: 19;
    readonly when: "No interface or host of that name.";
    readonly remedy: "Check the name in the endpoint that is bound.";
  };
  readonly ENOENT: {
    readonly errno: 2;
    readonly when: "The endpoint is not bound or connected on this socket, or there is no such file.";
    readonly remedy: "Use the text of lastEndpoint: a wildcard is replaced by the real address.";
  };
  readonly ENAMETOOLONG: {
    readonly errno: 36;
    readonly when: "An ipc path is longer than 107 octets.";
    readonly remedy: "Use a shorter path: the kernel's socket addresses hold 107 octets.";
  };
  readonly ENOTDIR: {
    readonly errno: 20;
    readonly when: "A directory of an ipc path does not exist or is no directory.";
    readonly remedy: "Create the directory before binding.";
  };
  readonly EBADF: {
    readonly errno: 9;
    readonly when: "The socket is closed.";
    readonly remedy: "Create a new socket; operations that waited were rejected when it closed.";
  };
  readonly EFAULT: {
    readonly errno: 14;
    readonly when: "A peer must be authenticated, and there is nobody who could do it.";
    readonly remedy: "Bind a handler to inproc://zeromq.zap.01 in the socket's context before its peers come: an Authenticator is one.";
  };
  readonly ETERM: {
    readonly errno: 156384765;
    readonly when: "The context was terminated.";
    readonly remedy: "Stop using the sockets of this context.";
  };
  readonly EFSM: {
    readonly errno: 156384763;
    readonly when: "The operation is out of step with the socket's state: REQ and REP alternate.";
    readonly remedy: "Receive the reply before the next request, or set relaxed and correlate on a Request.";
  };
  readonly EHOSTUNREACH: {
    readonly errno: 113;
    readonly when: "No peer has the routing id.";
    readonly remedy: "Check the first frame; peers lists the routing ids that are connected.";
  };
  readonly EMFILE: {
    readonly errno: 24;
    readonly when: "The context has as many sockets as maxSockets allows.";
    readonly remedy: "Close sockets, or raise maxSockets.";
  };
  readonly EMSGSIZE: {
    readonly errno: 90;
    readonly when: "A message is longer than a limit allows.";
    readonly remedy: "Raise maxMessageSize on the receiving socket; over udp keep below 8192 octets.";
  };
  readonly ECONNREFUSED: {
    readonly errno: 111;
    readonly when: "Nobody listens at the endpoint.";
    readonly remedy: "Start the peer; connecting goes on by itself.";
  };
  readonly ECONNRESET: {
    readonly errno: 104;
    readonly when: "The connection broke: the peer ended without a farewell, or something between cut it.";
    readonly remedy: "Connecting goes on by itself; look at the peer's own log for the reason.";
  };
  readonly ENETUNREACH: {
    readonly errno: 101;
    readonly when: "This machine has no way to the network of the address.";
    readonly remedy: "Check the address and this machine's network; connecting goes on by itself.";
  };
  readonly EIO: {
    readonly errno: 5;
    readonly when: "The system reported a failure that has no code of its own here.";
    readonly remedy: "The cause of the error is the system's.";
  };
  readonly EPROTO: {
    readonly errno: 71;
    readonly when: "The peer broke the protocol.";
    readonly remedy: "The sentence names the octets; check what is listening there.";
  };
  readonly ETIMEDOUT: {
    readonly errno: 110;
    readonly when: "The peer did not answer in time.";
    readonly remedy: "See heartbeatTimeout, handshakeInterval and connectTimeout.";
  };
  readonly EPIPE: {
    readonly errno: 32;
    readonly when: "The peer closed the connection.";
    readonly remedy: "Connecting goes on by itself; see the events for the reason.";
  };
  readonly ABORT_ERR: {
    readonly errno: 125;
    readonly when: "The signal given to the call was aborted.";
    readonly remedy: "Nothing was lost: a message taken for an aborted wait goes back to the head.";
  };
};

interface ErrorDetails {
  readonly address?: string;
  readonly cause?: unknown;
  readonly remedy?: string;
}

interface EventView {
  readonly type: string;
  readonly address: string | null;
  readonly peer: string | null;
  readonly error: string | null;
}

type Listener<Type extends MonitorEventType> = (event: Extract<MonitorEvent, {
  type: Type;
}>) => void;

const PROTOCOL_ERRORS: {
  readonly ERR_ZMTP_UNSPECIFIED: 268435456;
  readonly ERR_ZMTP_UNEXPECTED_COMMAND: 268435457;
  readonly ERR_ZMTP_INVALID_SEQUENCE: 268435458;
  readonly ERR_ZMTP_KEY_EXCHANGE: 268435459;
  readonly ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED: 268435473;
  readonly ERR_ZMTP_MALFORMED_COMMAND_MESSAGE: 268435474;
  readonly ERR_ZMTP_MALFORMED_COMMAND_HELLO: 268435475;
  readonly ERR_ZMTP_MALFORMED_COMMAND_INITIATE: 268435476;
  readonly ERR_ZMTP_MALFORMED_COMMAND_ERROR: 268435477;
  readonly ERR_ZMTP_MALFORMED_COMMAND_READY: 268435478;
  readonly ERR_ZMTP_MALFORMED_COMMAND_WELCOME: 268435479;
  readonly ERR_ZMTP_INVALID_METADATA: 268435480;
  readonly ERR_ZMTP_CRYPTOGRAPHIC: 285212673;
  readonly ERR_ZMTP_MECHANISM_MISMATCH: 285212674;
  readonly ERR_ZAP_UNSPECIFIED: 536870912;
  readonly ERR_ZAP_MALFORMED_REPLY: 536870913;
  readonly ERR_ZAP_BAD_REQUEST_ID: 536870914;
  readonly ERR_ZAP_BAD_VERSION: 536870915;
  readonly ERR_ZAP_INVALID_STATUS_CODE: 536870916;
  readonly ERR_ZAP_INVALID_METADATA: 536870917;
};

type PatternFacts = Readonly<Record<string, number | string | boolean | null>>;

interface ProbeOptions {
  probeRouter: boolean;
}

const SOCKET_TYPE_NAMES: readonly [
  "PAIR",
  "PUB",
  "SUB",
  "REQ",
  "REP",
  "DEALER",
  "ROUTER",
  "PULL",
  "PUSH",
  "XPUB",
  "XSUB",
  "STREAM",
  "SERVER",
  "CLIENT",
  "RADIO",
  "DISH",
  "GATHER",
  "SCATTER",
  "DGRAM",
  "PEER",
  "CHANNEL"
];

interface SecurityView {
  readonly mechanism: string;
  readonly role: "server" | "client" | null;
  readonly username: string | null;
  readonly publicKey: string | null;
  readonly serverKey: string | null;
  readonly zapDomain: string | null;
}

type SocketOf<Asked> = Asked extends PollRequest<infer S> ? S : Extract<Asked, Socket>;

type SocketTypeName = (typeof SOCKET_TYPE_NAMES)[number];
