import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { Books } from "../../../src/core/books.ts";
import type { Loss } from "../../../src/core/journal.ts";
import type { MonitorEvent } from "../../../src/core/monitor-event.ts";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { assertLaw } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

const PEER = {
  endpoint: "tcp://10.0.0.1:5",
  address: "tcp://10.0.0.2:6",
  socketType: undefined,
  routingId: new Uint8Array(0),
  outgoing: true,
  properties: undefined,
};

function rig() {
  const losses: Loss[] = [];
  const events: MonitorEvent[] = [];
  const doubts: number[] = [];
  const books = new Books({
    lastEndpoint: "tcp://10.0.0.9:1",
    onLoss: (loss) => losses.push(loss),
    onDoubt: () => doubts.push(1),
  });
  books.monitor.add((event) => events.push(event));
  const marks = { firstToSecondHwm: 1, secondToFirstHwm: 1, conflate: false };
  const [near, far] = createLocalPipe(marks, { ...PEER }, { ...PEER });
  books.journal.noteAttached(near, [], 0);
  return { books, losses, events, doubts, near, far };
}

test("the first loss of a reason is an event and is told on, the others are counted", () => {
  const { books, losses, events } = rig();
  for (let i = 0; i < 3; i++) books.countDrop("no-subscriber", undefined);
  assert.deepEqual(events, [
    { type: "loss", address: "tcp://10.0.0.9:1", reason: "no-subscriber", direction: "sent" },
  ]);
  assert.equal(losses.length, 1);
  assert.equal(books.stats([], true).sent.dropped["no-subscriber"], 3);
});

test("a peer's loss names the peer and its endpoint", () => {
  const { books, events, near } = rig();
  near.countDrop("hwm");
  books.noteFirstDrop(near, "hwm");
  books.countReceivedDrop(near, "protocol");
  books.countReceivedDrop(near, "protocol");
  const at = { type: "loss", address: PEER.endpoint, peer: PEER.address };
  assert.deepEqual(events, [
    { ...at, reason: "hwm", direction: "sent" },
    { ...at, reason: "protocol", direction: "received" },
  ]);
});

test("what went with a peer is told when its pipe is retired, and its counts stay", () => {
  const { books, losses, near, far } = rig();
  near.tryWrite([Buffer.from("a")], true);
  far.close("peer-gone");
  near.close("peer-gone");
  books.retire(near);
  assert.deepEqual(
    losses.map(({ reason, direction }) => `${direction} ${reason}`),
    ["sent peer-gone"],
  );
  const stats = books.stats([], true);
  assert.equal(stats.sent.dropped["peer-gone"], 1);
  assertLaw(stats);
});

test("trouble is told on: connecting in vain, a late subscriber, calls out of step", () => {
  const { books, doubts, near } = rig();
  const error = new ZmqError("ECONNREFUSED", "Nobody listens.");
  for (let i = 0; i < 7; i++) books.emit({ type: "close", address: PEER.endpoint, error });
  assert.equal(doubts.length, 1);
  books.countDrop("no-subscriber", undefined);
  books.noteSubscribers(1, near);
  books.noteSubscribers(0, null);
  books.noteSubscribers(1, near);
  assert.equal(doubts.length, 2);
  books.noteOutOfStep();
  books.noteOutOfStep();
  assert.equal(doubts.length, 3);
});
