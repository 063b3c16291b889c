// 48/RADIO-DISH, sentence by sentence, and what 37/ZMTP says of the two; the ledgers rfc48.json and rfc37.json say which test
// holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dish, Radio } from "../../src/draft.ts";
import { DishPattern } from "../../src/sockets/draft/dish-pattern.ts";
import { RadioPattern } from "../../src/sockets/draft/radio-pattern.ts";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";
import { closing } from "../peers/sockets.ts";
import { octets, PUBSUB_DEFAULTS, wants } from "../unit/sockets/pubsub/pubsub-rig.ts";
import { assertConserved, link, Rig } from "../unit/sockets/rig.ts";

const radio = () => new Rig((host) => new RadioPattern(host), PUBSUB_DEFAULTS);
const dish = (...groups: string[]) => {
  const rig = new Rig((host) => new DishPattern(host), PUBSUB_DEFAULTS);
  for (const group of groups) rig.pattern.join(octets(group));
  return rig;
};

const GROUPS = ["", "a", "\x01", "\xff\xfe", "g".repeat(255)];

test("messages pass from RADIO to DISH as they are and in order, each with its group in one call", () => {
  const [source, sink] = [radio(), dish(...GROUPS)];
  link(sink, source);
  const messages = GROUPS.flatMap((group) =>
    ["", "\0\xff", "\x01a", "e".repeat(100_000)].map((body) => [group, body]),
  );
  for (const message of messages) assert.equal(source.send(...message), true);
  assert.deepEqual(sink.receiveAll(), messages);
});

test("RADIO refuses to send more than one frame", async (t) => {
  const source = closing(t, new Radio());
  await assert.rejects(source.send(["a", "b"], { group: "g" }), { code: "EINVAL" });
  assert.throws(() => source.trySend(["a", "b"], { group: "g" }), { code: "EINVAL" });
  assert.equal(source.stats().sent.accepted, 0);
});

test("RADIO only sends, and discards what dishes send it", () => {
  const source = radio();
  const peer = source.join();
  peer.send("a");
  peer.send("a", "b");
  assert.equal(source.pattern.canReceive(), false);
  assert.throws(() => source.receive(), { code: "ENOTSUP" });
  assert.deepEqual(source.receivedDrops, ["protocol", "protocol"]);
});

test("on the wire a message to a RADIO is never taken for a membership, whatever its octets", () => {
  const probe = EngineProbe.ready("RADIO");
  probe.onRunMax = 100;
  probe.receive(
    Buffer.concat([zmtp.message("\x01a"), zmtp.message("\0a"), zmtp.message("\x01a", "b"), zmtp.message("")]),
  );
  probe.receive(zmtp.command("JOIN", "a"));
  assert.deepEqual(probe.texts, ["", "", "", "", "\x01a"]);
});

test("RADIO has a queue for each dish, with a limit of its own, and drops what a full one has no room for", () => {
  const source = radio();
  const [small, large] = [source.join({ outHwm: 2 }), source.join({ outHwm: 5 })];
  for (const peer of [small, large]) peer.send(wants("a"));
  for (let i = 0; i < 10; i++) assert.equal(source.send("a", `${i}`), true);
  assert.deepEqual([small.near.written.queued, large.near.written.queued], [2, 5]);
  assert.deepEqual([small.near.written.dropped.hwm, large.near.written.dropped.hwm], [8, 5]);
  assertConserved(small.near, large.near);
});

test("RADIO keeps the queue of an endpoint that it connected to, connection or not", () => {
  const source = radio();
  const endpoint = source.connect();
  source.identify(endpoint.near);
  endpoint.send(wants("a"));
  endpoint.near.live = false;
  source.send("a", "between two connections");
  source.identify(endpoint.near);
  endpoint.send(wants("a"));
  source.send("a", "after");
  assert.deepEqual(endpoint.receiveAll(), [
    ["a", "between two connections"],
    ["a", "after"],
  ]);
});

test("RADIO discards and counts what waits for a dish that left", () => {
  const source = radio();
  const peer = source.join();
  peer.send(wants("a"));
  source.send("a", "1");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 1);
  assert.equal(source.pattern.subscriberCount(), 0);
});

