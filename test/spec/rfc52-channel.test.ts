// 52/CHANNEL, sentence by sentence; ledger/rfc52.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ChannelPattern } from "../../src/sockets/draft/channel-pattern.ts";
import { assertConserved, link, Rig } from "../unit/sockets/rig.ts";

const channel = () => new Rig((host) => new ChannelPattern(host));

test("messages pass between two CHANNELs as they are, in any order of sides, each in one call", () => {
  const [here, there] = [channel(), channel()];
  link(here, there);
  const messages = [["a"], [""], ["\0\xff"], ["\x01\x02"], ["e".repeat(100_000)]];
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    for (const message of messages) assert.equal(from.send(...message), true);
    assert.deepEqual(to.receiveAll(), messages);
  }
});

test("CHANNEL has at most one peer, and a surplus one is refused", () => {
  const rig = channel();
  const first = rig.join();
  assert.throws(() => rig.join(), /refused/);
  rig.send("a");
  assert.deepEqual(first.receiveAll(), [["a"]]);
});

test("CHANNEL has two queues for its peer, with limits of their own", () => {
  const rig = channel();
  const peer = rig.join({ outHwm: 2, inHwm: 1 });
  assert.deepEqual([rig.send("1"), rig.send("2"), rig.send("3")], [true, true, false]);
  assert.deepEqual([peer.send("1"), peer.send("2")], [true, false]);
  assertConserved(peer.near, peer.far);
});

test("CHANNEL has its queues for an endpoint from connect on, connection or not", () => {
  const rig = channel();
  const endpoint = rig.connect();
  assert.equal(rig.send("before"), true);
  rig.identify(endpoint.near);
  endpoint.send("1");
  endpoint.near.live = false;
  assert.equal(rig.send("between two connections"), true);
  rig.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
  assert.deepEqual(rig.receiveAll(), [["1"]]);
});

test("CHANNEL discards what waits for a peer that left, and delivers what that peer had sent", () => {
  const rig = channel();
  const peer = rig.join();
  rig.send("a");
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 1);
  assert.deepEqual(rig.receiveAll(), [["last words"]]);
  assert.equal(peer.near.isClosed, true);
  assertConserved(peer.near, peer.far);
});

test("CHANNEL waits without a peer that has room, and discards nothing", () => {
  const rig = channel();
  assert.equal(rig.send("a"), false);
  assert.equal(rig.pattern.canSend(), false);
  const peer = rig.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(rig.send(`${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(rig.send("too many"), false);
  peer.receive();
  assert.equal(rig.send("2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assertConserved(peer.near);
});

test("CHANNEL refuses to send more than one frame", () => {
  const rig = channel();
  const peer = rig.join();
  assert.throws(() => rig.send("a", "b"), { code: "EINVAL" });
  assert.equal(peer.receive(), undefined);
});

test("CHANNEL discards messages of more frames whole, and counts them", () => {
  const rig = channel();
  const peer = rig.join();
  peer.send("a", "b");
  peer.send("c");
  peer.send("", "");
  assert.deepEqual(rig.receiveAll(), [["c"]]);
  assert.deepEqual(rig.receivedDrops, ["protocol", "protocol"]);
});
