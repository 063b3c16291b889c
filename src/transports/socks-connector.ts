import { ZmqError } from "../base/errors.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { TcpEnd } from "../core/endpoint.ts";
import type { SocketOptionValues } from "../core/options.ts";
import type { Connector, ConnectorEvents, StreamEvents } from "../core/transport.ts";
import type { NetConnectorEvents } from "./net-connector.ts";
import type { NetStream } from "./net-stream.ts";
import { SocksClient, SocksFailure, socksError } from "./socks-client.ts";

/** Whom to reach, and through whom. */
export interface SocksRoute {
  /** As the application named it. */
  readonly endpoint: string;
  /** `host:port`, as the application named it. */
  readonly proxy: string;
  readonly target: TcpEnd;
}

/**
 * One attempt to connect through a SOCKS proxy: a connection to the proxy, a conversation with it, and then the stream is
 * the peer's. connectTimeout is the time for both; without one the conversation has as long as a handshake.
 */
export class SocksConnector implements Connector, NetConnectorEvents, StreamEvents {
  readonly #route: SocksRoute;
  readonly #events: ConnectorEvents;
  readonly #client: SocksClient;
  readonly #options: SocketOptionValues;
  readonly #startedAt: number;
  #connector: Connector | null;
  #stream: NetStream | null;
  #timer: Timer | null;
  #isOver: boolean;

  /** `connect` begins to connect to the proxy. */
  constructor(
    route: SocksRoute,
    options: SocketOptionValues,
    events: ConnectorEvents,
    connect: (events: NetConnectorEvents) => Connector,
  ) {
    const { socksUsername, socksPassword } = options;
    const credentials =
      socksUsername === null ? null : { username: socksUsername, password: socksPassword ?? "" };
    this.#route = route;
    this.#events = events;
    this.#client = new SocksClient(route.target, credentials);
    this.#options = options;
    this.#startedAt = platform.now();
    this.#stream = null;
    this.#timer = null;
    this.#isOver = false;
    this.#connector = connect(this);
  }

  cancel(): void {
    if (!this.#end()) return;
    this.#connector?.cancel();
    this.#stream?.destroy();
  }

  // NetConnectorEvents: the way to the proxy.

  onConnected(stream: NetStream): void {
    this.#connector = null;
    this.#stream = stream;
    this.#armTimer();
    stream.start(this);
    stream.write([this.#client.greeting()]);
  }

  onConnectFailed(error: ZmqError): void {
    if (!this.#end()) return;
    const { endpoint, proxy } = this.#route;
    const sentence = `Cannot connect to ${endpoint}: its SOCKS proxy ${proxy} cannot be reached.`;
    // The error names the proxy's endpoint, and ends with what to do.
    this.#events.onConnectFailed(
      new ZmqError(error.code as "EIO", sentence, {
        address: endpoint,
        cause: error,
        remedy: error.message,
      }),
    );
  }

  // StreamEvents: the conversation.

  onOctets(chunk: Uint8Array): void {
    const stream = this.#stream as NetStream;
    let count: number;
    try {
      count = this.#client.receive(chunk, (octets) => void stream.write([octets]));
    } catch (error) {
      if (!(error instanceof SocksFailure)) throw error;
      this.#fail(error);
      return;
    }
    if (!this.#client.isDone || !this.#end()) return;
    this.#stream = null;
    // The peer may have spoken at once.
    if (count < chunk.length) stream.unread(Uint8Array.from(chunk.subarray(count)));
    this.#events.onConnected(stream);
  }

  readTarget(): null {
    return null;
  }

  onTargetFilled(): void {
    // There is no target.
  }

  onDrain(): void {
    // Nothing here is written before its answer came.
  }

  onClosed(error: ZmqError | null): void {
    if (this.#isOver) return;
    this.#fail(new SocksFailure("ECONNRESET", "hung up before it answered", AGAIN, false, error));
  }

  // Parts.

  #armTimer(): void {
    const { connectTimeout, handshakeInterval } = this.#options;
    const sinceMs = platform.now() - this.#startedAt;
    const limitMs = connectTimeout > 0 ? Math.max(1, connectTimeout - sinceMs) : handshakeInterval;
    if (limitMs === 0) return;
    const name = connectTimeout > 0 ? "connectTimeout" : "handshakeInterval";
    const why = `did not answer within ${name}, ${this.#options[name]} ms`;
    this.#timer = platform.setTimer(
      () => this.#fail(new SocksFailure("ETIMEDOUT", why, AGAIN, false)),
      limitMs,
    );
  }

  #fail(failure: SocksFailure): void {
    if (!this.#end()) return;
    this.#stream?.destroy();
    const { endpoint, proxy } = this.#route;
    this.#events.onConnectFailed(socksError(endpoint, proxy, failure), failure.isFinal);
  }

  /** `false` when the attempt was over already. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
    return true;
  }
}

const AGAIN = "Connecting goes on by itself; look at the proxy's own log for the reason.";
