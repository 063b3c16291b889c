import assert from "node:assert/strict";
import { test } from "node:test";
import { StreamPattern } from "../../../src/sockets/stream-pattern.ts";
import { createPeer, FIRST_GENERATED, pipeEvents, Rig } from "./rig.ts";

const ID = FIRST_GENERATED;
const SECOND_ID = "\0\x80\0\0\x01";

function stream(options = {}): Rig<StreamPattern> {
  return new Rig((host) => new StreamPattern(host), options);
}

test("a connection is announced, its octets follow, and its end comes last", () => {
  const rig = stream();
  const peer = rig.join();
  assert.equal(rig.readableCount, 1);
  assert.equal(rig.pattern.canReceive(), true);
  peer.send("GET /");
  peer.send(" HTTP/1.0");
  peer.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), [
    [ID, ""],
    [ID, "GET /"],
    [ID, " HTTP/1.0"],
    [ID, ""],
  ]);
  assert.equal(rig.pattern.canReceive(), false);
});

test("the end of a connection is announced at once when nothing is unread", () => {
  const rig = stream();
  const peer = rig.join();
  assert.deepEqual(rig.receiveAll(), [[ID, ""]]);
  peer.far.close("peer-gone");
  assert.equal(rig.readableCount, 2);
  assert.deepEqual(rig.receiveAll(), [[ID, ""]]);
});

test("without notify there are only octets", () => {
  const rig = stream({ notify: false });
  const peer = rig.join();
  peer.send("a");
  peer.far.close("peer-gone");
  assert.deepEqual(rig.receiveAll(), [[ID, "a"]]);
  assert.equal(rig.readableCount, 0);
});

test("octets that arrive before the connection is announced come after the notice", () => {
  const rig = stream();
  const peer = createPeer();
  peer.send("early");
  assert.equal(rig.adopt(peer.near), true);
  assert.deepEqual(rig.receiveAll(), [
    [ID, ""],
    [ID, "early"],
  ]);
});

test("octets go to the peer that is named", () => {
  const rig = stream();
  const one = rig.join();
  const two = rig.join();
  assert.equal(rig.send(SECOND_ID, "two"), true);
  assert.equal(rig.send(ID, "one"), true);
  assert.deepEqual(one.receiveAll(), [["one"]]);
  assert.deepEqual(two.receiveAll(), [["two"]]);
  assert.equal(rig.pattern.canSend(), true);
});

test("a message has two frames, or EINVAL", () => {
  const rig = stream();
  rig.join();
  assert.throws(() => rig.send(ID), { code: "EINVAL" });
  assert.throws(() => rig.send(ID, "a", "b"), { code: "EINVAL" });
});

test("an unknown id is EHOSTUNREACH", () => {
  const rig = stream();
  assert.throws(() => rig.send("nobody", "a"), { code: "EHOSTUNREACH" });
  const peer = rig.join();
  peer.far.close("peer-gone");
  assert.throws(() => rig.send(ID, "a"), { code: "EHOSTUNREACH" });
});

test("the socket waits for a full peer, and learns when it left", () => {
  const rig = stream();
  const peer = rig.join({ outHwm: 1 });
  assert.equal(rig.send(ID, "1"), true);
  assert.equal(rig.send(ID, "2"), false);
  peer.receive();
  assert.equal(rig.send(ID, "2"), true);
  assert.equal(rig.send(ID, "3"), false);
  peer.far.close("peer-gone");
  assert.equal(rig.writableCount, 1);
  assert.throws(() => rig.send(ID, "3"), { code: "EHOSTUNREACH" });
});

test("an empty second frame ends the connection, and there is no notice of one's own doing", () => {
  const rig = stream();
  const peer = rig.join();
  rig.receiveAll();
  rig.send(ID, "bye");
  assert.equal(rig.send(ID, ""), true);
  assert.deepEqual(
    rig.disconnections.map(({ pipe, reconnect }) => [pipe === peer.near, reconnect]),
    [[true, false]],
  );
  assert.deepEqual(peer.receiveAll(), [["bye"]]);
  assert.equal(peer.far.isEnded, true);
  assert.throws(() => rig.send(ID, ""), { code: "EHOSTUNREACH" });
  assert.deepEqual(rig.receiveAll(), []);
});

