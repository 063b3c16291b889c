import * as diagnostics from "node:diagnostics_channel";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type { Listener, ListenerEvents } from "../core/transport.ts";
import { moveConnection } from "./direct-read.ts";
import type { StreamTraits } from "./net-stream.ts";
import { NetStream, streamOptions } from "./net-stream.ts";
import { systemError } from "./system-error.ts";

/** What tcp and ipc do differently. */
export interface ListenerTraits extends StreamTraits {
  /** The server listens, once: its endpoint, wildcards resolved. */
  onListening(server: Server): string;
  /** Why this peer may not come in, or `null`. */
  refuse(socket: Socket): ZmqError | null;
  /** Closes the server and so frees the address. */
  closeServer(server: Server): void;
}

/** A server of `node:net` as a listener. It shares its address with no other process and never keeps this one alive. */
export class NetListener implements Listener {
  endpoint: string;
  readonly #traits: ListenerTraits;
  readonly #events: ListenerEvents;
  readonly #server: Server;
  readonly #streamOptions: object;
  #state: "opening" | "listening" | "closed";
  #onFailed: ((cause: Error) => void) | null;
  /** A failure that was thrown already; the server tells it again in a later tick. */
  #thrown: Error | null;

  constructor(endpoint: string, options: SocketOptionValues, traits: ListenerTraits, events: ListenerEvents) {
    this.endpoint = endpoint;
    this.#traits = traits;
    this.#events = events;
    this.#state = "opening";
    this.#onFailed = null;
    this.#thrown = null;
    this.#streamOptions = streamOptions(options);
    this.#server = createServer({ ...this.#streamOptions, pauseOnConnect: true });
    this.#server.unref();
    this.#server.on("connection", (socket) => this.#accept(socket));
    this.#server.on("error", (error) => this.#onServerError(error));
    this.#server.on("listening", () => this.#onListening());
  }

  /** False once it listens, failed, or was closed meanwhile. */
  get isOpening(): boolean {
    return this.#state === "opening";
  }

  /** Listens as `listen` says. When that fails `onFailed` may open it again, or `fail`. */
  open(listen: (server: Server) => void, onFailed: (cause: Error) => void): void {
    if (this.#state !== "opening") return;
    this.#onFailed = onFailed;
    listen(this.#server);
  }

  /** Gives up opening. */
  fail(error: ZmqError): void {
    if (this.#state !== "opening") return;
    this.#state = "closed";
    this.#events.onListenFailed(error);
  }

  /** Listens before it returns, if `listen` is one of Node's ways that decide at once; throws what the system said. */
  openSync(listen: (server: Server) => void): void {
    let cause: Error | null = null;
    const onError = (message: unknown): void => {
      const told = message as { readonly server: Server; readonly error: Error };
      if (told.server === this.#server) cause = told.error;
    };
    // The server itself tells its failure in a later tick.
    diagnostics.subscribe(LISTEN_ERROR, onError);
    try {
      listen(this.#server);
    } finally {
      diagnostics.unsubscribe(LISTEN_ERROR, onError);
    }
    if (!this.#server.listening) {
      this.#thrown = cause ?? new Error("The system gave no reason.");
      throw this.#thrown;
    }
    this.#state = "listening";
    this.endpoint = this.#traits.onListening(this.#server);
  }

  close(): void {
    const state = this.#state;
    if (state === "closed") return;
    this.#state = "closed";
    if (this.#server.listening) this.#traits.closeServer(this.#server);
    platform.defer(() => {
      if (state === "listening") this.#events.onClosed();
      else
        this.#events.onListenFailed(
          new ZmqError("EBADF", `${this.endpoint} was given up before it was bound.`),
        );
    });
  }

  #onListening(): void {
    if (this.#state === "listening") return;
    if (this.#state === "closed") {
      if (this.#server.listening) this.#traits.closeServer(this.#server);
      return;
    }
    this.#state = "listening";
    this.endpoint = this.#traits.onListening(this.#server);
    this.#events.onListening(this.endpoint);
  }

  #onServerError(error: Error): void {
    if (error === this.#thrown || this.#state === "closed") return;
    if (this.#state === "opening") this.#onFailed?.(error);
    else
      this.#events.onAcceptFailed(
        systemError(`Cannot accept a peer at ${this.endpoint}`, this.endpoint, error),
      );
  }

  #accept(accepted: Socket): void {
    const { socket, isDirect } = moveConnection(accepted, this.#streamOptions);
    const stream = new NetStream(socket, this.#traits, isDirect);
    if (this.#state !== "listening") {
      stream.destroy();
      return;
    }
    const refusal = this.#traits.refuse(socket) ?? this.#tune(socket);
    if (refusal === null) {
      this.#events.onAccepted(stream);
      return;
    }
    stream.destroy();
    this.#events.onAcceptFailed(refusal);
  }

  #tune(socket: Socket): ZmqError | null {
    try {
      this.#traits.tune?.(socket);
      return null;
    } catch (error) {
      return systemError(`Cannot set up a peer's connection to ${this.endpoint}`, this.endpoint, error);
    }
  }
}

const LISTEN_ERROR = "tracing:net.server.listen:error";
