import assert from "node:assert/strict";
import { test } from "node:test";
import { DROP_REASONS, noDrops } from "../../../src/pipe/pipe.ts";

test("every reason starts at none, in a record of its own", () => {
  const drops = noDrops();
  assert.deepEqual(Object.keys(drops), [...DROP_REASONS]);
  assert.ok(Object.values(drops).every((count) => count === 0));
  drops.hwm++;
  assert.equal(noDrops().hwm, 0);
});
