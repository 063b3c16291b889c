import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketType } from "../../../../src/base/socket-type.ts";
import { frameOfNumber } from "../../../../src/routing/number-table.ts";
import { ServerPattern } from "../../../../src/sockets/draft/server-pattern.ts";
import { assertConserved, createPeer, Rig } from "../rig.ts";

// The rig's platform gives 0.5.
const FIRST = 0x80000000;

function server(options = {}, type: SocketType = SocketType.Server): Rig<ServerPattern> {
  return new Rig((host) => new ServerPattern(host, type), options);
}

/** A routing id as it stands inside. */
function id(number: number): string {
  return Buffer.from(frameOfNumber(number)).toString("latin1");
}

test("each peer has a number of its own, and what is sent to a number goes there", () => {
  const rig = server();
  const peers = [rig.join(), rig.join(), rig.connect()];
  peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(rig.receiveAll(), [
    [id(FIRST), "0"],
    [id(FIRST + 1), "1"],
    [id(FIRST + 2), "2"],
  ]);
  for (let i = 2; i >= 0; i--) assert.equal(rig.send(id(FIRST + i), `to ${i}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["to 0", "to 1", "to 2"],
  );
});

test("an identity that a peer announces is nothing to it", () => {
  const rig = server();
  rig.join({ routingId: "me" }).send("a");
  rig.join({ routingId: "me" }).send("b");
  assert.deepEqual(rig.receiveAll().flat(), [id(FIRST), "a", id(FIRST + 1), "b"]);
});

test("nobody is EHOSTUNREACH, and so is a peer that left or whose pipe is closed", () => {
  const rig = server();
  assert.throws(() => rig.send(id(1), "a"), { code: "EHOSTUNREACH", message: /SERVER has the routing id 1/ });
  const peer = rig.join();
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(rig.writableCount, 1);
  assert.throws(() => rig.send(id(FIRST), "a"), { code: "EHOSTUNREACH" });
  assert.deepEqual(rig.receiveAll(), [[id(FIRST), "last words"]]);
  assert.equal(rig.pattern.origin(), peer.near);
  assert.equal(rig.pattern.routingIdOf(peer.near), undefined);
});

test("a full peer lets the send wait, and others are sent to meanwhile", () => {
  const rig = server();
  const full = rig.join({ outHwm: 1 });
  rig.join();
  assert.deepEqual([rig.send(id(FIRST), "1"), rig.send(id(FIRST), "2")], [true, false]);
  assert.equal(rig.send(id(FIRST + 1), "other"), true);
  assert.equal(rig.pattern.canSend(), true);
  full.receive();
  assert.equal(rig.send(id(FIRST), "2"), true);
  assertConserved(full.near);
});

test("messages of more frames are EINVAL, and dropped when they come", () => {
  const rig = server();
  const peer = rig.join();
  for (const message of [[id(FIRST)], [id(FIRST), "a", "b"]])
    assert.throws(() => rig.send(...message), { code: "EINVAL", message: /SERVER/ });
  assert.throws(() => server({}, SocketType.Peer).send("", "", ""), { message: /PEER/ });
  peer.send("a", "b");
  peer.send("c");
  assert.deepEqual(rig.receiveAll(), [[id(FIRST), "c"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol"]);
});

test("disconnectPeer closes that peer's connection, once, and tells a send that waits", () => {
  const rig = server({ disconnectMessage: Buffer.from("gone") });
  const peer = rig.join({ outHwm: 1 });
  rig.pattern.disconnectPeer(FIRST);
  assert.deepEqual(
    rig.disconnections.map(({ pipe, reconnect }) => [pipe === peer.near, reconnect]),
    [[true, false]],
  );
  assert.ok(rig.writableCount > 0);
  assert.throws(() => rig.pattern.disconnectPeer(FIRST), { code: "EHOSTUNREACH" });
  assert.throws(() => rig.send(id(FIRST), "a"), { code: "EHOSTUNREACH" });
  // Who was sent away did not leave.
  assert.deepEqual(rig.receiveAll(), []);
});

test("disconnectMessage comes behind all that the peer sent, with its number (B71)", () => {
  const rig = server({ disconnectMessage: Buffer.from("gone") });
  const [talker, silent] = [rig.join(), rig.join()];
  talker.send("1");
  talker.send("2");
  talker.far.close("peer-gone");
  assert.deepEqual(rig.receive(), [id(FIRST), "1"]);
  assert.equal(rig.pattern.canReceive(), true);
  silent.far.close("peer-gone");
  assert.deepEqual(rig.receive(), [id(FIRST + 1), "gone"]);
  assert.equal(rig.pattern.origin(), silent.near);
  assert.deepEqual(rig.receiveAll(), [
    [id(FIRST), "2"],
    [id(FIRST), "gone"],
  ]);
  assert.equal(rig.pattern.origin(), talker.near);
  assert.equal(rig.pattern.canReceive(), false);
  assertConserved(talker.far, silent.far);
});

test("a number may be asked for before the pipe is attached, and kept for the pipe that comes after it", () => {
  const rig = server({}, SocketType.Peer);
  const [before, after, third] = [
    createPeer({ outgoing: true }),
    createPeer({ outgoing: true }),
    createPeer(),
  ];
  assert.equal(rig.pattern.assignNumber(before.near, 0), FIRST);
  rig.adopt(before.near);
  assert.equal(rig.send(id(FIRST), "at once"), true);
  before.far.close("peer-gone");
  assert.equal(rig.pattern.assignNumber(after.near, FIRST), FIRST);
  // One that somebody has is nobody else's.
  assert.equal(rig.pattern.assignNumber(third.near, FIRST), FIRST + 1);
});
