import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../src/cli/command.ts";
import { Console } from "../../../../src/cli/console.ts";
import { Fleet, isInspectionEndpoint, toTarget } from "../../../../src/cli/inspecting/fleet.ts";
import { context } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { FakeIo } from "../fake-io.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

test("a target is a pid, an inspection endpoint or nothing", () => {
  assert.equal(toTarget([]), undefined);
  assert.equal(toTarget(["4711"]), 4711);
  assert.equal(toTarget(["ipc:///run/zeromq-ts/12-0.ipc"]), "ipc:///run/zeromq-ts/12-0.ipc");
  for (const wrong of [["0"], ["-1"], ["x"], ["12x"], ["1", "2"], ["tcp://a:1"], ["99999999999"]])
    assert.throws(() => toTarget(wrong), UsageError);
  assert.equal(isInspectionEndpoint("ipc:///tmp/feed.ipc"), false);
});

test("this very process is looked at when it is named, and not among all", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const named = new Fleet(process.pid, 10_000, new Console(new FakeIo()));
  t.after(() => named.close());
  await named.refresh();
  const answers = await named.ask((one) => one.info());
  assert.deepEqual([...answers.keys()], [process.pid]);
  const all = new Fleet(undefined, 10_000, new Console(new FakeIo()));
  t.after(() => all.close());
  await all.refresh();
  assert.equal((await all.ask((one) => one.info())).has(process.pid), false);
});

test("what cannot be inspected is an error where it was named", { skip }, async (t) => {
  ownRuntime(t);
  const fleet = new Fleet(999_999_999, 1000, new Console(new FakeIo()));
  await assert.rejects(fleet.refresh(), { code: "ENOENT" });
  assert.equal(fleet.size, 0);
});

test("one that ended is left out from then on, with a note", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  const io = new FakeIo();
  const fleet = new Fleet(process.pid, 10_000, new Console(io));
  t.after(() => fleet.close());
  await fleet.refresh();
  assert.equal((await fleet.ask((one) => one.info())).size, 1);
  await inspection.close();
  assert.equal((await fleet.ask((one) => one.info())).size, 0);
  assert.equal(fleet.size, 0);
  assert.match(io.stderr.text, new RegExp(`process ${process.pid} ended`));
});

test("one that is busy stays, with a warning", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const io = new FakeIo();
  const fleet = new Fleet(process.pid, 10_000, new Console(io));
  t.after(() => fleet.close());
  await fleet.refresh();
  const busy = Object.assign(new Error("no answer"), { code: "ETIMEDOUT" });
  assert.equal((await fleet.ask(() => Promise.reject(busy))).size, 0);
  assert.equal(fleet.size, 1);
  assert.match(io.stderr.text, /did not answer within 10000 ms/);
});
