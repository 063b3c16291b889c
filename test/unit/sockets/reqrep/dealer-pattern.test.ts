import assert from "node:assert/strict";
import { test } from "node:test";
import { DealerPattern } from "../../../../src/sockets/reqrep/dealer-pattern.ts";
import { Rig } from "../rig.ts";
import { Ask, ask } from "./asking-rig.ts";

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

test("a request goes to peers that are reachable, in turn, and not where it was if another takes it", () => {
  const rig = dealer();
  const away = rig.connect();
  let roomCount = 0;
  rig.pattern.onRequestRoom = () => void roomCount++;
  const first = new Ask(rig.pattern, "a");
  assert.equal(first.send(), false);
  assert.deepEqual(away.receiveAll(), []);
  const one = rig.join({ outHwm: 2 });
  const two = rig.join();
  assert.equal(roomCount, 2);
  assert.equal(first.send(), true);
  assert.equal(first.server, one.near);
  assert.equal(ask(rig.pattern, "b").server, two.near);
  // It would be the first one's turn.
  assert.equal(first.send(), true);
  assert.equal(first.server, two.near);
  assert.equal(first.send(), true);
  assert.equal(first.server, one.near);
  two.far.close("peer-gone");
  assert.equal(first.send(), false, "the only one left is full");
  one.receiveAll();
  assert.equal(roomCount, 3);
  assert.equal(first.send(), true);
  assert.equal(first.server, one.near);
  assert.deepEqual(away.receiveAll(), []);
});

test("who asked is told once that the connection to his server broke, or that it left", () => {
  const rig = dealer();
  const [one, two] = [rig.join(), rig.join()];
  const asks = ["a", "b", "c"].map((body) => ask(rig.pattern, body));
  rig.pattern.lost(one.near);
  assert.deepEqual(
    asks.map(({ lostCount, server }) => [lostCount, server]),
    [
      [1, null],
      [0, two.near],
      [1, null],
    ],
  );
  two.far.close("peer-gone");
  rig.pattern.lost(one.near);
  assert.deepEqual(
    asks.map(({ lostCount }) => lostCount),
    [1, 1, 1],
  );
});
