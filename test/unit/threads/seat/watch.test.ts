import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { HEADER } from "../../../../src/threads/layout.ts";
import type { JoinDetails, ThreadRef } from "../../../../src/threads/seat/directory.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";
import { ThreadWatch } from "../../../../src/threads/seat/watch.ts";
import { runScript } from "../../transports/script-run.ts";
import type { Sitting } from "./sitter.ts";

const SITTER = new URL("./sitter.js", import.meta.url);
const systemTells = existsSync("/proc/thread-self");
const skip = systemTells ? false : "the operating system does not tell of threads";

/** Fails when the bound is passed; peers of a context rely on it. */
const BOUND_MS = 1000;

interface Watched {
  readonly directory: Directory;
  readonly me: ThreadRef;
  readonly watch: ThreadWatch;
  readonly gone: ThreadRef[];
}

function watchOver(directory: Directory, about: Partial<JoinDetails> = {}): Watched {
  const me = directory.join({ ...ownSystemThread(), role: 0, ...about });
  const watch = new ThreadWatch(directory, me);
  const gone: ThreadRef[] = [];
  watch.onGone = (thread) => gone.push(thread);
  return { directory, me, watch, gone };
}

function sit(sitting: Sitting): Worker {
  return new Worker(SITTER, { workerData: { sitting } });
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    assert.ok(performance.now() - start < BOUND_MS, `${what}: not within ${BOUND_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe("a watch", () => {
  it("hears of the end of a worker of this thread, where the system tells nothing", async () => {
    const { directory, me, watch, gone } = watchOver(
      new Directory(Directory.create().memory, () => undefined),
    );
    watch.start();
    const worker = sit({ memory: directory.memory, isSecret: true });
    const [sitter] = (await once(worker, "message")) as [ThreadRef];
    directory.claim("his", sitter);
    assert.deepEqual([watch.poll(), watch.isGone(sitter)], [[], false]);
    void worker.terminate();
    await until(() => gone.length > 0, "terminate()");
    assert.deepEqual([gone, watch.isGone(sitter), directory.find("his")], [[sitter], true, null]);
    assert.deepEqual(directory.threads(), [me]);
    watch.stop();
  });

  it("finds the end of a thread of which only the system knows: its starter has not loaded us", {
    skip,
  }, async () => {
    const { directory, watch, gone } = watchOver(Directory.create());
    watch.start();
    const place = new Int32Array(new SharedArrayBuffer(8));
    const starter = new Worker(
      `const { parentPort, workerData, Worker } = require("node:worker_threads");
       const worker = new Worker(new URL(workerData.url), { workerData });
       parentPort.on("message", () => worker.terminate());`,
      { eval: true, workerData: { url: SITTER.href, sitting: { memory: directory.memory, place } } },
    );
    await until(() => Atomics.load(place, 1) !== 0, "the seat");
    const sitter: ThreadRef = { seat: place[0] as number, uid: place[1] as number };
    await until(() => directory.isPresent(sitter), "its presence");
    starter.postMessage("terminate");
    await until(() => gone.length > 0, "terminate()");
    assert.deepEqual(gone, [sitter]);
    watch.stop();
    await starter.terminate();
  });

  it("finds it in slices of a thread that blocks", { skip }, async () => {
    const { directory, watch, gone } = watchOver(Directory.create());
    const worker = sit({ memory: directory.memory });
    const [sitter] = (await once(worker, "message")) as [ThreadRef];
    watch.know(sitter);
    assert.deepEqual(watch.poll(), []);
    void worker.terminate();
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const start = performance.now();
    while (watch.poll().length === 0) {
      assert.ok(performance.now() - start < BOUND_MS, "not within the bound");
      Atomics.wait(cell, 0, 0, 250);
    }
    assert.deepEqual(gone, [sitter]);
    await worker.terminate();
  });

  it("finds threads that were killed at once, every one", { skip }, async () => {
    const { directory, me, watch, gone } = watchOver(Directory.create());
    const workers = Array.from({ length: 6 }, () => sit({ memory: directory.memory }));
    const sitters = (
      await Promise.all(workers.map((worker) => once(worker, "message")))
    ).flat() as ThreadRef[];
    watch.start();
    for (const worker of workers) void worker.terminate();
    await until(() => gone.length >= 6, "the ends of six");
    const uids = (threads: ThreadRef[]): number[] => threads.map(({ uid }) => uid).sort((a, b) => a - b);
    assert.deepEqual(uids(gone), uids(sitters));
    assert.deepEqual(directory.threads(), [me]);
    watch.stop();
  });

  it("tells every thread once, whoever found it", () => {
    const dead = new Set<number>();
    const isAlive = (systemId: number): boolean => !dead.has(systemId);
    const { memory } = Directory.create();
    const first = watchOver(new Directory(memory, isAlive), { systemId: 1 });
    const second = watchOver(new Directory(memory, isAlive), { systemId: 2 });
    const third = new Directory(memory, isAlive).join({ systemId: 3, threadId: 3, role: 0 });
    first.watch.announce = () => second.watch.poll();
    second.watch.announce = () => first.watch.poll();
    first.watch.poll();
    second.watch.poll();
    dead.add(3);
    Atomics.store(first.directory.words, HEADER.LOOKED, 0);
    first.watch.poll();
    assert.deepEqual([first.gone, second.gone], [[third], [third]]);
    assert.deepEqual([first.watch.poll(), second.watch.poll()], [[], []]);
    assert.equal(first.gone.length + second.gone.length, 2);
  });

  it("asks the system once for all threads", () => {
    let questions = 0;
    const isAlive = (): boolean => {
      questions++;
      return true;
    };
    const { memory } = Directory.create();
    const all = Array.from({ length: 8 }, () => watchOver(new Directory(memory, isAlive)));
    for (const { watch } of all) watch.poll();
    assert.equal(questions, 7);
  });

  it("tells of a thread that came and went between two polls, if somebody dealt with it", () => {
    const { directory, watch, gone } = watchOver(Directory.create());
    watch.poll();
    const [known, unknown] = [0, 1].map((i) => directory.join({ systemId: 0, threadId: i, role: 0 })) as [
      ThreadRef,
      ThreadRef,
    ];
    watch.know(known);
    for (const thread of [known, unknown]) directory.remove(thread);
    directory.join({ systemId: 0, threadId: 3, role: 0 });
    watch.poll();
    assert.deepEqual(gone, [known]);
  });

  it("tells of all deaths though one listener throws", () => {
    const { directory, watch, gone } = watchOver(Directory.create());
    const two = [1, 2].map((threadId) => directory.join({ systemId: 0, threadId, role: 0 }));
    watch.poll();
    for (const thread of two) directory.remove(thread);
    watch.onGone = (thread) => {
      gone.push(thread);
      throw new Error("fault");
    };
    assert.throws(() => watch.poll(), /fault/);
    assert.deepEqual([gone, watch.poll()], [two, []]);
  });

  it("sleeps while it is alone and wakes when somebody joins", async () => {
    const dead = new Set<number>();
    const directory = new Directory(Directory.create().memory, (systemId) => !dead.has(systemId));
    const { watch, gone } = watchOver(directory, { systemId: 1 });
    let ticks = 0;
    const poll = watch.poll.bind(watch);
    watch.poll = () => {
      ticks++;
      return poll();
    };
    watch.start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(ticks, 0);
    const guest = new Directory(directory.memory).join({ systemId: 2, threadId: 2, role: 0 });
    await until(() => ticks > 0, "the first tick");
    dead.add(2);
    await until(() => gone.length > 0, "the end of the guest");
    assert.deepEqual(gone, [guest]);
    const before = ticks;
    await new Promise((resolve) => setTimeout(resolve, 600));
    assert.equal(ticks, before, "alone again");
    watch.stop();
  });

  it("is silent once it is stopped, and can be started again", async () => {
    const { directory, watch, gone } = watchOver(Directory.create());
    const before = process.listenerCount("worker");
    watch.start();
    watch.start();
    watch.stop();
    watch.stop();
    assert.equal(process.listenerCount("worker"), before);
    const guest = directory.join({ systemId: 0, threadId: 2, role: 0 });
    watch.know(guest);
    directory.remove(guest);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(gone, []);
    watch.start();
    await until(() => gone.length === 1, "the first tick");
    watch.stop();
  });

  it("keeps no process alive, alone or not, and prints nothing", async () => {
    const sources = new URL("../../../../src/threads/seat/", import.meta.url).href;
    const { lines, status, stderr } = await runScript(`
      const { Directory } = await import("${sources}directory.js");
      const { ThreadWatch } = await import("${sources}watch.js");
      const { ownSystemThread } = await import("${sources}system-thread.js");
      for (let i = 0; i < 20; i++) {
        const directory = Directory.create();
        const me = directory.join({ ...ownSystemThread(), role: 0 });
        if (i % 2 === 0) directory.join({ ...ownSystemThread(), role: 0 });
        new ThreadWatch(directory, me).start();
      }
      setTimeout(() => say("end"), 300);
    `);
    assert.deepEqual([lines, status, stderr], [["end"], 0, ""]);
  });
});
