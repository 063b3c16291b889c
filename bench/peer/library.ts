/** The two implementations for Node behind one structural type: the same roles run on either. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { ourIndex } from "../harness/places.ts";

export interface Socket {
  readonly lastEndpoint: string | null;
  readonly events: { on(type: string, listener: () => void): unknown };
  bind(endpoint: string): Promise<void>;
  connect(endpoint: string): void;
  send(message: Uint8Array): Promise<void>;
  receive(): Promise<Buffer[]>;
  close(): unknown;
  [Symbol.asyncIterator](): AsyncIterator<Buffer[]>;
}

/** What only ours has. */
export interface BatchSocket extends Socket {
  trySend(message: Uint8Array): boolean;
  tryReceive(): Buffer[] | undefined;
  sendMany(messages: readonly Uint8Array[]): Promise<void>;
  receiveMany(max?: number): Promise<Buffer[][]>;
  batches(max?: number): AsyncIterable<Buffer[][]>;
}

/** What only ours has, and only where waiting is safe. */
export interface BlockingSocket extends BatchSocket {
  sendSync(message: Uint8Array, options?: { timeoutMs?: number }): void;
  receiveSync(options?: { timeoutMs?: number }): Buffer[];
}

export interface PublisherSocket extends BatchSocket {
  waitForSubscribers(count?: number): Promise<void>;
}

export interface SubscriberSocket extends BatchSocket {
  subscribe(...prefixes: Array<Uint8Array | string>): void;
}

type SocketOptions = Record<string, unknown>;
type SocketClass<S> = new (options?: SocketOptions) => S;

export interface Library {
  readonly context: { maxSockets: number };
  readonly Context: {
    new (options?: Record<string, unknown>): object & { readonly handle: unknown };
    attach(handle: unknown): object;
  };
  /** A body in shared memory, which other threads get by reference. */
  readonly allocateShared: (size: number) => Buffer;
  readonly Push: SocketClass<BlockingSocket>;
  readonly Pull: SocketClass<BlockingSocket>;
  readonly Pair: SocketClass<BlockingSocket>;
  readonly Dealer: SocketClass<BatchSocket>;
  readonly Request: SocketClass<BlockingSocket>;
  readonly Reply: SocketClass<BlockingSocket>;
  readonly Publisher: SocketClass<PublisherSocket>;
  readonly Subscriber: SocketClass<SubscriberSocket>;
  readonly Router: SocketClass<BatchSocket>;
}

/** Loaded by a computed name, so that these programs compile and run against the peers alone. */
export async function loadLibrary(implementation: string): Promise<Library> {
  if (implementation === "native") return createRequire(import.meta.url)("zeromq") as Library;
  return (await import(pathToFileURL(ourIndex).href)) as Library;
}
