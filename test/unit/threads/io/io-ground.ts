// Streams without a system, for links in I/O threads: the test plays the transport and the peers.

import { installPlatform } from "../../../../src/base/platform.ts";
import { SocketType } from "../../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../../../src/core/options.ts";
import { createSocketOptions } from "../../../../src/core/options.ts";
import type {
  ByteStream,
  Connector,
  ConnectorEvents,
  Listener,
  ListenerEvents,
  StreamEvents,
  StreamTransport,
} from "../../../../src/core/transport.ts";
import type { LinkOrder } from "../../../../src/threads/io/io-mail.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import { greeting, message, ready } from "../../../peers/octets.ts";

installPlatform(nodePlatform);

export const ENDPOINT = "fake://there";

export function optionsOf(given: Partial<SocketOptionValues> = {}, type: SocketType = SocketType.Push) {
  return { ...createSocketOptions(type, createContextOptions()), reconnectInterval: 1, ...given };
}

interface OrderSettings {
  readonly link?: number;
  readonly type?: SocketType;
  readonly options?: Partial<SocketOptionValues>;
}

export function orderOf({ link = 1, type = SocketType.Push, options = {} }: OrderSettings = {}): LinkOrder {
  return {
    link,
    endpoint: ENDPOINT,
    address: "there",
    scheme: "fake",
    type,
    typeName: type === SocketType.Push ? "Push" : "Socket",
    options: optionsOf(options, type),
  };
}

export class FakeStream implements ByteStream {
  readonly localEndpoint = "fake://here";
  readonly remoteEndpoint = "fake://peer";
  readonly waitingSize = 0;
  isOver = false;
  #events: StreamEvents | null = null;
  #written = "";

  start(events: StreamEvents): void {
    this.#events = events;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    for (const chunk of chunks) this.#written += Buffer.from(chunk).toString("latin1");
    return true;
  }

  pauseReading(): void {
    // Octets come when the test says so.
  }

  resumeReading(): void {
    // As above.
  }

  end(): void {
    this.close();
  }

  destroy(): void {
    this.close();
  }

  /** The peer, or our own side, ends it. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    queueMicrotask(() => this.#events?.onClosed(null));
  }

  /** The peer's side of the handshake. */
  handshake(socketType: string): void {
    this.receive(greeting(), ready(socketType));
  }

  send(text: string): void {
    this.receive(message(text));
  }

  receive(...octets: Buffer[]): void {
    this.#events?.onOctets(Buffer.concat(octets), false);
  }

  /** Whether our side has written this text. */
  wrote(text: string): boolean {
    return this.#written.includes(text);
  }
}

export class FakeTransport implements StreamTransport {
  readonly kind = "stream";
  readonly scheme = "fake";
  /** What `listenSync` throws. */
  failure: Error | null = null;
  connectors: ConnectorEvents[] = [];
  listeners: ListenerEvents[] = [];
  closedCount = 0;
  cancelledCount = 0;

  checkBind(): void {
    // Every address will do.
  }

  checkConnect(): void {
    // As above.
  }

  listen(_address: string, _options: SocketOptionValues, events: ListenerEvents): Listener {
    this.listeners.push(events);
    const close = (): void => {
      this.closedCount++;
      queueMicrotask(() => events.onClosed());
    };
    return { endpoint: "fake://resolved", close };
  }

  listenSync(address: string, options: SocketOptionValues, events: ListenerEvents): Listener {
    if (this.failure !== null) throw this.failure;
    return this.listen(address, options, events);
  }

  connect(_address: string, _options: SocketOptionValues, events: ConnectorEvents): Connector {
    this.connectors.push(events);
    return { cancel: () => void this.cancelledCount++ };
  }

  isSameEndpoint(a: string, b: string): boolean {
    return a === b;
  }

  /** The last attempt succeeds. */
  connected(): FakeStream {
    const stream = new FakeStream();
    this.connectors.at(-1)?.onConnected(stream);
    return stream;
  }

  /** A peer comes to the last listener. */
  accepted(): FakeStream {
    const stream = new FakeStream();
    this.listeners.at(-1)?.onAccepted(stream);
    return stream;
  }
}
