// Sockets that behaviours of inproc are tried with, of this thread or of another, used in the same way. What happens in
// the other thread is inproc-sides-worker.ts.

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { CloseReport, Context, ContextHandle, PeerStats, Socket, SocketStats } from "../../src/index.ts";
import * as zmq from "../../src/index.ts";
import { fill, watch } from "../peers/sockets.ts";

/** Whatever a type of socket has. */
type Anything = Socket & zmq.Router & zmq.Subscriber & zmq.XPublisher;

/** Frames are text, one octet a character, on the way in and on the way out. */
type Text = string | readonly string[];

export interface Order {
  readonly name: string;
  readonly socket: number;
  readonly values: readonly unknown[];
}

/** What is done with a socket in its own thread. Values can be cloned. */
const operations: Readonly<Record<string, (socket: Anything, ...values: never[]) => unknown>> = {
  bind: (socket, endpoint: string) => socket.bind(endpoint),
  unbind: (socket, endpoint: string) => socket.unbind(endpoint),
  connect: (socket, endpoint: string, options?: { routingId: string }) =>
    socket.connect(endpoint, options as never),
  disconnect: (socket, endpoint: string) => socket.disconnect(endpoint),
  set: (socket, options: object) => void Object.assign(socket, options),
  send: (socket, message: Text) => socket.send(toFrames(message)),
  sendMany: (socket, count: number) => socket.sendMany(Array.from({ length: count }, (_, i) => `${i}`)),
  trySend: (socket, message: Text) => socket.trySend(toFrames(message)),
  fill: (socket, limit: number, start: number) => fill(socket, limit, start),
  receive: async (socket) => (await socket.receive({ timeoutMs: 5000 })).map(toText),
  receiveCount: async (socket, count: number) => {
    const texts: string[] = [];
    while (texts.length < count) texts.push(toText((await socket.receive({ timeoutMs: 5000 }))[0] as Buffer));
    return texts;
  },
  drain: (socket, limit: number) => {
    let count = 0;
    while (count < limit && socket.tryReceive() !== undefined) count++;
    return count;
  },
  receiveAny: async (socket) => (await socket.receive()).map(toText),
  tryReceive: (socket) => socket.tryReceive()?.map(toText),
  subscribe: (socket, topics: string[]) => socket.subscribe(...topics),
  unsubscribe: (socket, topics: string[]) => socket.unsubscribe(...topics),
  waitForPeers: (socket, count: number, timeoutMs: number) => socket.waitForPeers(count, { timeoutMs }),
  waitForSubscribers: (socket, count: number, topic: string | undefined, timeoutMs: number) =>
    socket.waitForSubscribers(count, topic, { timeoutMs }),
  peers: (socket) => socket.peers,
  stats: (socket) => socket.stats(),
  readable: (socket) => socket.readable,
  writable: (socket) => socket.writable,
  lastEndpoint: (socket) => socket.lastEndpoint,
  closed: (socket) => socket.closed,
  close: (socket) => socket.close(),
};

function toFrames(message: Text): Buffer[] {
  return [message].flat().map((frame) => Buffer.from(frame, "latin1"));
}

function toText(frame: Buffer): string {
  return frame.toString("latin1");
}

/** The sockets of one thread. */
export class Bench implements Side {
  /** Of sockets that were not given a handle. */
  readonly #context: Context | null;
  readonly #sockets: Map<number, { readonly socket: Anything; readonly events: { readonly type: string }[] }>;

  constructor(context: Context | null) {
    this.#context = context;
    this.#sockets = new Map();
  }

  async perform({ name, socket: number, values }: Order): Promise<unknown> {
    if (name === "open") {
      const [type, options, handle] = values as [string, object, ContextHandle | null];
      const Type = (zmq as unknown as Record<string, new (options: object) => Anything>)[type]!;
      const context = this.#context ?? zmq.Context.attach(handle as ContextHandle);
      const socket = new Type({ ...options, context });
      this.#sockets.set(number, { socket, events: watch(socket) });
      return undefined;
    }
    const { socket, events } = this.#sockets.get(number)!;
    if (name === "events") return events.map(({ type }) => type);
    if (name === "discard") {
      if (!socket.closed) socket.linger = 0;
      await socket.close();
      this.#sockets.delete(number);
      return undefined;
    }
    return await operations[name]!(socket, ...(values as never[]));
  }
}

