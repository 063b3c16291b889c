// Sockets in other threads, as a test sees them. The other half is inproc-worker.ts.

import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { SocketStats } from "../../src/index.ts";
import { Context } from "../../src/index.ts";

export interface FarCall {
  readonly turn: number;
  readonly name: string;
  readonly socket: number;
  readonly values: readonly unknown[];
}

export interface FarReply {
  readonly turn: number;
  readonly value: unknown;
  readonly error: { readonly code: string | undefined; readonly text: string } | null;
}

export interface FarPeer {
  readonly endpoint: string;
  readonly live: boolean;
  readonly outgoing: boolean;
  readonly routingId: string;
  readonly socketType: string | undefined;
}

let socketCount = 0;

/** Threads that serve one test after the other: starting one takes longer than a test. */
const standing: FarThread[] = [];

/** To be called when all tests are over. */
export async function dismiss(): Promise<void> {
  for (const thread of standing.splice(0)) await thread.terminate();
}

/** A context, and threads that have sockets of it. It ends with the test. */
export class FarWorld {
  readonly context: Context;
  readonly #t: TestContext;
  #usedCount: number;

  constructor(t: TestContext) {
    this.context = new Context();
    this.#t = t;
    this.#usedCount = 0;
    t.after(() => this.context.terminate());
  }

  /** A thread of this test alone, which may die. */
  start(): FarThread {
    const thread = new FarThread();
    this.#t.after(() => thread.terminate());
    return thread;
  }

  /** A socket in a thread in which this test has no other yet. */
  open(type: string, options: object = {}): Promise<FarSocket> {
    const index = this.#usedCount++;
    standing[index] ??= new FarThread();
    return this.openIn(standing[index], type, options);
  }

  async openIn(thread: FarThread, type: string, options: object = {}): Promise<FarSocket> {
    const socket = new FarSocket(thread, ++socketCount);
    await socket.call("open", type, options, this.context.handle);
    return socket;
  }
}

/** Where threads that race meet, and where one stands that is blocked. */
const barrier = new SharedArrayBuffer(8);
const gate = new Int32Array(barrier);

export class FarThread {
  readonly #worker: Worker;
  readonly #waits: Map<number, (reply: FarReply) => void>;
  #turn: number;
  #isOver: boolean;

  constructor() {
    this.#worker = new Worker(new URL("./inproc-worker.js", import.meta.url), { workerData: barrier });
    this.#waits = new Map();
    this.#turn = 0;
    this.#isOver = false;
    this.#worker.on("message", (reply: FarReply) => {
      this.#waits.get(reply.turn)?.(reply);
      this.#waits.delete(reply.turn);
    });
    this.#worker.on("error", (error) => {
      throw error;
    });
    this.#worker.on("exit", () => {
      this.#isOver = true;
      for (const answer of this.#waits.values()) {
        answer({ turn: 0, value: undefined, error: { code: "GONE", text: "the thread is gone" } });
      }
    });
  }

  call(name: string, socket = 0, ...values: unknown[]): Promise<unknown> {
    if (this.#isOver) throw new Error("the thread is gone");
    const turn = ++this.#turn;
    this.#worker.postMessage({ turn, name, socket, values } satisfies FarCall);
    return new Promise((resolve, reject) => {
      this.#waits.set(turn, ({ value, error }) => {
        if (error === null) resolve(value);
        else reject(Object.assign(new Error(error.text), { code: error.code }));
      });
    });
  }

  /** Does nothing for so long. Resolves when that has begun. */
  async block(durationMs: number): Promise<void> {
    void this.call("block", 0, durationMs).catch(() => undefined);
    while (Atomics.load(gate, 1) === 0) await sleep(1);
  }

  /** As if it had come to its end by itself. */
  exit(): Promise<unknown> {
    return this.call("exit").catch(() => undefined);
  }

  terminate(): Promise<unknown> {
    return this.#worker.terminate();
  }
}

export class FarSocket {
  readonly #thread: FarThread;
  readonly #number: number;

  constructor(thread: FarThread, number: number) {
    this.#thread = thread;
    this.#number = number;
  }

  call(name: string, ...values: unknown[]): Promise<unknown> {
    return this.#thread.call(name, this.#number, ...values);
  }

  async peers(): Promise<FarPeer[]> {
    return (await this.call("peers")) as FarPeer[];
  }

  async stats(): Promise<SocketStats> {
    return (await this.call("stats")) as SocketStats;
  }

  async receive(): Promise<string[]> {
    return (await this.call("receive")) as string[];
  }
}
