import assert from "node:assert/strict";
import { test } from "node:test";
import type { Look } from "../../../../src/cli/inspecting/live-table.ts";
import { queueText, rateText, tableLines } from "../../../../src/cli/inspecting/live-table.ts";
import { Rates } from "../../../../src/cli/inspecting/rates.ts";
import { FakeSink } from "../fake-io.ts";
import { answer, counts, finding, flow } from "./rig.ts";

function lookAt(...list: Parameters<typeof counts>[0][]): Look {
  const rows = new Rates().rows(new Map([[42, [answer(0, ...list.map((more) => counts(more)))]]]));
  return { processCount: 1, rows, findings: [{ pid: 42, threadId: 0, ...finding("error", "hwm-drop") }] };
}

test("a socket is one line with all that there is to see", () => {
  const look = lookAt({ sent: flow(1, { hwm: 7 }), sendFill: { queued: 500, hwm: 1000 } });
  const [summary, head, line, ...more] = tableLines(new FakeSink(), look, "rate");
  assert.equal(summary, "1 process, 1 socket, 1 error; by rate");
  assert.match(head as string, /pid +type +endpoint +peers +in\/s +out\/s +queue +drops +findings/);
  assert.match(
    line as string,
    /42 +PUSH +tcp:\/\/127\.0\.0\.1:5555 +1 +- +- +\[####\.\.\.\.\] 500\/1000 +hwm 7 +hwm-drop$/,
  );
  assert.deepEqual(more, []);
});

test("a terminal's width is kept, and only a terminal's", () => {
  const sink = new FakeSink();
  sink.columns = 40;
  const look = lookAt({
    endpoints: ["tcp://a.very.long.name.that.does.not.fit.anywhere.example.org:5555", "b"],
  });
  assert.ok((tableLines(sink, look, "id")[2] as string).length > 40);
  sink.isTerminal = true;
  for (const line of tableLines(sink, look, "id")) assert.ok(line.length <= 40);
});

test("full queues are red where there are colours", () => {
  const sink = new FakeSink();
  sink.isColoured = true;
  const [, , full, half, empty] = tableLines(
    sink,
    lookAt(
      { id: 1, sendFill: { queued: 10, hwm: 10 } },
      { id: 2, sendFill: { queued: 6, hwm: 10 } },
      { id: 3 },
    ),
    "id",
  ) as [string, string, string, string, string];
  assert.ok(full.startsWith("\x1b[31m") && half.startsWith("\x1b[33m") && !empty.includes("\x1b"));
});

test("rates are short at every size", () => {
  const cases: [number | null, string][] = [
    [null, "-"],
    [0, "0"],
    [0.25, "0.3"],
    [9.96, "10"],
    [9999, "9999"],
    [10_000, "10.0k"],
    [999_949, "999.9k"],
    [1_500_000, "1.50M"],
  ];
  for (const [rate, text] of cases) assert.equal(rateText(rate), text);
});

test("a queue is drawn against its limit", () => {
  assert.equal(queueText({ queued: 0, hwm: 10 }), "[........] 0/10");
  assert.equal(queueText({ queued: 1, hwm: 1000 }), "[#.......] 1/1000");
  assert.equal(queueText({ queued: 20, hwm: 10 }), "[########] 20/10");
  assert.equal(queueText({ queued: 500, hwm: 0 }), "[####....] 500/-");
});
