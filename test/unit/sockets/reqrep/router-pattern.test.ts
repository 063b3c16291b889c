import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../../fuzz/random.ts";
import { RouterPattern } from "../../../../src/sockets/reqrep/router-pattern.ts";
import { assertConserved, createPeer, FIRST_GENERATED, frames, type Peer, pipeEvents, Rig } from "../rig.ts";

function router(options = {}): Rig<RouterPattern> {
  return new Rig((host) => new RouterPattern(host), options);
}

test("the first frame names the peer, both ways", () => {
  const rig = router();
  const a = rig.join({ routingId: "A" });
  const b = rig.join({ routingId: "B" });
  a.send("from a");
  b.send("from", "b", "in", "four");
  assert.deepEqual(rig.receive(), ["A", "from a"]);
  assert.deepEqual(rig.receive(), ["B", "from", "b", "in", "four"]);
  rig.send("B", "to b");
  rig.send("A", "to", "", "a");
  assert.deepEqual(a.receiveAll(), [["to", "", "a"]]);
  assert.deepEqual(b.receiveAll(), [["to b"]]);
});

test("a peer without identity gets one of five octets", () => {
  const rig = router();
  const peers = [rig.join(), rig.join()];
  peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(rig.receive(), [FIRST_GENERATED, "0"]);
  assert.deepEqual(rig.receive(), ["\0\x80\0\0\x01", "1"]);
  rig.send(FIRST_GENERATED, "reply");
  assert.deepEqual(peers[0]!.receive(), ["reply"]);
  assert.deepEqual(Buffer.from(rig.pattern.routingIdOf(peers[0]!.near)!).toString("latin1"), FIRST_GENERATED);
});

test("identities are octets", () => {
  const rig = router();
  const ids = ["\xff\x01", "\xfe\x01", "\xef\xbf\xbd\x01", "A", "A\0", "__proto__"];
  const peers = ids.map((routingId) => rig.join({ routingId }));
  for (const [index, id] of ids.entries()) {
    rig.send(id, id);
    assert.deepEqual(peers[index]!.receiveAll(), [[id]]);
    peers[index]!.send("hello");
    assert.deepEqual(rig.receive(), [id, "hello"]);
  }
});

test("an identity that starts with a zero octet or is too long is refused", () => {
  for (const routingId of [
    "\0",
    "\0\x01\x02\x03\x04",
    FIRST_GENERATED,
    "x".repeat(256),
    "x".repeat(100_000),
  ]) {
    const rig = router();
    const peer = createPeer({ routingId });
    assert.equal(rig.adopt(peer.near), false);
    assert.match(rig.pattern.refusal, /255/);
  }
  const rig = router();
  const longest = rig.join({ routingId: "x".repeat(255) });
  rig.send("x".repeat(255), "hello");
  assert.deepEqual(longest.receive(), ["hello"]);
});

test("a peer cannot be sent to, and is not heard, before its name is known", () => {
  const rig = router({ mandatory: true });
  const peer = rig.connect({ routingId: "A" });
  peer.send("early");
  assert.equal(rig.pattern.canReceive(), false);
  assert.throws(() => rig.send("A", "early"), { code: "EHOSTUNREACH" });
  assert.equal(rig.identify(peer.near), true);
  assert.deepEqual(rig.receive(), ["A", "early"]);
  assert.equal(rig.send("A", "hello"), true);
});

test("a message to nobody is dropped and counted", () => {
  const rig = router();
  rig.join({ routingId: "A" });
  assert.equal(rig.send("nobody", "a", "b"), true);
  assert.equal(rig.send("", "a"), true);
  assert.equal(rig.send("x".repeat(1_000_000), "a"), true);
  assert.equal(rig.dropped.unroutable, 3);
  assert.equal(rig.pattern.canSend(), true);
});

test("an id without a message is ignored and counted", () => {
  const rig = router({ mandatory: true });
  const peer = rig.join({ routingId: "A" });
  assert.equal(rig.send("A"), true);
  assert.equal(rig.send("nobody"), true);
  assert.equal(rig.dropped.protocol, 2);
  assert.equal(peer.receive(), undefined);
});

