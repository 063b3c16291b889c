import assert from "node:assert/strict";
import { test } from "node:test";
import { beginBatch, endBatch, isBatching, publishLater } from "../../../src/pipe/batch.ts";

test("what was written in a batch is told once, when the outermost is over", () => {
  let told = 0;
  const pipe = { publish: () => told++ };
  assert.equal(isBatching(), false);
  beginBatch();
  beginBatch();
  publishLater(pipe);
  endBatch();
  assert.deepEqual([told, isBatching()], [0, true]);
  endBatch();
  assert.deepEqual([told, isBatching()], [1, false]);
  beginBatch();
  endBatch();
  assert.equal(told, 1);
});

test("a pipe that is told may write a batch of its own", () => {
  const told: string[] = [];
  const second = { publish: () => told.push("second") };
  const first = {
    publish: () => {
      told.push("first");
      beginBatch();
      publishLater(second);
      endBatch();
    },
  };
  beginBatch();
  publishLater(first);
  endBatch();
  assert.deepEqual(told, ["first", "second"]);
});
