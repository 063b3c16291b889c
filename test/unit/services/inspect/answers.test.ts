import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Context, Pull, Push } from "../../../../src/index.ts";
import type { Sources } from "../../../../src/services/inspect/answers.ts";
import { answer } from "../../../../src/services/inspect/answers.ts";
import { EventLog } from "../../../../src/services/inspect/event-log.ts";
import type { Answers, Ask, Head } from "../../../../src/services/inspect/protocol.ts";
import { INSPECT_VERSION, parseJson } from "../../../../src/services/inspect/protocol.ts";
import { ThreadReport } from "../../../../src/services/inspect/thread-report.ts";

function sourcesOf(t: TestContext): Sources {
  const sources = { report: new ThreadReport("1.2.3"), log: new EventLog(), nowMs: () => 1234 };
  t.after(() => {
    sources.report.close();
    sources.log.close();
  });
  return sources;
}

async function ask<A extends Ask>(
  sources: Sources,
  what: A,
  since?: number,
): Promise<{ head: Head; list: Answers[A][] }> {
  const request = { v: INSPECT_VERSION, id: 9, ask: what, ...(since !== undefined && { since }) };
  const [head, ...frames] = await answer(request, sources);
  return { head, list: frames.flatMap((frame) => parseJson(frame) as Answers[A][]) };
}

/** A PUSH with three messages that wait at a PULL that holds two. */
async function scene(t: TestContext): Promise<{ context: Context; push: Push; pull: Pull }> {
  const context = new Context();
  t.after(() => context.terminate());
  const pull = new Pull({ context, receiveHighWaterMark: 2 });
  const push = new Push({ context, linger: 0, sendHighWaterMark: 10 });
  await pull.bind("inproc://scene");
  push.connect("inproc://scene");
  await push.sendMany(["a", "b", "c"]);
  return { context, push, pull };
}

test("every answer has its request's id and the clock", async (t) => {
  const sources = sourcesOf(t);
  for (const what of ["info", "sockets", "counts", "findings", "metrics", "events"] as const) {
    const { head } = await ask(sources, what);
    assert.deepEqual([head.v, head.id, head.nowMs], [INSPECT_VERSION, 9, 1234], what);
    assert.equal(head.omitted, undefined);
  }
});

test("sockets of all contexts are shown whole", async (t) => {
  const sources = sourcesOf(t);
  const { push, pull } = await scene(t);
  const other = new Context();
  t.after(() => other.terminate());
  const second = new Pull({ context: other });
  const { list } = await ask(sources, "sockets");
  const shown = list.find(({ type }) => type === "PUSH");
  assert.deepEqual(
    [shown?.sent.accepted, shown?.sent.queued, shown?.peerCount],
    [3, 3, 1],
    "plain data of the socket itself",
  );
  assert.equal(list.length, 3);
  assert.equal(new Set(list.map(({ context }) => context)).size, 2);
  assert.ok(push.stats().sent.queued === 3 && pull.readable && !second.closed);
});

test("counts name the fullest queue", async (t) => {
  const sources = sourcesOf(t);
  await scene(t);
  const { list } = await ask(sources, "counts");
  const push = list.find(({ type }) => type === "PUSH");
  const pull = list.find(({ type }) => type === "PULL");
  // Over inproc both marks are one queue's.
  assert.deepEqual(push?.sendFill, { queued: 3, hwm: 12 });
  assert.deepEqual(pull?.receiveFill, { queued: 3, hwm: 12 });
  assert.deepEqual(push?.endpoints, ["inproc://scene"]);
  assert.deepEqual([push?.peerCount, push?.liveCount], [1, 1]);
  assert.deepEqual(pull?.waiting, { sends: 0, receives: 0 });
});

test("findings are those that the contexts' own solvers have, and of sockets that closed", async (t) => {
  const sources = sourcesOf(t);
  const context = new Context();
  t.after(() => context.terminate());
  const push = new Push({ context, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  await push.sendMany(["a", "b"]);
  await push.close();
  const keep = new Push({ context });
  const { list } = await ask(sources, "findings");
  // Contexts of other tests may be remembered for what they lost.
  const own = list.filter(({ socket }) => socket.label === "Push tcp://127.0.0.1:1");
  assert.deepEqual(
    own.map(({ code }) => code),
    context.explain().map(({ code }) => code),
  );
  assert.ok(own.length > 0 && !keep.closed);
});

test("events come with a cursor", async (t) => {
  const sources = sourcesOf(t);
  const { head } = await ask(sources, "events");
  await scene(t);
  const { list, head: next } = await ask(sources, "events", head.cursor);
  assert.ok(list.some(({ type }) => type === "open"));
  assert.ok((next.cursor as number) > (head.cursor as number));
  assert.equal(next.missed, 0);
});
