// Bells neither keep anything alive nor cost anything, and threads that end under them bring nobody down.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { installPlatform } from "../../src/base/platform.ts";
import { SEAT, SLEEP, seatWord } from "../../src/threads/layout.ts";
import type { ThreadRef } from "../../src/threads/pipe-thread.ts";
import { Bell } from "../../src/threads/seat/bell.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";
import type { BellTask } from "../unit/threads/seat/bell-thread.ts";

installPlatform(nodePlatform);

const THREAD = new URL("../unit/threads/seat/bell-thread.js", import.meta.url);

test("a thread with nothing to do but a started bell ends by itself", async () => {
  const { memory } = Directory.create();
  const task: BellTask = { name: "endsByItself", memory, counts: new SharedArrayBuffer(4) };
  const worker = new Worker(THREAD, { workerData: task });
  assert.deepEqual(await once(worker, "exit"), [0]);
});

interface ProgramEnd {
  readonly status: unknown;
  readonly output: string;
}

/** Runs a program that has a bell, which is started, unless something keeps it from starting. */
async function runProgram(body: string, before = ""): Promise<ProgramEnd> {
  const source = (path: string) => new URL(`../../src/${path}`, import.meta.url).href;
  const text = `
    ${before}
    const { installPlatform } = await import("${source("base/platform.js")}");
    const { nodePlatform } = await import("${source("transports/node-platform.js")}");
    const { Bell } = await import("${source("threads/seat/bell.js")}");
    const { Directory } = await import("${source("threads/seat/directory.js")}");
    installPlatform(nodePlatform);
    const directory = Directory.create();
    const bell = new Bell(directory, directory.join({ systemId: 0, threadId: 0, role: 0 }));
    try {
      bell.start();
    } catch ({ code, message }) {
      console.log(code, message);
    }
    ${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", text], { timeout: 8000 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (part: string) => {
      output += part;
    });
  }
  const [status] = await once(child, "close");
  return { status, output };
}

test("where the host cannot wait in the loop, a bell is not started, with the reason", async () => {
  const { output } = await runProgram("", "delete Atomics.waitAsync;");
  assert.match(output, /^ENOTSUP .*Atomics.waitAsync.*Node 20/);
});

test("a process with nothing to do but a started bell ends by itself", async () => {
  assert.deepEqual(await runProgram(""), { status: 0, output: "" });
});

async function said<T>(worker: Worker): Promise<T> {
  return (await once(worker, "message"))[0] as T;
}

async function assertCostsNothing(t: TestContext): Promise<void> {
  const { output } = await runProgram(`
    const bit = bell.register(() => undefined);
    const ringing = setInterval(() => bell.ring({ seat: 0, uid: 1 }, bit), 1);
    setTimeout(() => clearInterval(ringing), 200);
    setTimeout(() => {
      const before = process.cpuUsage();
      setTimeout(() => {
        const { user, system } = process.cpuUsage(before);
        console.log((user + system) / 1000);
      }, 1000);
    }, 300);`);
  t.diagnostic(`${output.trim()} ms of CPU in 1 s`);
  assert.ok(Number(output) < 10, output);
}

async function endTwoHundred(): Promise<void> {
  const directory = Directory.create();
  const bell = new Bell(directory, directory.join({ systemId: 0, threadId: 0, role: 0 }));
  const counts = new SharedArrayBuffer(4);
  const kinds = ["liesInLoop", "liesBlocked"] as const;
  let rungCount = 0;
  for (let batch = 0; batch < 10; batch++) {
    const workers = Array.from({ length: 20 }, (_, index) => {
      const task: BellTask = { name: kinds[index % 2]!, memory: directory.memory, counts };
      return new Worker(THREAD, { workerData: task });
    });
    const threads = await Promise.all(workers.map((worker) => said<ThreadRef>(worker)));
    const ended = Promise.all(
      workers.map(async (worker, index) => {
        for (let count = 0; count < index; count++) await turn();
        return worker.terminate();
      }),
    );
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (const thread of threads) {
        for (let bit = 0; bit < 64; bit++, rungCount++) bell.ring(thread, bit);
      }
      await turn();
    }
    assert.deepEqual(await ended, Array(20).fill(1));
    for (const thread of threads) directory.remove(thread);
  }
  assert.ok(rungCount > 10_000, `${rungCount}`);
  assert.equal(Atomics.load(directory.words, seatWord(0, SEAT.SLEEP)) & 3, SLEEP.AWAKE);
}

describe("at the same time", { concurrency: true }, () => {
  test("a bell that nobody rings any more costs nothing", assertCostsNothing);
  test("two hundred threads are terminated while they are rung, and nobody else notices", endTwoHundred);
});
