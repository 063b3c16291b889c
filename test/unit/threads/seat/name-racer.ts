// Two threads that claim the same names at the same time: the test is one, this file, as a worker, the other.

import { isMainThread, workerData } from "node:worker_threads";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";

export interface Race {
  readonly memory: SharedArrayBuffer;
  /** How often either came to the line. */
  readonly line: Int32Array;
  /** For each round and racer: bit 0 it won, bit 1 it was found as the owner, bit 2 it could release the name. */
  readonly results: Uint8Array;
  readonly rounds: number;
}

export function race({ memory, line, results, rounds }: Race, racer: number): void {
  const directory = new Directory(memory);
  const me = directory.join({ ...ownSystemThread(), role: 0 });
  let meetings = 0;
  const meet = () => {
    Atomics.add(line, 0, 1);
    Atomics.notify(line, 0);
    meetings += 2;
    for (let spins = 0; ; spins++) {
      const arrived = Atomics.load(line, 0);
      if (arrived >= meetings) return;
      if (spins > 2000) Atomics.wait(line, 0, arrived, 100);
    }
  };
  for (let round = 0; round < rounds; round++) {
    // A few names again and again, and new ones.
    const name = round % 2 === 0 ? `again ${round % 6}` : `new ${round}`;
    meet();
    const won = directory.claim(name, me);
    meet();
    const owner = directory.find(name);
    const owns = owner !== null && owner.seat === me.seat && owner.uid === me.uid;
    meet();
    const released = directory.release(name, me);
    results[2 * round + racer] = Number(won) + 2 * Number(owns) + 4 * Number(released);
  }
}

if (!isMainThread && workerData?.race !== undefined) race(workerData.race as Race, 1);
