import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countBySeverity,
  findingKey,
  findingLines,
  severityText,
  worstFirst,
} from "../../../../src/cli/inspecting/finding-lines.ts";
import { FakeSink } from "../fake-io.ts";
import { finding } from "./rig.ts";

test("the worst comes first, and equals keep their order", () => {
  const list = [finding("info", "a"), finding("error", "b"), finding("warning", "c"), finding("error", "d")];
  assert.deepEqual(
    worstFirst(list).map(({ code }) => code),
    ["b", "d", "c", "a"],
  );
  assert.equal(severityText(countBySeverity(list)), "2 errors, 1 warning, 1 info");
  assert.equal(severityText(countBySeverity([])), "");
});

test("a finding is shown with cause, remedy, evidence and where to read on", () => {
  const text = findingLines(new FakeSink(), {
    pid: 1,
    threadId: 0,
    ...finding("warning", "hwm-drop", {
      peer: "tcp://127.0.0.1:9",
      what: "Much was lost. ".repeat(10).trim(),
      evidence: { lost: 3, ms: 1.25, name: "x", gone: null },
    }),
  });
  const lines = text.split("\n");
  assert.equal(lines[0], "  warning hwm-drop  Push tcp://127.0.0.1:5555, peer tcp://127.0.0.1:9");
  assert.ok(lines.every((line) => line.length <= 80));
  assert.match(text, /> Do something\./);
  assert.match(text, /lost 3; ms 1\.3; name x; gone null/);
  assert.match(text, /missing-messages\.md#hwm-drop$/);
});

test("one trouble is the same finding when it is looked at again", () => {
  const first = { pid: 1, threadId: 0, ...finding("error", "a", { evidence: { lost: 1 } }) };
  const again = { ...first, evidence: { lost: 2 }, what: "More." };
  assert.equal(findingKey(first), findingKey(again));
  for (const other of [{ pid: 2 }, { threadId: 1 }, { code: "b" }, { peer: "x" }, { endpoint: "y" }])
    assert.notEqual(findingKey(first), findingKey({ ...first, ...other }));
});
