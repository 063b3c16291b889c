import type { SocketConnectOpts } from "node:net";
import { Socket } from "node:net";
import { ZmqError } from "../base/errors.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type { Connector } from "../core/transport.ts";
import type { KernelRequest } from "./loop-watch.ts";
import { loopWatch } from "./loop-watch.ts";
import type { StreamNames, StreamTraits } from "./net-stream.ts";
import { NetStream, streamOptions } from "./net-stream.ts";
import { systemError } from "./system-error.ts";

/** What came of an attempt; exactly one of them is called, unless it was cancelled. */
export interface NetConnectorEvents {
  onConnected(stream: NetStream): void;
  onConnectFailed(error: ZmqError): void;
}

/** One attempt to connect a socket of `node:net`. It never keeps the process alive. */
export class NetConnector implements Connector, KernelRequest {
  readonly #endpoint: string;
  readonly #names: StreamNames;
  readonly #events: NetConnectorEvents;
  readonly #socket: Socket;
  readonly #connectTimeoutMs: number;
  #timer: Timer | null;
  #isOver: boolean;

  constructor(
    endpoint: string,
    options: SocketOptionValues,
    traits: StreamTraits,
    events: NetConnectorEvents,
  ) {
    this.#endpoint = endpoint;
    this.#names = traits;
    this.#events = events;
    this.#connectTimeoutMs = options.connectTimeout;
    this.#timer = null;
    this.#isOver = false;
    this.#socket = new Socket(streamOptions(options));
    traits.tune?.(this.#socket);
    this.#socket.on("connect", () => this.#onConnect());
    this.#socket.on("error", (error) => this.#onFailed(error));
    // Each address of a host brings a new handle, which is ref'd.
    this.#socket.on("connectionAttempt", () => this.#socket.unref());
    if (this.#connectTimeoutMs > 0)
      this.#timer = platform.setTimer(() => this.#onTimeout(), this.#connectTimeoutMs);
    loopWatch.addRequest(this);
  }

  /** False once it failed or was cancelled. */
  get isTrying(): boolean {
    return !this.#isOver;
  }

  connect(where: SocketConnectOpts): void {
    if (this.#isOver) return;
    try {
      this.#socket.connect(where);
      this.#socket.unref();
    } catch (error) {
      // Node checks some arguments at once, e.g. the address of a lookup.
      this.fail(error);
    }
  }

  /** The attempt failed, in words or with what the system said; told in a later tick. */
  fail(cause: unknown): void {
    platform.defer(() => this.#onFailed(cause));
  }

  cancel(): void {
    if (this.#end()) this.#socket.destroy();
  }

  abandon(): void {
    this.#onFailed(new ZmqError("ETIMEDOUT", `${this.#endpoint} was given up: the process ends.`));
  }

  #onConnect(): void {
    if (!this.#end()) return;
    const socket = this.#socket;
    for (const event of ["connect", "connectionAttempt", "error"]) socket.removeAllListeners(event);
    const stream = new NetStream(socket, this.#names, true);
    if (isConnectedToItself(socket)) {
      stream.destroy();
      const why = `Cannot connect to ${this.#endpoint}: nobody listens there; the system had connected the port to itself.`;
      this.#events.onConnectFailed(new ZmqError("ECONNREFUSED", why, { address: this.#endpoint }));
      return;
    }
    this.#events.onConnected(stream);
  }

  #onTimeout(): void {
    const sentence = `${this.#endpoint} was not connected within connectTimeout, ${this.#connectTimeoutMs} ms.`;
    this.#onFailed(new ZmqError("ETIMEDOUT", sentence, { address: this.#endpoint }));
  }

  #onFailed(cause: unknown): void {
    if (!this.#end()) return;
    this.#socket.destroy();
    const error =
      cause instanceof ZmqError
        ? cause
        : systemError(`Cannot connect to ${this.#endpoint}`, this.#endpoint, cause);
    this.#events.onConnectFailed(error);
  }

  /** `false` when the attempt was over already. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    loopWatch.removeRequest(this);
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
    return true;
  }
}

/** A connection to a free port of this machine may get that very port for its own end. */
function isConnectedToItself(socket: Socket): boolean {
  return (
    socket.localPort !== undefined &&
    socket.localPort === socket.remotePort &&
    socket.localAddress === socket.remoteAddress
  );
}
