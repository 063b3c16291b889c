import assert from "node:assert/strict";
import { test } from "node:test";
import { pause } from "../../../src/cli/pause.ts";

test("it goes on after the time", async () => {
  const start = performance.now();
  assert.equal(await pause(20, new AbortController().signal), true);
  assert.ok(performance.now() - start >= 18);
});

test("Ctrl-C ends it at once, also if it was pressed before", async () => {
  const controller = new AbortController();
  const start = performance.now();
  const pausing = pause(60_000, controller.signal);
  controller.abort(new Error("Ctrl-C"));
  assert.equal(await pausing, false);
  assert.equal(await pause(60_000, controller.signal), false);
  assert.ok(performance.now() - start < 5_000);
});
