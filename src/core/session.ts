import type { ProtocolError } from "../base/errors.ts";
import { AuthError, ZmqError } from "../base/errors.ts";
import { copyFrame } from "../base/message.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { EnginePeer } from "../engine/engine.ts";
import type { DropReason, PeerInfo, Pipe, PipeEvents } from "../pipe/pipe.ts";
import type { ConnectionOwner } from "./connection.ts";
import { Connection } from "./connection.ts";
import type { ConnectionEnd, KeptBack } from "./connection-end.ts";
import type { Link, LinkHost } from "./link.ts";
import { createLinkPipe, emitEnd, learnPeer, startConnection, unknownPeer } from "./link.ts";
import type { SocketOptionValues } from "./options.ts";
import { isVouchedFor } from "./origins.ts";
import { nextReconnectDelay, stopsReconnecting } from "./reconnect.ts";
import type { ByteStream, Connector, ConnectorEvents, StreamTransport } from "./transport.ts";

/** A peer that breaks the protocol or refuses us is tried again ever more seldom, up to this. */
const DISTRUST_MAX_MS = 30_000;

/**
 * A connected endpoint kept alive: connect, handshake, traffic, and again after each loss. The pipe lives as long as
 * the session, so messages wait through an outage; with `immediate` it lives as long as the handshaken connection.
 */
export class Session implements Link, ConnectorEvents, ConnectionOwner, PipeEvents {
  readonly endpoint: string;
  lastError: Error | null;
  readonly #host: LinkHost;
  readonly #transport: StreamTransport;
  readonly #address: string;
  readonly #options: SocketOptionValues;
  /** The socket's end and ours. */
  #socketEnd: Pipe | null;
  #ourEnd: Pipe | null;
  #connector: Connector | null;
  #connection: Connection | null;
  #retryTimer: Timer | null;
  #attempt: number;
  /** Failures in a row after which the peer is suspect, not only away. */
  #distrust: number;
  /** The pipe lives as long as the session, not only as long as a connection. */
  #keepsPipe: boolean;
  /** Without a pipe that is kept: whether the pattern has the connection's. */
  #isAttached: boolean;
  #isFinishing: boolean;
  #isEnded: boolean;
  #dropReason: DropReason;

  constructor(
    host: LinkHost,
    endpoint: string,
    address: string,
    transport: StreamTransport,
    options: SocketOptionValues,
  ) {
    this.endpoint = endpoint;
    this.lastError = null;
    this.#host = host;
    this.#transport = transport;
    this.#address = address;
    this.#options = options;
    this.#socketEnd = null;
    this.#ourEnd = null;
    this.#connector = null;
    this.#connection = null;
    this.#retryTimer = null;
    this.#attempt = 0;
    this.#distrust = 0;
    this.#keepsPipe = true;
    this.#isAttached = false;
    this.#isFinishing = false;
    this.#isEnded = false;
    this.#dropReason = "linger";
  }

  get isRemote(): boolean {
    return false;
  }

