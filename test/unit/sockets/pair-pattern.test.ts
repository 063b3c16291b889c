import assert from "node:assert/strict";
import { test } from "node:test";
import { PairPattern } from "../../../src/sockets/pair-pattern.ts";
import { createPeer, Rig } from "./rig.ts";

function pair(): Rig<PairPattern> {
  return new Rig((host) => new PairPattern(host));
}

test("without a peer nothing can be sent or received", () => {
  const rig = pair();
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.send("a"), false);
  assert.equal(rig.receive(), undefined);
});

test("messages go both ways", () => {
  const rig = pair();
  const peer = rig.join();
  peer.send("in", "two");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receive(), ["in", "two"]);
  assert.equal(rig.pattern.canSend(), true);
  assert.equal(rig.send("out", ""), true);
  assert.deepEqual(peer.receive(), ["out", ""]);
});

test("a full pipe makes the socket wait", () => {
  const rig = pair();
  const peer = rig.join({ outHwm: 1 });
  assert.equal(rig.send("1"), true);
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.send("2"), false);
  peer.receive();
  assert.equal(rig.pattern.canSend(), true);
  assert.equal(rig.send("2"), true);
});

test("a surplus peer is refused and the first one stays", () => {
  const rig = pair();
  const peer = rig.connect();
  const surplus = createPeer();
  assert.equal(rig.adopt(surplus.near), false);
  assert.match(rig.pattern.refusal, /one peer/);
  assert.equal(surplus.far.isEnded, true);
  assert.equal(rig.identify(peer.near), true);
  rig.send("a");
  assert.deepEqual(peer.receive(), ["a"]);
});

test("nothing is written after the writer was detached", () => {
  const rig = pair();
  const peer = rig.join();
  rig.pattern.detachWriter(peer.near);
  assert.equal(rig.send("a"), false);
  assert.equal(rig.pattern.canSend(), false);
  peer.send("last words");
  assert.deepEqual(rig.receive(), ["last words"]);
});

test("a new peer is accepted when the one before is gone with all that was unread", () => {
  const rig = pair();
  const first = rig.join();
  first.send("last words");
  first.far.close("peer-gone");
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.send("to nobody"), false);
  assert.equal(rig.adopt(createPeer().near), false);
  assert.deepEqual(rig.receive(), ["last words"]);
  const second = rig.join();
  rig.send("hello");
  assert.deepEqual(second.receive(), ["hello"]);
});
