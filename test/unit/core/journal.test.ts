import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, ZmqError } from "../../../src/base/errors.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { Journal } from "../../../src/core/journal.ts";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { PeerInfo } from "../../../src/pipe/pipe.ts";

let nowMs = 0;
installPlatform({ now: () => nowMs });

const ADDRESS = "tcp://10.0.0.1:5";
const PEER: PeerInfo = {
  endpoint: ADDRESS,
  address: "tcp://10.0.0.2:6",
  socketType: SocketType.Subscriber,
  routingId: new Uint8Array(0),
  outgoing: false,
  properties: undefined,
};

function pipes() {
  const marks = { firstToSecondHwm: 2, secondToFirstHwm: 2, conflate: false };
  return createLocalPipe(marks, { ...PEER }, { ...PEER });
}

const refused = () => new ZmqError("ECONNREFUSED", "Nobody listens.");

test("an endpoint's attempts, failures and handshakes are counted, and the last error kept", () => {
  nowMs = 100;
  const journal = new Journal();
  for (let i = 1; i <= 5; i++) {
    nowMs += 10;
    journal.noteEvent({ type: "connect:delay", address: ADDRESS });
    const isDoubtful = journal.noteEvent({ type: "close", address: ADDRESS, error: refused() });
    assert.equal(isDoubtful, i === 5, `failure ${i}`);
  }
  const record = journal.endpoints.get(ADDRESS);
  assert.deepEqual([record?.attemptCount, record?.failureCount, record?.sinceMs], [5, 5, 110]);
  assert.equal((record?.lastError as ZmqError | undefined)?.code, "ECONNREFUSED");
  journal.noteEvent({ type: "handshake", address: ADDRESS, peer: "tcp://10.0.0.2:6" });
  assert.deepEqual([record?.failureCount, record?.handshakeCount, record?.handshakeMs], [0, 1, 150]);
});

test("a listener that closes is no failure", () => {
  const journal = new Journal();
  assert.equal(journal.noteEvent({ type: "close", address: ADDRESS }), false);
  assert.equal(journal.endpoints.get(ADDRESS)?.failureCount, 0);
});

test("connections that end right after their handshake are counted while they follow each other", () => {
  const journal = new Journal();
  const connect = (lastsMs: number): boolean => {
    nowMs += 1000;
    journal.noteEvent({ type: "handshake", address: ADDRESS, peer: "p" });
    nowMs += lastsMs;
    return journal.noteEvent({ type: "disconnect", address: ADDRESS, peer: "p" });
  };
  assert.deepEqual([1, 1, 1, 1].map(connect), [false, false, false, false]);
  assert.equal(connect(1), true);
  assert.equal(journal.endpoints.get(ADDRESS)?.briefCount, 5);
  connect(5000);
  assert.equal(journal.endpoints.get(ADDRESS)?.briefCount, 0);
});

test("events and endpoints are bounded", () => {
  const journal = new Journal();
  for (let i = 0; i < 1000; i++) journal.noteEvent({ type: "connect:delay", address: `tcp://10.0.0.1:${i}` });
  assert.ok(journal.events.length <= 64, `${journal.events.length} events`);
  assert.ok(journal.endpoints.size <= 64, `${journal.endpoints.size} endpoints`);
  const last = journal.events.peek();
  assert.deepEqual(last?.event, { type: "connect:delay", address: "tcp://10.0.0.1:936" });
});

test("each reason is told once for the socket and once for each peer and direction", () => {
  const journal = new Journal();
  nowMs = 7;
  const loss = {
    reason: "no-subscriber",
    direction: "sent",
    endpoint: null,
    peer: null,
    atMs: 7,
    lostCount: 0,
  };
  assert.deepEqual(journal.noteDrop("no-subscriber", undefined), loss);
  assert.equal(journal.noteDrop("no-subscriber", undefined), null);
  const [one] = pipes();
  const [two] = pipes();
  for (const pipe of [one, two]) {
    journal.noteAttached(pipe, [], 0);
    assert.equal(journal.notePeerDrop(pipe, "hwm", "sent")?.peer, "tcp://10.0.0.2:6");
    assert.equal(journal.notePeerDrop(pipe, "hwm", "sent"), null);
    assert.equal(journal.notePeerDrop(pipe, "protocol", "received")?.direction, "received");
  }
  assert.equal(journal.losses.length, 5);
});

test("what was asked for is no loss: conflation, and topics that a subscriber did not want", () => {
  const journal = new Journal();
  const [pipe] = pipes();
  journal.noteAttached(pipe, [], 0);
  assert.equal(journal.notePeerDrop(pipe, "conflated", "sent"), null);
  assert.equal(journal.notePeerDrop(pipe, "no-subscriber", "received"), null);
  assert.deepEqual(journal.losses, []);
});

test("an audit tells what was dropped and not told", () => {
  const journal = new Journal();
  const [near, far] = pipes();
  journal.noteAttached(near, [], 0);
  near.tryWrite([Buffer.from("a")], true);
  near.countDrop("hwm");
  journal.notePeerDrop(near, "hwm", "sent");
  far.close("peer-gone");
  assert.deepEqual(
    journal.audit(near).map(({ reason }) => reason),
    ["peer-gone"],
  );
  assert.deepEqual(journal.audit(near), []);
});

