import assert from "node:assert/strict";
import { test } from "node:test";
import { inspectTables } from "../../../../src/cli/inspecting/inspect-tables.ts";
import type { SocketReport, ThreadInfo } from "../../../../src/index.ts";
import { FakeSink } from "../fake-io.ts";

const FLOW = { accepted: 0, delivered: 0, queued: 0, dropped: {} };

test("sockets and peers, each with its numbers, and threads told apart", () => {
  const peer = {
    address: "tcp://127.0.0.1:40000",
    type: null,
    live: false,
    sent: { ...FLOW, delivered: 7, queued: 10, dropped: { hwm: 3 } },
    received: FLOW,
    sendHighWaterMark: 10,
    receiveHighWaterMark: 0,
  } as SocketReport["peers"][number];
  const pub = {
    id: 4,
    type: "PUB",
    endpoints: [{ endpoint: "tcp://127.0.0.1:1" }, { endpoint: "ipc:///tmp/a" }],
    peers: [peer],
    peerCount: 1,
    sent: { ...FLOW, delivered: 7, queued: 10, dropped: { hwm: 3, linger: 2 } },
    received: FLOW,
  } as unknown as SocketReport;
  const info = { threadId: 2, script: "/srv/a.mjs" } as ThreadInfo;
  const text = inspectTables(new FakeSink(), {
    pid: 7,
    info: [{ threadId: 2, nowMs: 0, omitted: 0, list: [info] }],
    sockets: [{ threadId: 2, nowMs: 0, omitted: 5, list: [pub] }],
  });
  const lines = text.split("\n").map((line) => line.trim().split(/\s{2,}/));
  assert.deepEqual(lines[0], ["a.mjs (7): 1 sockets"]);
  assert.deepEqual(lines[4], ["tcp://127.0.0.1:1 +1", "2.4", "PUB", "1", "7", "0", "10", "5"]);
  assert.deepEqual(lines[8], ["tcp://127.0.0.1:40000", "2.4", "?", "waiting", "7", "0", "10/10", "0/-", "3"]);
  assert.match(text, /and 5 sockets more/);
});

test("a process without sockets is one line", () => {
  const text = inspectTables(new FakeSink(), { pid: 7, info: [], sockets: [] });
  assert.equal(text, "process (7): 0 sockets");
});
