import assert from "node:assert/strict";
import { test } from "node:test";
import { Child } from "../../../../src/cli/bench/child.ts";
import type { Part } from "../../../../src/cli/bench/part.ts";

const REP: Part = {
  library: "zeromq-ts",
  role: "rep",
  endpoint: "tcp://127.0.0.1:*",
  size: 1,
  mode: "await",
  mechanism: "NULL",
};
const PATIENCE_MS = 20_000;

test("a child says where it is, and does what it is told", async (t) => {
  const child = new Child(REP, PATIENCE_MS);
  t.after(() => child.end());
  assert.match((await child.expect("ready")).endpoint, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  child.tell("run 3");
  assert.deepEqual(await child.expect("sent"), { event: "sent" });
});

test("a child that says something else, fails or hangs is an error that says so", async () => {
  const other = new Child(REP, PATIENCE_MS);
  await assert.rejects(other.expect("armed"), /said ready instead of armed/);
  other.end();
  const failed = new Child({ ...REP, endpoint: "tcp://nonsense" }, PATIENCE_MS);
  await assert.rejects(failed.expect("ready"), /process of the measurement ended\. .*nonsense/);
  const silent = new Child(REP, 3_000);
  await silent.expect("ready");
  await assert.rejects(silent.expect("sent"), /process of the measurement ended/);
});
