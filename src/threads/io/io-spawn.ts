import { Worker } from "node:worker_threads";
import type { ThreadRef } from "../pipe-thread.ts";
import type { IoWorkerData } from "./io-worker.ts";

/** An I/O thread, as the thread that made it sees it. */
export interface SpawnedIoThread {
  /** It ended because of a fault. */
  onFault: ((error: Error) => void) | null;
  /** It ended. */
  onExit: (() => void) | null;
}

/** Makes I/O thread `number` of the context with this directory. */
export type SpawnIoThread = (memory: SharedArrayBuffer, number: number, maker: ThreadRef) => SpawnedIoThread;

/** In a worker of Node's. It keeps no process alive, and ends with the thread that made it. */
export function spawnIoThread(memory: SharedArrayBuffer, number: number, maker: ThreadRef): SpawnedIoThread {
  const workerData: IoWorkerData = { zeromqIo: { memory, number, maker } };
  const worker = new Worker(new URL("./io-worker.js", import.meta.url), {
    workerData,
    name: `zeromq-ts I/O ${number}`,
    // What the program was started with is meant for the program: `--input-type` e.g. would keep the worker from starting.
    execArgv: [],
  });
  worker.unref();
  const spawned: SpawnedIoThread = { onFault: null, onExit: null };
  worker.on("error", (error: Error) => spawned.onFault?.(error));
  worker.on("exit", () => spawned.onExit?.());
  return spawned;
}
