// A worker that takes a seat in a directory, says which, and stays until it is ended.

import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { ThreadRef } from "../../../../src/threads/seat/directory.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";

export interface Sitting {
  readonly memory: SharedArrayBuffer;
  /** Does not tell its number in the operating system. */
  readonly isSecret?: boolean;
  /** Words where the seat and the uid are written, for those who cannot hear. */
  readonly place?: Int32Array;
}

if (!isMainThread && workerData?.sitting !== undefined) {
  const { memory, isSecret = false, place } = workerData.sitting as Sitting;
  const secret = isSecret ? { systemId: 0, startTime: 0 } : {};
  const me: ThreadRef = new Directory(memory).join({ ...ownSystemThread(), ...secret, role: 0 });
  if (place !== undefined) {
    Atomics.store(place, 0, me.seat);
    Atomics.store(place, 1, me.uid);
    Atomics.notify(place, 1);
  }
  parentPort?.postMessage(me);
  setInterval(() => undefined, 1000);
}
