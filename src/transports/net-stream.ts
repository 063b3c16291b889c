import type { Socket } from "node:net";
import type { ZmqError } from "../base/errors.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type { ByteStream, StreamEvents } from "../core/transport.ts";
import type { DirectReader } from "./direct-read.ts";
import { isCommon, onread, readDirectly, shortMemory } from "./direct-read.ts";
import type { KernelRequest } from "./loop-watch.ts";
import { loopWatch } from "./loop-watch.ts";
import { systemError } from "./system-error.ts";

/** What the system does where keepalive is on and no time was chosen; newer Nodes take no 0 for it. */
export const KEEPALIVE_IDLE_SECONDS = 7200;

/** Options of every socket of ours: each write that waits is reported, and a pause keeps one chunk at most. */
export function streamOptions(options: SocketOptionValues) {
  const { tcpKeepalive, tcpKeepaliveIdle } = options;
  return {
    allowHalfOpen: true,
    highWaterMark: 1,
    noDelay: true,
    keepAlive: tcpKeepalive === 1,
    onread,
    keepAliveInitialDelay: 1000 * (tcpKeepaliveIdle > 0 ? tcpKeepaliveIdle : KEEPALIVE_IDLE_SECONDS),
  };
}

/** After we ended, a peer that does not end gets as long to read what it was sent. */
export const END_GRACE_MS = 10_000;

const STREAM: unique symbol = Symbol("stream");

/** Events find their stream through the socket: ten thousand idle connections have no closure of their own. */
interface OwnedSocket extends Socket {
  [STREAM]: NetStream;
}

/** How endpoints of both ends are told. */
export interface StreamNames {
  local(socket: Socket): string;
  remote(socket: Socket): string;
}

/** What tcp and ipc do differently with each socket. */
export interface StreamTraits extends StreamNames {
  /** Sets what a new or accepted socket is not made with. */
  tune?(socket: Socket): void;
}

/** A connected socket of `node:net`, tcp or ipc, as an octet stream. It never keeps the process alive. */
export class NetStream implements ByteStream, KernelRequest, DirectReader {
  readonly #socket: Socket;
  readonly #names: StreamNames;
  #events: StreamEvents | null;
  /** Kept, because a closed socket forgets it. */
  #remote: string | null;
  #failure: Error | null;
  /** Read, and given to the next reader first. */
  #unread: Uint8Array | null;
  /** A write waits, and `onDrain` is owed. */
  #isWaiting: boolean;
  #isEnding: boolean;
  #isClosed: boolean;
  #graceTimer: Timer | null;

  /** Takes the socket over in the tick that brought it: a reset that nobody listens to would end the process. */
  constructor(socket: Socket, names: StreamNames, isDirect: boolean) {
    this.#socket = socket;
    this.#names = names;
    this.#events = null;
    this.#remote = null;
    this.#failure = null;
    this.#unread = null;
    this.#isWaiting = false;
    this.#isEnding = false;
    this.#isClosed = false;
    this.#graceTimer = null;
    (socket as OwnedSocket)[STREAM] = this;
    socket.unref();
    socket.pause();
    if (isDirect) readDirectly(socket, this);
    else socket.on("data", NetStream.#onData);
    socket.on("drain", NetStream.#onDrain);
    socket.on("end", NetStream.#onEnd);
    socket.on("error", NetStream.#onError);
    socket.on("close", NetStream.#onClose);
  }

  get localEndpoint(): string {
    return this.#names.local(this.#socket);
  }

  get remoteEndpoint(): string {
    this.#remote ??= this.#names.remote(this.#socket);
    return this.#remote;
  }

  /** May be called again: another reader takes the stream over. */
  start(events: StreamEvents): void {
    this.#events = events;
    const unread = this.#unread;
    this.#unread = null;
    if (unread !== null) {
      platform.defer(() => {
        if (!this.#isEnding && !this.#socket.destroyed) events.onOctets(unread, false);
      });
    }
    if (this.#isClosed) platform.defer(() => events.onClosed(this.#error()));
    else this.#socket.resume();
  }

  /** Octets that were read and are not for their reader: who starts next is given them first. */
  unread(octets: Uint8Array): void {
    this.#unread = octets;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    const socket = this.#socket;
    if (this.#isEnding || socket.destroyed) return false;
    if (chunks.length === 1) {
      socket.write(chunks[0] as Uint8Array);
    } else {
      // One system call for all of them.
      socket.cork();
      for (let i = 0; i < chunks.length; i++) socket.write(chunks[i] as Uint8Array);
      socket.uncork();
    }
    // Node tries the kernel at once: nothing waits in the socket when the kernel took it all, or when it failed.
    if (socket.writableLength === 0) return socket.errored === null;
    if (!this.#isWaiting) {
      this.#isWaiting = true;
      loopWatch.addRequest(this);
    }
    return false;
  }

  get waitingSize(): number {
    return this.#socket.writableLength;
  }

  pauseReading(): void {
    // Once ended it reads on for its own sake.
    if (!this.#isEnding) this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /**
   * Ends our side when all that waits is with the kernel; the stream is then over for its owner. The socket itself
   * reads on without giving what it reads: a socket that is closed with unread octets resets the connection, and that
   * would overtake what the peer has yet to read.
   */
  end(): void {
    if (this.#isEnding || this.#socket.destroyed) return;
    this.#isEnding = true;
    loopWatch.addRequest(this);
    this.#socket.on("finish", NetStream.#onFinish);
    this.#socket.end();
    this.#socket.resume();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  abandon(): void {
    this.#socket.destroy();
  }

  onRead(memory: Uint8Array, count: number): Uint8Array | null {
    const events = this.#events;
    if (events === null || this.#isEnding) return null;
    const wasTarget = !isCommon(memory);
    if (wasTarget) events.onTargetFilled(count);
    else events.onOctets(platform.view(memory.buffer, memory.byteOffset, count), true);
    if (this.#isEnding) return null;
    return events.readTarget() ?? (wasTarget ? shortMemory() : null);
  }

  static #onData(this: Socket, chunk: Uint8Array): void {
    const stream = (this as OwnedSocket)[STREAM];
    if (!stream.#isEnding) stream.#events?.onOctets(chunk, false);
  }

  static #onDrain(this: Socket): void {
    const stream = (this as OwnedSocket)[STREAM];
    // Node tells of every write, also of those that did not wait.
    if (!stream.#isWaiting || this.writableLength > 0 || stream.#isEnding) return;
    stream.#isWaiting = false;
    loopWatch.removeRequest(stream);
    stream.#events?.onDrain();
  }

  static #onEnd(this: Socket): void {
    // No ZeroMQ peer ends one direction alone. When we ended first, what waits may still go out.
    if (!(this as OwnedSocket)[STREAM].#isEnding) this.destroy();
  }

  static #onFinish(this: Socket): void {
    const stream = (this as OwnedSocket)[STREAM];
    stream.#graceTimer = platform.setTimer(() => this.destroy(), END_GRACE_MS);
    stream.#close();
  }

  static #onError(this: Socket, error: Error): void {
    (this as OwnedSocket)[STREAM].#failure = error;
  }

  static #onClose(this: Socket): void {
    const stream = (this as OwnedSocket)[STREAM];
    if (stream.#graceTimer !== null) platform.clearTimer(stream.#graceTimer);
    stream.#close();
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    loopWatch.removeRequest(this);
    this.#events?.onClosed(this.#error());
  }

  #error(): ZmqError | null {
    if (this.#failure === null) return null;
    return systemError(
      `The connection with ${this.remoteEndpoint} ended`,
      this.remoteEndpoint,
      this.#failure,
    );
  }
}
