import assert from "node:assert/strict";
import { test } from "node:test";
import { Progress } from "../../../src/cli/progress.ts";
import { FakeSink } from "./fake-io.ts";

test("the bar grows with the steps and never is wider than the terminal", async () => {
  const sink = new FakeSink();
  sink.isTerminal = true;
  sink.columns = 60;
  const progress = new Progress(sink, 4);
  for (let step = 0; step < 4; step++)
    await progress.step("a label that is longer than there is room for it");
  await progress.show(4, "");
  await progress.clear();
  const shown = sink.text.split("\r\x1b[K");
  const full = shown.map((line) => line.split("█").length - 1);
  assert.deepEqual(full, [0, 0, 6, 12, 18, 24, 0]);
  for (const line of shown) assert.ok(line.length <= 60, line);
  assert.match(shown[3] ?? "", / 50 % a label/);
});

test("what is no terminal sees nothing of it", async () => {
  const sink = new FakeSink();
  const progress = new Progress(sink, 4);
  await progress.step("x");
  await progress.clear();
  assert.equal(sink.text, "");
});
