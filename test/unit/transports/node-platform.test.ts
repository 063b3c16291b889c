import assert from "node:assert/strict";
import { readFile } from "node:fs";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { runScript } from "./script-run.ts";

describe("the platform's memory", () => {
  it("makes views that are Buffers and share what they view", () => {
    const memory = new Uint8Array([0, 1, 2, 3, 4, 5]);
    const view = nodePlatform.view(memory.buffer, 2, 3);
    assert.ok(Buffer.isBuffer(view));
    assert.deepEqual([...view], [2, 3, 4]);
    memory[3] = 9;
    assert.deepEqual([...view], [2, 9, 4]);
    const shared = nodePlatform.view(new SharedArrayBuffer(8), 4, 4);
    assert.ok(Buffer.isBuffer(shared));
    assert.equal(shared.length, 4);
    assert.equal(nodePlatform.view(memory.buffer, 6, 0).length, 0);
  });

  it("allocates memory that nothing else lives in", () => {
    const memory = nodePlatform.allocate(100);
    assert.ok(Buffer.isBuffer(memory));
    assert.deepEqual([memory.length, memory.byteOffset, memory.buffer.byteLength], [100, 0, 100]);
  });

  it("encodes text as UTF-8", () => {
    assert.deepEqual([...nodePlatform.encodeText("aé€")], [0x61, 0xc3, 0xa9, 0xe2, 0x82, 0xac]);
  });
});

describe("the platform's time", () => {
  it("goes forward", async () => {
    const before = nodePlatform.now();
    await new Promise<void>((resolve) => setTimeout(resolve, 5));
    const passed = nodePlatform.now() - before;
    assert.ok(passed >= 4 && passed < 5000, String(passed));
  });

  it("calls back when it is due, unless cleared", async () => {
    const called: string[] = [];
    nodePlatform.setTimer(() => called.push("late"), 20);
    nodePlatform.setTimer(() => called.push("soon"), 1);
    nodePlatform.clearTimer(nodePlatform.setTimer(() => called.push("never"), 5));
    await new Promise<void>((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(called, ["soon", "late"]);
  });

  it("does not fire at once what is armed for longer than Node can (hostile input E11)", async () => {
    let isCalled = false;
    const timers = [2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER].map((delayMs) =>
      nodePlatform.setTimer(() => {
        isCalled = true;
      }, delayMs),
    );
    await new Promise<void>((resolve) => setTimeout(resolve, 20));
    assert.equal(isCalled, false);
    for (const timer of timers) nodePlatform.clearTimer(timer);
  });

  it("gives numbers in [0, 1)", () => {
    for (let i = 0; i < 100; i++) {
      const number = nodePlatform.random();
      assert.ok(number >= 0 && number < 1);
    }
  });
});

describe("the platform's schedule", () => {
  /** What ran, in order, from inside a callback of the loop. */
  function inLoop(schedule: (said: string[]) => void): Promise<string[]> {
    return new Promise((resolve) => {
      setImmediate(() => {
        const said: string[] = [];
        schedule(said);
        said.push("code");
        setTimeout(() => resolve(said), 20);
      });
    });
  }

  it("defers past the running code and its microtasks, and no further", async () => {
    const said = await inLoop((log) => {
      setImmediate(() => log.push("immediate"));
      nodePlatform.defer(() => log.push("deferred"));
      void (async () => {
        for (let i = 0; i < 5; i++) await null;
        log.push("microtasks");
      })();
    });
    assert.deepEqual(said, ["code", "microtasks", "deferred", "immediate"]);
  });

  it("defers from within microtasks and deferred calls, in order", async () => {
    const said = await inLoop((log) => {
      setImmediate(() => log.push("immediate"));
      void Promise.resolve().then(() => {
        nodePlatform.defer(() => {
          log.push("first");
          nodePlatform.defer(() => log.push("third"));
          void Promise.resolve().then(() => log.push("its microtask"));
        });
        nodePlatform.defer(() => log.push("second"));
      });
    });
    assert.deepEqual(said, ["code", "first", "second", "its microtask", "third", "immediate"]);
  });

  it("runs what was deferred beside a call that throws", async () => {
    const { lines, status } = await runScript(`
      process.on("uncaughtException", (error) => say(error.message));
      platform.defer(() => say("one"));
      platform.defer(() => { throw new Error("thrown"); });
      platform.defer(() => say("two"));
      platform.defer(() => say("three"));
    `);
    assert.deepEqual(lines, ["one", "thrown", "two", "three"]);
    assert.equal(status, 0);
  });

  it("yields to what is waiting: I/O that is ready comes first", async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      readFile(process.execPath, { flag: "r", signal: AbortSignal.timeout(5000) }, () => resolve());
    });
    await new Promise<void>((resolve) => {
      setTimeout(() => {
        nodePlatform.yieldTurn(() => {
          order.push("yielded");
          resolve();
        });
        void Promise.resolve().then(() => order.push("microtask"));
        nodePlatform.defer(() => order.push("deferred"));
      }, 1);
    });
    assert.deepEqual(order, ["microtask", "deferred", "yielded"]);
  });

  it("spins until some time after the last call, and sleeps again after", async () => {
    let turns = 0;
    let isCounting = true;
    // An unref'd immediate runs in every turn of the loop and causes none.
    const count = (): void => {
      turns++;
      if (isCounting) setImmediate(count).unref();
    };
    setImmediate(count).unref();
    const turnsDuring = async (durationMs: number): Promise<number> => {
      const before = turns;
      await new Promise<void>((resolve) => setTimeout(resolve, durationMs));
      return turns - before;
    };
    const asleep = await turnsDuring(60);
    nodePlatform.spin(40);
    nodePlatform.spin(100);
    nodePlatform.spin(10);
    const awake = await turnsDuring(60);
    await turnsDuring(100);
    const after = await turnsDuring(60);
    isCounting = false;
    assert.ok(awake > 20 * Math.max(asleep, after, 1), `${asleep}, ${awake}, ${after} turns`);
  });
});

describe("the platform's warnings", () => {
  it("are one line with the code, without a stack", async () => {
    const { stderr, status } = await runScript(`platform.warn("Three messages wait.", "ZMQ_TEST");`);
    assert.match(
      stderr,
      /^\(node:\d+\) \[ZMQ_TEST\] ZeroMQWarning: Three messages wait\.\n\(Use `node --trace-warnings[^\n]*\n$/,
    );
    assert.equal(status, 0);
  });

  it("are still given when the process is at its end", async () => {
    const { stderr } = await runScript(`platform.onExit(() => platform.warn("Too late.", "ZMQ_TEST"));`);
    assert.match(stderr, /^\(node:\d+\) \[ZMQ_TEST\] ZeroMQWarning: Too late\.\n/);
  });

  it("are silent where warnings are, and reach who listens for them", async () => {
    const body = `platform.warn("One.", "A"); platform.onExit(() => platform.warn("Two.", "B"));`;
    assert.equal((await runScript(body, { nodeOptions: ["--no-warnings"] })).stderr, "");
    const heard = await runScript(
      `process.on("warning", ({ name, code, message }) => say(name + code + message)); ${body}`,
    );
    assert.deepEqual(heard.lines, ["ZeroMQWarningAOne.", "ZeroMQWarningBTwo."]);
  });
});
