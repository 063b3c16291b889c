import type { ProtocolError } from "../base/errors.ts";
import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { EnginePeer } from "../engine/engine.ts";
import type { DropReason, Pipe } from "../pipe/pipe.ts";
import type { ConnectionOwner } from "./connection.ts";
import { Connection } from "./connection.ts";
import type { ConnectionEnd } from "./connection-end.ts";
import type { Link, LinkHost } from "./link.ts";
import { createLinkPipe, emitEnd, learnPeer, startConnection, unknownPeer } from "./link.ts";
import type { SocketOptionValues } from "./options.ts";
import type { ByteStream, Listener, ListenerEvents, StreamTransport } from "./transport.ts";

/** How long a peer that was sent away may take to read what was sent before. */
const END_GRACE_MS = 1000;

/** The two ends of an accepted peer's pipe. */
interface Ends {
  readonly socketEnd: Pipe;
  readonly ourEnd: Pipe;
}

/** A bound endpoint: its listener and every connection that it accepted. Options are those of the time of `bind`. */
export class Acceptor implements Link, ListenerEvents, ConnectionOwner {
  endpoint: string;
  lastError: Error | null;
  readonly #host: LinkHost;
  readonly #options: SocketOptionValues;
  readonly #connections: Map<Connection, Ends | null>;
  #pendingCount: number;
  #listener: Listener | null;
  #isListening: boolean;
  #isFinishing: boolean;
  #isEnded: boolean;
  #onBound: ((error: ZmqError | null) => void) | null;
  #dropReason: DropReason;

  constructor(host: LinkHost, endpoint: string, options: SocketOptionValues) {
    this.endpoint = endpoint;
    this.lastError = null;
    this.#host = host;
    this.#options = options;
    this.#connections = new Map();
    this.#pendingCount = 0;
    this.#listener = null;
    this.#isListening = false;
    this.#isFinishing = false;
    this.#isEnded = false;
    this.#onBound = null;
    this.#dropReason = "peer-gone";
  }

  get isRemote(): boolean {
    return false;
  }

  get unsentCount(): number {
    let count = 0;
    for (const [connection, ends] of this.#connections) {
      count += connection.heldCount + (ends === null ? 0 : ends.ourEnd.unreadCount);
    }
    return count;
  }

  /** Listens; `onBound` is told the outcome once. */
  listen(transport: StreamTransport, address: string, onBound: (error: ZmqError | null) => void): void {
    this.#onBound = onBound;
    this.#listener = transport.listen(address, this.#options, this);
  }

  /** Listens before it returns, or throws. */
  listenSync(transport: StreamTransport, address: string): void {
    this.#listener = transport.listenSync(address, this.#options, this);
    this.#isListening = true;
    this.endpoint = this.#listener.endpoint;
    this.#host.emit({ type: "bind", address: this.endpoint });
  }

