import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context, context, Pull, Push } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { FakeIo, zmq, zmqWith } from "../fake-io.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

/** A PUSH that sends without pause to a PULL, in this process. */
async function traffic(t: TestContext): Promise<string> {
  ownRuntime(t);
  const inspection = await context.inspect();
  const own = new Context();
  const pull = new Pull({ context: own });
  const push = new Push({ context: own, linger: 0, sendHighWaterMark: 20 });
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint as string);
  const timer = setInterval(() => void push.trySend("x"), 5);
  const reading = (async () => {
    for await (const _ of pull);
  })().catch(() => undefined);
  t.after(async () => {
    clearInterval(timer);
    await inspection.close();
    await own.terminate();
    await reading;
  });
  return String(process.pid);
}

test("without a terminal one table is printed", { skip }, async (t) => {
  const pid = await traffic(t);
  const run = await zmq(t, "top", pid, "--interval", "300").ends(0);
  const lines = run.out.lines;
  assert.match(lines[0] as string, /^1 process, 2 sockets, no findings; by rate$/);
  assert.equal(lines.length, 4);
  assert.match(run.out.text, new RegExp(`${pid} +PUSH +tcp://\\S+ +1 +0 +[\\d.]+ +\\[[#.]{8}\\] \\d+/20 +0`));
});

test("--count prints so many, with rates; --json as values", { skip }, async (t) => {
  const pid = await traffic(t);
  const run = await zmq(t, "top", pid, "--count", "2", "--interval", "200", "--json").ends(0);
  assert.equal(run.out.values.length, 2);
  for (const look of run.out.values as { rows: { type: string; outRate: number; inRate: number }[] }[]) {
    const rate = (type: string) => look.rows.find((row) => row.type === type);
    assert.ok((rate("PUSH")?.outRate ?? 0) > 1 && (rate("PULL")?.inRate ?? 0) > 1);
  }
});

test("on a terminal the table changes in place, s sorts, and q gives the screen back", {
  skip,
}, async (t) => {
  const pid = await traffic(t);
  const io = new FakeIo();
  io.isInputTerminal = true;
  io.stdout.isTerminal = true;
  const run = zmqWith(t, io, "top", pid, "--interval", "60000");
  await run.out.said(/by rate; s sorts, q ends/);
  io.stdin.write("s");
  await run.out.said(/by queue/);
  io.stdin.write("q");
  await run.ends(0);
  assert.ok(run.out.text.startsWith("\x1b[?1049h"));
  assert.ok(run.out.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

test("Ctrl-C gives the screen back, too", { skip }, async (t) => {
  const pid = await traffic(t);
  const io = new FakeIo();
  io.stdout.isTerminal = true;
  const run = zmqWith(t, io, "top", pid);
  await run.out.said(/by rate/);
  await sleep(50);
  io.interrupt();
  await run.ends(0);
  assert.ok(run.out.text.endsWith("\x1b[?25h\x1b[?1049l"));
});

test("an unknown sort key is called wrongly", async (t) => {
  assert.match((await zmq(t, "top", "--sort", "size").ends(2)).err.text, /rate, queue, drops, peers, id/);
});