test("a publisher's messages without any subscriber are told apart from those that nobody wanted", () => {
  nowMs = 50;
  const journal = new Journal();
  journal.noteDrop("no-subscriber", undefined);
  assert.equal(journal.lonelyLost(3), 3);
  nowMs = 62;
  const [pipe] = pipes();
  journal.noteAttached(pipe, [], 0);
  journal.noteSubscribers(1, 3, pipe);
  assert.deepEqual(journal.lonely, {
    lostCount: 3,
    firstLostMs: 50,
    endedMs: 62,
    peer: "tcp://10.0.0.2:6",
    firstMs: 62,
    beforeFirst: 3,
  });
  // Two that nobody wanted, then all leave, and one is lost.
  journal.noteSubscribers(0, 5, null);
  assert.equal(journal.lonelyLost(6), 4);
  journal.noteSubscribers(1, 6, pipe);
  assert.equal(journal.lonelyLost(9), 4);
  assert.equal(journal.sample(pipe, nowMs)?.subscribedMs, 62);
  assert.deepEqual([journal.lonely.beforeFirst, journal.lonely.firstMs], [3, 62]);
});

test("a publisher with a subscriber from the start lost nothing before the first", () => {
  nowMs = 70;
  const journal = new Journal();
  const [pipe] = pipes();
  journal.noteSubscribers(1, 0, pipe);
  journal.noteSubscribers(0, 0, null);
  nowMs = 80;
  journal.noteSubscribers(1, 4, pipe);
  const { lostCount, beforeFirst, firstMs, endedMs } = journal.lonely;
  assert.deepEqual([lostCount, beforeFirst, firstMs, endedMs], [4, 0, 70, 80]);
});

test("a loss knows what it came to at its peer, also when that is gone", () => {
  const journal = new Journal();
  const [near] = pipes();
  journal.noteAttached(near, [], 0);
  near.countDrop("hwm");
  const loss = journal.notePeerDrop(near, "hwm", "sent");
  assert.equal(loss?.lostCount, 1);
  near.countDrop("hwm");
  journal.sample(near, 0);
  assert.equal(loss?.lostCount, 2);
  near.countDrop("hwm");
  journal.forget(near);
  assert.equal(journal.losses[0]?.lostCount, 3);
});

test("the id that had no route and the topic that nobody wanted are kept apart", () => {
  const journal = new Journal();
  journal.noteDrop("no-subscriber", Buffer.from("topic"));
  journal.noteDrop("unroutable", Buffer.from("id"));
  assert.deepEqual([journal.unmatchedTopic, journal.unroutableId], ['"topic"', '"id"']);
});

test("a peer that came later knows what the others had been given, while they are few", () => {
  const journal = new Journal();
  const [first] = pipes();
  first.tryWrite([Buffer.from("a")], true);
  first.tryWrite([Buffer.from("b")], true);
  const [second] = pipes();
  journal.noteAttached(second, [first], 1);
  assert.equal(journal.sample(second, 0)?.givenBefore, 2);
  const [many] = pipes();
  journal.noteAttached(many, [first], 65);
  assert.equal(journal.sample(many, 0)?.givenBefore, -1);
});

test("when a peer was heard of last is known as far as somebody looks", () => {
  const journal = new Journal();
  const [near, far] = pipes();
  journal.noteAttached(near, [], 0);
  assert.equal(journal.sample(near, 10)?.heardMs, -1);
  far.tryWrite([Buffer.from("a")], true);
  assert.equal(journal.sample(near, 20)?.heardMs, 20);
  assert.equal(journal.sample(near, 30)?.heardMs, 20);
  journal.forget(near);
  assert.equal(journal.sample(near, 40), undefined);
});

test("the first id that could not be routed is kept, as people read it", () => {
  const journal = new Journal();
  journal.noteDrop("unroutable", Buffer.from("nobody"));
  journal.noteDrop("unroutable", Buffer.from("other"));
  assert.equal(journal.unroutableId, '"nobody"');
});

test("calls out of step are counted, and the first is told", () => {
  const journal = new Journal();
  nowMs = 9;
  assert.deepEqual([journal.noteOutOfStep(), journal.noteOutOfStep()], [true, false]);
  assert.deepEqual([journal.outOfStepCount, journal.outOfStepMs], [2, 9]);
});

test("a failed handshake is looked into where its reason is known, or when it happens again", () => {
  const peer = "tcp://10.0.0.2:6";
  const other = (code: "EPIPE" | "EFAULT" | "ETIMEDOUT") =>
    ({
      type: "handshake:error:other",
      address: ADDRESS,
      peer,
      error: new ZmqError(code, "Ended."),
    }) as const;
  const journal = new Journal();
  const doubts = [1, 2, 3, 4, 5, 6].map(() => journal.noteEvent(other("EPIPE")));
  assert.deepEqual(doubts, [false, true, false, false, true, false]);
  assert.ok(new Journal().noteEvent(other("EFAULT")));
  assert.ok(new Journal().noteEvent(other("ETIMEDOUT")));
  const error = new AuthError(400, "No.");
  assert.ok(new Journal().noteEvent({ type: "handshake:error:auth", address: ADDRESS, peer, error }));
});
