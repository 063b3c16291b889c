import assert from "node:assert/strict";
import { test } from "node:test";
import { table } from "../../../src/cli/table.ts";

test("columns are as wide as their widest cell, figures to the right", () => {
  const text = table(["what", "count"], [["a long name", "1"], ["b"], ["c", "1234567"]]);
  assert.deepEqual(text.split("\n"), [
    "what           count",
    "-----------  -------",
    "a long name        1",
    "b",
    "c            1234567",
  ]);
});
