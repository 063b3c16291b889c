import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientPattern } from "../../../../src/sockets/draft/client-pattern.ts";
import { Rig } from "../rig.ts";

function client(): Rig<ClientPattern> {
  return new Rig((host) => new ClientPattern(host));
}

test("messages go out in turn and come in in turn", () => {
  const rig = client();
  const peers = [rig.join(), rig.join(), rig.connect()];
  for (let i = 0; i < 6; i++) rig.send(`${i}`);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3", "1,4", "2,5"],
  );
  for (let round = 0; round < 2; round++) peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(rig.receiveAll().join(""), "012012");
});

test("a peer that left takes nothing more and is read to its end", () => {
  const rig = client();
  const peer = rig.join();
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.send("a"), false);
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receiveAll(), [["last words"]]);
  assert.equal(rig.pattern.origin(), peer.near);
  assert.equal(rig.pattern.canReceive(), false);
});

test("a full peer is passed over and asked again when it has room", () => {
  const rig = client();
  const small = rig.join({ outHwm: 1 });
  assert.deepEqual([rig.send("1"), rig.send("2")], [true, false]);
  small.receive();
  assert.equal(rig.send("2"), true);
});
