// Whatever ends a program, our sockets neither hinder nor break it; and what it forgot brings nobody down.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push } from "../../src/index.ts";
import { closing } from "../peers/sockets.ts";
import type { ProgramEnd } from "./program.ts";
import { launch, run } from "./program.ts";

function assertQuiet(end: ProgramEnd, status = 0): void {
  assert.deepEqual([end.status, end.signal, end.stderr], [status, null, ""]);
}

test("process.exit() in mid-traffic keeps its code and says nothing", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const source = closing(t, new Push());
  await source.bind("tcp://127.0.0.1:*");
  const flood = (async () => {
    while (!source.closed) await source.send(Buffer.alloc(1000)).catch(() => undefined);
  })();
  const drain = (async () => {
    for await (const _ of pull);
  })();
  for (let i = 0; i < 3; i++) {
    const end = await run(
      async (zmq, _say, pullAt, pushAt) => {
        const push = new zmq.Push();
        push.connect(pullAt);
        const own = new zmq.Pull();
        own.connect(pushAt);
        void (async () => {
          for (;;) await push.send(Buffer.alloc(10_000));
        })();
        for (let count = 0; count < 200; count++) await own.receive();
        process.exit(7);
      },
      [pull.lastEndpoint as string, source.lastEndpoint as string] as const,
    );
    assertQuiet(end, 7);
    assert.ok(end.tookMs < 8000);
  }
  await Promise.all([source.close(), pull.close()]);
  await Promise.all([flood, drain]);
});

test("process.exit() does not wait for linger, and an exit listener may still touch sockets", async () => {
  const end = await run((zmq, say) => {
    const push = new zmq.Push();
    push.connect("tcp://127.0.0.1:9");
    push.trySend("a");
    process.on("exit", () => {
      push.trySend("b");
      void push.close();
      void new zmq.Pull().receive();
      say(`queued ${push.stats().sent.queued}`);
    });
    process.exit(0);
  }, []);
  assertQuiet(end);
  assert.ok(end.tookMs < 5000);
});

test("an error of the program ends it as it would without sockets", async () => {
  const end = await run(async (zmq) => {
    const pull = new zmq.Pull();
    await pull.bind("tcp://127.0.0.1:*");
    void pull.receive();
    const push = new zmq.Push();
    push.connect("tcp://127.0.0.1:9");
    push.trySend("a");
    throw new Error("my own fault");
  }, []);
  assert.equal(end.status, 1);
  assert.match(end.stderr, /my own fault/);
  assert.ok(end.tookMs < 5000, `${end.tookMs} ms`);
});

test("SIGTERM ends it", async () => {
  const program = launch(async (zmq, say) => {
    const pull = new zmq.Pull();
    await pull.bind("ipc://*");
    say("ready");
    await pull.receive();
  }, []);
  await program.said("ready");
  program.kill("SIGTERM");
  const end = await program.ended;
  assert.deepEqual([end.signal, end.stderr], ["SIGTERM", ""]);
});

// zeromq.js#411: with the native package this aborts the whole process.
test("a worker that is terminated, or exits, in mid-traffic takes nobody with it", async () => {
  const end = await run(
    async (zmq, say, index) => {
      const { Worker } = await import("node:worker_threads");
      const source = `
        import { workerData, parentPort } from "node:worker_threads";
        import(workerData.index).then(async (zmq) => {
          const pull = new zmq.Pull();
          await pull.bind("tcp://127.0.0.1:*");
          const push = new zmq.Push();
          push.connect(pull.lastEndpoint);
          void (async () => { for (;;) await push.send(Buffer.alloc(1000)); })();
          let count = 0;
          for await (const message of pull) {
            if (++count === 100) parentPort.postMessage("ready");
            if (count === 200 && workerData.exits) process.exit(3);
          }
        });
      `;
      for (const exits of [false, true]) {
        const worker = new Worker(source, { eval: true, workerData: { index, exits } });
        const code = new Promise((resolve) => worker.on("exit", resolve));
        worker.on("error", (error) => say(`error ${error}`));
        await new Promise((resolve) => worker.on("message", resolve));
        if (!exits) await worker.terminate();
        say(`exit ${await code}`);
      }
      const pair = new zmq.Pair();
      await pair.bind("inproc://still-alive");
      say("still alive");
    },
    [new URL("../../src/index.js", import.meta.url).href] as const,
  );
  assertQuiet(end);
  assert.deepEqual(end.lines, ["exit 1", "exit 3", "still alive"]);
});