/** Where a socket lives. */
export interface Side {
  perform(order: Order): Promise<unknown>;
}

/** Another thread. */
export class FarSide implements Side {
  readonly worker: Worker;
  readonly #waits: Map<number, { resolve(value: unknown): void; reject(error: Error): void }>;
  #lastTurn: number;
  #isGone: boolean;

  constructor() {
    this.#isGone = false;
    this.worker = new Worker(new URL("./inproc-sides-worker.js", import.meta.url));
    this.#waits = new Map();
    this.#lastTurn = 0;
    this.worker.on("message", ({ turn, value, error }: Answer) => {
      const wait = this.#waits.get(turn);
      this.#waits.delete(turn);
      if (error === null) wait?.resolve(value);
      else wait?.reject(Object.assign(new Error(error.message), { code: error.code }));
    });
    this.worker.on("exit", () => {
      this.#isGone = true;
      for (const wait of this.#waits.values()) wait.reject(new Error("the thread is gone"));
    });
  }

  perform(order: Order): Promise<unknown> {
    if (this.#isGone) return Promise.reject(new Error("the thread is gone"));
    const turn = ++this.#lastTurn;
    this.worker.postMessage({ turn, order } satisfies Question);
    return new Promise((resolve, reject) => this.#waits.set(turn, { resolve, reject }));
  }

  /** At once, or by a `process.exit` of its own. */
  async end(how: "terminate" | "exit"): Promise<void> {
    const ended = once(this.worker, "exit");
    if (how === "terminate") await this.worker.terminate();
    else this.worker.postMessage(null);
    await ended;
  }
}

export interface Question {
  readonly turn: number;
  readonly order: Order;
}

export interface Answer {
  readonly turn: number;
  readonly value: unknown;
  readonly error: { readonly code: string | undefined; readonly message: string } | null;
}

let socketCount = 0;

/** A socket, wherever it lives. */
export class Sock {
  readonly side: Side;
  readonly #number: number;

  private constructor(side: Side) {
    this.side = side;
    this.#number = ++socketCount;
  }

  static async open(side: Side, type: string, options: object, handle: ContextHandle | null): Promise<Sock> {
    const sock = new Sock(side);
    await sock.do("open", type, options, handle);
    return sock;
  }

  do(name: string, ...values: readonly unknown[]): Promise<unknown> {
    return this.side.perform({ name, socket: this.#number, values });
  }

  bind(endpoint: string): Promise<unknown> {
    return this.do("bind", endpoint);
  }

  connect(endpoint: string, options?: { routingId: string }): Promise<unknown> {
    return this.do("connect", endpoint, options);
  }

  send(message: Text): Promise<unknown> {
    return this.do("send", message);
  }

  /** Sends until there is no room; answers how many went. */
  async fill(limit = 100_000, start = 0): Promise<number> {
    return (await this.do("fill", limit, start)) as number;
  }

  async receive(): Promise<string[]> {
    return (await this.do("receive")) as string[];
  }

  /** The first frames of so many messages. */
  async receiveCount(count: number): Promise<string[]> {
    return (await this.do("receiveCount", count)) as string[];
  }

  async tryReceive(): Promise<string[] | undefined> {
    return (await this.do("tryReceive")) as string[] | undefined;
  }

  async peers(): Promise<readonly PeerStats[]> {
    return (await this.do("peers")) as PeerStats[];
  }

  async stats(): Promise<SocketStats> {
    return (await this.do("stats")) as SocketStats;
  }

  /** Resolves when so many peers are there, and no more. */
  async hasPeers(count: number): Promise<void> {
    await eventually(`${count} peers`, async () => (await this.peers()).length === count);
  }

  async close(): Promise<CloseReport> {
    return (await this.do("close")) as CloseReport;
  }
}

/** Looks again and again until it is so: what one thread does, another one hears of in its time. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean>,
  patienceMs = 3000,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${patienceMs} ms: ${what}`);
    await sleep(1);
  }
}

/** What was to happen on the other side has happened, if it happens at all. */
export function settle(): Promise<void> {
  return sleep(20);
}