test("a message to a full peer is dropped and counted", () => {
  const rig = router();
  const peer = rig.join({ routingId: "A", outHwm: 2 });
  for (let i = 0; i < 5; i++) assert.equal(rig.send("A", `${i}`), true);
  assert.equal(peer.near.written.dropped.hwm, 3);
  assert.equal(rig.pattern.canSend(), true);
  assert.deepEqual(peer.receiveAll(), [["0"], ["1"]]);
  assertConserved(peer.near);
});

test("mandatory: unknown ids are EHOSTUNREACH, and nothing has happened", () => {
  const rig = router({ mandatory: true });
  const peer = rig.join({ routingId: "A" });
  assert.throws(() => rig.send("B", "a"), { code: "EHOSTUNREACH", message: /42/ });
  assert.equal(rig.send("A", "a"), true);
  assert.deepEqual(peer.receiveAll(), [["a"]]);
  assert.equal(rig.dropped.unroutable, 0);
});

test("mandatory: the socket waits for a full peer, and can send while any peer has room", () => {
  const rig = router({ mandatory: true });
  assert.equal(rig.pattern.canSend(), false);
  const a = rig.join({ routingId: "A", outHwm: 1 });
  const b = rig.join({ routingId: "B", outHwm: 1 });
  assert.equal(rig.send("A", "1"), true);
  assert.equal(rig.send("A", "2"), false);
  assert.equal(a.near.written.dropped.hwm, 0);
  assert.equal(rig.pattern.canSend(), true);
  rig.send("B", "1");
  assert.equal(rig.pattern.canSend(), false);
  a.receive();
  assert.equal(rig.pattern.canSend(), true);
  assert.equal(rig.send("A", "2"), true);
  assert.equal(rig.pattern.canSend(), false);
  b.receive();
  assert.equal(rig.pattern.canSend(), true);
});

test("mandatory: a peer that cannot be sent to any more is no peer with room", () => {
  const rig = router({ mandatory: true });
  const peer = rig.join({ routingId: "A" });
  assert.equal(rig.pattern.canSend(), true);
  rig.pattern.detachWriter(peer.near);
  assert.equal(rig.pattern.canSend(), false);
});

test("mandatory: a send that waits learns that its peer left", () => {
  const rig = router({ mandatory: true });
  const peer = rig.join({ routingId: "A", outHwm: 1 });
  rig.send("A", "1");
  assert.equal(rig.send("A", "2"), false);
  peer.far.close("peer-gone");
  assert.equal(rig.writableCount, 1);
  assert.throws(() => rig.send("A", "2"), { code: "EHOSTUNREACH" });
});

test("a duplicate identity: the newcomer is refused and the incumbent untouched", () => {
  const rig = router();
  const incumbent = rig.join({ routingId: "A" });
  const newcomer = createPeer({ routingId: "A" });
  newcomer.send("never seen");
  assert.equal(rig.adopt(newcomer.near), false);
  assert.match(rig.pattern.refusal, /41.*test:\/\/peer/);
  assert.equal(newcomer.far.isEnded, true);
  assert.deepEqual(rig.disconnections, []);
  rig.send("A", "hello");
  assert.deepEqual(incumbent.receive(), ["hello"]);
  incumbent.send("still here");
  assert.deepEqual(rig.receiveAll(), [["A", "still here"]]);
});

test("an identity is free again when its peer left, though messages of that one are unread", () => {
  const rig = router();
  const first = rig.join({ routingId: "A" });
  first.send("last words");
  first.far.close("peer-gone");
  const second = rig.join({ routingId: "A" });
  second.send("hello");
  assert.deepEqual(rig.receiveAll(), [
    ["A", "last words"],
    ["A", "hello"],
  ]);
  rig.send("A", "hello");
  assert.deepEqual(second.receive(), ["hello"]);
});

test("handover: the newcomer owns the id and the peer before is disconnected", () => {
  const rig = router({ handover: true, mandatory: true });
  const old = rig.join({ routingId: "A", outHwm: 1 });
  rig.send("A", "to the old peer");
  const newcomer = rig.join({ routingId: "A" });
  assert.deepEqual(
    rig.disconnections.map(({ pipe, reconnect }) => [pipe === old.near, reconnect]),
    [[true, false]],
  );
  assert.equal(old.far.isEnded, true);
  assert.equal(rig.send("A", "to the new peer"), true);
  assert.deepEqual(newcomer.receiveAll(), [["to the new peer"]]);
  newcomer.send("hello");
  assert.deepEqual(rig.receiveAll(), [["A", "hello"]]);
  assert.equal(rig.pattern.canSend(), true);
});

