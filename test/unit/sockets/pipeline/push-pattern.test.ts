import assert from "node:assert/strict";
import { test } from "node:test";
import { PushPattern } from "../../../../src/sockets/pipeline/push-pattern.ts";
import { createPeer, frames, Rig } from "../rig.ts";

function push(): Rig<PushPattern> {
  return new Rig((host) => new PushPattern(host));
}

test("messages go to the peers in turn, connected or not yet", () => {
  const rig = push();
  const live = rig.join();
  const dead = rig.connect();
  for (let i = 0; i < 10; i++) assert.equal(rig.send(`${i}`), true);
  assert.deepEqual(live.receiveAll().join(), "0,2,4,6,8");
  assert.equal(dead.near.written.queued, 5);
});

test("full and departed peers are passed over", () => {
  const rig = push();
  const full = rig.join({ outHwm: 1 });
  const left = rig.join();
  const open = rig.join();
  left.far.close("peer-gone");
  for (let i = 0; i < 4; i++) assert.equal(rig.send(`${i}`), true);
  assert.deepEqual(full.receiveAll().join(), "0");
  assert.deepEqual(open.receiveAll().join(), "1,2,3");
});

test("the socket waits without a peer that has room", () => {
  const rig = push();
  assert.equal(rig.send("a"), false);
  assert.equal(rig.pattern.canSend(), false);
  const peer = rig.join({ outHwm: 1 });
  assert.equal(rig.send("a"), true);
  assert.equal(rig.send("b"), false);
  peer.receive();
  assert.equal(rig.pattern.canSend(), true);
});

test("what a peer sends is discarded and counted, and nothing can be received", () => {
  const rig = push();
  const early = createPeer({ inHwm: 2 });
  early.send("before the peer was attached");
  assert.equal(rig.adopt(early.near), true);
  for (let i = 0; i < 10; i++) assert.equal(early.send("x"), true);
  assert.equal(early.far.written.dropped.protocol, 11);
  assert.equal(early.far.written.delivered, 0);
  assert.equal(rig.pattern.canReceive(), false);
  assert.throws(() => rig.pattern.receive(), { code: "ENOTSUP" });
});

test("a message that is lent may be changed after the call", () => {
  const rig = push();
  const peer = rig.join();
  const message = frames("before");
  rig.pattern.send(message);
  message[0]!.fill(0);
  assert.deepEqual(peer.receive(), ["before"]);
});