  get unsentCount(): number {
    const held = this.#connection === null ? 0 : this.#connection.heldCount;
    return held + (this.#ourEnd === null ? 0 : this.#ourEnd.unreadCount);
  }

  /** `prepare` names the peer of the pipe before it is attached: such a pipe is there at once and stays. */
  start(prepare: ((pipe: Pipe) => void) | null): void {
    this.#keepsPipe = !this.#options.immediate || prepare !== null;
    if (this.#keepsPipe) {
      const [socketEnd] = this.#makePipe();
      prepare?.(socketEnd);
      if (!this.#host.attachPipe(socketEnd, this)) {
        this.#end();
        throw new ZmqError(
          "EINVAL",
          `${this.#host.typeName} cannot connect to ${this.endpoint}: ${this.#host.refusal()}`,
        );
      }
    }
    this.#connect();
  }

  finish(): void {
    if (this.#isEnded || this.#isFinishing) return;
    this.#isFinishing = true;
    if (this.#connection?.isReady) {
      this.#connection.finish();
      return;
    }
    if (this.unsentCount === 0) this.#end();
  }

  abort(reason: DropReason): void {
    if (this.#isEnded) return;
    this.#isFinishing = true;
    this.#dropReason = reason;
    this.#end();
  }

  breakConnection(_pipe: Pipe, error: ProtocolError): void {
    this.#connection?.abort("protocol", error);
  }

  endConnection(_pipe: Pipe): void {
    this.finish();
  }

  // ConnectorEvents.

  onConnected(stream: ByteStream): void {
    this.#connector = null;
    this.#host.emit({ type: "connect", address: this.endpoint, peer: stream.remoteEndpoint });
    const connection = new Connection(stream, this, this.#options.busyPoll);
    this.#connection = connection;
    startConnection(connection, this.#host, this.#options);
  }

  onConnectFailed(error: ZmqError, isFinal = false): void {
    this.#connector = null;
    if (isFinal) this.#distrust++;
    this.lastError = error;
    this.#host.emit({ type: "close", address: this.endpoint, error });
    if (error.code === "ECONNREFUSED" && stopsReconnecting(this.#options, "connectionRefused"))
      return this.#giveUp();
    this.#retry(error);
  }

  // ConnectionOwner.

  openPipe(connection: Connection, told: EnginePeer): Pipe | null {
    const [socketEnd, ourEnd] =
      this.#ourEnd === null ? this.#makePipe() : [this.#socketEnd as Pipe, this.#ourEnd];
    const peer = socketEnd.peer;
    learnPeer(peer, told);
    peer.address = connection.stream.remoteEndpoint;
    this.#host.emit({ type: "handshake", address: this.endpoint, peer: peer.address });
    if (this.#isFinishing) return ourEnd;
    socketEnd.live = true;
    const isNew = !this.#keepsPipe && !this.#isAttached;
    if (isNew) this.#isAttached = this.#host.attachPipe(socketEnd, this);
    if ((!isNew || this.#isAttached) && this.#host.identifyPipe(socketEnd)) {
      this.#attempt = 0;
      if (this.#host.remote === undefined) this.#distrust = 0;
      else {
        const keptBack = keptBackFor(peer, this.#keepsPipe ? this.#host.remote.keepsBack : null);
        if (keptBack !== null) connection.keepBack(keptBack);
      }
      return ourEnd;
    }
    this.#noteRefusal(this.#host.refusal());
    return null;
  }

  /** The socket, in another thread, has heard of the peer of this connection. */
  confirm(): void {
    this.#distrust = 0;
    this.#connection?.goOn();
  }

  /** The socket, in another thread, does not take the peer of this connection. */
  refuse(why: string): void {
    if (this.#connection === null || !this.#connection.isReady) return;
    this.#noteRefusal(why);
    this.#connection.dismiss();
  }

  onConnectionEnded(connection: Connection, end: ConnectionEnd): void {
    this.#connection = null;
    if (end.error !== null) this.lastError = end.error;
    emitEnd(this.#host, this.endpoint, connection.stream, end);
    if (this.#isEnded) return;
    if (this.#socketEnd !== null) this.#socketEnd.live = false;
    // The socket let go of this peer: nothing to connect again for.
    if (this.#ourEnd?.isEnded) this.#isFinishing = true;
    if (this.#isFinishing && (end.kind === "local" || this.unsentCount === 0)) return this.#end();
    if (this.#ourEnd !== null) {
      if (end.wasReady && end.kind !== "local") this.#tellOfHiccup(this.#ourEnd);
      if (!this.#keepsPipe && !this.#isFinishing) this.#dropPipe("peer-gone");
      else {
        this.#ourEnd.events = this;
        this.#ourEnd.noteRoom();
        if (end.wasReady && !this.#isFinishing) this.#host.onConnectionLost(this.#socketEnd as Pipe);
      }
    }
    if (end.kind === "protocol" || isFinalRefusal(end)) this.#distrust++;
    if (!end.wasReady && stopsReconnecting(this.#options, "handshakeFailed")) return this.#giveUp();
    if (end.wasReady && stopsReconnecting(this.#options, "afterDisconnect")) return this.#giveUp();
    this.#retry(end.error ?? undefined);
  }

  // PipeEvents of our end, while there is no connection.

  onReadable(_pipe: Pipe): void {
    // Messages wait until there is a connection.
  }

  onWritable(_pipe: Pipe): void {
    // Nothing to write without a connection.
  }

  onPeerClosed(_pipe: Pipe): void {
    this.finish();
  }

  onDrained(_pipe: Pipe): void {
    // Nobody reads here without a connection.
  }

  #makePipe(): [Pipe, Pipe] {
    const peer = unknownPeer(this.endpoint, this.endpoint, true);
    const [socketEnd, ourEnd] = createLinkPipe(this.#host, this.#options, peer);
    ourEnd.events = this;
    this.#socketEnd = socketEnd;
    this.#ourEnd = ourEnd;
    return [socketEnd, ourEnd];
  }

  /** libzmq behaviour B72. Behind all that came over the connection, past the high-water mark, and not counted. */
  #tellOfHiccup(ourEnd: Pipe): void {
    const { hiccupMessage } = this.#options;
    if (hiccupMessage !== null) ourEnd.writeControl([copyFrame(hiccupMessage)]);
  }

  #noteRefusal(why: string): void {
    const sentence = `${this.#host.typeName} refused its peer at ${this.endpoint}: ${why}`;
    this.lastError = new ZmqError("EINVAL", sentence);
    if (this.#socketEnd !== null) this.#socketEnd.live = false;
    this.#distrust++;
  }

  #dropPipe(reason: DropReason): void {
    const socketEnd = this.#socketEnd;
    this.#isAttached = false;
    this.#socketEnd = null;
    const ourEnd = this.#ourEnd;
    this.#ourEnd = null;
    ourEnd?.close(reason);
    if (socketEnd?.isClosed) this.#host.retirePipe(socketEnd);
  }

  #connect(): void {
    this.#retryTimer = null;
    this.#host.emit({ type: "connect:delay", address: this.endpoint });
    this.#connector = this.#transport.connect(this.#address, this.#options, this);
  }

  #retry(error: Error | undefined): void {
    let delayMs = nextReconnectDelay(this.#options, this.#attempt++, platform.random);
    if (delayMs === null) return this.#giveUp();
    if (this.#distrust > 0) {
      const doubled = this.#options.reconnectInterval * 2 ** Math.min(this.#distrust, 20);
      delayMs = Math.max(
        delayMs,
        Math.min(doubled, Math.max(DISTRUST_MAX_MS, this.#options.reconnectMaxInterval)),
      );
    }
    const retry = { type: "connect:retry", address: this.endpoint, interval: delayMs } as const;
    this.#host.emit(error === undefined ? retry : { ...retry, error });
    this.#retryTimer = platform.setTimer(() => this.#connect(), delayMs);
  }

  /** No further attempt: as if the application had disconnected. */
  #giveUp(): void {
    this.#dropReason = "peer-gone";
    this.#end();
  }

  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#connector?.cancel();
    this.#connector = null;
    if (this.#retryTimer !== null) platform.clearTimer(this.#retryTimer);
    this.#connection?.abort("local", null, this.#dropReason);
    this.#dropPipe(this.#dropReason);
    this.#host.onLinkEnded(this);
  }
}

/** 27/ZAP: 300 is "a temporary error"; after 400 and 500 the same credentials will be refused again. */
function isFinalRefusal({ kind, error }: ConnectionEnd): boolean {
  return kind === "auth" && !(error instanceof AuthError && error.status === 300);
}

/** What has to wait for the socket's thread: what its type says, and messages that must not be taken for another's. */
function keptBackFor(peer: PeerInfo, byType: KeptBack | null): KeptBack | null {
  return isVouchedFor(peer) ? { written: byType?.written ?? false, received: true } : byType;
}
