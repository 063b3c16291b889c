import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, utimesSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Context, context, inspectProcess, listInspectable, Pair } from "../../../../src/index.ts";
import { ownRuntime } from "./rig.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

/** A socket file that a process left which was killed. */
async function leaveFile(path: string): Promise<void> {
  const program = `
    require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"));
  `;
  await new Promise((resolve) => spawn(process.execPath, ["-e", program]).on("close", resolve));
  assert.ok(existsSync(path));
}

test("this process is listed and answers, by its pid and by its endpoint", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const own = new Context();
  t.after(() => own.terminate());
  const pair = new Pair({ context: own });
  const listed = (await listInspectable()).find(({ pid }) => pid === process.pid);
  assert.deepEqual(listed?.threads, [{ threadId: 0, endpoint: inspection.endpoint }]);
  for (const target of [process.pid, inspection.endpoint]) {
    const inspected = await inspectProcess(target);
    assert.equal(inspected.pid, process.pid);
    const [answer] = await inspected.sockets();
    assert.deepEqual(
      answer?.list.map(({ type }) => type),
      ["PAIR"],
    );
    assert.deepEqual([answer?.omitted, answer?.threadId], [0, 0]);
    assert.deepEqual(inspected.silentThreadIds, []);
    await inspected.close();
  }
  assert.ok(!pair.closed);
});

test("events are those since the last call", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const inspected = await inspectProcess(process.pid);
  t.after(() => inspected.close());
  const own = new Context();
  t.after(() => own.terminate());
  assert.deepEqual((await inspected.events())[0]?.list, []);
  const pair = new Pair({ context: own });
  await pair.bind("tcp://127.0.0.1:*");
  const types = async (): Promise<string[]> =>
    ((await inspected.events())[0]?.list ?? []).map(({ type }) => type);
  assert.deepEqual(await types(), ["open", "bind"]);
  assert.deepEqual(await types(), []);
});

test("what a dead process left is removed, and what is fresh or not ours to judge is not", {
  skip,
}, async (t) => {
  const runtime = ownRuntime(t);
  const directory = join(runtime, "zeromq-ts");
  mkdirSync(directory, { mode: 0o700 });
  const dead = join(directory, "999999998-0.ipc");
  await leaveFile(dead);
  // A thread of this living process whose listener is not there yet, for all anybody knows.
  const fresh = join(directory, `${process.pid}-7.ipc`);
  await leaveFile(fresh);
  const live = join(directory, `${process.pid}-8.ipc`);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(live, resolve));
  t.after(() => server.close());
  utimesSync(live, 1, 1);
  const listed = (await listInspectable()).filter(({ threads }) => threads[0]?.endpoint.includes(runtime));
  assert.deepEqual(
    listed.map(({ threads }) => threads.map(({ threadId }) => threadId)),
    [[8]],
  );
  assert.equal(existsSync(dead), false);
  assert.equal(existsSync(fresh), true);
  assert.equal(existsSync(live), true);
});

test("what cannot be inspected is told apart", { skip }, async (t) => {
  const runtime = ownRuntime(t);
  await assert.rejects(inspectProcess(999_999_999), {
    code: "ENOENT",
    message: /There is no process 999999999/,
  });
  await assert.rejects(inspectProcess(process.pid), {
    code: "ENOENT",
    message: /runs, but cannot be inspected.*ZEROMQ_TS_INSPECT=1/,
  });
  const nobody = await inspectProcess(`ipc://${runtime}/1-0.ipc`, { timeoutMs: 5000 });
  t.after(() => nobody.close());
  await assert.rejects(nobody.info(), { code: "EPIPE" });
});

test("a thread that does not answer is named, and the error is its own if nobody does", {
  skip,
}, async (t) => {
  const runtime = ownRuntime(t);
  const directory = join(runtime, "zeromq-ts");
  mkdirSync(directory, { mode: 0o700 });
  const server = createServer((socket) => void socket.on("error", () => undefined));
  const path = join(directory, `${process.pid}-5.ipc`);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connections = new Set<import("node:net").Socket>();
  server.on("connection", (socket) => connections.add(socket));
  t.after(() => {
    for (const socket of connections) socket.destroy();
    server.close();
  });
  const alone = await inspectProcess(process.pid, { timeoutMs: 100 });
  t.after(() => alone.close());
  await assert.rejects(alone.info(), { code: "ETIMEDOUT" });
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const both = await inspectProcess(process.pid, { timeoutMs: 1000 });
  t.after(() => both.close());
  assert.deepEqual(
    (await both.info()).map(({ threadId }) => threadId),
    [0],
  );
  assert.deepEqual(both.silentThreadIds, [5]);
});
