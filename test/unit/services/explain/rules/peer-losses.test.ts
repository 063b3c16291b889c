import assert from "node:assert/strict";
import { test } from "node:test";
import { peerLosses, summedLosses } from "../../../../../src/services/explain/rules/peer-losses.ts";
import { NO_FLOW, peerView, viewOf } from "../views.ts";

const ENDPOINT = "tcp://127.0.0.1:5555";

function loss(peer: string | null, lostCount: number, ageMs = 10) {
  return { reason: "hwm" as const, direction: "sent" as const, endpoint: ENDPOINT, peer, ageMs, lostCount };
}

function lossy(total: number, ...losses: ReturnType<typeof loss>[]) {
  const sent = { ...NO_FLOW, accepted: total, dropped: { hwm: total } };
  return viewOf({ sent, losses, peers: [peerView({ address: "tcp://b:1" })] });
}

test("what was lost at each peer, the greatest first, and whether it is there", () => {
  const found = peerLosses(lossy(10, loss("tcp://b:1", 3, 20), loss("tcp://b:2", 7)), "hwm", "sent");
  assert.deepEqual(
    found.map(({ peer, lostCount, present, sinceMs }) => [peer, lostCount, present?.address, sinceMs]),
    [
      ["tcp://b:2", 7, undefined, 10],
      ["tcp://b:1", 3, "tcp://b:1", 20],
    ],
  );
});

test("what no known peer accounts for is told, too: nothing is left out of the total", () => {
  const found = peerLosses(lossy(10, loss("tcp://b:1", 3)), "hwm", "sent");
  assert.deepEqual(
    found.map(({ peer, lostCount }) => [peer, lostCount]),
    [
      ["tcp://b:1", 3],
      [null, 7],
    ],
  );
  assert.deepEqual(peerLosses(lossy(0), "hwm", "sent"), []);
  assert.deepEqual(peerLosses(lossy(10, loss("tcp://b:1", 3)), "hwm", "received"), []);
});

test("a peer whose loss nobody has told of yet is named", () => {
  const sent = { ...NO_FLOW, dropped: { hwm: 4 } };
  const view = { ...lossy(4), peers: [peerView({ sent })] };
  assert.deepEqual(
    peerLosses(view, "hwm", "sent").map(({ peer, lostCount }) => [peer, lostCount]),
    [["tcp://127.0.0.1:40000", 4]],
  );
});

test("sums name one peer where it is one, and count them else", () => {
  const one = summedLosses(lossy(3, loss("tcp://b:1", 3)), "hwm", "sent");
  assert.deepEqual([one?.peer, one?.lostCount, one?.peerCount], ["tcp://b:1", 3, 1]);
  const two = summedLosses(lossy(10, loss("tcp://b:1", 3, 99), loss("tcp://b:2", 7)), "hwm", "sent");
  assert.deepEqual([two?.lostCount, two?.peerCount, two?.sinceMs], [10, 2, 99]);
  const unknown = summedLosses(lossy(2), "hwm", "sent");
  assert.deepEqual([unknown?.peer, unknown?.peerCount, unknown?.sinceMs], [null, 0, null]);
  assert.equal(summedLosses(lossy(0), "hwm", "sent"), null);
});
