import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { SocketType } from "../../../src/base/socket-type.ts";
import { describePeer, describeTraffic, Ledger, totalDropped } from "../../../src/core/ledger.ts";
import { createLocalPipe } from "../../../src/pipe/local-pipe.ts";
import { noDrops, type PeerInfo } from "../../../src/pipe/pipe.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { assertLaw } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

const PEER: PeerInfo = {
  endpoint: "tcp://10.0.0.1:5",
  address: "tcp://10.0.0.1:6",
  socketType: SocketType.Router,
  routingId: Buffer.from("x"),
  outgoing: true,
  properties: undefined,
};

function pipe() {
  const marks = { firstToSecondHwm: 10, secondToFirstHwm: 20, conflate: false };
  return createLocalPipe(marks, { ...PEER }, { ...PEER });
}

const some = [Buffer.from("a")];

test("a message that reached no pipe counts as accepted and dropped", () => {
  const ledger = new Ledger();
  ledger.countSentDrop("no-subscriber");
  ledger.countSentDrop("no-subscriber");
  ledger.countSentDrop("unroutable");
  const stats = ledger.snapshot([]);
  assert.equal(stats.sent.accepted, 3);
  assert.equal(stats.sent.dropped["no-subscriber"], 2);
  assert.equal(totalDropped(stats.sent.dropped), 3);
  assert.equal(stats.received.accepted, 0);
  assertLaw(stats);
});

test("a snapshot adds what pipes count now to what gone pipes counted, and does not change afterwards", () => {
  const ledger = new Ledger();
  const [near, far] = pipe();
  near.tryWrite(some, true);
  near.tryWrite(some, true);
  far.tryWrite(some, true);
  far.tryRead();
  const before = ledger.snapshot([near]);
  assert.deepEqual([before.sent.accepted, before.sent.delivered, before.sent.queued], [2, 1, 1]);
  assert.deepEqual([before.received.accepted, before.received.queued], [1, 1]);
  near.close("peer-gone");
  far.close("linger");
  ledger.retire(near);
  const after = ledger.snapshot([]);
  assert.deepEqual(
    [after.sent.delivered, after.sent.dropped.linger, after.received.dropped["peer-gone"]],
    [1, 1, 1],
  );
  assert.equal(before.sent.queued, 1);
  for (const stats of [before, after]) assertLaw(stats);
});

test("a closed pipe counts on while its other end reads what was written", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 3; i++) {
    const [near, far] = pipe();
    near.tryWrite(some, true);
    near.tryWrite(some, true);
    near.close("orphaned");
    ledger.retire(near);
    const queued = ledger.snapshot([]).sent;
    assert.deepEqual([queued.accepted, queued.delivered, queued.queued], [2 * i + 2, 2 * i, 2]);
    far.tryRead();
    assert.equal(ledger.snapshot([]).sent.delivered, 2 * i + 1);
    far.tryRead();
    const read = ledger.snapshot([]);
    assert.deepEqual([read.sent.delivered, read.sent.queued], [2 * i + 2, 0]);
    assertLaw(read);
  }
});

test("a peer is described by what is known of it", () => {
  const [near, far] = pipe();
  near.live = true;
  near.tryWrite(some, true);
  far.tryRead();
  const peer = describePeer(near);
  assert.deepEqual(
    [peer.endpoint, peer.address, peer.socketType, peer.outgoing, peer.live],
    [PEER.endpoint, PEER.address, "ROUTER", true, true],
  );
  assert.deepEqual([peer.sendHighWaterMark, peer.receiveHighWaterMark], [10, 20]);
  assert.equal(peer.sent.delivered, 1);
  assert.equal(Buffer.from(peer.routingId).toString(), "x");
  const { properties, userId, metadata, ...traffic } = peer;
  assert.deepEqual(describeTraffic(near), traffic);
  assert.deepEqual([properties, userId, metadata], [new Map(), undefined, new Map()]);
  near.peer.socketType = undefined;
  assert.equal(describePeer(near).socketType, undefined);
});

test("losses are added up over all reasons", () => {
  const dropped = noDrops();
  assert.equal(totalDropped(dropped), 0);
  for (const reason of Object.keys(dropped) as (keyof typeof dropped)[]) dropped[reason] = 2;
  assert.equal(totalDropped(dropped), 2 * Object.keys(dropped).length);
});