test("handover: a send that waited for the old peer is not told that nobody is there", () => {
  const rig = router({ handover: true, mandatory: true });
  rig.join({ routingId: "A", outHwm: 1 });
  rig.send("A", "1");
  assert.equal(rig.send("A", "2"), false);
  const newcomer = rig.join({ routingId: "A" });
  assert.equal(rig.writableCount, 0);
  assert.equal(rig.send("A", "2"), true);
  assert.deepEqual(newcomer.receiveAll(), [["2"]]);
});

test("handover: a thousand takeovers leave one peer", () => {
  const rig = router({ handover: true });
  let last = rig.join({ routingId: "A" });
  for (let i = 0; i < 1000; i++) last = rig.join({ routingId: "A" });
  rig.send("A", "hello");
  assert.deepEqual(last.receiveAll(), [["hello"]]);
  assert.equal(rig.disconnections.length, 1000);
});

test("an assigned id can be sent to at once, and what the peer announces is ignored", () => {
  const rig = router({ mandatory: true });
  const peer = createPeer({ routingId: "announced", outgoing: true });
  peer.near.events = rig;
  rig.pattern.assignRoutingId(peer.near, Buffer.from("A"));
  assert.equal(rig.pattern.attach(peer.near), true);
  assert.equal(rig.send("A", "hello"), true);
  assert.equal(rig.identify(peer.near), true);
  assert.throws(() => rig.send("announced", "hello"), { code: "EHOSTUNREACH" });
  peer.send("reply");
  assert.deepEqual(rig.receive(), ["A", "reply"]);
});

test("an assigned id that is taken is EADDRINUSE, one that is no id EINVAL", () => {
  const rig = router();
  rig.join({ routingId: "A" });
  assert.throws(() => rig.pattern.assignRoutingId(createPeer().near, Buffer.from("A")), {
    code: "EADDRINUSE",
  });
  assert.throws(() => rig.pattern.assignRoutingId(createPeer().near, Buffer.from("\0A")), { code: "EINVAL" });
  const { near } = createPeer();
  rig.pattern.assignRoutingId(near, Buffer.from("B"));
  assert.throws(() => rig.pattern.assignRoutingId(createPeer().near, Buffer.from("B")), {
    code: "EADDRINUSE",
  });
  rig.pattern.detach(near);
  assert.equal(rig.pattern.routingIdOf(near), undefined);
  rig.pattern.assignRoutingId(createPeer().near, Buffer.from("B"));
});

test("a connected peer keeps its id over reconnections, until it announces another", () => {
  const rig = router();
  const peer = rig.connect({ routingId: "A" });
  rig.identify(peer.near);
  rig.send("A", "while away");
  rig.identify(peer.near);
  peer.send("1");
  assert.deepEqual(rig.receive(), ["A", "1"]);
  peer.near.peer = { ...peer.near.peer, routingId: Buffer.from("B") };
  assert.equal(rig.identify(peer.near), true);
  peer.send("2");
  assert.deepEqual(rig.receive(), ["B", "2"]);
  rig.send("A", "unroutable");
  rig.send("B", "hello");
  assert.equal(rig.dropped.unroutable, 1);
  assert.deepEqual(peer.receiveAll(), [["while away"], ["hello"]]);
});

test("an id frame that the application wrote to changes nothing", () => {
  const rig = router();
  const peer = rig.join({ routingId: "A" });
  peer.send("1");
  rig.pattern.receive()![0]!.fill(0x42);
  peer.send("2");
  assert.deepEqual(rig.receive(), ["A", "2"]);
  rig.send("A", "hello");
  assert.deepEqual(peer.receive(), ["hello"]);
});

test("a probe names the peer and is received as an empty message", () => {
  const rig = router();
  const peer = rig.join({ routingId: "A" });
  peer.send("");
  assert.deepEqual(rig.receive(), ["A", ""]);
  const prober = router({ probeRouter: true });
  assert.deepEqual(prober.join({ routingId: "A" }).receiveAll(), [[""]]);
});

