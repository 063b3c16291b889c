import assert from "node:assert/strict";
import { test } from "node:test";
import {
  announcement,
  evidenceOf,
  sortFindings,
  summary,
} from "../../../../../src/cli/web/page/finding-order.ts";
import { finding, process, state } from "../states.ts";

const info = finding({ code: "first-pull-share", severity: "info" });
const warning = finding({ code: "late-subscriber", severity: "warning" });
const error = finding();

test("the worst is first, and what is equally bad stays where it was first seen", () => {
  const seen = new Map<string, number>();
  const codes = (...findings: ReturnType<typeof finding>[]): string[] =>
    sortFindings(state(0, process("a", { findings })), seen).map((one) => one.finding.code);
  assert.deepEqual(codes(info, warning, error), ["hwm-drop", "late-subscriber", "first-pull-share"]);
  const second = finding({ code: "never-connected" });
  assert.deepEqual(codes(second, error), ["hwm-drop", "never-connected"]);
});

test("a finding that is told twice is one; of a process that has ended there is none", () => {
  assert.equal(sortFindings(state(0, process("a", { findings: [error, error] })), new Map()).length, 1);
  assert.equal(
    sortFindings(state(0, process("a", { findings: [error], status: "ended" })), new Map()).length,
    0,
  );
});

test("what is new is said in a sentence, not as a list", () => {
  const found = sortFindings(state(0, process("a", { findings: [warning, error] })), new Map());
  assert.equal(summary(found, 3), "1 error, 1 warning, 3 not shown");
  assert.equal(announcement(found, true), "2 findings. The worst: 4990 messages were dropped.");
  assert.equal(announcement(found, false), "New error: 4990 messages were dropped. And 1 more.");
  assert.equal(announcement(found.slice(1), true), "New warning: 4990 messages were dropped.");
});

test("evidence is what the sentence has not said", () => {
  const one = finding({
    what: "The peer tcp://a is slow.",
    peer: "tcp://a",
    evidence: { peer: "tcp://a", sinceMs: 2500, error: "x", id: null },
  });
  assert.deepEqual(evidenceOf(one), [
    ["since", "2.5 s"],
    ["error", "x"],
    ["read on", one.help],
  ]);
});
