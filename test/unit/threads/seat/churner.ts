// A worker that binds and unbinds names, and sits down and leaves, until it is ended.

import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";

if (!isMainThread && workerData?.churn !== undefined) {
  const directory = new Directory(workerData.churn as SharedArrayBuffer);
  const me = directory.join({ ...ownSystemThread(), role: 0 });
  parentPort?.postMessage(me);
  for (let i = 0; ; i++) {
    directory.claim(`fought for ${i % 20}`, me);
    directory.claim(`${me.uid} ${i % 50}`, me);
    directory.release(`fought for ${(i + 10) % 20}`, me);
    directory.release(`${me.uid} ${(i + 25) % 50}`, me);
    if (i % 10 > 0) continue;
    const guest = new Directory(directory.memory);
    guest.remove(guest.join({ ...ownSystemThread(), role: 1 }));
  }
}
