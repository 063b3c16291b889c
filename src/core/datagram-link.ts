import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { LocalPipe } from "../pipe/local-pipe.ts";
import type { DropReason, Pipe, PipeEvents, PipeSink } from "../pipe/pipe.ts";
import type { Books } from "./books.ts";
import type { DatagramFormat } from "./datagram.ts";
import { datagramFormat } from "./datagram.ts";
import type { Link, LinkHost } from "./link.ts";
import { createSessionPipe, unknownPeer } from "./link.ts";
import type { SocketOptionValues } from "./options.ts";
import { nextReconnectDelay } from "./reconnect.ts";
import type { DatagramEvents, DatagramPort, DatagramTransport } from "./transport.ts";

/** So many datagrams may wait in the system's hands before the rest waits in the pipe. */
const WAITING_MAX = 64;

/** The socket of an endpoint for datagrams: it is of this thread, whoever serves its connections. */
export interface DatagramHost extends LinkHost {
  readonly books: Pick<Books, "noteReceivedDrop">;
}

/** An endpoint for datagrams: where they are, and what they are bound or connected by. */
export interface DatagramTarget {
  readonly endpoint: string;
  readonly address: string;
  readonly transport: DatagramTransport;
  readonly options: SocketOptionValues;
}

/**
 * An endpoint over which messages go as datagrams, each for itself. There is no connection, no handshake and no engine;
 * whoever is at the other end is one peer, reachable from the moment that the port is open.
 *
 *     port --datagrams--> format --messages--> pipe --> socket
 *     port <------------- format <------------ pipe <-- socket
 *
 * A bound endpoint has its pipe while the port is open. A connected one has it from the start, and it stays when the name
 * of the host is not known yet. Nothing slows a sender down: what finds the socket's queue full is dropped and counted.
 */
export class DatagramLink implements Link, DatagramEvents, PipeEvents, PipeSink {
  endpoint: string;
  lastError: Error | null;
  readonly #host: DatagramHost;
  readonly #target: DatagramTarget;
  readonly #isConnecting: boolean;
  readonly #format: DatagramFormat;
  #socketEnd: LocalPipe | null;
  #ourEnd: LocalPipe | null;
  #port: DatagramPort | null;
  #isOpen: boolean;
  #attempt: number;
  #retryTimer: Timer | null;
  #isFinishing: boolean;
  #isEnded: boolean;
  #onBound: ((error: ZmqError | null) => void) | null;

  /** See `bind`, `bindSync` and `connect`. */
  constructor(host: DatagramHost, target: DatagramTarget, isConnecting: boolean) {
    this.endpoint = target.endpoint;
    this.lastError = null;
    this.#host = host;
    this.#target = target;
    this.#isConnecting = isConnecting;
    this.#format = datagramFormat(host.type);
    this.#socketEnd = null;
    this.#ourEnd = null;
    this.#port = null;
    this.#isOpen = false;
    this.#attempt = 0;
    this.#retryTimer = null;
    this.#isFinishing = false;
    this.#isEnded = false;
    this.#onBound = null;
  }

  /** Receives there; `onBound` is told the outcome once, never before this returned. */
  static bind(
    host: DatagramHost,
    target: DatagramTarget,
    onBound: (error: ZmqError | null) => void,
  ): DatagramLink {
    const link = new DatagramLink(host, target, false);
    link.#onBound = onBound;
    link.#port = target.transport.bind(target.address, target.options, link);
    return link;
  }

  /** Receives there before it returns, or throws. */
  static bindSync(host: DatagramHost, target: DatagramTarget): DatagramLink {
    const link = new DatagramLink(host, target, false);
    link.#port = target.transport.bindSync(target.address, target.options, link);
    const error = link.#open();
    if (error !== null) throw error;
    return link;
  }

  /** Sends there: what is sent before the port is open waits. */
  static connect(host: DatagramHost, target: DatagramTarget): DatagramLink {
    const link = new DatagramLink(host, target, true);
    if (!target.options.immediate) link.#attach();
    link.#connect();
    return link;
  }

  get isRemote(): boolean {
    return false;
  }

