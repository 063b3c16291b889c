import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS, toContent } from "../../../../src/cli/web/to-state.ts";
import type { Finding, SocketReport } from "../../../../src/index.ts";

const FLOW = { accepted: 0, delivered: 0, queued: 0, dropped: {} };

function report(part: Partial<SocketReport> = {}): SocketReport {
  const made: Partial<SocketReport> = {
    id: 3,
    type: "PUB",
    label: "Publisher",
    isClosed: false,
    endpoints: [],
    peers: [],
    peerCount: 0,
    sent: FLOW,
    received: FLOW,
    waiting: { sends: 0, receives: 0, sendsAgeMs: null },
    facts: {},
    ...part,
  };
  return made as SocketReport;
}

function peer(part: Partial<SocketReport["peers"][number]> = {}): SocketReport["peers"][number] {
  const made = {
    endpoint: "tcp://a:1",
    address: "tcp://b:2",
    type: "SUB",
    outgoing: false,
    live: true,
    liveAgeMs: 400,
  };
  const rest = { sent: FLOW, received: FLOW, sendHighWaterMark: 10, receiveHighWaterMark: 20 };
  return { ...made, ...rest, ...part } as SocketReport["peers"][number];
}

function found(severity: Finding["severity"], id = 3): Finding {
  const rest = { endpoint: null, peer: null, what: "w", remedy: "r", evidence: {}, sinceMs: null, help: "h" };
  return { code: severity, severity, socket: { id, type: "PUB", label: "Publisher" }, ...rest };
}

const clockOf = (): number => 1000;

function content(
  sockets: SocketReport[],
  findings: Finding[] = [],
  omitted = 0,
): ReturnType<typeof toContent> {
  return toContent({
    sockets: [{ threadId: 2, nowMs: 5000, omitted, list: sockets }],
    findings: [{ threadId: 2, nowMs: 5000, omitted, list: findings }],
    clockOf,
  });
}

test("ages become times of the server's clock, ids are unique in the process", () => {
  const { atMs, sockets } = content([report({ peers: [peer(), peer({ liveAgeMs: null })], peerCount: 2 })]);
  assert.equal(atMs, 6000);
  assert.equal(sockets[0]?.id, "2.3");
  assert.deepEqual(
    sockets[0]?.peers.map(({ liveSinceMs }) => liveSinceMs),
    [5600, null],
  );
});

test("what nobody wanted is not lost", () => {
  const dropped = { hwm: 1, "no-subscriber": 5, conflated: 7 };
  const [one] = content([report({ sent: { ...FLOW, dropped }, received: { ...FLOW, dropped } })]).sockets;
  assert.deepEqual([one?.sent.dropped, one?.received.dropped], [{ hwm: 1, "no-subscriber": 5 }, { hwm: 1 }]);
});

test("the worst findings are kept, and belong to their sockets", () => {
  const many = Array.from({ length: LIMITS.findings }, () => found("info"));
  const { findings, findingCount } = content([], [...many, found("warning"), found("error")]);
  assert.deepEqual([findings.length, findingCount], [LIMITS.findings, LIMITS.findings + 2]);
  assert.deepEqual(
    findings.slice(0, 3).map(({ code }) => code),
    ["error", "warning", "info"],
  );
  assert.equal(findings[0]?.socketId, "2.3");
});

test("a state is bounded, and says what it leaves out", () => {
  const crowd = Array.from({ length: 300 }, () => peer({ address: "x".repeat(5000) }));
  const list = Array.from({ length: 1000 }, (_, id) => report({ id, peers: crowd, peerCount: 300 }));
  const { sockets, socketCount } = content(list, [], 7);
  assert.deepEqual([sockets.length, socketCount], [LIMITS.sockets, 1007]);
  assert.equal(
    sockets.reduce((sum, { peers }) => sum + peers.length, 0),
    LIMITS.peers,
  );
  assert.equal(sockets[0]?.peerCount, 300);
  assert.ok((sockets[0]?.peers[0]?.address.length ?? 0) <= LIMITS.text + 1);
  assert.ok(JSON.stringify(sockets).length < 2_000_000);
});
