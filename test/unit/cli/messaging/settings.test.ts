import assert from "node:assert/strict";
import { test } from "node:test";
import { toSettings } from "../../../../src/cli/messaging/settings.ts";

const BOTH = { sends: true, receives: true };

test("--hwm is for the directions that there are", () => {
  const given = { hwm: 5, heartbeat: undefined, set: [] };
  assert.deepEqual(toSettings(given, BOTH), { sendHighWaterMark: 5, receiveHighWaterMark: 5 });
  assert.deepEqual(toSettings(given, { sends: false, receives: true }), { receiveHighWaterMark: 5 });
});

test("--set takes numbers, truth values, null and text", () => {
  const set = ["backlog=-1", "immediate=true", "tcpAcceptFilter=null", "routingId=a=b"];
  assert.deepEqual(toSettings({ hwm: undefined, heartbeat: 100, linger: 3, identity: "me", set }, BOTH), {
    heartbeatInterval: 100,
    linger: 3,
    routingId: "a=b",
    backlog: -1,
    immediate: true,
    tcpAcceptFilter: null,
  });
  assert.throws(() => toSettings({ hwm: undefined, heartbeat: undefined, set: ["=1"] }, BOTH), /NAME=VALUE/);
});
