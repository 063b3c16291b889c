import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context, Pull, Push, Router } from "../../../../src/index.ts";
import type { ContextSolver } from "../../../../src/services/explain/context-solver.ts";
import { PATIENCE } from "../../../../src/services/explain/rule.ts";
import { coreOf } from "../../../../src/sockets/socket.ts";
import { closing } from "../../../peers/sockets.ts";

function solverOf(context: Context): ContextSolver {
  return context.solver as ContextSolver;
}

function contextOf(t: { after(end: () => Promise<void>): void }): Context {
  const context = new Context();
  t.after(() => context.terminate());
  return context;
}

test("a context tells of all its sockets, and of those that closed with losses", async (t) => {
  const context = contextOf(t);
  const other = contextOf(t);
  const router = closing(t, new Router({ context }));
  const push = new Push({ context, linger: 0 });
  closing(t, new Push({ context: other }));
  assert.deepEqual(context.explain(), []);
  await router.send(["nobody", "x"]);
  push.connect("tcp://127.0.0.1:1");
  await push.send("x");
  await push.close();
  const codes = context.explain().map(({ code, socket }) => [code, socket.type]);
  assert.deepEqual(codes, [
    ["unroutable", "ROUTER"],
    ["linger-cut", "PUSH"],
  ]);
  assert.deepEqual(other.explain(), []);
  assert.equal(solverOf(context).closedViews.length, 1);
});

test("what a closed socket lost grows older", async (t) => {
  const context = contextOf(t);
  const push = new Push({ context, linger: 0 });
  push.connect("tcp://127.0.0.1:1");
  await push.send("x");
  await push.close();
  const [before] = context.explain();
  await sleep(30);
  const [after] = context.explain();
  assert.ok((after?.sinceMs ?? 0) >= (before?.sinceMs ?? 0) + 25);
});

test("so many closed sockets are remembered, the newest", async (t) => {
  const context = contextOf(t);
  const ids: number[] = [];
  for (let i = 0; i < 40; i++) {
    const router = new Router({ context });
    await router.send(["nobody", "x"]);
    ids.push(coreOf(router).id);
    await router.close();
  }
  const found = context.explain();
  assert.equal(found.length, 32);
  assert.deepEqual(
    found.map(({ socket }) => socket.id),
    ids.slice(-32),
  );
});

test("names over inproc are looked up in the socket's own context, and counted in others", async (t) => {
  const contexts = [contextOf(t), contextOf(t), contextOf(t)] as const;
  const endpoint = "inproc://context-solver";
  const push = closing(t, new Push({ context: contexts[0] }));
  push.connect(endpoint);
  const otherCounts = (): unknown[] =>
    solverOf(contexts[0])
      .explain(coreOf(push), { ...PATIENCE, connectMs: 0 })
      .map(({ evidence }) => evidence["otherContextCount"]);
  assert.deepEqual(otherCounts(), [0]);
  const pulls = contexts.map((context) => closing(t, new Pull({ context })));
  await pulls[1]?.bind(endpoint);
  assert.deepEqual(otherCounts(), [1]);
  await pulls[2]?.bind(endpoint);
  assert.deepEqual(otherCounts(), [2]);
  await pulls[0]?.bind(endpoint);
  assert.deepEqual(otherCounts(), []);
});
