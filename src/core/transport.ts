import type { ZmqError } from "../base/errors.ts";
import type { PeerInfo, Pipe } from "../pipe/pipe.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { SocketOptionValues } from "./options.ts";

/**
 * CONTRACT. A transport brings peers to a socket: as octet streams (tcp, ipc) on which an engine speaks ZMTP, as
 * pipes at once (inproc), or not at all, where datagrams come and go (udp). Transports reach a context by argument; one
 * object serves one context.
 */
export type Transport = StreamTransport | PipeTransport | DatagramTransport;

export interface StreamTransport {
  readonly kind: "stream";
  /** Without `://`. */
  readonly scheme: string;
  /** Throws ZmqError for an address that can never be bound (EINVAL, ENAMETOOLONG, ENOTSUP). */
  checkBind(address: string, options: SocketOptionValues): void;
  /** Throws ZmqError for an address that can never be connected. Names that do not resolve are no error here. */
  checkConnect(address: string, options: SocketOptionValues): void;
  /** Starts to listen; exactly one of `onListening` and `onListenFailed` follows, never before this call returned. */
  listen(address: string, options: SocketOptionValues, events: ListenerEvents): Listener;
  /** The same done before the call returns; throws ZmqError (ENOTSUP where the host cannot). `onListening` is not called. */
  listenSync(address: string, options: SocketOptionValues, events: ListenerEvents): Listener;
  /** One attempt, names resolved anew; exactly one of the events follows unless it is cancelled. */
  connect(address: string, options: SocketOptionValues, events: ConnectorEvents): Connector;
  /** Whether two texts name one endpoint, e.g. for `unbind("tcp://127.0.0.1:5555")`. */
  isSameEndpoint(a: string, b: string): boolean;
}

export interface Listener {
  /** The endpoint with wildcards resolved, e.g. `tcp://0.0.0.0:49152`. */
  readonly endpoint: string;
  /** Stops accepting and frees the address; `onClosed` follows. Accepted streams stay. */
  close(): void;
}

export interface ListenerEvents {
  onListening(endpoint: string): void;
  onListenFailed(error: ZmqError): void;
  /** A stream that is paused until `start`; `destroy` refuses it. */
  onAccepted(stream: ByteStream): void;
  onAcceptFailed(error: ZmqError): void;
  /** What the listener leaves behind could not be removed, e.g. the file of an ipc socket. */
  onCloseFailed(error: ZmqError): void;
  onClosed(): void;
}

export interface Connector {
  /** Gives up; no event follows. */
  cancel(): void;
}

export interface ConnectorEvents {
  onConnected(stream: ByteStream): void;
  /** `isFinal`: somebody answered and would answer the same again, so that the next attempts come ever more seldom. */
  onConnectFailed(error: ZmqError, isFinal?: boolean): void;
}

/** An ordered octet stream with backpressure in both directions. */
export interface ByteStream {
  /** Our end and the peer's as endpoints, e.g. `tcp://127.0.0.1:51324`; the ipc path for both ends of an ipc stream. */
  readonly localEndpoint: string;
  readonly remoteEndpoint: string;
  /** Begins reading and gives all events to `events`. */
  start(events: StreamEvents): void;
  /**
   * Writes the chunks in order. `true`: the kernel has all octets and the memory is free again. `false`: some wait in
   * memory (`waitingSize`) and `onDrain` follows.
   */
  write(chunks: readonly Uint8Array[]): boolean;
  readonly waitingSize: number;
  pauseReading(): void;
  resumeReading(): void;
  /** Ends our side after what waits; the peer may read it all. */
  end(): void;
  /** Drops everything at once. */
  destroy(): void;
}

