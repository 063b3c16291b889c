// How the two ends are wired; test/contract/pipe-suite.ts holds what every pipe must do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { PeerInfo } from "../../../src/pipe/pipe.ts";

const SOME: PeerInfo = {
  endpoint: "test://a",
  address: "test://a",
  socketType: undefined,
  routingId: new Uint8Array(0),
  outgoing: true,
  properties: undefined,
};
const OTHER: PeerInfo = { ...SOME, endpoint: "test://b" };

function pipe(firstToSecondHwm = 0, secondToFirstHwm = 0) {
  return createLocalPipe({ firstToSecondHwm, secondToFirstHwm, conflate: false }, SOME, OTHER);
}

test("each end writes what the other reads, and both count it in the same place", () => {
  const [first, second] = pipe(2, 3);
  assert.equal(first.written, second.received);
  assert.equal(second.written, first.received);
  assert.deepEqual([first.written.hwm, second.written.hwm], [2, 3]);
  assert.equal(first.peer, SOME);
  assert.equal(second.peer, OTHER);
});

test("an end that nobody has claimed says nothing and keeps what comes", () => {
  const [first, second] = pipe();
  assert.ok(first.tryWrite([Buffer.from("early")], true));
  first.close("peer-gone");
  assert.equal(second.isEnded, true);
  assert.equal(second.tryRead()?.[0]?.toString(), "early");
  assert.equal(second.tryRead(), undefined);
});

test("marks are set from either end, as that end sees them", () => {
  const [first, second] = pipe();
  second.setHighWaterMarks(5, 6);
  assert.deepEqual([second.written.hwm, first.written.hwm], [5, 6]);
});

test("closing ends both directions, and neither peer is live any more", () => {
  const [first, second] = pipe();
  const told: string[] = [];
  first.live = second.live = true;
  second.events = { ...second.events, onPeerClosed: () => told.push("peer closed") };
  second.tryWrite([Buffer.from("lost")], true);
  first.close("linger");
  first.close("linger");
  assert.deepEqual(told, ["peer closed"]);
  assert.deepEqual([first.live, second.live], [false, false]);
  assert.deepEqual(
    [first.isClosed, first.isEnded, second.isClosed, second.isEnded],
    [true, false, false, true],
  );
  assert.equal(second.written.dropped.linger, 1);
  second.close("peer-gone");
  assert.deepEqual(told, ["peer closed"], "the end that closed first hears nothing of the other");
});

test("what is written off counts as come and gone, and takes no room", () => {
  const [first, second] = pipe(1);
  first.writeOff("protocol");
  first.writeOff("no-subscriber");
  assert.ok(first.tryWrite([Buffer.from("a")], true));
  assert.equal(first.tryWrite([Buffer.from("b")], true), false);
  first.writeOff("protocol");
  assert.deepEqual([second.received.accepted, second.received.delivered, second.received.queued], [4, 0, 1]);
  assert.equal(second.received.dropped.protocol, 2);
  assert.equal(second.received.dropped["no-subscriber"], 1);
  assert.equal(second.tryRead()?.[0]?.toString(), "a");
  assert.deepEqual([second.received.accepted, second.received.delivered], [4, 1]);
  assert.ok(first.tryWrite([Buffer.from("b")], true));
});