  finish(): void {
    if (this.#isFinishing) return;
    this.#isFinishing = true;
    this.#listener?.close();
    for (const connection of [...this.#connections.keys()]) connection.finish();
    this.#endIfDone();
  }

  abort(reason: DropReason): void {
    this.#dropReason = reason;
    this.finish();
    for (const connection of [...this.#connections.keys()]) connection.abort("local", null, reason);
    this.#endIfDone();
  }

  breakConnection(pipe: Pipe, error: ProtocolError): void {
    this.#connectionOf(pipe)?.abort("protocol", error);
  }

  endConnection(pipe: Pipe): void {
    const connection = this.#connectionOf(pipe);
    if (connection === undefined) return;
    connection.finish();
    // The peer was sent away: it need not agree.
    platform.setTimer(() => connection.abort("local"), END_GRACE_MS);
  }

  /** The socket, in another thread, does not take the peer behind a pipe; maybe that pipe is closed by now. */
  refuse(pipe: Pipe | undefined, address: string, why: string): void {
    this.#noteRefusal(address, why);
    if (pipe !== undefined) this.#connectionOf(pipe)?.dismiss();
  }

  #connectionOf(pipe: Pipe): Connection | undefined {
    for (const [connection, ends] of this.#connections) if (ends?.socketEnd === pipe) return connection;
    return undefined;
  }

  // ListenerEvents.

  onListening(endpoint: string): void {
    this.#isListening = true;
    this.endpoint = endpoint;
    this.#host.emit({ type: "bind", address: endpoint });
    this.#settleBind(null);
  }

  onListenFailed(error: ZmqError): void {
    this.lastError = error;
    this.#listener = null;
    this.#isFinishing = true;
    this.#host.emit({ type: "bind:error", address: this.endpoint, error });
    this.#settleBind(error);
    this.#endIfDone();
  }

  onAccepted(stream: ByteStream): void {
    const { maxConnections, maxPendingHandshakes } = this.#options;
    if (this.#isFinishing) return stream.destroy();
    if (
      this.#pendingCount >= maxPendingHandshakes ||
      (maxConnections >= 0 && this.#connections.size >= maxConnections)
    ) {
      const sentence = `${this.#host.typeName} at ${this.endpoint} has ${this.#connections.size} connections, ${this.#pendingCount} of them in their handshake; ${stream.remoteEndpoint} was closed.`;
      this.onAcceptFailed(
        new ZmqError("EAGAIN", sentence, { remedy: "See maxConnections and maxPendingHandshakes." }),
      );
      stream.destroy();
      return;
    }
    this.#host.emit({ type: "accept", address: this.endpoint, peer: stream.remoteEndpoint });
    const connection = new Connection(stream, this, this.#options.busyPoll);
    this.#connections.set(connection, null);
    this.#pendingCount++;
    startConnection(connection, this.#host, this.#options);
  }

  onAcceptFailed(error: ZmqError): void {
    this.lastError = error;
    this.#host.emit({ type: "accept:error", address: this.endpoint, error });
  }

  onCloseFailed(error: ZmqError): void {
    this.#host.emit({ type: "close:error", address: this.endpoint, error });
  }

  onClosed(): void {
    this.#listener = null;
    if (this.#isListening) this.#host.emit({ type: "close", address: this.endpoint });
    this.#isListening = false;
    this.#endIfDone();
  }

  // ConnectionOwner.

  openPipe(connection: Connection, told: EnginePeer): Pipe | null {
    this.#pendingCount--;
    const address = connection.stream.remoteEndpoint;
    const peer = unknownPeer(this.endpoint, address, false);
    learnPeer(peer, told);
    const [socketEnd, ourEnd] = createLinkPipe(this.#host, this.#options, peer);
    this.#host.emit({ type: "handshake", address: this.endpoint, peer: address });
    socketEnd.live = true;
    ourEnd.events = connection;
    if (!this.#host.attachPipe(socketEnd, this)) return this.#noteRefusal(address, this.#host.refusal());
    if (!this.#host.identifyPipe(socketEnd)) {
      // The pattern had taken the pipe: the socket lets go of it like of any other.
      ourEnd.close("peer-gone");
      return this.#noteRefusal(address, this.#host.refusal());
    }
    this.#connections.set(connection, { socketEnd, ourEnd });
    return ourEnd;
  }

  onConnectionEnded(connection: Connection, end: ConnectionEnd): void {
    const ends = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (!connection.isReady) this.#pendingCount--;
    emitEnd(this.#host, this.endpoint, connection.stream, end);
    if (ends) {
      ends.ourEnd.close(this.#dropReason);
      if (ends.socketEnd.isClosed) this.#host.retirePipe(ends.socketEnd);
    }
    this.#endIfDone();
  }

  #noteRefusal(address: string, why: string): null {
    const sentence = `${this.#host.typeName} at ${this.endpoint} refused ${address}: ${why}`;
    this.onAcceptFailed(
      new ZmqError("EADDRINUSE", sentence, { remedy: "The peer's connection was closed." }),
    );
    return null;
  }

  #settleBind(error: ZmqError | null): void {
    const onBound = this.#onBound;
    this.#onBound = null;
    onBound?.(error);
  }

  #endIfDone(): void {
    if (!this.#isFinishing || this.#isEnded || this.#listener !== null || this.#connections.size > 0) return;
    this.#isEnded = true;
    this.#host.onLinkEnded(this);
  }
}