test("promises that were dropped bring nobody down when their sockets close or their context ends", async () => {
  const end = await run(async (zmq, say) => {
    for (const endpoint of ["tcp://127.0.0.1:*", "ipc://*", "inproc://dropped"]) {
      const context = new zmq.Context();
      for (const end of ["close", "terminate"] as const) {
        const pair = new zmq.Pair({ linger: 0, context });
        void pair.bind(endpoint);
        void pair.receive();
        void pair.receiveMany();
        void pair.send("a");
        void pair.sendMany(["b", "c"]);
        void pair.waitForPeers();
        void pair.events.receive();
        const publisher = new zmq.Publisher({ context });
        void publisher.waitForSubscribers(2, "a");
        if (end === "terminate") {
          void context.terminate();
        } else {
          void pair.close();
          void pair.close();
          void publisher.close();
        }
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    say("well");
  }, []);
  assertQuiet(end);
  assert.deepEqual(end.lines, ["well"]);
});

test("hundreds of sockets that are opened and closed at once leave no handle, no file and no promise", async () => {
  const end = await run(async (zmq, say) => {
    const { readdirSync } = await import("node:fs");
    const fileCount = (): number => (process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0);
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const active = (): string => process.getActiveResourcesInfo().sort().join();
    // Node itself opens them when the first socket is destroyed.
    for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);
    await sleep(20);
    const before = { active: active(), files: fileCount() };
    for (let round = 0; round < 2; round++) {
      const sockets = [];
      const binds = [];
      for (let i = 0; i < 200; i++) {
        const socket = new (i % 2 === 0 ? zmq.Dealer : zmq.Pair)({ linger: 0 });
        sockets.push(socket);
        if (i % 4 === 0) socket.connect("tcp://127.0.0.1:9");
        else if (i % 4 === 1) binds.push(socket.bind("tcp://127.0.0.1:*").catch((error) => error.code));
        else if (i % 4 === 2)
          binds.push(socket.bind(i % 8 === 2 ? "ipc://*" : `inproc://leave-${i}`).catch(() => ""));
        if (i % 10 === 0) void socket.send("a");
        if (round === 1) void socket.close();
      }
      if (round === 0) await Promise.all(binds);
      await Promise.all(sockets.map((socket) => socket.close()));
      await Promise.all(binds);
    }
    await sleep(50);
    const after = { active: active(), files: fileCount() };
    say(JSON.stringify(before) === JSON.stringify(after) ? "the same" : JSON.stringify({ before, after }));
  }, []);
  assertQuiet(end);
  assert.deepEqual(end.lines, ["the same"]);
});

test("sockets that a program forgot are no harm when memory is collected", async () => {
  const end = await run(
    async (zmq, say) => {
      const collect = (globalThis as unknown as { gc(): void }).gc;
      for (let round = 0; round < 5; round++) {
        for (let i = 0; i < 100; i++) {
          const context = new zmq.Context();
          const socket = new zmq.Dealer({ context });
          if (i % 3 === 0) socket.connect("tcp://127.0.0.1:9");
          if (i % 3 === 1) await socket.bind("inproc://forgotten");
          if (i % 3 === 2) void socket.close();
        }
        collect();
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const [push, pull] = [new zmq.Push(), new zmq.Pull()];
      await pull.bind("inproc://remembered");
      push.connect("inproc://remembered");
      await push.send("a");
      say(String((await pull.receive())[0]));
    },
    [],
    { nodeOptions: ["--expose-gc"] },
  );
  assertQuiet(end);
  assert.deepEqual(end.lines, ["a"]);
});
