import assert from "node:assert/strict";
import { test } from "node:test";
import { endpointLines, misfit } from "../../../../src/cli/inspecting/endpoint-lines.ts";
import type { EndpointReport } from "../../../../src/index.ts";
import { FakeSink } from "../fake-io.ts";

const REPORT: EndpointReport = {
  endpoint: "tcp://127.0.0.1:5555",
  state: "zmtp",
  what: "A REP socket is there.",
  remedy: "Sockets that can talk to it: REQ, DEALER.",
  address: "tcp://127.0.0.1:5555",
  protocol: "3.1",
  mechanism: "NULL",
  asServer: false,
  socketType: "REP",
  peerTypes: ["REQ", "DEALER"],
  routingId: "0a0b",
  properties: { "X-Name": "n" },
  connectMs: 1.26,
  greetingMs: 2,
  handshakeMs: 3,
  pongMs: null,
  isPinged: false,
  speaks: null,
  error: null,
};

test("what does not fit is said: state, then mechanism, then type", () => {
  const intent = { type: "REQ", mechanism: "NULL" };
  assert.equal(misfit(REPORT, intent), null);
  assert.equal(misfit(REPORT, { ...intent, type: undefined }), null);
  assert.equal(misfit({ ...REPORT, state: "silent", what: "Silence." }, intent), "Silence.");
  assert.match(
    misfit({ ...REPORT, mechanism: "CURVE", socketType: null }, intent) ?? "",
    /mechanism is CURVE, not NULL/,
  );
  assert.match(
    misfit(REPORT, { ...intent, type: "SUB" }) ?? "",
    /SUB socket cannot talk to a REP.*REQ, DEALER can/,
  );
  assert.equal(misfit({ ...REPORT, socketType: null, peerTypes: [] }, { ...intent, type: "SUB" }), null);
});

test("all that is known stands in lines, and nothing else", () => {
  const text = endpointLines(new FakeSink(), REPORT, null);
  assert.match(text, /^up tcp:\/\/127\.0\.0\.1:5555\n {2}A REP socket is there\.\n {2}> Sockets/);
  assert.match(text, /routing id +0x0a0b/);
  assert.match(text, /X-Name +n/);
  assert.match(text, /connected in +1\.3 ms/);
  assert.doesNotMatch(text, /PONG|null/);
});

test("trouble is said once", () => {
  const silent = endpointLines(new FakeSink(), { ...REPORT, state: "silent", what: "Silence." }, "Silence.");
  assert.match(silent, /^trouble /);
  assert.equal(silent.split("Silence.").length, 2);
  assert.match(endpointLines(new FakeSink(), REPORT, "It does not fit."), /is there\. It does not fit\./);
});
