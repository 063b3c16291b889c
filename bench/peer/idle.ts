/** Ten open sockets in four threads that have nothing to do, and the same threads without sockets. */
import type { Worker } from "node:worker_threads";
import { answer, cpuUs, fail, option, serve } from "./control.ts";
import type { Library, Socket } from "./library.ts";
import { startThread } from "./threads.ts";

export interface IdleData {
  part: "router" | "clients" | "server" | "bare";
  /** A count of what arrived. */
  memory: SharedArrayBuffer;
  /** Of the publisher. */
  endpoint: string;
  /** Of the context; undefined: the default one. */
  handle: unknown;
}

/** Messages that one round through all connections counts. */
const roundLength = 5;

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

async function measure(ms: number): Promise<void> {
  const cpu = cpuUs();
  const startMs = performance.now();
  await pause(ms);
  const used = cpuUs() - cpu;
  answer("result", { ns: Math.round((performance.now() - startMs) * 1e6), cpuUs: used });
}

/** Waits for messages for ever, as servers do, and counts them where all threads see it. */
export async function countReceived(socket: Socket, arrived: Int32Array): Promise<void> {
  for await (const _ of socket) Atomics.add(arrived, 0, 1);
}

/** Whether everything is connected: each thread sends through what it has, and all must arrive. */
async function check(
  arrived: Int32Array,
  workers: readonly Worker[],
  send: () => Promise<void>,
): Promise<void> {
  Atomics.store(arrived, 0, 0);
  for (const worker of workers) worker.postMessage("send");
  await send();
  for (let turn = 0; turn < 500 && Atomics.load(arrived, 0) < roundLength; turn++) await pause(10);
  answer("checked", { count: Atomics.load(arrived, 0) });
}

export async function idle(library: Library): Promise<void> {
  const context =
    option("ioMode", "loop") === "background"
      ? new library.Context({ ioMode: "background", ioThreads: 1 })
      : null;
  const inContext = context === null ? {} : { context };
  const pull = new library.Pull(inContext);
  const publisher = new library.Publisher(inContext);
  const pair = new library.Pair(inContext);
  await pull.bind("inproc://jobs");
  await pair.bind("inproc://pair");
  await publisher.bind("tcp://127.0.0.1:*");
  const memory = new SharedArrayBuffer(4);
  const arrived = new Int32Array(memory);
  for (const socket of [pull, pair]) countReceived(socket, arrived).catch(fail);

  const data: Omit<IdleData, "part"> = { memory, endpoint: publisher.lastEndpoint!, handle: context?.handle };
  const workers: Worker[] = [];
  for (const part of ["router", "clients", "server"]) {
    workers.push(await startThread("./idle-thread.js", { ...data, part }));
  }
  await publisher.waitForSubscribers();
  serve({ check: () => check(arrived, workers, () => publisher.send(Buffer.from("news"))), measure });
  answer("ready");
}

/** What Node takes for itself. */
export async function idleBare(): Promise<void> {
  for (let count = 0; count < 3; count++) await startThread("./idle-thread.js", { part: "bare" });
  serve({ check: () => answer("checked", { count: roundLength }), measure });
  answer("ready");
}
