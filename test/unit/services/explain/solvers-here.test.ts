import assert from "node:assert/strict";
import { test } from "node:test";
import { Context, Push } from "../../../../src/index.ts";
import type { ContextSolver } from "../../../../src/services/explain/context-solver.ts";
import { solversHere } from "../../../../src/services/explain/context-solver.ts";

function solverOf(context: Context): ContextSolver {
  return context.solver as ContextSolver;
}

test("a context is there from its first socket to its last, under one number", async () => {
  const context = new Context();
  assert.equal(solversHere.numbers.has(solverOf(context)), false);
  const first = new Push({ context });
  const number = solversHere.numbers.get(solverOf(context));
  assert.ok(number !== undefined && number > 0);
  const second = new Push({ context });
  await first.close();
  assert.equal(solversHere.numbers.get(solverOf(context)), number);
  await second.close();
  assert.equal(solversHere.numbers.has(solverOf(context)), false);
});

test("a context whose sockets lost something is remembered, but not for ever", async () => {
  const lossy = async (): Promise<ContextSolver> => {
    const context = new Context();
    const push = new Push({ context, linger: 0 });
    push.connect("tcp://127.0.0.1:1");
    await push.send("lost");
    await push.close();
    return solverOf(context);
  };
  const first = await lossy();
  assert.equal(first.closedViews.length, 1);
  assert.ok(solversHere.numbers.has(first));
  const more: ContextSolver[] = [];
  for (let at = 0; at < 20; at++) more.push(await lossy());
  assert.equal(solversHere.numbers.has(first), false);
  assert.ok(solversHere.numbers.has(more.at(-1) as ContextSolver));
});

test("who watches is told of a context once", async () => {
  const seen: ContextSolver[] = [];
  const watcher = (solver: ContextSolver): void => void seen.push(solver);
  solversHere.watchers.add(watcher);
  const context = new Context();
  const sockets = [new Push({ context }), new Push({ context })];
  solversHere.watchers.delete(watcher);
  assert.deepEqual(seen, [solverOf(context)]);
  for (const socket of sockets) await socket.close();
});
