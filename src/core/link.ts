import { AuthError, ProtocolError, ZmqError } from "../base/errors.ts";
import type { SocketType } from "../base/socket-type.ts";
import { SOCKET_TYPE_NAMES } from "../base/socket-type.ts";
import type { EngineOptions, EnginePeer } from "../engine/engine.ts";
import { RawEngine } from "../engine/raw-engine.ts";
import { ZmtpEngine } from "../engine/zmtp-engine.ts";
import type { LocalPipe } from "../pipe/local-pipe.ts";
import { createLocalPipe } from "../pipe/local-pipe.ts";
import type { DropReason, PeerInfo, Pipe } from "../pipe/pipe.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionEnd, KeptBack } from "./connection-end.ts";
import type { MechanismHost } from "./mechanisms.ts";
import { createMechanism } from "./mechanisms.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { SocketOptionValues } from "./options.ts";
import type { ByteStream } from "./transport.ts";

/** What brings peers to a socket: a session (connected endpoint) or an acceptor (bound endpoint). */
export interface Link {
  /** As the application named it, or as it was resolved. */
  readonly endpoint: string;
  /** Served by another thread: this one may stand still meanwhile. */
  readonly isRemote: boolean;
  /** Messages that the link has not handed over. */
  readonly unsentCount: number;
  /** The last thing that went wrong. */
  readonly lastError: Error | null;
  /** No new peers; what was written is still sent, then `host.onLinkEnded`. */
  finish(): void;
  /** Ends at once; what was not sent is dropped for `reason`. */
  abort(reason: DropReason): void;
  /** Breaks the connection behind a pipe because of what its peer did; a session connects again. */
  breakConnection(pipe: Pipe, error: ProtocolError): void;
  /** Ends the connection behind a pipe; what the peer sent before may still be read. */
  endConnection(pipe: Pipe): void;
}

/** What a link needs of its socket. */
export interface LinkHost extends MechanismHost {
  readonly type: SocketType;
  readonly options: SocketOptionValues;
  /** `Push`, for sentences. */
  readonly typeName: string;
  /** The socket's end of a new pipe; `false` refuses the peer. */
  attachPipe(pipe: Pipe, link: Link): boolean;
  /** The peer is reachable and `pipe.peer` complete; `false` refuses it. */
  identifyPipe(pipe: Pipe): boolean;
  /** The connection behind a pipe broke; the pipe stays for the next one. */
  onConnectionLost(pipe: Pipe): void;
  /** Why the pattern refused last. */
  refusal(): string;
  /** Both ends of an attached pipe are closed. */
  retirePipe(pipe: Pipe): void;
  onLinkEnded(link: Link): void;
  emit(event: MonitorEvent): void;
  /** Where the socket is in another thread: makes its pipes, and tells what it thinks of its peers later. */
  readonly remote?: RemoteSocket;
}

/** What a link does otherwise where the socket is in another thread. */
export interface RemoteSocket {
  /** Both ends of a new pipe. Of the socket's only `peer`, `live` and `isClosed` are there. */
  createPipe(options: SocketOptionValues, peer: PeerInfo): [Pipe, Pipe];
  /**
   * `identifyPipe` answers `true` for now, and `confirm` or `refuse` of the session follows. A connection keeps back
   * until then what the socket must hear of, or say, in order.
   */
  readonly keepsBack: KeptBack | null;
}

const NO_ID = new Uint8Array(0);

/** Both ends of a pipe between the host's socket and one of its links: the socket's first. */
export function createLinkPipe(host: LinkHost, options: SocketOptionValues, peer: PeerInfo): [Pipe, Pipe] {
  return host.remote === undefined ? createSessionPipe(options, peer) : host.remote.createPipe(options, peer);
}

/** Both ends of a pipe between a socket and a session of one thread: the socket's first. */
export function createSessionPipe(options: SocketOptionValues, peer: PeerInfo): [LocalPipe, LocalPipe] {
  const marks = {
    firstToSecondHwm: options.sendHighWaterMark,
    secondToFirstHwm: options.receiveHighWaterMark,
    conflate: options.conflate,
  };
  return createLocalPipe(marks, peer, peer);
}

/** A peer of whom nothing is known but the way to it. */
export function unknownPeer(endpoint: string, address: string, outgoing: boolean): PeerInfo {
  return { endpoint, address, socketType: undefined, routingId: NO_ID, outgoing, properties: undefined };
}

/** What the handshake told, added to what is known. */
export function learnPeer(peer: PeerInfo, told: EnginePeer): void {
  const index = (SOCKET_TYPE_NAMES as readonly (string | undefined)[]).indexOf(told.socketTypeName);
  peer.socketType = index < 0 ? undefined : (index as SocketType);
  peer.routingId = told.routingId;
  peer.properties = told.properties;
  peer.userId = told.verdict?.userId;
  peer.metadata = told.verdict?.metadata ?? undefined;
}

/** Starts the socket's protocol on a stream. */
export function startConnection(connection: Connection, host: LinkHost, options: SocketOptionValues): void {
  const socketTypeName = SOCKET_TYPE_NAMES[host.type];
  if (socketTypeName === "STREAM") {
    const raw = new RawEngine(connection);
    connection.start(raw, (now) => raw.start(now));
    return;
  }
  const engineOptions: EngineOptions = {
    socketTypeName,
    routingId: options.routingId,
    helloMessage: options.helloMessage,
    maxMessageSize: options.maxMessageSize,
    maxMultipartSize: options.maxMultipartSize,
    maxFramesPerMessage: options.maxFramesPerMessage,
    maxCommandSize: options.maxCommandSize,
    maxHandshakeSize: options.maxHandshakeSize,
    handshakeIntervalMs: options.handshakeInterval,
    heartbeatIntervalMs: options.heartbeatInterval,
    heartbeatTimeoutMs: options.heartbeatTimeout,
    heartbeatTtlMs: options.heartbeatTimeToLive,
  };
  const mechanism = createMechanism(host, socketTypeName, options, connection.stream.remoteEndpoint);
  const engine = new ZmtpEngine(engineOptions, mechanism, connection);
  connection.start(engine, (now) => engine.start(now));
}

/** Tells observers how a connection ended: the reason first, then the end itself, as libzmq's monitor does. */
export function emitEnd(host: LinkHost, address: string, stream: ByteStream, end: ConnectionEnd): void {
  const peer = stream.remoteEndpoint;
  const error = end.error;
  if (error instanceof ProtocolError) {
    host.emit({ type: "handshake:error:protocol", address, peer, error });
  } else if (error instanceof AuthError) {
    host.emit({ type: "handshake:error:auth", address, peer, error });
  } else if (!end.wasReady && end.kind !== "local") {
    const cause = error ?? new ZmqError("EPIPE", "The peer closed the connection during the handshake.");
    host.emit({ type: "handshake:error:other", address, peer, error: cause as ZmqError });
  }
  if (end.kind === "local" && error === null) return;
  host.emit(
    error === null ? { type: "disconnect", address, peer } : { type: "disconnect", address, peer, error },
  );
}
