import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { isSystemThreadAlive, ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";

const skip = existsSync("/proc/thread-self") ? false : "the operating system does not tell of threads";
const MODULE = new URL("../../../../src/threads/seat/system-thread.js", import.meta.url).href;

describe("the operating system's view of a thread", () => {
  it("is another for every thread, and says when a thread is gone", { skip }, async () => {
    const ours = ownSystemThread();
    assert.equal(ours.threadId, 0);
    assert.deepEqual(ownSystemThread(), ours);
    const worker = new Worker(
      `import(${JSON.stringify(MODULE)}).then(({ ownSystemThread }) => {
         const { parentPort } = require("node:worker_threads");
         parentPort.postMessage(ownSystemThread());
         parentPort.on("message", () => parentPort.close());
       });`,
      { eval: true },
    );
    const [theirs] = (await once(worker, "message")) as [ReturnType<typeof ownSystemThread>];
    assert.notEqual(theirs.systemId, ours.systemId);
    assert.equal(theirs.threadId, worker.threadId);
    assert.equal(isSystemThreadAlive(ours.systemId, ours.startTime), true);
    assert.equal(isSystemThreadAlive(theirs.systemId, theirs.startTime), true);
    worker.postMessage("end");
    await once(worker, "exit");
    assert.equal(isSystemThreadAlive(theirs.systemId, theirs.startTime), false);
    assert.equal(isSystemThreadAlive(ours.systemId, ours.startTime), true);
  });

  it("tells a thread from a later one of the same number", { skip }, () => {
    const { systemId, startTime } = ownSystemThread();
    assert.equal(isSystemThreadAlive(systemId, startTime + 1), false);
    assert.equal(isSystemThreadAlive(systemId, 0), true, "0 fits any");
    assert.ok(Number.isInteger(startTime) && startTime > 0 && startTime <= 0x7fffffff, `${startTime}`);
  });

  it("is unknown where a thread has no number", () => {
    assert.equal(isSystemThreadAlive(0, 0), undefined);
  });
});
