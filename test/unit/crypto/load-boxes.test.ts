import assert from "node:assert/strict";
import { test } from "node:test";
import { loadBoxes, loadedBoxes } from "../../../src/crypto/load-boxes.ts";

test("boxes are loaded when they are asked for, once", async () => {
  assert.equal(loadedBoxes(), null);
  const loading = loadBoxes();
  assert.equal(loadBoxes(), loading);
  const boxes = await loading;
  assert.match(boxes.name, /libsodium 1\.0\.\d+/);
  assert.equal(loadedBoxes(), boxes);
});
