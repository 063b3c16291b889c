import assert from "node:assert/strict";
import { test } from "node:test";
import { DealerPattern } from "../../../../src/sockets/reqrep/dealer-pattern.ts";
import { Rig } from "../rig.ts";

function dealer(options = {}): Rig<DealerPattern> {
  return new Rig((host) => new DealerPattern(host), options);
}

test("messages go out in turn and come in in turn", () => {
  const rig = dealer();
  const peers = [rig.join(), rig.join(), rig.connect()];
  for (let i = 0; i < 6; i++) rig.send(`${i}`);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3", "1,4", "2,5"],
  );
  for (let round = 0; round < 2; round++) peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(rig.receiveAll().join(""), "012012");
});

test("frames are neither added nor taken", () => {
  const rig = dealer();
  const peer = rig.join();
  rig.send("", "body", "");
  assert.deepEqual(peer.receive(), ["", "body", ""]);
  peer.send("", "", "reply");
  assert.deepEqual(rig.receive(), ["", "", "reply"]);
});

test("a peer that left takes nothing more and is read to its end", () => {
  const rig = dealer();
  const left = rig.join();
  const stays = rig.join();
  left.send("last words");
  left.far.close("peer-gone");
  for (let i = 0; i < 3; i++) assert.equal(rig.send(`${i}`), true);
  assert.equal(stays.receiveAll().length, 3);
  assert.deepEqual(rig.receiveAll(), [["last words"]]);
  stays.far.close("peer-gone");
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.send("a"), false);
});

test("every connection is probed, if asked", () => {
  const rig = dealer({ probeRouter: true });
  const peer = rig.connect();
  assert.deepEqual(peer.receiveAll(), []);
  rig.identify(peer.near);
  assert.deepEqual(peer.receiveAll(), [[""]]);
  rig.identify(peer.near);
  assert.deepEqual(peer.receiveAll(), [[""]]);
  rig.options.probeRouter = false;
  assert.deepEqual(rig.join().receiveAll(), []);
});
