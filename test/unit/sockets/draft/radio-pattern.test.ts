import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketOptionValues } from "../../../../src/core/option-values.ts";
import { createLocalPipe } from "../../../../src/pipe/local-pipe.ts";
import { RadioPattern } from "../../../../src/sockets/draft/radio-pattern.ts";
import { ends, octets, PUBSUB_DEFAULTS, wants } from "../pubsub/pubsub-rig.ts";
import { assertConserved, Peer, peerInfo, Rig } from "../rig.ts";

const radio = (options: Partial<SocketOptionValues> = {}): Rig<RadioPattern> =>
  new Rig((host) => new RadioPattern(host), { ...PUBSUB_DEFAULTS, ...options });

/** A peer that takes everything, in datagrams. */
function overUdp(socket: Rig<RadioPattern>, outHwm = 0): Peer {
  const marks = { firstToSecondHwm: outHwm, secondToFirstHwm: 0, conflate: false };
  const [near, far] = createLocalPipe(marks, { ...peerInfo(), isDatagram: true }, peerInfo());
  assert.ok(socket.adopt(near));
  return new Peer(near, far);
}

test("a message goes to those that joined its very group", () => {
  const socket = radio();
  const [a, b, both, none] = [socket.join(), socket.join(), socket.join(), socket.join()];
  a.send(wants("a"));
  b.send(wants("ab"));
  both.send(wants("a"));
  both.send(wants("ab"));
  for (const group of ["a", "ab", "abc", ""]) socket.send(group, "body");
  assert.deepEqual(a.receiveAll(), [["a", "body"]]);
  assert.deepEqual(b.receiveAll(), [["ab", "body"]]);
  assert.deepEqual(both.receiveAll(), [
    ["a", "body"],
    ["ab", "body"],
  ]);
  assert.deepEqual(none.receiveAll(), []);
  assert.equal(socket.dropped["no-subscriber"], 2);
});

test("a group that was left gets nothing more, and one that nobody joined is left without effect", () => {
  const socket = radio();
  const peer = socket.join();
  peer.send(wants("a"));
  peer.send(wants(""));
  socket.send("", "1");
  peer.send(ends("a"));
  peer.send(ends("x"));
  socket.send("a", "2");
  socket.send("", "3");
  assert.deepEqual(peer.receiveAll(), [
    ["", "1"],
    ["", "3"],
  ]);
  assert.deepEqual(socket.subscriberCounts, [1]);
});

test("a dish that connects again is asked anew", () => {
  const socket = radio();
  const endpoint = socket.connect();
  socket.identify(endpoint.near);
  endpoint.send(wants("a"));
  socket.identify(endpoint.near);
  socket.send("a", "lost");
  endpoint.send(wants("a"));
  socket.send("a", "found");
  assert.deepEqual(endpoint.receiveAll(), [["a", "found"]]);
});

test("what a dish says beside joining and leaving is discarded and counted", () => {
  const socket = radio();
  const peer = socket.join();
  peer.send("");
  peer.send("word");
  peer.send(wants("a"), "more");
  assert.deepEqual(socket.receivedDrops, ["protocol", "protocol", "protocol"]);
  assert.equal(socket.pattern.subscriberCount(), 0);
  assert.throws(() => socket.receive(), { code: "ENOTSUP" });
  assert.equal(socket.pattern.canReceive(), false);
});

test("a full dish misses a message, the others do not; with noDrop it is sent to all or none", () => {
  const socket = radio();
  const [slow, fast] = [socket.join({ outHwm: 1 }), socket.join()];
  for (const peer of [slow, fast]) peer.send(wants("a"));
  socket.send("a", "1");
  socket.send("a", "2");
  assert.deepEqual([slow.receiveAll().length, fast.receiveAll().length], [1, 2]);
  assert.equal(slow.near.written.dropped.hwm, 1);
  socket.options.noDrop = true;
  assert.equal(socket.send("a", "3"), true);
  assert.equal(socket.send("a", "4"), false);
  assert.equal(socket.pattern.canSend(), false);
  slow.receive();
  assert.equal(socket.writableCount, 1);
  assert.equal(socket.send("a", "4"), true);
  assertConserved(slow.near, fast.near);
});

test("what goes in datagrams goes out whatever the group, and counts as a subscriber", () => {
  const socket = radio();
  const [peer, udp] = [socket.join(), overUdp(socket)];
  peer.send(wants("a"));
  socket.send("a", "1");
  socket.send("b", "2");
  assert.deepEqual(peer.receiveAll(), [["a", "1"]]);
  assert.deepEqual(udp.receiveAll(), [
    ["a", "1"],
    ["b", "2"],
  ]);
  assert.equal(socket.dropped["no-subscriber"], 0);
  assert.deepEqual([socket.pattern.subscriberCount(), socket.pattern.subscriberCount(octets("a"))], [2, 2]);
  udp.far.close("peer-gone");
  assert.equal(socket.pattern.subscriberCount(), 1);
  socket.send("b", "3");
  assert.equal(socket.dropped["no-subscriber"], 1);
});

test("a message that fits into no datagram is EMSGSIZE while there is such a peer, and reaches nobody", () => {
  const socket = radio();
  const peer = socket.join();
  peer.send(wants("a"));
  assert.equal(socket.send("a", "x".repeat(8191)), true);
  const udp = overUdp(socket);
  assert.throws(() => socket.send("a", "x".repeat(8191)), { code: "EMSGSIZE" });
  assert.equal(socket.send("a", "x".repeat(8190)), true);
  assert.equal(peer.receiveAll().length, 2);
  assert.equal(udp.receiveAll().length, 1);
});

test("a dish with more groups than maxSubscriptionsPerPeer is disconnected", () => {
  const socket = radio({ maxSubscriptionsPerPeer: 2 });
  const peer = socket.join();
  for (const group of ["a", "b", "a", "b"]) peer.send(wants(group));
  assert.equal(socket.disconnections.length, 0);
  peer.send(wants("c"));
  assert.equal(socket.disconnections.length, 1);
  assert.equal(socket.pattern.subscriberCount(), 0);
});

test("memberships are told, and shown as facts", () => {
  const socket = radio();
  let count = 0;
  socket.pattern.onSubscription = () => void count++;
  assert.ok(socket.pattern.onSubscription !== null);
  const peer = socket.join();
  peer.send(wants("a"));
  peer.send(wants("b"));
  peer.send(ends("b"));
  assert.equal(count, 3);
  assert.deepEqual(socket.pattern.facts(), { subscriberCount: 1 });
  assert.deepEqual(socket.pattern.peerFacts(peer.near), { topicCount: 1 });
});

test("what is no group and one frame behind it is EINVAL, and reaches nobody", () => {
  const socket = radio();
  const udp = overUdp(socket);
  for (const message of [["a"], ["a", "b", "c"], ["g".repeat(256), "body"], ["a\0", "body"]])
    assert.throws(() => socket.send(...message), { code: "EINVAL" });
  assert.deepEqual(udp.receiveAll(), []);
  assert.ok(socket.send("g".repeat(255), "body"));
  assert.equal(udp.receiveAll().length, 1);
});
