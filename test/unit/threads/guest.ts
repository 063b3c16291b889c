// A worker that comes to a rendezvous when it is told to, and answers what it found. It starts others like itself.

import type { MessagePort } from "node:worker_threads";
import { isMainThread, Worker, workerData } from "node:worker_threads";
import { CONTEXT_STATE } from "../../../src/threads/layout.ts";
import { Rendezvous } from "../../../src/threads/seat/rendezvous.ts";

export type Order =
  /** Loads the package, as it were. */
  | { readonly do: "come"; readonly scope: string; readonly graceMs?: number }
  /** Comes to many, each as soon as another thread is there too, settles and answers the directories. */
  | {
      readonly do: "race";
      readonly scope: string;
      readonly line: Int32Array;
      readonly rounds: number;
      readonly graceMs: number;
    }
  /** Answers the directories of the race as they are now. */
  | { readonly do: "raced" }
  | { readonly do: "settle" }
  | { readonly do: "block"; readonly ms: number }
  | { readonly do: "look" }
  | { readonly do: "start"; readonly port: MessagePort }
  | { readonly do: "terminate" };

export interface Report {
  readonly id: string;
  readonly isLive: boolean;
  /** Directories that `onMoved` told of. */
  readonly moves: readonly string[];
  /** How often the thread slept for the order. */
  readonly sleeps: number;
  readonly ids: readonly string[];
}

export const GUEST = new URL("./guest.js", import.meta.url);

export function meetAt(line: Int32Array, count: number): void {
  Atomics.add(line, 0, 1);
  Atomics.notify(line, 0);
  for (let arrived = Atomics.load(line, 0); arrived < count; arrived = Atomics.load(line, 0)) {
    Atomics.wait(line, 0, arrived, 50);
  }
}

export class Guest {
  #rendezvous: Rendezvous | null;
  readonly #moves: string[];
  readonly #raced: Rendezvous[];

  constructor() {
    this.#rendezvous = null;
    this.#moves = [];
    this.#raced = [];
  }

  obey(order: Order): Report {
    const { wait } = Atomics;
    let sleeps = 0;
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      sleeps++;
      return wait(...args);
    }) as typeof wait;
    const ids = this.#act(order);
    Atomics.wait = wait;
    const directory = this.#rendezvous?.directory;
    const isLive = directory?.state === CONTEXT_STATE.LIVE;
    return { id: directory?.id ?? "", isLive, moves: [...this.#moves], sleeps, ids };
  }

  #act(order: Order): string[] {
    switch (order.do) {
      case "come":
        this.#rendezvous = new Rendezvous(order.scope, order.graceMs);
        this.#rendezvous.onMoved = (winner) => this.#moves.push(winner.id);
        return [];
      case "race":
        for (let round = 0; round < order.rounds; round++) {
          meetAt(order.line, 2 * (round + 1));
          const rendezvous = new Rendezvous(`${order.scope}/${round}`, order.graceMs);
          this.#raced.push(rendezvous);
          rendezvous.settle();
        }
        return this.#raced.map(({ directory }) => directory.id);
      case "raced":
        return this.#raced.map(({ directory }) => directory.id);
      case "settle":
        this.#rendezvous?.settle();
        return [];
      case "terminate":
        this.#rendezvous?.directory.terminate();
        return [];
      case "block":
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, order.ms);
        return [];
      case "start":
        startGuest(order.port);
        return [];
      case "look":
        return [];
    }
  }
}

/** Starts a guest that obeys what comes over the port. */
export function startGuest(port: MessagePort): Worker {
  return new Worker(GUEST, { workerData: { guestPort: port }, transferList: [port] });
}

/** The same, from a thread in between that does not load the package. */
export function startRemoteGuest(port: MessagePort): Worker {
  const between = `
    const { Worker, workerData } = require("node:worker_threads");
    const { url, port } = workerData;
    new Worker(new URL(url), { workerData: { guestPort: port }, transferList: [port] });`;
  return new Worker(between, { eval: true, workerData: { url: GUEST.href, port }, transferList: [port] });
}

if (!isMainThread && workerData?.guestPort !== undefined) {
  const guest = new Guest();
  const port = workerData.guestPort as MessagePort;
  port.on("message", (order: Order) => port.postMessage(guest.obey(order)));
}