  get unsentCount(): number {
    return this.heldCount + (this.#ourEnd === null ? 0 : this.#ourEnd.unreadCount);
  }

  finish(): void {
    if (this.#isEnded) return;
    this.#isFinishing = true;
    if (this.unsentCount === 0) this.#end("linger");
  }

  abort(reason: DropReason): void {
    this.#end(reason);
  }

  breakConnection(_pipe: Pipe): void {
    // There is none.
  }

  endConnection(_pipe: Pipe): void {
    this.finish();
  }

  // DatagramEvents.

  onOpen(): void {
    const error = this.#open();
    this.#settleBind(error);
    if (error === null) this.#pump();
  }

  onOpenFailed(error: ZmqError): void {
    this.#port = null;
    this.lastError = error;
    if (this.#isConnecting) return this.#retry(error);
    this.#host.emit({ type: "bind:error", address: this.endpoint, error });
    this.#settleBind(error);
    this.#end("peer-gone");
  }

  onDatagram(datagram: Uint8Array, from: string): void {
    const ourEnd = this.#ourEnd;
    // Strangers may write to where we only send from.
    if (ourEnd === null || this.#isConnecting || this.#isFinishing) return;
    const message = this.#format.decode(datagram, from);
    if (typeof message === "string") {
      ourEnd.writeOff(message);
      this.#host.books.noteReceivedDrop(this.#socketEnd as Pipe, message);
    } else if (!ourEnd.tryWrite(message, true)) ourEnd.countDrop("hwm");
  }

  onSendFailed(error: ZmqError): void {
    this.lastError = error;
    if (this.#ourEnd === null) return;
    this.#ourEnd.retract(1, "unroutable");
    // What was lost is told.
    if (this.#socketEnd !== null) this.#host.onConnectionLost(this.#socketEnd);
  }

  onDrain(): void {
    this.#pump();
  }

  // PipeSink of our end.

  take(message: Message): boolean {
    if (this.#format.absorbs(message)) return true;
    if (!this.#isOpen || this.heldCount >= WAITING_MAX) return false;
    this.#send(message);
    return true;
  }

  get takeRunMax(): number {
    return 0;
  }

  takeRun(): void {
    // Never called: messages go one by one.
  }

  get heldCount(): number {
    return this.#port === null ? 0 : this.#port.waitingCount;
  }

  // PipeEvents of our end.

  onReadable(_pipe: Pipe): void {
    this.#pump();
  }

  onWritable(_pipe: Pipe): void {
    // Senders are not slowed down.
  }

  onPeerClosed(_pipe: Pipe): void {
    this.finish();
  }

  onDrained(_pipe: Pipe): void {
    // Seen by `#pump`, which reads to the end anyway.
  }

  onFirstDrop(_pipe: Pipe, reason: DropReason): void {
    if (this.#socketEnd !== null) this.#host.books.noteReceivedDrop(this.#socketEnd, reason);
  }

  #attach(): boolean {
    const peer = { ...unknownPeer(this.endpoint, this.endpoint, this.#isConnecting), isDatagram: true };
    const [socketEnd, ourEnd] = createSessionPipe(this.#target.options, peer);
    ourEnd.events = this;
    ourEnd.setSink(this);
    this.#socketEnd = socketEnd;
    this.#ourEnd = ourEnd;
    if (this.#host.attachPipe(socketEnd, this)) return true;
    this.#socketEnd = null;
    this.#ourEnd = null;
    return false;
  }

  /** The port is open. */
  #open(): ZmqError | null {
    const { endpoint } = this.#port as DatagramPort;
    this.#attempt = 0;
    if (!this.#isConnecting) this.endpoint = endpoint;
    if (this.#ourEnd === null && !this.#attach()) {
      const why = `${this.#host.typeName} cannot use ${this.endpoint}: ${this.#host.refusal()}`;
      const error = new ZmqError("EINVAL", why, { address: this.endpoint });
      this.lastError = error;
      this.#settleBind(error);
      this.#end("peer-gone");
      return error;
    }
    this.#isOpen = true;
    if (this.#isConnecting) this.#host.emit({ type: "connect", address: this.endpoint, peer: this.endpoint });
    else this.#host.emit({ type: "bind", address: this.endpoint });
    const socketEnd = this.#socketEnd as Pipe;
    if (!socketEnd.isClosed) {
      socketEnd.live = true;
      this.#host.identifyPipe(socketEnd);
    }
    return null;
  }

  #connect(): void {
    this.#retryTimer = null;
    const { transport, address, options } = this.#target;
    this.#host.emit({ type: "connect:delay", address: this.endpoint });
    this.#port = transport.connect(address, options, this);
  }

  #retry(error: ZmqError): void {
    this.#host.emit({ type: "close", address: this.endpoint, error });
    const delayMs = nextReconnectDelay(this.#target.options, this.#attempt++, platform.random);
    if (delayMs === null) return this.#end("peer-gone");
    this.#host.emit({ type: "connect:retry", address: this.endpoint, interval: delayMs, error });
    this.#retryTimer = platform.setTimer(() => this.#connect(), delayMs);
  }

  /** Messages that waited in the pipe. */
  #pump(): void {
    const ourEnd = this.#ourEnd;
    if (ourEnd === null || !this.#isOpen) return;
    while (this.heldCount < WAITING_MAX) {
      const message = ourEnd.tryRead();
      if (message === undefined) break;
      this.#send(message);
    }
    ourEnd.noteRoom();
    if (this.#isFinishing && this.unsentCount === 0) this.#end("linger");
  }

  #send(message: Message): void {
    const { octets, to } = this.#format.encode(message);
    (this.#port as DatagramPort).send(octets, to);
  }

  #settleBind(error: ZmqError | null): void {
    const onBound = this.#onBound;
    this.#onBound = null;
    onBound?.(error);
  }

  #end(reason: DropReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#isOpen = false;
    if (this.#retryTimer !== null) platform.clearTimer(this.#retryTimer);
    const { heldCount } = this;
    const wasBound = this.#port !== null && !this.#isConnecting && this.#onBound === null;
    this.#port?.close();
    this.#port = null;
    const socketEnd = this.#socketEnd;
    const ourEnd = this.#ourEnd;
    this.#socketEnd = null;
    this.#ourEnd = null;
    if (ourEnd !== null) {
      if (heldCount > 0) ourEnd.retract(heldCount, reason);
      ourEnd.setSink(null);
      ourEnd.close(reason);
    }
    if (socketEnd?.isClosed) this.#host.retirePipe(socketEnd);
    if (wasBound) this.#host.emit({ type: "close", address: this.endpoint });
    const closed = new ZmqError(
      "EBADF",
      `${this.#host.typeName} was closed before ${this.endpoint} was bound.`,
    );
    this.#settleBind(closed);
    this.#host.onLinkEnded(this);
  }
}
