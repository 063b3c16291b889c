// A thread of this process that uses the package: what it says, and when it ends.

import { Worker } from "node:worker_threads";
import type { Zmq } from "./program.ts";

/** The thread's side of the conversation. */
export interface Parent {
  say(value: unknown): void;
  /** What the test told, in order. */
  heard(): Promise<unknown>;
}

/** Written as a function, run as text: it sees its arguments alone, which are posted to the thread. */
export type ThreadBody<Args extends readonly unknown[]> = (
  zmq: Zmq,
  parent: Parent,
  ...args: Args
) => unknown;

const INDEX = new URL("../../src/index.js", import.meta.url).href;

const PARENT = `
  const { parentPort, workerData } = require("node:worker_threads");
  const told = [];
  const waiting = [];
  const parent = {
    say: (value) => parentPort.postMessage({ value }),
    heard: () => new Promise((resolve) => {
      if (told.length > 0) return resolve(told.splice(0, 1)[0]);
      if (waiting.push(resolve) === 1) parentPort.ref();
    }),
  };
  parentPort.on("message", (value) => {
    if (waiting.length === 0) return told.push(value);
    waiting.splice(0, 1)[0](value);
    if (waiting.length === 0) parentPort.unref();
  });
  parentPort.unref();
`;

/** The text of a thread; for threads that threads make. */
export function threadText<Args extends readonly unknown[]>(body: ThreadBody<Args>): string {
  return `${PARENT}
    import(${JSON.stringify(INDEX)}).then((zmq) => (${body})(zmq, parent, ...workerData));`;
}

/** A worker thread that is ended with its test, if not before. */
export class Thread {
  readonly worker: Worker;
  /** The thread's exit code. */
  readonly ended: Promise<number>;
  readonly #said: unknown[];
  readonly #waiters: { resolve: (value: unknown) => void; reject: (error: Error) => void }[];
  #failure: Error | null;

  constructor(worker: Worker) {
    this.worker = worker;
    this.#said = [];
    this.#waiters = [];
    this.#failure = null;
    worker.on("message", ({ value }: { value: unknown }) => {
      const waiter = this.#waiters.splice(0, 1)[0];
      if (waiter === undefined) this.#said.push(value);
      else waiter.resolve(value);
    });
    worker.on("error", (error) => this.#fail(error));
    this.ended = new Promise((resolve) => {
      worker.on("exit", (code) => {
        this.#fail(new Error(`the thread ended with ${code} and said no more`));
        resolve(code);
      });
    });
  }

  /** The next thing that it says. */
  said(): Promise<unknown> {
    const [first] = this.#said.splice(0, 1);
    if (first !== undefined) return Promise.resolve(first);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  tell(value: unknown): void {
    this.worker.postMessage(value);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }
}

/** Starts a thread; it is ended when the test is. */
export function startThread<Args extends readonly unknown[]>(
  t: { after(callback: () => Promise<unknown>): void },
  body: ThreadBody<Args>,
  ...args: Args
): Thread {
  const thread = new Thread(new Worker(threadText(body), { eval: true, workerData: args }));
  t.after(() => thread.worker.terminate());
  return thread;
}
