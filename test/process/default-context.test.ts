// One default context for the whole process, whichever thread imports the package first and however deep threads are
// nested. Nothing is passed: threads meet by themselves.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ProgramEnd } from "./program.ts";
import { launchBare } from "./program.ts";

type Outcome = Pick<ProgramEnd, "status" | "signal" | "stderr" | "lines">;

/** The program ended by itself, said what it should, and nothing else. */
function assertSaid(end: Outcome, ...lines: string[]): void {
  assert.deepEqual([end.status, end.signal, end.stderr, end.lines], [0, null, "", lines]);
}

/** Imports the package, and answers over inproc://asked what is asked over inproc://answers, with its options. */
const ANSWERER = `
  const { workerData: index, parentPort } = require("node:worker_threads");
  import(index).then(async (zmq) => {
    const reply = new zmq.Reply();
    await reply.bind("inproc://answers");
    parentPort?.postMessage("bound");
    for await (const [question] of reply) {
      if (String(question) === "end") break;
      await reply.send(zmq.context[String(question)]);
    }
    await reply.send("ends");
    await reply.close();
  });
`;

test("a thread sees the names and the options of the thread that imported first", async () => {
  const end = await launchBare(
    async (load, say, index, source) => {
      const { Worker } = await import("node:worker_threads");
      const zmq = await load();
      zmq.context.maxSockets = 77;
      const worker = new Worker(source, { eval: true, workerData: index, execArgv: [] });
      await new Promise((resolve) => worker.once("message", resolve));
      const request = new zmq.Request();
      request.connect("inproc://answers");
      await request.send("maxSockets");
      say(String(await request.receive()));
      zmq.context.maxSockets = 78;
      await request.send("maxSockets");
      say(String(await request.receive()));
      await request.send("end");
      say(String(await request.receive()));
    },
    [ANSWERER] as const,
  ).ended;
  assertSaid(end, "77", "78", "ends");
});

test("a thread that imports later joins one that imported before it", async () => {
  const end = await launchBare(
    async (load, say, index, source) => {
      const { Worker } = await import("node:worker_threads");
      const worker = new Worker(source, { eval: true, workerData: index, execArgv: [] });
      await new Promise((resolve) => worker.once("message", resolve));
      const zmq = await load();
      const request = new zmq.Request();
      request.connect("inproc://answers");
      await request.send("maxSockets");
      say(String(await request.receive()));
      zmq.context.maxSockets = 78;
      await request.send("maxSockets");
      say(String(await request.receive()));
      const taken = await new zmq.Pull().bind("inproc://answers").catch((error) => error.code);
      say(taken);
      await request.send("end");
      say(String(await request.receive()));
    },
    [ANSWERER] as const,
  ).ended;
  assertSaid(end, "1023", "78", "EADDRINUSE", "ends");
});

test("a thread that was busy when another imported the package is met later, with all that both have", async () => {
  const end = await launchBare(async (load, say, index) => {
    const { Worker } = await import("node:worker_threads");
    const source = `
        const { workerData: { index, cells }, parentPort } = require("node:worker_threads");
        import(index).then(async (zmq) => {
          zmq.context.maxSockets = 66;
          const pull = new zmq.Pull();
          await pull.bind("inproc://elder");
          const push = new zmq.Push();
          push.connect("inproc://younger");
          await push.send("to the younger");
          parentPort.postMessage("busy");
          Atomics.wait(cells, 0, 0);
          parentPort.postMessage(String(await pull.receive()));
          // Until the younger has what was sent.
          await new Promise((resolve) => parentPort.once("message", resolve));
        });
      `;
    const cells = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(source, { eval: true, workerData: { index, cells }, execArgv: [] });
    await new Promise((resolve) => worker.once("message", resolve));
    const zmq = await load();
    const pull = new zmq.Pull();
    await pull.bind("inproc://younger");
    const push = new zmq.Push();
    push.connect("inproc://elder");
    await push.send("to the elder");
    say(`alone ${zmq.context.maxSockets}`);
    Atomics.store(cells, 0, 1);
    Atomics.notify(cells, 0);
    say(String(await new Promise((resolve) => worker.once("message", resolve))));
    say(String(await pull.receive()));
    say(`together ${zmq.context.maxSockets}`);
    worker.postMessage("end");
  }, [] as const).ended;
  assertSaid(end, "alone 1023", "to the elder", "to the younger", "together 66");
});

