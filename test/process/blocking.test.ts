// Threads that block on their sockets, the main thread included. The rules are in test/unit/core/blocking.test.ts; what
// ends a wait from elsewhere is in blocking-ends.test.ts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { numberAfter, runThreads } from "./program-threads.ts";

test("PAIR, both threads blocking: 10,000 rounds", async (t) => {
  const end = await runThreads(
    async (zmq, say, echo) => {
      const { Worker } = await import("node:worker_threads");
      const pair = new zmq.Pair();
      pair.bindSync("inproc://rounds");
      new Worker(echo, { eval: true, execArgv: [], workerData: [] });
      let wrongCount = 0;
      pair.sendSync("ready?");
      pair.receiveSync();
      const start = performance.now();
      for (let i = 0; i < 10_000; i++) {
        pair.sendSync(`${i}`);
        if (String(pair.receiveSync()[0]) !== `${i}`) wrongCount++;
      }
      say(`us a round ${((performance.now() - start) / 10).toFixed(1)}`);
      pair.sendSync("end");
      say(`wrong ${wrongCount}`);
      await pair.close();
    },
    (zmq) => {
      const pair = new zmq.Pair();
      pair.connect("inproc://rounds");
      for (;;) {
        const message = pair.receiveSync();
        if (String(message[0]) === "end") break;
        pair.sendSync(message);
      }
      void pair.close();
    },
  );
  t.diagnostic(end.lines.join(", "));
  assert.equal(numberAfter(end, "wrong "), 0);
});

