import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context, context } from "../../../../src/index.ts";
import { inspectByEnvironment } from "../../../../src/services/inspect/inspection.ts";
import { ownRuntime } from "./rig.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

test("a thread has one endpoint, open until the last who asked for it closes it", { skip }, async (t) => {
  ownRuntime(t);
  const other = new Context();
  const [first, second] = await Promise.all([context.inspect(), other.inspect()]);
  const path = first.endpoint.slice("ipc://".length);
  assert.equal(first.endpoint, second.endpoint);
  await first.close();
  await first.close();
  assert.ok(existsSync(path), "closing twice counts once");
  await second.close();
  assert.equal(existsSync(path), false);
  const again = await context.inspect();
  assert.equal(again.endpoint, first.endpoint);
  await again.close();
});

test("a place that is refused is a rejection, and can be put right", { skip }, async (t) => {
  const runtime = ownRuntime(t);
  const { mkdirSync, chmodSync } = await import("node:fs");
  mkdirSync(`${runtime}/zeromq-ts`);
  chmodSync(`${runtime}/zeromq-ts`, 0o755);
  await assert.rejects(context.inspect(), { code: "EACCES", message: /mode 755, not 700/ });
  chmodSync(`${runtime}/zeromq-ts`, 0o700);
  const inspection = await context.inspect();
  await inspection.close();
});

test("the environment opens it, and says why where it cannot", { skip }, async (t) => {
  const runtime = ownRuntime(t);
  const warnings: string[] = [];
  const before = process.env.ZEROMQ_TS_INSPECT;
  t.after(() => {
    if (before === undefined) delete process.env.ZEROMQ_TS_INSPECT;
    else process.env.ZEROMQ_TS_INSPECT = before;
  });
  for (const off of [undefined, "", "0"]) {
    if (off === undefined) delete process.env.ZEROMQ_TS_INSPECT;
    else process.env.ZEROMQ_TS_INSPECT = off;
    inspectByEnvironment("1.2.3", (sentence) => warnings.push(sentence));
  }
  await sleep(50);
  assert.equal(existsSync(`${runtime}/zeromq-ts`), false);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(`${runtime}/zeromq-ts`, "");
  process.env.ZEROMQ_TS_INSPECT = "1";
  inspectByEnvironment("1.2.3", (sentence) => warnings.push(sentence));
  for (let tries = 0; tries < 100 && warnings.length === 0; tries++) await sleep(20);
  assert.match(warnings.join(), /ZEROMQ_TS_INSPECT has no effect: .*no directory/);
});