test("messages come from the peers in turn", () => {
  const rig = router();
  const peers = [rig.join({ routingId: "A" }), rig.join({ routingId: "B" }), rig.join({ routingId: "C" })];
  for (let round = 0; round < 2; round++) for (const peer of peers) peer.send("x");
  assert.deepEqual(
    rig
      .receiveAll()
      .map(([id]) => id)
      .join(""),
    "ABCABC",
  );
});

test("the last message of a peer bears its id, though reading it ends the peer", () => {
  const rig = router();
  const peer = rig.join({ routingId: "A", inHwm: 1 });
  peer.send("last");
  assert.equal(peer.send("refused"), false);
  // The credit of the read lets the peer go on, and it leaves.
  peer.far.events = pipeEvents({ onWritable: () => peer.far.close("peer-gone") });
  assert.deepEqual(rig.receive(), ["A", "last"]);
});

test("peers that come and go with random ids are served, and leave nothing", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const rig = router({ handover: true });
  const present = new Map<string, Peer>();
  for (let step = 0; step < 3000; step++) {
    const routingId = `peer ${random.below(20)}`;
    const peer = present.get(routingId);
    const choice = random.below(10);
    if (choice < 3) {
      present.set(routingId, rig.join({ routingId }));
    } else if (choice < 5 && peer !== undefined) {
      peer.far.close("peer-gone");
      present.delete(routingId);
    } else {
      const unroutable = rig.dropped.unroutable;
      rig.pattern.send(frames(routingId, `${step}`));
      assert.deepEqual(peer?.receiveAll(), peer === undefined ? undefined : [[`${step}`]], `SEED=${seed}`);
      assert.equal(rig.dropped.unroutable - unroutable, peer === undefined ? 1 : 0, `SEED=${seed}`);
      peer?.send(`${step}`);
      assert.deepEqual(
        rig.receive(),
        peer === undefined ? undefined : [routingId, `${step}`],
        `SEED=${seed}`,
      );
    }
  }
});

test("disconnectMessage comes behind all that the peer sent, under its routing id (B71)", () => {
  const rig = router({ disconnectMessage: Buffer.from("gone") });
  const [talker, silent] = [rig.join({ routingId: "talker" }), rig.join({ routingId: "silent" })];
  talker.send("1");
  talker.far.close("peer-gone");
  silent.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), [
    ["silent", "gone"],
    ["talker", "1"],
    ["talker", "gone"],
  ]);
  assert.equal(rig.pattern.origin(), talker.near);
  assert.equal(rig.pattern.canReceive(), false);
});

test("who gave way to another, or was connected to, is not told of as gone", () => {
  const rig = router({ disconnectMessage: Buffer.from("gone"), handover: true });
  rig.join({ routingId: "it" });
  rig.join({ routingId: "it" });
  const connected = rig.join({ outgoing: true });
  connected.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), []);
});

test("routerNotify: an empty message of each peer, first when it came and last when it left (B47)", () => {
  const rig = router({ routerNotify: 3, disconnectMessage: Buffer.from("gone") });
  const [talker, silent] = [rig.join({ routingId: "talker" }), rig.join({ routingId: "silent" })];
  talker.send("1");
  talker.far.close("peer-gone");
  silent.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), [
    ["talker", ""],
    ["silent", ""],
    ["silent", ""],
    ["silent", "gone"],
    ["talker", "1"],
    ["talker", ""],
    ["talker", "gone"],
  ]);
  assert.equal(rig.pattern.origin(), talker.near);
  assert.equal(rig.pattern.canReceive(), false);
});

test("routerNotify: a peer can be sent to when its coming is told, and who was refused or gave way is told of by nothing", () => {
  const rig = router({ routerNotify: 3, mandatory: true });
  const one = rig.join({ routingId: "it" });
  assert.deepEqual(rig.receive(), ["it", ""]);
  assert.equal(rig.send("it", "welcome"), true);
  assert.deepEqual(one.receiveAll(), [["welcome"]]);
  assert.equal(rig.adopt(createPeer({ routingId: "it" }).near), false);
  assert.equal(rig.pattern.canReceive(), false);
  rig.options.handover = true;
  rig.join({ routingId: "it" });
  assert.deepEqual(rig.receiveAll(), [["it", ""]]);
});
