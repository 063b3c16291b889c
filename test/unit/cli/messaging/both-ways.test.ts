import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import { sendAndReceive } from "../../../../src/cli/messaging/both-ways.ts";
import type { Input } from "../../../../src/cli/messaging/input.ts";
import { Pair } from "../../../../src/index.ts";
import { FakeIo } from "../fake-io.ts";

interface Given {
  readonly count?: number;
  readonly timeout?: number;
  readonly batches: (signal: AbortSignal) => AsyncIterable<Buffer[][]>;
}

function start({ count, timeout = -1, batches }: Given): { io: FakeIo; exitCode: Promise<number> } {
  const io = new FakeIo();
  const values = { count, timeout, rate: undefined, interval: undefined, wait: 0, "wait-peers": 1 };
  const exitCode = sendAndReceive({
    io,
    console: new Console(io),
    places: [{ endpoint: "tcp://127.0.0.1:1", isBound: false }],
    values,
    make: () => new Pair({ linger: 0 }),
    openInput: async (signal): Promise<Input> => ({ messages: undefined, batches: () => batches(signal) }),
    onMessages: async () => assert.fail("nothing comes"),
  });
  return { io, exitCode };
}

async function* nothing(): AsyncGenerator<Buffer[][]> {
  yield [];
}

test("what fails on the way out ends the way in, and is thrown", async () => {
  const failure = new Error("of the input");
  const { exitCode } = start({
    // biome-ignore lint/correctness/useYield: it fails before
    async *batches() {
      throw failure;
    },
  });
  await assert.rejects(exitCode, (error) => error === failure);
});

test("the end of the way in ends the way out", async () => {
  let wasAborted = false;
  const { exitCode } = start({
    timeout: 30,
    async *batches(signal) {
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      wasAborted = true;
      throw signal.reason;
    },
  });
  assert.equal(await exitCode, EXIT.nothing);
  assert.ok(wasAborted);
});

test("the end of the input ends nothing; Ctrl-C does", async () => {
  const { io, exitCode } = start({ batches: () => nothing() });
  setTimeout(() => io.interrupt(), 30);
  assert.equal(await exitCode, EXIT.ok);
});
