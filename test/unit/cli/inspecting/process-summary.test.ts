import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, placed, summarize } from "../../../../src/cli/inspecting/process-summary.ts";
import type { InspectedProcess } from "../../../../src/index.ts";
import { answer, counts, finding } from "./rig.ts";

test("times are in words of two parts at most", () => {
  const cases: [number, string][] = [
    [0, "0 ms"],
    [850.4, "850 ms"],
    [1000, "1 s"],
    [185_000, "3 min 5 s"],
    [7_380_000, "2 h 3 min"],
    [349_200_000, "4 d 1 h"],
  ];
  for (const [ms, text] of cases) assert.equal(durationText(ms), text);
});

test("findings know where they were made, the worst first", () => {
  const list = placed(5, [
    { ...answer(0, finding("info", "a")), threadId: 2 },
    { ...answer(0, finding("error", "b")), threadId: 1 },
  ]);
  assert.deepEqual(
    list.map(({ pid, threadId, code }) => [pid, threadId, code]),
    [
      [5, 1, "b"],
      [5, 2, "a"],
    ],
  );
});

test("a process is summed up from all its threads; its name is the main thread's script", async () => {
  const info = (isMainThread: boolean, script: string | null) => ({
    pid: 5,
    isMainThread,
    script,
    title: "node",
    uptimeMs: 9,
    memory: { rss: 7 },
  });
  const inspected = {
    pid: 5,
    threadIds: [0, 1, 2],
    silentThreadIds: [2],
    info: async () => [answer(0, info(false, "/x/worker.js")), answer(0, info(true, "/x/app.js"))],
    counts: async () => [answer(0, counts({ liveCount: 2 })), answer(0, counts({ liveCount: 3 }), counts())],
    findings: async () => [answer(0, finding("warning", "a"), finding("error", "b"))],
  } as unknown as InspectedProcess;
  const summary = await summarize(inspected);
  assert.deepEqual(
    [summary.script, summary.threadCount, summary.socketCount, summary.peerCount, summary.silentThreadIds],
    ["app.js", 3, 3, 6, [2]],
  );
  assert.deepEqual(summary.findingCounts, { error: 1, warning: 1, info: 0 });
  const bare = {
    ...inspected,
    info: async () => [answer(0, info(true, null))],
  } as unknown as InspectedProcess;
  assert.equal((await summarize(bare)).script, "node");
});