test("a connected peer has its id from the start, and octets wait for the connection", () => {
  const rig = stream();
  const peer = rig.connect();
  const id = Buffer.from(rig.pattern.routingIdOf(peer.near)!).toString("latin1");
  assert.equal(id, ID);
  assert.equal(rig.send(id, "early"), true);
  assert.deepEqual(rig.receiveAll(), []);
  rig.identify(peer.near);
  assert.deepEqual(rig.receiveAll(), [[ID, ""]]);
  assert.deepEqual(peer.receiveAll(), [["early"]]);
});

test("an assigned id is used from the start", () => {
  const rig = stream();
  const peer = createPeer({ outgoing: true });
  rig.pattern.assignRoutingId(peer.near, Buffer.from("web"));
  assert.equal(rig.adopt(peer.near), true);
  rig.send("web", "hello");
  assert.deepEqual(peer.receive(), ["hello"]);
  assert.deepEqual(rig.receive(), ["web", ""]);
  assert.throws(() => rig.pattern.assignRoutingId(createPeer().near, Buffer.from("web")), {
    code: "EADDRINUSE",
  });
});

test("a connection that is made again is announced as ended and made, after what the first one brought", () => {
  const rig = stream();
  const peer = rig.connect();
  rig.identify(peer.near);
  peer.send("1");
  peer.send("2");
  rig.identify(peer.near);
  peer.send("3");
  rig.identify(peer.near);
  peer.send("4");
  assert.deepEqual(
    rig.receiveAll().map(([, octets]) => octets),
    ["", "1", "2", "", "", "3", "", "", "4"],
  );
});

test("a peer whose writer was detached comes back under its id", () => {
  const rig = stream();
  const peer = rig.connect();
  rig.identify(peer.near);
  peer.send("1");
  rig.pattern.detachWriter(peer.near);
  assert.throws(() => rig.send(ID, "a"), { code: "EHOSTUNREACH" });
  rig.identify(peer.near);
  peer.send("2");
  assert.equal(rig.send(ID, "a"), true);
  assert.deepEqual(
    rig.receiveAll().map(([, octets]) => octets),
    ["", "1", "", "", "2"],
  );
});

test("what is dropped unread does not hold up the notice", () => {
  const rig = stream();
  const peer = rig.join();
  peer.send("a");
  peer.send("b");
  rig.pattern.detachWriter(peer.near);
  peer.near.discard(2, "orphaned");
  rig.pattern.detach(peer.near);
  assert.deepEqual(rig.receiveAll(), [
    [ID, ""],
    [ID, ""],
  ]);
});

test("the last octets come before the end, though reading them ends the connection", () => {
  const rig = stream();
  const peer = rig.join({ inHwm: 1 });
  peer.send("last");
  assert.equal(peer.send("refused"), false);
  peer.far.events = pipeEvents({ onWritable: () => peer.far.close("peer-gone") });
  assert.deepEqual(rig.receiveAll(), [
    [ID, ""],
    [ID, "last"],
    [ID, ""],
  ]);
});

test("octets come from the peers in turn", () => {
  const rig = stream({ notify: false });
  const peers = [rig.join(), rig.join()];
  for (let round = 0; round < 2; round++) peers.forEach((peer, index) => void peer.send(`${index}`));
  assert.deepEqual(
    rig
      .receiveAll()
      .map(([, octets]) => octets)
      .join(""),
    "0101",
  );
});

test("connections that come and go while nobody receives are not told of without end", () => {
  const rig = stream({ maxOrphans: 100 });
  for (let i = 0; i < 1000; i++) rig.join().far.close("peer-gone");
  const stays = rig.join();
  const id = Buffer.from(rig.pattern.routingIdOf(stays.near)!).toString("latin1");
  const told = rig.receiveAll().map(([of]) => of);
  assert.equal(told.length, 101);
  assert.equal(told.at(-1), id);
});
