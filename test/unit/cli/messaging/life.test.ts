import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { EXIT, UsageError } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import type { Work } from "../../../../src/cli/messaging/life.ts";
import { asUsage, live } from "../../../../src/cli/messaging/life.ts";
import { Push, ZmqError } from "../../../../src/index.ts";
import { FakeIo } from "../fake-io.ts";

/** A PUSH whose peer never comes. */
function lonely(
  io: FakeIo,
  run: (socket: Push, work: Work) => Promise<number>,
  linger = -1,
  endpoint = "tcp://127.0.0.1:1",
): Promise<number> {
  const places = [{ endpoint, isBound: false }];
  return live({ io, console: new Console(io), places, make: () => new Push({ linger }), run });
}

test("the exit code is the work's, unless something was lost", async () => {
  assert.equal(await lonely(new FakeIo(), async () => 7), 7);
  const io = new FakeIo();
  const exitCode = await lonely(
    io,
    async (socket) => {
      await socket.send("x");
      return EXIT.ok;
    },
    0,
  );
  assert.equal(exitCode, EXIT.failure);
  assert.match(io.stderr.text, /1 message was lost: .*--linger/);
});

test("Ctrl-C bounds linger, and says what was done and lost", async () => {
  const io = new FakeIo();
  const beganAt = performance.now();
  const exitCode = await lonely(io, async (socket, work) => {
    await socket.send("x");
    work.sentCount++;
    io.interrupt();
    await socket.send("y", { signal: io.signal });
    return EXIT.ok;
  });
  assert.equal(exitCode, EXIT.interrupted);
  assert.ok(performance.now() - beganAt < 10_000);
  assert.match(io.stderr.text, /sent 1; received 0; dropped linger 1/);
});

test("Ctrl-C while it lingers ends the command soon, and says what is lost", async () => {
  const io = new FakeIo();
  const exitCode = lonely(io, async (socket) => {
    await socket.send("x");
    setTimeout(() => io.interrupt(), 50);
    return EXIT.ok;
  });
  assert.equal(await exitCode, EXIT.interrupted);
  assert.match(io.stderr.text, /1 message.* lost/);
});

test("what the user got wrong is a usage error, all else is not", async (t: TestContext) => {
  await assert.rejects(
    lonely(new FakeIo(), async () => 0, -1, "tcp://nonsense"),
    UsageError,
  );
  await assert.rejects(
    asUsage(() => Promise.reject(new ZmqError("EADDRINUSE", "It is taken."))),
    ZmqError,
  );
  const failure = new Error("of the work");
  await assert.rejects(
    lonely(new FakeIo(), () => Promise.reject(failure)),
    (error) => error === failure,
  );
  t.diagnostic("the socket is closed in each case: nothing keeps this process");
});
