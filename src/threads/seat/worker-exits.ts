import type { Worker } from "node:worker_threads";

const listeners = new Set<(threadId: number) => void>();

function onWorker(worker: Worker): void {
  // An ended worker's threadId is -1.
  const { threadId } = worker;
  worker.once("exit", () => {
    for (const listener of [...listeners]) listener(threadId);
  });
}

/**
 * Calls back with the `threadId` of every worker of this thread's making that ends, whoever made it with whatever
 * library; of those that are made from now on. Gives back what takes the callback off again. One listener on the
 * process serves all, and it is off when nobody listens.
 */
export function onWorkerExit(listener: (threadId: number) => void): () => void {
  if (listeners.size === 0) process.on("worker", onWorker);
  listeners.add(listener);
  return () => {
    if (listeners.delete(listener) && listeners.size === 0) process.off("worker", onWorker);
  };
}
