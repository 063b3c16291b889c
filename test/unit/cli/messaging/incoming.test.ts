import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { receiveAll, receivedExit } from "../../../../src/cli/messaging/incoming.ts";
import { Pull, Push } from "../../../../src/index.ts";
import { closing } from "../../../peers/sockets.ts";

function pair(t: import("node:test").TestContext): [Push, Pull] {
  const pull = closing(t, new Pull());
  pull.bindSync("inproc://incoming");
  const push = closing(t, new Push({ linger: 0 }));
  push.connect("inproc://incoming");
  return [push, pull];
}

test("receiving ends with the count, and leaves the rest", async (t) => {
  const [push, socket] = pair(t);
  await push.sendMany(["a", "b", "c"]);
  const got: string[] = [];
  const onMessages = async (messages: Buffer[][]): Promise<void> => {
    got.push(...messages.map(String));
  };
  const { signal } = new AbortController();
  assert.equal(await receiveAll({ socket, count: 2, timeoutMs: -1, signal, onMessages }), "count");
  assert.deepEqual(got, ["a", "b"]);
  assert.equal(await receiveAll({ socket, count: undefined, timeoutMs: 50, signal, onMessages }), "timeout");
  assert.deepEqual(got, ["a", "b", "c"]);
});

test("receiving ends when it is aborted, or the socket closed", async (t) => {
  const [, socket] = pair(t);
  const onMessages = async (): Promise<void> => assert.fail("nothing was sent");
  const ended = new AbortController();
  const aborted = receiveAll({ socket, count: undefined, timeoutMs: -1, signal: ended.signal, onMessages });
  ended.abort();
  assert.equal(await aborted, "aborted");
  const { signal } = new AbortController();
  const closed = receiveAll({ socket, count: undefined, timeoutMs: -1, signal, onMessages });
  await socket.close();
  assert.equal(await closed, "closed");
});

test("the exit code says whether what was wanted has come", () => {
  const signal = AbortSignal.abort();
  assert.equal(receivedExit("count", 3, 3, signal), EXIT.ok);
  assert.equal(receivedExit("timeout", 0, undefined, signal), EXIT.nothing);
  assert.equal(receivedExit("timeout", 2, 3, signal), EXIT.nothing);
  assert.equal(receivedExit("timeout", 2, undefined, signal), EXIT.ok);
  assert.equal(receivedExit("aborted", 0, undefined, signal), EXIT.ok);
  assert.equal(receivedExit("aborted", 2, 3, signal), EXIT.interrupted);
});
