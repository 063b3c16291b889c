import assert from "node:assert/strict";
import { test } from "node:test";
import { context, Pair } from "../../../../src/index.ts";
import { ownRuntime } from "../../services/inspect/rig.ts";
import { zmq } from "../fake-io.ts";

const skip = process.platform === "win32" ? "Windows has no ipc" : false;

test("a process is one line, with its figures", { skip }, async (t) => {
  ownRuntime(t);
  const inspection = await context.inspect();
  t.after(() => inspection.close());
  const pair = new Pair();
  t.after(() => pair.close());
  const run = await zmq(t, "ps", String(process.pid)).ends(0);
  const [head, , line] = run.out.lines;
  assert.match(head as string, /^script +pid +threads +sockets +peers +errors +warnings +info +memory +up$/);
  assert.match(line as string, new RegExp(`^ps\\.test\\.js +${process.pid} +1 +1 +0 +0 +0 +0 +\\d+ MB`));
  const json = await zmq(t, "ps", String(process.pid), "--json").ends(0);
  const [value] = json.out.values;
  assert.deepEqual([value?.pid, value?.socketCount, value?.script], [process.pid, 1, "ps.test.js"]);
});

test("what cannot be inspected is a sentence", { skip }, async (t) => {
  ownRuntime(t);
  const run = await zmq(t, "ps", "999999999").ends(1);
  assert.match(run.err.text, /ENOENT: There is no process 999999999/);
  assert.match((await zmq(t, "ps", "nonsense").ends(2)).err.text, /"nonsense" is no process id/);
});
