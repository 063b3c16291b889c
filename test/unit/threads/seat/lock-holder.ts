// A worker that holds a directory's lock for a while, or ends with it in hand.

import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { DirectoryLock } from "../../../../src/threads/seat/directory-lock.ts";
import { isSystemThreadAlive, ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";

export interface Holding {
  readonly words: Int32Array;
  readonly forMs: number;
  readonly dies: boolean;
}

if (!isMainThread && workerData?.holding !== undefined) {
  const { words, forMs, dies } = workerData.holding as Holding;
  const lock = new DirectoryLock(words, isSystemThreadAlive);
  lock.setSystemId(ownSystemThread().systemId);
  lock.run(() => {
    parentPort?.postMessage("held");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
    if (dies) process.exit();
  });
}
