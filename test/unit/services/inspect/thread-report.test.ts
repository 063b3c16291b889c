import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { threadId } from "node:worker_threads";
import { Context, Pair } from "../../../../src/index.ts";
import { ThreadReport } from "../../../../src/services/inspect/thread-report.ts";

test("it tells what the thread is", (t) => {
  const report = new ThreadReport("1.2.3");
  t.after(() => report.close());
  const info = report.take();
  assert.equal(info.pid, process.pid);
  assert.equal(info.threadId, threadId);
  assert.equal(info.packageVersion, "1.2.3");
  assert.equal(info.script, process.argv[1] ?? null);
  assert.ok(info.memory.rss > 1e6 && info.uptimeMs > 0);
});

test("contexts with sockets are in it, the default one by name", async (t) => {
  const report = new ThreadReport("1.2.3");
  t.after(() => report.close());
  const context = new Context();
  const own = new Pair({ context });
  const common = new Pair();
  const { contexts } = report.take();
  assert.equal(contexts.filter(({ isDefault }) => isDefault).length, 1);
  const mine = contexts.find(({ isDefault }) => !isDefault);
  assert.deepEqual([mine?.socketCount, mine?.closedCount], [1, 0]);
  await Promise.all([own.close(), common.close()]);
  assert.equal(report.take().contexts.length, 0);
});

test("the delays of the loop are those since the last call", async (t) => {
  const report = new ThreadReport("1.2.3");
  t.after(() => report.close());
  assert.equal(report.take().loop, null);
  await sleep(60);
  const until = performance.now() + 150;
  while (performance.now() < until);
  await sleep(60);
  const { loop } = report.take();
  assert.ok(loop !== null && loop.maxMs >= 100, JSON.stringify(loop));
  assert.ok(loop.utilization > 0 && loop.utilization <= 1);
  assert.ok(loop.meanMs >= 0 && loop.meanMs <= loop.maxMs);
});
