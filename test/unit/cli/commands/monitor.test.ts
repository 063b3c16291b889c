import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context, context, Pair, Push } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { zmq } from "../fake-io.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

async function openHere(t: TestContext): Promise<{ pid: string; own: Context }> {
  ownRuntime(t);
  const inspection = await context.inspect();
  const own = new Context();
  t.after(async () => {
    await inspection.close();
    await own.terminate();
  });
  return { pid: String(process.pid), own };
}

test("what happens is told in order, as it happens", { skip }, async (t) => {
  const { pid, own } = await openHere(t);
  const run = zmq(t, "monitor", pid, "--json", "--count", "6");
  await sleep(600);
  const pair = new Pair({ context: own });
  await pair.bind("tcp://127.0.0.1:*");
  const other = new Pair({ context: own });
  other.connect(pair.lastEndpoint as string);
  await run.ends(0);
  assert.deepEqual(
    run.out.values.map(({ type }) => type).sort(),
    ["accept", "bind", "connect", "handshake", "open", "open"].sort(),
  );
  const times = run.out.values.map(({ atMs }) => Number(atMs));
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  );
  assert.ok(times.every((at) => Math.abs(at - performance.timeOrigin - performance.now()) < 60_000));
});

test("an endpoint that goes on failing is told once, unless all is asked for", { skip }, async (t) => {
  const { pid, own } = await openHere(t);
  const short = zmq(t, "monitor", pid);
  const long = zmq(t, "monitor", pid, "--all");
  await sleep(600);
  const push = new Push({ context: own, reconnectInterval: 20, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  await long.out.said(/(connect:retry[\s\S]*){5}/);
  await short.out.said(/close/);
  for (const run of [short, long]) {
    run.io.interrupt();
    await run.ends(0);
  }
  const count = (text: string): number =>
    text.split("\n").filter((line) => line.includes("nobody listens")).length;
  assert.equal(count(short.out.text.replaceAll(/.*never-connected.*\n/g, "")), 1);
  assert.doesNotMatch(short.out.text, /connect:retry|connect:delay/);
  assert.ok(count(long.out.text) > 4);
});

test("a loss and the finding that follows are told", { skip }, async (t) => {
  const { pid, own } = await openHere(t);
  const run = zmq(t, "monitor", pid);
  await sleep(600);
  const keep = new Pair({ context: own });
  const push = new Push({ context: own, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  await push.send("lost");
  await push.close();
  await run.out.said(/Push tcp:\/\/127\.0\.0\.1:1 {2}loss {2}.*sent linger/);
  await run.out.said(/Push tcp:\/\/127\.0\.0\.1:1 {2}linger-cut {2}\w/);
  assert.ok(!keep.closed);
});