test("threads three deep meet, where those between them do not import the package", async () => {
  const end = await launchBare(
    async (load, say, index, source) => {
      const { Worker } = await import("node:worker_threads");
      const zmq = await load();
      zmq.context.ipv6 = true;
      const nest = (text: string): string => `
        const { Worker, workerData } = require("node:worker_threads");
        new Worker(${JSON.stringify(text)}, { eval: true, workerData });
      `;
      new Worker(nest(nest(source)), { eval: true, workerData: index, execArgv: [] });
      const request = new zmq.Request();
      request.connect("inproc://answers");
      for (const question of ["ipv6", "end"]) {
        await request.send(question);
        say(String(await request.receive()));
      }
    },
    [ANSWERER.replace("zmq.context[String(question)]", "String(zmq.context[String(question)])")] as const,
  ).ended;
  assertSaid(end, "true", "ends");
});

test("threads side by side meet in a process whose main thread does not import the package", async () => {
  const end = await launchBare(
    async (_load, say, index, source) => {
      const { Worker } = await import("node:worker_threads");
      const asker = `
        const { workerData: index, parentPort } = require("node:worker_threads");
        import(index).then(async (zmq) => {
          const request = new zmq.Request();
          request.connect("inproc://answers");
          for (const question of ["maxSockets", "end"]) {
            await request.send(question);
            parentPort.postMessage(String(await request.receive()));
          }
        });
      `;
      const threads = [asker, source].map(
        (text) => new Worker(text, { eval: true, workerData: index, execArgv: [] }),
      );
      threads[0]?.on("message", say);
      await Promise.all(threads.map((thread) => new Promise((resolve) => thread.once("exit", resolve))));
      say("ended");
    },
    [ANSWERER] as const,
  ).ended;
  assertSaid(end, "1023", "ends", "ended");
});

test("the handle of the default context attaches to the default context", async () => {
  const end = await launchBare(async (load, say, index) => {
    const { Worker } = await import("node:worker_threads");
    const zmq = await load();
    say(String(zmq.Context.attach(zmq.context.handle) === zmq.context));
    const source = `
        const { workerData, parentPort } = require("node:worker_threads");
        import(workerData.index).then(async (zmq) => {
          parentPort.postMessage(zmq.Context.attach(workerData.handle) === zmq.context);
        });
      `;
    const workerData = { index, handle: zmq.context.handle };
    const worker = new Worker(source, { eval: true, workerData, execArgv: [] });
    say(String(await new Promise((resolve) => worker.once("message", resolve))));
  }, [] as const).ended;
  assertSaid(end, "true", "true");
});

test("to import the package keeps no thread alive and prints nothing", async () => {
  const end = await launchBare(async (load, say, index) => {
    const { Worker } = await import("node:worker_threads");
    const worker = new Worker("import(require('node:worker_threads').workerData)", {
      eval: true,
      workerData: index,
      execArgv: [],
    });
    const exit = new Promise((resolve) => worker.once("exit", resolve));
    await load();
    say(`thread ${await exit}`);
  }, [] as const).ended;
  assertSaid(end, "thread 0");
  assert.ok(end.tookMs < 8000, `${end.tookMs} ms`);
});

test("sockets that wait for nothing keep no thread alive, though another thread has their peers", async () => {
  const end = await launchBare(async (load, say, index) => {
    const { Worker } = await import("node:worker_threads");
    const zmq = await load();
    const pull = new zmq.Pull();
    await pull.bind("inproc://idle");
    const source = `
        const { workerData } = require("node:worker_threads");
        import(workerData).then(async (zmq) => {
          const push = new zmq.Push();
          push.connect("inproc://idle");
          await push.send("a");
        });
      `;
    const worker = new Worker(source, { eval: true, workerData: index, execArgv: [] });
    say(String(await pull.receive()));
    say(`thread ${await new Promise((resolve) => worker.once("exit", resolve))}`);
  }, [] as const).ended;
  assertSaid(end, "a", "thread 0");
  assert.ok(end.tookMs < 8000, `${end.tookMs} ms`);
});
