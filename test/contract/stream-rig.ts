// Both ends of a stream transport, played by hand: what is told is kept, and every wait has an end.

import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ZmqError } from "../../src/base/errors.ts";
import { installPlatform } from "../../src/base/platform.ts";
import { SocketType } from "../../src/base/socket-type.ts";
import { createContextOptions } from "../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../src/core/options.ts";
import { createSocketOptions } from "../../src/core/options.ts";
import type {
  ByteStream,
  Connector,
  ConnectorEvents,
  Listener,
  ListenerEvents,
  StreamEvents,
  StreamTransport,
} from "../../src/core/transport.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

export function optionsWith(given: Partial<SocketOptionValues> = {}): SocketOptionValues {
  return { ...createSocketOptions(SocketType.Dealer, createContextOptions()), ...given };
}

/** Fails, and meanwhile keeps the process alive, when a promise does not settle in time. */
export async function within<T>(what: string, promise: Promise<T>, limitMs = 5000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a condition holds; it is looked at every turn of the loop. */
export async function until(what: string, holds: () => boolean, limitMs = 5000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(1);
  }
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

/** A listener and what it told. */
export class ListenerRig implements ListenerEvents {
  readonly accepted: StreamRig[] = [];
  readonly told: string[] = [];
  readonly acceptErrors: ZmqError[] = [];
  listenError: ZmqError | null = null;
  /** Begins reading of each accepted stream at once. */
  startsAtOnce = true;
  listener!: Listener;

  static async listen(
    transport: StreamTransport,
    address: string,
    options = optionsWith(),
  ): Promise<ListenerRig> {
    const rig = new ListenerRig();
    rig.listener = transport.listen(address, options, rig);
    if (rig.told.length > 0) throw new Error("an event came before listen() returned");
    await until("listening", () => rig.told.length > 0);
    return rig;
  }

  onListening(endpoint: string): void {
    this.told.push(`listening ${endpoint}`);
  }

  onListenFailed(error: ZmqError): void {
    this.listenError = error;
    this.told.push(`failed ${error.code}`);
  }

  onAccepted(stream: ByteStream): void {
    const rig = new StreamRig(stream);
    this.accepted.push(rig);
    if (this.startsAtOnce) stream.start(rig);
  }

  readonly closeErrors: ZmqError[] = [];

  onCloseFailed(error: ZmqError): void {
    this.closeErrors.push(error);
  }

  onAcceptFailed(error: ZmqError): void {
    this.acceptErrors.push(error);
  }

  onClosed(): void {
    this.told.push("closed");
  }

  get endpoint(): string {
    return this.listener.endpoint;
  }

  /** Closes the listener and all that it accepted. */
  async close(): Promise<void> {
    this.listener.close();
    for (const { stream } of this.accepted) stream.destroy();
    await until("closing", () => this.told.includes("closed"));
  }
}

/** An attempt to connect and its outcome. */
export class ConnectorRig implements ConnectorEvents {
  stream: ByteStream | null = null;
  error: ZmqError | null = null;
  connector!: Connector;

  onConnected(stream: ByteStream): void {
    this.stream = stream;
  }

  onConnectFailed(error: ZmqError): void {
    this.error = error;
  }
}

export function addressOf(endpoint: string): string {
  return endpoint.slice(endpoint.indexOf("://") + 3);
}

export function startConnecting(
  transport: StreamTransport,
  address: string,
  options = optionsWith(),
): ConnectorRig {
  const rig = new ConnectorRig();
  rig.connector = transport.connect(address, options, rig);
  if (rig.stream !== null || rig.error !== null) throw new Error("an event came before connect() returned");
  return rig;
}

export async function connect(
  transport: StreamTransport,
  endpoint: string,
  options = optionsWith(),
): Promise<StreamRig> {
  const rig = startConnecting(transport, addressOf(endpoint), options);
  await until(`connecting ${endpoint}`, () => rig.stream !== null || rig.error !== null);
  if (rig.error !== null) throw rig.error;
  const stream = new StreamRig(rig.stream as ByteStream);
  stream.stream.start(stream);
  return stream;
}

export async function connectError(
  transport: StreamTransport,
  address: string,
  options = optionsWith(),
): Promise<ZmqError> {
  const rig = startConnecting(transport, address, options);
  await until(`failing to connect ${address}`, () => rig.stream !== null || rig.error !== null);
  if (rig.error !== null) return rig.error;
  rig.stream?.destroy();
  throw new Error(`${address} was connected`);
}

/** A stream and what it told. */
export class StreamRig implements StreamEvents {
  readonly stream: ByteStream;
  readonly chunks: Uint8Array[] = [];
  size = 0;
  drainCount = 0;
  closedCount = 0;
  error: ZmqError | null = null;
  /** Called with each chunk. */
  onChunk: ((chunk: Uint8Array) => void) | null = null;

  constructor(stream: ByteStream) {
    this.stream = stream;
  }

  onOctets(octets: Uint8Array, isLent: boolean): void {
    const chunk = isLent ? Uint8Array.from(octets) : octets;
    this.size += chunk.length;
    this.chunks.push(chunk);
    this.onChunk?.(chunk);
  }

  /** Set: where the stream shall read the next octets to. */
  target: Uint8Array | null = null;

  readTarget(): Uint8Array | null {
    return this.target;
  }

  onTargetFilled(count: number): void {
    const target = this.target as Uint8Array;
    this.target = null;
    this.onOctets(target.subarray(0, count), true);
  }

  onDrain(): void {
    this.drainCount++;
  }

  onClosed(error: ZmqError | null): void {
    this.closedCount++;
    this.error = error;
  }

  get octets(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.octets.toString("latin1");
  }

  write(text: string): boolean {
    return this.stream.write([Buffer.from(text, "latin1")]);
  }

  /** Writes until the kernel takes no more: all that was written. */
  fill(chunkSize = 65536): Buffer {
    const written: Buffer[] = [];
    for (let count = 0; count < 4096; count++) {
      const chunk = randomBytes(chunkSize);
      written.push(chunk);
      if (!this.stream.write([chunk])) return Buffer.concat(written);
    }
    throw new Error("the kernel takes everything");
  }

  received(size: number): Promise<void> {
    return until(`receiving ${size} octets, ${this.size} are there`, () => this.size >= size);
  }

  closed(): Promise<void> {
    return until("the end of the stream", () => this.closedCount > 0);
  }
}

/** A pair of streams over a listener of their own. */
export class PairRig {
  readonly listener: ListenerRig;
  readonly near: StreamRig;
  readonly far: StreamRig;

  constructor(listener: ListenerRig, near: StreamRig, far: StreamRig) {
    this.listener = listener;
    this.near = near;
    this.far = far;
  }

  static async make(transport: StreamTransport, address: string): Promise<PairRig> {
    const listener = await ListenerRig.listen(transport, address);
    const near = await connect(transport, listener.endpoint);
    await until("accepting", () => listener.accepted.length === 1);
    return new PairRig(listener, near, listener.accepted[0] as StreamRig);
  }

  async close(): Promise<void> {
    this.near.stream.destroy();
    await this.listener.close();
  }
}

let pathCount = 0;

/** A path that nobody has. */
export function freePath(): string {
  return join(tmpdir(), `zmq-test-${process.pid}-${pathCount++}`);
}
