import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { DIRECTORY_SIZE, HEADER, SEAT, seatWord } from "../../../../src/threads/layout.ts";
import { DirectoryLock } from "../../../../src/threads/seat/directory-lock.ts";
import type { Liveness } from "../../../../src/threads/seat/system-thread.ts";
import { isSystemThreadAlive } from "../../../../src/threads/seat/system-thread.ts";
import type { Holding } from "./lock-holder.ts";

const skip = existsSync("/proc/thread-self") ? false : "the operating system does not tell of threads";

/** A free word of the header, for what the lock guards. */
const GUARDED = HEADER.OPTIONS;

function memory(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(DIRECTORY_SIZE));
}

function lockOf(
  words: Int32Array,
  isAlive: Liveness = () => undefined,
): { lock: DirectoryLock; robberies: number[] } {
  const lock = new DirectoryLock(words, isAlive);
  const robberies: number[] = [];
  lock.onRobbed = () => robberies.push(words[HEADER.LOCK] as number);
  return { lock, robberies };
}

async function hold(holding: Holding): Promise<Worker> {
  const worker = new Worker(new URL("./lock-holder.js", import.meta.url), { workerData: { holding } });
  await once(worker, "message");
  return worker;
}

describe("the directory's lock", () => {
  it("is held while the change is made, and free after it, also if it throws", () => {
    const words = memory();
    const { lock, robberies } = lockOf(words);
    lock.setUid(5);
    const inside = lock.run(() => {
      lock.store(GUARDED, 7);
      return words[HEADER.LOCK];
    });
    assert.deepEqual([inside, words[HEADER.LOCK], words[GUARDED], words[HEADER.LOCK_TURN]], [5, 0, 7, 1]);
    assert.throws(() => lock.run(() => assert.fail("fault")), /fault/);
    assert.deepEqual([words[HEADER.LOCK], robberies], [0, []]);
  });

  it("is robbed at once of a holder that the system says is gone, and made good first", () => {
    const words = memory();
    words[seatWord(3, SEAT.UID)] = 9;
    words[seatWord(3, SEAT.SYSTEM_ID)] = 77;
    words[seatWord(3, SEAT.START_TIME)] = 88;
    words[HEADER.LOCK] = 9;
    const { lock, robberies } = lockOf(words, (systemId, startTime) => systemId !== 77 || startTime !== 88);
    lock.setUid(4);
    const start = performance.now();
    assert.deepEqual(
      lock.run(() => [...robberies]),
      [4],
    );
    assert.ok(performance.now() - start < 500);
    assert.equal(words[HEADER.LOCK], 0);
    // One that had no seat yet.
    words[HEADER.LOCK] = -77;
    lockOf(words, (systemId, startTime) => !(systemId === 77 && startTime === 0)).lock.run(() => undefined);
    assert.ok(performance.now() - start < 800);
  });

  it("is robbed at once of a holder that the caller knows to be gone", () => {
    const words = memory();
    words[HEADER.LOCK] = 9;
    const { lock, robberies } = lockOf(words);
    const start = performance.now();
    lock.run(() => undefined, 9);
    assert.ok(performance.now() - start < 500);
    assert.equal(robberies.length, 1);
  });

  it("is robbed after a second of one of whom nothing can be told", () => {
    const words = memory();
    words[HEADER.LOCK] = 9;
    const { lock, robberies } = lockOf(words);
    const start = performance.now();
    lock.run(() => undefined);
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= 1000 && tookMs < 2000, `${tookMs} ms`);
    assert.equal(robberies.length, 1);
  });

  it("is waited for as long as its holder lives", { skip }, async () => {
    const words = memory();
    const worker = await hold({ words, forMs: 1300, dies: false });
    const start = performance.now();
    const { lock, robberies } = lockOf(words, isSystemThreadAlive);
    lock.run(() => undefined);
    assert.ok(performance.now() - start > 1000);
    assert.deepEqual(robberies, []);
    await once(worker, "exit");
  });

  it("is taken over from a thread that ended with it", { skip }, async () => {
    const words = memory();
    const worker = await hold({ words, forMs: 50, dies: true });
    const { lock, robberies } = lockOf(words, isSystemThreadAlive);
    const start = performance.now();
    lock.run(() => undefined);
    assert.ok(performance.now() - start < 900);
    assert.equal(robberies.length, 1);
    await worker.terminate();
  });

  it("lets a holder that slept and was robbed write nothing, and begin again", () => {
    const words = memory();
    const { lock, robberies } = lockOf(words);
    lock.setUid(5);
    let [runs, stored] = [0, 9];
    const answer = lock.run(() => {
      runs++;
      if (runs === 1) {
        words[HEADER.LOCK] = 6;
        try {
          lock.store(GUARDED, 1);
        } finally {
          stored = words[GUARDED] as number;
          // Who robbed us is done by the time that we try for the lock again.
          words[HEADER.LOCK] = 0;
        }
      }
      lock.store(GUARDED, 2);
      return "done";
    });
    assert.deepEqual([answer, runs, words[GUARDED], words[HEADER.LOCK]], ["done", 2, 2, 0]);
    assert.equal(stored, 0);
    assert.deepEqual(robberies, []);
  });
});
