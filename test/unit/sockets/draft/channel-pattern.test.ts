import assert from "node:assert/strict";
import { test } from "node:test";
import { ChannelPattern } from "../../../../src/sockets/draft/channel-pattern.ts";
import { assertConserved, Rig } from "../rig.ts";

function channel(): Rig<ChannelPattern> {
  return new Rig((host) => new ChannelPattern(host));
}

test("messages of one frame pass both ways", () => {
  const rig = channel();
  const peer = rig.join();
  assert.equal(rig.send("out"), true);
  assert.deepEqual(peer.receiveAll(), [["out"]]);
  peer.send("in");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receiveAll(), [["in"]]);
  assert.throws(() => rig.send("two", "frames"), { code: "EINVAL", message: /CHANNEL/ });
});

test("messages of more frames are dropped whole and counted", () => {
  const rig = channel();
  const peer = rig.join();
  peer.send("a", "b");
  peer.send("c");
  peer.send("d", "");
  assert.deepEqual(rig.receiveAll(), [["c"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
  assertConserved(peer.far);
});

test("a surplus peer is refused, until the one before is gone and read to its end (B131, B132)", () => {
  const rig = channel();
  const first = rig.join();
  assert.throws(() => rig.join(), /CHANNEL socket has one peer/);
  first.send("unread");
  first.far.close("peer-gone");
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.send("to nobody"), false);
  assert.throws(() => rig.join(), /another holds its place/);
  assert.deepEqual(rig.receiveAll(), [["unread"]]);
  assert.equal(rig.pattern.origin(), first.near);
  const second = rig.join();
  assert.equal(rig.send("again"), true);
  assert.deepEqual(second.receiveAll(), [["again"]]);
});

test("without a peer nothing is sent or received", () => {
  const rig = channel();
  assert.equal(rig.send("a"), false);
  assert.equal(rig.receive(), undefined);
  assert.deepEqual([rig.pattern.canSend(), rig.pattern.canReceive()], [false, false]);
  const peer = rig.join({ outHwm: 1 });
  assert.deepEqual([rig.send("1"), rig.send("2"), rig.pattern.canSend()], [true, false, false]);
  peer.receive();
  assert.equal(rig.pattern.canSend(), true);
});
