import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { onWorkerExit } from "../../../../src/threads/seat/worker-exits.ts";

describe("the ends of workers", () => {
  it("are told to all who listen, through one listener on the process", async () => {
    const before = process.listenerCount("worker");
    const heard: number[][] = [[], [], []];
    const offs = heard.map((list) => onWorkerExit((threadId) => list.push(threadId)));
    assert.equal(process.listenerCount("worker"), before + 1);
    const worker = new Worker("", { eval: true });
    const { threadId } = worker;
    offs[1]?.();
    await once(worker, "exit");
    assert.deepEqual(heard, [[threadId], [], [threadId]]);
    for (const off of offs) off();
    for (const off of offs) off();
    assert.equal(process.listenerCount("worker"), before);
    const late = new Worker("", { eval: true });
    await once(late, "exit");
    assert.deepEqual(heard, [[threadId], [], [threadId]]);
  });

  it("are told of workers that are terminated and of those that throw", async () => {
    const heard: number[] = [];
    const off = onWorkerExit((threadId) => heard.push(threadId));
    const idle = new Worker("setInterval(() => {}, 1000)", { eval: true });
    const failing = new Worker("throw new Error('fault')", { eval: true });
    const ids = [idle.threadId, failing.threadId];
    failing.on("error", () => undefined);
    // Not `once`, which rejects on "error".
    const ends = [idle, failing].map((worker) => new Promise((resolve) => worker.on("exit", resolve)));
    await once(idle, "online");
    void idle.terminate();
    await Promise.all(ends);
    off();
    assert.deepEqual(heard.sort(), ids.sort());
  });
});