export interface StreamEvents {
  /** The chunk belongs to the receiver, unless it `isLent`: then only until this returns. */
  onOctets(chunk: Uint8Array, isLent: boolean): void;
  /** Asked after each read: memory that the next octets are best read into, or `null`. The stream may disregard it. */
  readTarget(): Uint8Array | null;
  /** The next `count` octets were read into the start of what `readTarget` gave. */
  onTargetFilled(count: number): void;
  onDrain(): void;
  /** The stream is over: by the peer's end (no error), a reset, or our own `end` or `destroy`. Called once. */
  onClosed(error: ZmqError | null): void;
}

export interface PipeTransport {
  readonly kind: "pipe";
  readonly scheme: string;
  /** Throws ZmqError EADDRINUSE, EINVAL. */
  bind(name: string, host: PipeHost): void;
  /** Frees the name; pipes stay. `false` when this host has not bound it. */
  unbind(name: string, host: PipeHost): boolean;
  /** Whether a socket of the context has bound the name, in whatever thread. */
  isBound(name: string): boolean;
  /** Attaches a pipe at once, bound or not; `prepare` names its peer before. */
  connect(name: string, host: PipeHost, prepare: ((pipe: Pipe) => void) | null): PipeLink;
  /** The high-water marks of one end's host changed: the pipe gets the new sum. */
  optionsChanged(host: PipeHost, pipe: Pipe): void;
  /** The host is closing: its names are freed. Messages queued for a name that nobody bound yet stay for its binder. */
  release(host: PipeHost): void;
}

/** What a socket is to a pipe transport. */
export interface PipeHost {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  /** What the socket tells of itself, e.g. its routing id. */
  describe(endpoint: string): PeerInfo;
  /** The host's end of a pipe that leads to `pipe.peer`. `false` refuses. */
  attachPipe(pipe: Pipe, link: null): boolean;
  /** The other side of an attached pipe is there: `pipe.peer` is complete. `false` refuses. */
  identifyPipe(pipe: Pipe): boolean;
  /** For what no call of the host's brought about. */
  emit?(event: MonitorEvent): void;
}

export interface PipeLink {
  readonly pipe: Pipe;
  /** Ends this connection; what was written stays readable for the peer. */
  disconnect(): void;
}

export interface DatagramTransport {
  readonly kind: "datagram";
  readonly scheme: string;
  /** Throws ZmqError for an address that nothing can ever be received at. */
  checkBind(address: string, options: SocketOptionValues): void;
  /** Throws ZmqError for an address that nothing can ever be sent to. Names that do not resolve are no error here. */
  checkConnect(address: string, options: SocketOptionValues): void;
  /** Receives at an address; exactly one of `onOpen` and `onOpenFailed` follows, never before this call returned. */
  bind(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort;
  /** The same done before the call returns; throws ZmqError (ENOTSUP where the host cannot). `onOpen` is not called. */
  bindSync(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort;
  /** Sends to an address: one attempt, names resolved anew. As with `bind`, one of the two events follows. */
  connect(address: string, options: SocketOptionValues, events: DatagramEvents): DatagramPort;
  /** Whether two texts name one endpoint. */
  isSameEndpoint(a: string, b: string): boolean;
}

/** Where datagrams leave and arrive. */
export interface DatagramPort {
  /** Bound: the endpoint with wildcards resolved. */
  readonly endpoint: string;
  /** Datagrams that the kernel has not taken yet. */
  readonly waitingCount: number;
  /** Sends to whom `connect` said, or to `to` (`192.0.2.1:5555`). The octets are the port's from now on. */
  send(datagram: Uint8Array, to: string | null): void;
  /** Drops what waits; no event follows. */
  close(): void;
}

export interface DatagramEvents {
  onOpen(): void;
  onOpenFailed(error: ZmqError): void;
  /** A datagram, whose octets are the receiver's, and its sender as `to` takes it. */
  onDatagram(datagram: Uint8Array, from: string): void;
  /** The system refused to send a datagram; it is lost. */
  onSendFailed(error: ZmqError): void;
  /** The kernel has taken what waited. */
  onDrain(): void;
}
