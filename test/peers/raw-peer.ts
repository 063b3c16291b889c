import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket as NetSocket, type Server } from "node:net";
import { decodeNaively, type NaiveFrame } from "../oracle/naive-decoder.ts";
import * as zmtp from "./octets.ts";

const NO_LIMITS = { frameSizeMax: 0xffffffff, commandSizeMax: 0xffffffff };
const GREETING_SIZE = 64;
export const PATIENCE_MS = 5_000;

/** A tcp connection that says what a test wants it to say, good or bad, and keeps all that it hears. */
export class RawPeer {
  readonly socket: NetSocket;
  /** Settles when the connection is over, however it ended. */
  readonly closed: Promise<void>;
  isClosed: boolean;
  /** When it was over, by `performance.now()`. */
  closedAt: number;
  /** Set where the other side reset the connection. */
  failure: Error | undefined;
  readonly #chunks: Buffer[];
  readonly #waiters: Set<() => void>;

  constructor(socket: NetSocket) {
    this.socket = socket;
    this.isClosed = false;
    this.closedAt = Number.NaN;
    this.failure = undefined;
    this.#chunks = [];
    this.#waiters = new Set();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#wake();
    });
    socket.on("error", (error) => {
      this.failure = error;
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.isClosed = true;
        this.closedAt = performance.now();
        this.#wake();
        resolve();
      });
    });
  }

  /** Connects to one of our bound endpoints. */
  static async connect(endpoint: string | null): Promise<RawPeer> {
    const port = Number(/:(\d+)$/.exec(endpoint ?? "")?.[1]);
    const socket = connect({ host: "127.0.0.1", port });
    const peer = new RawPeer(socket);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return peer;
  }

  /** Everything received. */
  get received(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** Frames behind the greeting. */
  get frames(): NaiveFrame[] {
    const { received } = this;
    return received.length <= GREETING_SIZE
      ? []
      : decodeNaively(received.subarray(GREETING_SIZE), NO_LIMITS).frames;
  }

  /** Message frames and commands as text, e.g. `PING\0\0` without the name's size. */
  get texts(): string[] {
    return this.frames.map(({ flags, body }) =>
      Buffer.from((flags & 4) !== 0 ? body.subarray(1) : body).toString("latin1"),
    );
  }

  send(...chunks: Uint8Array[]): void {
    if (!this.isClosed) this.socket.write(Buffer.concat(chunks));
  }

  /** Sends one octet at a time, each in a segment of its own as far as the system lets it. */
  async sendSlowly(octets: Uint8Array, pauseMs = 0): Promise<void> {
    for (const octet of octets) {
      if (this.isClosed) return;
      this.socket.write(Buffer.of(octet));
      await pause(pauseMs);
    }
  }

  /** The honest beginning: greeting and READY, and ours awaited before any traffic. */
  async handshake(socketType: string, ...properties: Buffer[]): Promise<void> {
    this.send(zmtp.greeting(), zmtp.ready(socketType, ...properties));
    await this.heard(() => this.texts.some((text) => text.startsWith("READY")), "READY");
  }

  /** Waits until what was received satisfies `condition`. */
  async heard(
    condition: () => boolean,
    what = "what it waited for",
    patienceMs = PATIENCE_MS,
  ): Promise<void> {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      if (this.isClosed)
        throw new Error(`the connection ended before the peer heard ${what}; heard ${this.texts.join(" ")}`);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`the peer never heard ${what}; heard ${this.texts.join(" ")}`);
      await this.#changed(leftMs);
    }
  }

  /** Whether the connection ends within the time. */
  async ends(withinMs: number): Promise<boolean> {
    const deadline = performance.now() + withinMs;
    while (!this.isClosed && performance.now() < deadline) await this.#changed(deadline - performance.now());
    return this.isClosed;
  }

  end(): void {
    this.socket.end();
  }

  /** Ends with RST. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  #changed(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, withinMs);
      const waiters = this.#waiters;
      function done(): void {
        clearTimeout(timer);
        waiters.delete(done);
        resolve();
      }
      waiters.add(done);
    });
  }

  #wake(): void {
    for (const waiter of [...this.#waiters]) waiter();
  }
}

/** A listening raw peer, for sockets of ours that connect. */
export class RawListener {
  readonly peers: RawPeer[];
  /** When each peer came, by `performance.now()`. */
  readonly times: number[];
  readonly #server: Server;
  readonly #waiters: ((peer: RawPeer) => void)[];

  constructor(server: Server) {
    this.peers = [];
    this.times = [];
    this.#server = server;
    this.#waiters = [];
    server.on("connection", (socket) => {
      const peer = new RawPeer(socket);
      this.peers.push(peer);
      this.times.push(performance.now());
      this.#waiters.shift()?.(peer);
    });
  }

  static async open(): Promise<RawListener> {
    const server = createServer({ allowHalfOpen: false });
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(0, "127.0.0.1", resolve);
    });
    return new RawListener(server);
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next peer that connects. */
  async accept(): Promise<RawPeer> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("nobody connected")), PATIENCE_MS).unref();
    });
    const next = new Promise<RawPeer>((resolve) => this.#waiters.push(resolve));
    try {
      return await Promise.race([next, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => (ms > 0 ? setTimeout(resolve, ms) : setImmediate(resolve)));
}

/** The promise, or an error that says what did not come in time. */
export async function within<T>(promise: Promise<T>, what: string, patienceMs = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${patienceMs} ms`)), patienceMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
