import assert from "node:assert/strict";
import { test } from "node:test";
import { DishPattern } from "../../../../src/sockets/draft/dish-pattern.ts";
import { ends, octets, PUBSUB_DEFAULTS, wants } from "../pubsub/pubsub-rig.ts";
import { assertConserved, Rig } from "../rig.ts";

const dish = (): Rig<DishPattern> => new Rig((host) => new DishPattern(host), PUBSUB_DEFAULTS);

test("a dish tells its groups to each radio, all at a new connection and each change to those that are there", () => {
  const socket = dish();
  const { pattern } = socket;
  pattern.join(octets("a"));
  const first = socket.join();
  pattern.join(octets("b"));
  pattern.leave(octets("a"));
  const second = socket.join();
  assert.deepEqual(first.receiveAll(), [[wants("a")], [wants("b")], [ends("a")]]);
  assert.deepEqual(second.receiveAll(), [[wants("b")]]);
  assert.deepEqual([pattern.hasJoined(octets("a")), pattern.hasJoined(octets("b"))], [false, true]);
});

test("a connection that is made anew is told everything again", () => {
  const socket = dish();
  socket.pattern.join(octets("a"));
  const endpoint = socket.connect();
  socket.identify(endpoint.near);
  socket.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [[wants("a")]]);
  socket.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [[wants("a")]]);
});

test("radios are read in turn; what is for no group of ours, or no message, is counted and passed over", () => {
  const socket = dish();
  socket.pattern.join(octets("a"));
  const [one, two] = [socket.join(), socket.join()];
  for (const text of ["1", "2"]) one.send("a", text);
  two.send("b", "foreign");
  two.send("a");
  two.send("a", "b", "c");
  two.send("ab", "longer");
  two.send("a", "3");
  assert.equal(socket.pattern.canReceive(), true);
  assert.deepEqual(socket.receiveAll(), [
    ["a", "1"],
    ["a", "2"],
    ["a", "3"],
  ]);
  assert.deepEqual(socket.receivedDrops, ["no-subscriber", "protocol", "protocol", "no-subscriber"]);
  assert.equal(socket.pattern.canReceive(), false);
  assertConserved(one.far, two.far);
});

test("many messages of one radio are taken at once, without those that are not ours", () => {
  const socket = dish();
  socket.pattern.join(octets("a"));
  const peer = socket.join();
  peer.send("a", "1");
  peer.send("b", "2");
  peer.send("a", "3");
  peer.send("a");
  assert.equal(socket.pattern.receiveMany(10)?.length, 2);
  assert.deepEqual(socket.receivedDrops, ["no-subscriber", "protocol"]);
  peer.send("b", "4");
  assert.equal(socket.pattern.receiveMany(10), undefined);
  peer.send("a", "5");
  assert.equal(socket.pattern.canReceive(), true);
  assert.equal(socket.pattern.receiveMany(10), undefined);
  assert.deepEqual(socket.receiveAll(), [["a", "5"]]);
});

test("a dish does not send, and shows its groups", () => {
  const socket = dish();
  assert.throws(() => socket.send("a", "b"), { code: "ENOTSUP" });
  assert.equal(socket.pattern.canSend(), false);
  socket.pattern.join(octets("tv"));
  assert.deepEqual(socket.pattern.facts(), { topicCount: 1, topics: '"tv"' });
});