test("a group is matched whole, octet by octet", () => {
  const source = radio();
  const peer = source.join();
  peer.send(wants("ab"));
  for (const group of ["", "a", "abc", "ab\u0001", "AB", "ab"]) source.send(group, "body");
  assert.throws(() => source.send("ab\0", "body"), { code: "EINVAL" });
  assert.deepEqual(peer.receiveAll(), [["ab", "body"]]);
});

test("memberships reach the RADIO and not its application", () => {
  const source = radio();
  const peer = source.join();
  peer.send(wants("a"));
  assert.equal(source.pattern.subscriberCount(octets("a")), 1);
  assert.equal(source.pattern.canReceive(), false);
  assert.equal(source.readableCount, 0);
  assert.deepEqual(source.receivedDrops, []);
});

test("DISH only receives", () => {
  const sink = dish("a");
  const peer = sink.join();
  assert.equal(sink.pattern.canSend(), false);
  assert.throws(() => sink.send("a", "b"), { code: "ENOTSUP" });
  assert.deepEqual(peer.receiveAll(), [[wants("a")]]);
});

test("DISH has a queue for each radio and takes from them in turn", () => {
  const sink = dish("a");
  const [one, two] = [sink.join({ inHwm: 2 }), sink.join({ inHwm: 5 })];
  let count = 0;
  while (one.send("a", `1.${count}`)) count++;
  assert.equal(count, 2);
  for (let i = 0; i < 2; i++) two.send("a", `2.${i}`);
  assert.deepEqual(
    sink.receiveAll().map(([, body]) => body),
    ["1.0", "2.0", "1.1", "2.1"],
  );
});

test("DISH has a queue for an endpoint from connect on, and delivers what a radio sent before it left", () => {
  const sink = dish("a");
  const endpoint = sink.connect();
  assert.deepEqual(endpoint.receiveAll(), [[wants("a")]]);
  sink.identify(endpoint.near);
  endpoint.send("a", "last word");
  endpoint.far.close("peer-gone");
  assert.deepEqual(sink.receiveAll(), [["a", "last word"]]);
  assert.ok(endpoint.near.isClosed);
});

test("DISH discards multipart messages, and messages without a group, whole", () => {
  const sink = dish("a");
  const peer = sink.join();
  peer.send("a", "b", "c");
  peer.send("a");
  peer.send("a", "good");
  assert.deepEqual(sink.receiveAll(), [["a", "good"]]);
  assert.deepEqual(sink.receivedDrops, ["protocol", "protocol"]);
});

test("a group has 0 to 255 octets and none of them is zero, for who joins, who sends, and on the wire", (t) => {
  const [source, sink] = [closing(t, new Radio()), closing(t, new Dish())];
  sink.join("", "g".repeat(255), Buffer.from([1, 255]));
  for (const group of ["g".repeat(256), "\0", "a\0"]) {
    assert.throws(() => sink.join(group), { code: "EINVAL" });
    assert.throws(() => source.trySend("a", { group }), { code: "EINVAL" });
    for (const command of ["JOIN", "LEAVE"]) {
      const probe = EngineProbe.ready("RADIO");
      probe.receive(zmtp.command(command, group));
      assert.equal(probe.failureCode, "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED");
    }
  }
  for (const group of GROUPS) {
    const probe = EngineProbe.ready("RADIO");
    probe.receive(zmtp.command("JOIN", group));
    assert.deepEqual(probe.texts, [`\x01${group}`]);
  }
});

test("a DISH joins and leaves by the commands JOIN and LEAVE, to peers of every version", () => {
  for (const minor of [0, 1]) {
    const probe = EngineProbe.ready("DISH", {}, minor);
    probe.engine.send([octets("\x01tv")]);
    probe.engine.send([octets("\0tv")]);
    assert.deepEqual(
      probe.takeSent(),
      Buffer.concat([zmtp.command("JOIN", "tv"), zmtp.command("LEAVE", "tv")]),
    );
  }
});

test("a RADIO sends the group as the first frame and the message as the second", () => {
  const probe = EngineProbe.ready("RADIO");
  probe.engine.send([octets("tv"), octets("body")], true);
  assert.deepEqual(probe.takeSent(), zmtp.message("tv", "body"));
});
