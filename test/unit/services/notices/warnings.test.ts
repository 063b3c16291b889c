import assert from "node:assert/strict";
import { test } from "node:test";
import type { Finding } from "../../../../src/core/finding.ts";
import { warnOf } from "../../../../src/services/notices/warnings.ts";
import { Clock } from "./clock.ts";

function finding(code: string): Finding {
  const socket = { id: 1, type: "PUB", label: "Publisher tcp://127.0.0.1:1" };
  const what = "5 messages were lost.";
  const remedy = "Read faster.";
  const help = `guide.md#${code}`;
  const rest = { endpoint: null, peer: null, evidence: {}, sinceMs: null };
  return { code, severity: "warning", socket, what, remedy, help, ...rest };
}

test("a warning says which socket, what happened, what to do and where to read on, with the code in capitals", () => {
  const clock = new Clock();
  warnOf(finding("too-full"), 0);
  warnOf(finding("too-full"), 3);
  assert.deepEqual(clock.warnings, [
    ["ZMQ_TOO_FULL", "Publisher tcp://127.0.0.1:1: 5 messages were lost. Read faster. See guide.md#too-full"],
    [
      "ZMQ_TOO_FULL",
      "Publisher tcp://127.0.0.1:1: 5 messages were lost. The same goes for 3 more at this socket; explain() lists them. Read faster. " +
        "See guide.md#too-full",
    ],
  ]);
});

test("the tenth warning with a code says that it is the last, and is", () => {
  const clock = new Clock();
  for (let i = 0; i < 30; i++) warnOf(finding("flood"), 0);
  warnOf(finding("another"), 0);
  assert.equal(clock.warnings.length, 11);
  assert.doesNotMatch(clock.warnings[8]?.[1] ?? "", /kept quiet/);
  assert.match(
    clock.warnings[9]?.[1] ?? "",
    /This is warning 10 with ZMQ_FLOOD: further ones are kept quiet/,
  );
  assert.equal(clock.warnings[10]?.[0], "ZMQ_ANOTHER");
});