test("PUSH and PULL: sendSync waits for room, in whichever thread it is, and nothing is lost or overtaken", async () => {
  const end = await runThreads(
    async (zmq, say, relay) => {
      const { Worker } = await import("node:worker_threads");
      const push = new zmq.Push({ sendHighWaterMark: 5 });
      const pull = new zmq.Pull({ receiveHighWaterMark: 1 });
      push.bindSync("inproc://there");
      pull.bindSync("inproc://back");
      new Worker(relay, { eval: true, execArgv: [], workerData: [] });
      const sleep = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
      push.sendSync("0");
      say(`first ${pull.receiveSync()[0]}`);
      // The relay takes nothing for 300 ms now; ten go into the two pipes and whatever it holds, no more.
      const start = performance.now();
      for (let i = 1; i <= 20; i++) push.sendSync(`${i}`);
      say(`waited ${performance.now() - start}`);
      for (let i = 1; i <= 20; i++) if (Number(pull.receiveSync()[0]) !== i) say("wrong");
      let next = 21;
      for (let i = 21; next <= 5000; ) {
        for (const { readable, writable } of zmq.pollSync([
          pull,
          { socket: push, readable: false, writable: i <= 5000 },
        ])) {
          if (readable && Number(pull.receiveSync()[0]) !== next++) say("wrong");
          if (writable) push.sendSync(i++);
        }
        if (next % 1000 === 0) sleep(5);
      }
      push.sendSync("end");
      say("done");
    },
    (zmq) => {
      const pull = new zmq.Pull({ receiveHighWaterMark: 5 });
      const push = new zmq.Push({ sendHighWaterMark: 20 });
      pull.connect("inproc://there");
      push.connect("inproc://back");
      for (let i = 0; ; i++) {
        const message = pull.receiveSync();
        if (String(message[0]) === "end") return;
        push.sendSync(message);
        if (i === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      }
    },
  );
  assert.ok(numberAfter(end, "waited ") > 250, end.lines.join("\n"));
  assert.deepEqual(
    end.lines.filter((line) => !line.startsWith("waited ")),
    ["first 0", "done"],
  );
});

test("REQ and REP, and three workers behind a ROUTER, all blocking", async () => {
  const end = await runThreads(
    async (zmq, say, server, worker) => {
      const { Worker } = await import("node:worker_threads");
      new Worker(server, { eval: true, execArgv: [], workerData: [] });
      const request = new zmq.Request();
      request.connect("inproc://server");
      let wrongCount = 0;
      for (let i = 0; i < 1000; i++) {
        request.sendSync(["ask", `${i}`]);
        if (String(request.receiveSync()[1]) !== `${2 * i}`) wrongCount++;
      }
      request.sendSync("end");
      const router = new zmq.Router();
      router.bindSync("inproc://jobs");
      for (let i = 0; i < 3; i++)
        new Worker(worker as string, { eval: true, execArgv: [], workerData: [`${i}`] });
      const results = new Set<number>();
      let leftCount = 3;
      for (let job = 0; leftCount > 0; ) {
        const [id, , result] = router.receiveSync() as [Buffer, Buffer, Buffer];
        if (result.length > 0) results.add(Number(String(result)));
        if (job < 300) router.sendSync([id, "", `${job++}`]);
        else {
          router.sendSync([id, "", "end"]);
          leftCount--;
        }
      }
      say(`wrong ${wrongCount}`);
      say(`results ${results.size}`);
    },
    (zmq) => {
      const reply = new zmq.Reply();
      reply.bindSync("inproc://server");
      for (;;) {
        const [what, number] = reply.receiveSync();
        if (String(what) === "end") return;
        reply.sendSync(["answer", 2 * Number(String(number))]);
      }
    },
    (zmq, _parent, id) => {
      const request = new zmq.Request({ routingId: `worker ${id}` });
      request.connect("inproc://jobs");
      request.sendSync("");
      for (;;) {
        const [job] = request.receiveSync();
        if (String(job) === "end") return;
        request.sendSync(`${Number(String(job)) ** 2}`);
      }
    },
  );
  assert.deepEqual(end.lines, ["wrong 0", "results 300"]);
});

test("pollSync in the main thread serves several workers", async () => {
  const end = await runThreads(
    async (zmq, say, sender) => {
      const { Worker } = await import("node:worker_threads");
      const pulls = [0, 1, 2].map((i) => {
        const pull = new zmq.Pull();
        pull.bindSync(`inproc://from-${i}`);
        new Worker(sender, { eval: true, execArgv: [], workerData: [i] });
        return pull;
      });
      const counts = [0, 0, 0];
      const late = new zmq.Pull();
      late.bindSync("inproc://nobody");
      while (counts.some((count) => count < 500)) {
        for (const { socket } of zmq.pollSync([late, ...pulls])) {
          const i = pulls.indexOf(socket);
          if (Number(String(socket.receiveSync({ timeoutMs: 0 })[0])) !== counts[i]) say("wrong");
          counts[i] = (counts[i] as number) + 1;
        }
      }
      say(`counts ${counts.join()}`);
    },
    (zmq, _parent, i) => {
      const push = new zmq.Push();
      push.connect(`inproc://from-${i}`);
      for (let n = 0; n < 500; n++) {
        push.sendSync(n);
        if (n % 100 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
      }
    },
  );
  assert.deepEqual(end.lines, ["counts 500,500,500"]);
});

test("a main thread that blocks for two seconds loses nothing", async () => {
  const end = await runThreads(
    async (zmq, say, sender) => {
      const { Worker } = await import("node:worker_threads");
      const quiet = new zmq.Pull();
      quiet.bindSync("inproc://quiet");
      const pull = new zmq.Pull({ receiveHighWaterMark: 100 });
      pull.bindSync("inproc://busy");
      new Worker(sender, { eval: true, execArgv: [], workerData: [] });
      const first = pull.receive();
      const start = performance.now();
      try {
        quiet.receiveSync({ timeoutMs: 2000 });
      } catch (error) {
        // In time, and not much later on a busy machine.
        const lateMs = performance.now() - start - 2000;
        say(`${(error as { code: string }).code} ${lateMs > -2 && lateMs < 3000 ? "in time" : lateMs}`);
      }
      let next = Number(String((await first)[0])) + 1;
      for await (const [body] of pull) {
        if (Number(String(body)) !== next++) say("wrong");
        if (next === 20_000) break;
      }
      say(`received ${next}`);
    },
    async (zmq) => {
      const push = new zmq.Push({ sendHighWaterMark: 100 });
      push.connect("inproc://busy");
      for (let i = 0; i < 20_000; i++) await push.send(i);
    },
  );
  assert.deepEqual(end.lines, ["EAGAIN in time", "received 20000"]);
});

test("with background I/O a blocking call waits for peers over tcp, which are served meanwhile", async () => {
  const end = await runThreads(
    async (zmq, say, client) => {
      const { Worker } = await import("node:worker_threads");
      const context = new zmq.Context({ ioMode: "background" });
      const reply = new zmq.Reply({ context });
      reply.bindSync("tcp://127.0.0.1:*");
      const thread = new Worker(client, { eval: true, execArgv: [], workerData: [reply.lastEndpoint] });
      let count = 0;
      for (;;) {
        const [question] = reply.receiveSync();
        if (String(question) === "end") break;
        reply.sendSync(["answer", question as Buffer]);
        count++;
      }
      say(`served ${count}`);
      thread.on("message", ({ value }) => say(value));
      reply.sendSync("bye");
      await context.terminate();
    },
    async (zmq, parent, endpoint) => {
      // In its own event loop: the other side is what blocks.
      const request = new zmq.Request();
      request.connect(endpoint);
      let wrongCount = 0;
      for (let i = 0; i < 200; i++) {
        await request.send(i);
        if (String((await request.receive())[1]) !== `${i}`) wrongCount++;
      }
      await request.send("end");
      await request.receive();
      parent.say(`wrong ${wrongCount}`);
    },
  );
  assert.deepEqual(end.lines, ["served 200", "wrong 0"]);
});
