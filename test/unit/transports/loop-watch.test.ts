import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LoopWatch } from "../../../src/transports/loop-watch.ts";
import { runScript } from "./script-run.ts";

describe("the process", () => {
  it("ends though timers, listeners and connected streams are there", async () => {
    const { lines, status, durationMs } = await runScript(`
      platform.setTimer(() => say("timer"), 5000);
      const tcp = new TcpTransport();
      let count = 0;
      const done = () => { if (++count === 2) { say("idle"); platform.release(); } };
      platform.hold();
      const accept = { ...quiet, onAccepted(stream) { stream.start(quiet); done(); } };
      const listener = tcp.listenSync("127.0.0.1:*", options, accept);
      const ipc = new IpcTransport();
      if (process.platform !== "win32") ipc.listenSync("*", options, quiet);
      tcp.connect(addressOf(listener.endpoint), options, { ...quiet, onConnected(stream) { stream.start(quiet); done(); } });
    `);
    assert.deepEqual([lines, status], [["idle"], 0]);
    assert.ok(durationMs < 3000, `${durationMs} ms`);
  });

  it("lives as long as it is held, counted", async () => {
    const { lines, status } = await runScript(`
      platform.hold();
      platform.hold();
      const steps = [() => platform.release(), () => { say("held"); platform.release(); }, () => say("never")];
      steps.forEach((step, i) => platform.setTimer(step, 50 * (i + 1)));
    `);
    assert.deepEqual([lines, status], [["held"], 0]);
  });

  it("may be held again and again", async () => {
    const { lines, status } = await runScript(`
      let rounds = 0;
      const round = () => {
        platform.hold();
        platform.setTimer(() => {
          platform.release();
          if (++rounds < 5) round();
          else say("five");
        }, 5);
      };
      round();
    `);
    assert.deepEqual([lines, status], [["five"], 0]);
  });

  it("asks before it ends, as often as it would end", async () => {
    const { lines, status } = await runScript(`
      let count = 0;
      platform.onBeforeExit(() => {
        say("before " + ++count);
        if (count === 3) return;
        platform.hold();
        platform.setTimer(() => platform.release(), 10);
      });
      const forget = platform.onBeforeExit(() => say("forgotten"));
      forget();
      forget();
      platform.onExit(() => say("exit"));
      platform.onExit(() => say("forgotten"))();
    `);
    assert.deepEqual([lines, status], [["before 1", "before 2", "before 3", "exit"], 0]);
  });

  it("tells of its end also where it is ended", async () => {
    const { lines, status } = await runScript(`
      platform.onBeforeExit(() => say("before"));
      platform.onExit(() => say("exit"));
      process.exit(3);
    `);
    assert.deepEqual([lines, status], [["exit"], 3]);
  });

  // A write that waits keeps Node's loop alive, whatever is unref'd.
  const WAITING_WRITE = `
    const tcp = new TcpTransport();
    platform.hold();
    const listener = tcp.listenSync("127.0.0.1:*", options, { ...quiet, onAccepted(stream) { globalThis.far = stream; } });
    tcp.connect(addressOf(listener.endpoint), options, {
      ...quiet,
      onConnected(stream) {
        stream.start({ ...quiet, onClosed() { say("closed"); } });
        while (stream.write([Buffer.alloc(65536)]));
        say("full");
        platform.release();
      },
    });
  `;

  it("does not stay for a write that nobody reads", async () => {
    const { lines, status, durationMs } = await runScript(
      `platform.onBeforeExit(() => say("before")); ${WAITING_WRITE}`,
    );
    assert.deepEqual([lines.slice(0, 2), status], [["full", "before"], 0]);
    assert.ok(durationMs < 3000, `${durationMs} ms`);
  });

  it("stays for it as long as somebody holds", async () => {
    const { lines, status } = await runScript(`
      let isFirst = true;
      platform.onBeforeExit(() => {
        if (!isFirst) return;
        isFirst = false;
        platform.hold();
        far.start({ ...quiet, onOctets() { platform.setTimer(() => { say("read"); process.exit(); }, 300); } });
      });
      ${WAITING_WRITE}
    `);
    assert.deepEqual([lines, status], [["full", "read"], 0]);
  });

  it("does not stay for an attempt to connect that nobody answers", async () => {
    // A thread that listens, accepts nothing and has a full backlog.
    const { lines, stderr, status, durationMs } = await runScript(`
      import { Worker } from "node:worker_threads";
      const worker = new Worker(\`
        const { parentPort } = require("node:worker_threads");
        const server = require("node:net").createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
          parentPort.postMessage(server.address().port);
          setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 50);
        });
      \`, { eval: true, execArgv: [] });
      const port = await new Promise((resolve) => worker.once("message", resolve));
      worker.unref();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const tcp = new TcpTransport();
      let count = 0;
      const events = { onConnected() { count++; }, onConnectFailed(error) { say(error.code); } };
      for (let i = 0; i < 6; i++) tcp.connect("127.0.0.1:" + port, options, events);
      platform.onBeforeExit(() => say("before " + (count < 6)));
    `);
    assert.equal(lines[0], "before true", stderr);
    assert.equal(status, 0);
    assert.ok(durationMs < 4000, `${durationMs} ms`);
  });

  it("stays for what is not ours, and lets our requests go on", async () => {
    const { lines, status } = await runScript(`
      const timer = setInterval(() => undefined, 1000);
      platform.onBeforeExit(() => say("before"));
      ${WAITING_WRITE}
      setTimeout(() => { say("alive"); clearInterval(timer); }, 500);
    `);
    assert.deepEqual([lines.slice(0, 3), status], [["full", "alive", "before"], 0]);
  });
});

describe("a loop watch", () => {
  it("asks nobody while there is other work", async () => {
    const watch = new LoopWatch();
    let asked = 0;
    const forget = watch.onBeforeExit(() => asked++);
    const request = { abandon: () => assert.fail("given up") };
    watch.addRequest(request);
    watch.addRequest(request);
    await new Promise<void>((resolve) => setTimeout(resolve, 250));
    watch.removeRequest(request);
    watch.removeRequest(request);
    forget();
    assert.equal(asked, 0);
    assert.equal(watch.isExiting, false);
  });
});
