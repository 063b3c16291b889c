// What ends the wait of a thread that blocks: another thread's terminate(), its time, the end of its peers' threads.

import assert from "node:assert/strict";
import { test } from "node:test";
import { numberAfter, runThreads } from "./program-threads.ts";

test("terminate() in another thread wakes a thread that blocks, with ETERM, the main thread and a worker", async () => {
  const end = await runThreads(
    async (zmq, say, waiter, terminator) => {
      const { Worker } = await import("node:worker_threads");
      const pull = new zmq.Pull();
      pull.bindSync("inproc://main");
      const thread = new Worker(waiter, { eval: true, execArgv: [], workerData: [] });
      say(`${pull.receiveSync()[0]}`);
      new Worker(terminator as string, { eval: true, execArgv: [], workerData: [] });
      const start = performance.now();
      try {
        for (;;) pull.receiveSync();
      } catch (error) {
        say(`main ${(error as { code: string }).code}`);
        say(`took ${performance.now() - start}`);
      }
      thread.on("message", ({ value }) => say(value));
    },
    (zmq, parent) => {
      const pull = new zmq.Pull();
      pull.bindSync("inproc://worker");
      const push = new zmq.Push();
      push.connect("inproc://main");
      push.sendSync("worker blocks");
      try {
        pull.receiveSync();
      } catch (error) {
        parent.say(`worker ${(error as { code: string }).code}`);
      }
    },
    async (zmq, parent) => {
      setTimeout(() => void zmq.context.terminate().then(() => parent.say("terminated")), 300);
    },
  );
  assert.deepEqual(end.lines.filter((line) => !line.startsWith("took ")).sort(), [
    "main ETERM",
    "worker ETERM",
    "worker blocks",
  ]);
  const tookMs = numberAfter(end, "took ");
  assert.ok(tookMs > 250 && tookMs < 8000, `${tookMs} ms`);
});

test("a peer's thread that ends while we block: what it sent arrives, and the time is kept to", async () => {
  const end = await runThreads(
    async (zmq, say, mortal) => {
      const { Worker } = await import("node:worker_threads");
      const bound = new zmq.Pull();
      bound.bindSync("inproc://bound");
      const connected = new zmq.Pull();
      connected.connect("inproc://mortal");
      new Worker(mortal, { eval: true, execArgv: [], workerData: [] });
      say(`${bound.receiveSync()[0]} ${connected.receiveSync()[0]}`);
      const look = (what: string, call: () => unknown): void => {
        const start = performance.now();
        try {
          call();
        } catch (error) {
          say(`${what} ${(error as { code: string }).code} ${Math.round(performance.now() - start)}`);
        }
      };
      look("bound", () => bound.receiveSync({ timeoutMs: 1500 }));
      look("connected", () => connected.receiveSync());
    },
    (zmq) => {
      const first = new zmq.Push();
      first.connect("inproc://bound");
      const second = new zmq.Push();
      second.bindSync("inproc://mortal");
      first.sendSync("a");
      second.sendSync("b");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
      process.exit(0);
    },
  );
  assert.equal(end.lines[0], "a b");
  const [, tookMs] = /^bound EAGAIN (\d+)$/.exec(end.lines[1] as string) ?? [];
  assert.ok(Number(tookMs) >= 1499 && Number(tookMs) < 4000, end.lines[1]);
  // It died more than a second ago.
  const [, knownMs] = /^connected EDEADLK (\d+)$/.exec(end.lines[2] as string) ?? [];
  assert.ok(Number(knownMs) < 1400, end.lines[2]);
});

test("a peer's thread that is terminated by a third while a worker blocks on it", async () => {
  const end = await runThreads(
    async (zmq, say, waiter, peer) => {
      const { Worker } = await import("node:worker_threads");
      const pull = new zmq.Pull();
      pull.bindSync("inproc://report");
      const victim = new Worker(peer as string, { eval: true, execArgv: [], workerData: [] });
      new Worker(waiter, { eval: true, execArgv: [], workerData: [] });
      say(`${(await pull.receive())[0]}`);
      await victim.terminate();
      const start = performance.now();
      say(`${(await pull.receive())[0]}`);
      say(`took ${performance.now() - start}`);
    },
    (zmq) => {
      const pull = new zmq.Pull();
      pull.connect("inproc://victim");
      const push = new zmq.Push();
      push.connect("inproc://report");
      push.sendSync(pull.receiveSync());
      try {
        for (;;) pull.receiveSync();
      } catch (error) {
        push.sendSync((error as { code: string }).code);
      }
    },
    (zmq) => {
      const push = new zmq.Push();
      push.bindSync("inproc://victim");
      push.sendSync("hello");
      new zmq.Pull().bindSync("inproc://hold");
      setInterval(() => undefined, 1000);
    },
  );
  assert.deepEqual(end.lines.slice(0, 2), ["hello", "EDEADLK"]);
  assert.ok(numberAfter(end, "took ") < 5000, end.lines.join("\n"));
});

test("times are kept to within 50 ms, in the main thread and in a worker, to send, to receive and to poll", async () => {
  const end = await runThreads(
    async (zmq, say, waiter) => {
      const { Worker } = await import("node:worker_threads");
      const pair = new zmq.Pair({ sendHighWaterMark: 1, receiveHighWaterMark: 1 });
      pair.bindSync("inproc://times");
      const thread = new Worker(waiter, { eval: true, execArgv: [], workerData: [] });
      pair.receiveSync();
      const look = (what: string, askedMs: number, call: () => unknown): void => {
        let code = "";
        let lateMs = Number.POSITIVE_INFINITY;
        // The best of three: other processes have the cores, too.
        for (let i = 0; i < 3 && lateMs > 5; i++) {
          const start = performance.now();
          try {
            call();
          } catch (error) {
            code = (error as { code: string }).code;
          }
          lateMs = Math.min(lateMs, performance.now() - start - askedMs);
        }
        say(`${what} ${code} late ${lateMs}`);
      };
      for (const timeoutMs of [1, 40, 300])
        look("main receive", timeoutMs, () => pair.receiveSync({ timeoutMs }));
      while (pair.trySend("fills"));
      look("main send", 100, () => pair.sendSync("a", { timeoutMs: 100 }));
      look("main poll", 100, () => zmq.pollSync([pair], { timeoutMs: 100 }));
      thread.on("message", ({ value }) => say(value));
    },
    async (zmq, parent) => {
      const pair = new zmq.Pair({ sendHighWaterMark: 1, receiveHighWaterMark: 1 });
      pair.connect("inproc://times");
      pair.sendSync("here");
      const quiet = new zmq.Pair();
      quiet.bindSync("inproc://quiet");
      for (const timeoutMs of [40, 300]) {
        let code = "";
        let lateMs = Number.POSITIVE_INFINITY;
        for (let i = 0; i < 3 && lateMs > 5; i++) {
          const start = performance.now();
          try {
            quiet.receiveSync({ timeoutMs });
          } catch (error) {
            code = (error as { code: string }).code;
          }
          lateMs = Math.min(lateMs, performance.now() - start - timeoutMs);
        }
        parent.say(`worker receive ${code} late ${lateMs}`);
      }
    },
  );
  assert.equal(end.lines.length, 7, end.lines.join("\n"));
  for (const line of end.lines) {
    const [, code, lateMs] = /^\w+ \w+ (\w*) late (\S+)$/.exec(line) as RegExpExecArray;
    assert.equal(code, line.includes("poll") ? "" : "EAGAIN");
    assert.ok(Number(lateMs) > -1 && Number(lateMs) < 1000, line);
  }
});
