import assert from "node:assert/strict";
import { test } from "node:test";
import { link } from "../rig.ts";
import { ends, octets, pub, sub, wants } from "./pubsub-rig.ts";

test("every subscription is told to all publishers, a cancellation when it was the last (libzmq behaviour B53)", () => {
  const sink = sub();
  const peers = [sink.join(), sink.join()];
  for (const topic of ["a", "a", "b"]) sink.pattern.subscribe(octets(topic));
  for (const topic of ["a", "b", "unknown", "a", "a"]) sink.pattern.unsubscribe(octets(topic));
  const told = [[wants("a")], [wants("a")], [wants("b")], [ends("b")], [ends("a")]];
  for (const peer of peers) assert.deepEqual(peer.receiveAll(), told);
});

test("a publisher hears of all topics at every connection, however idle the application is (libzmq behaviour B133)", () => {
  const sink = sub();
  for (const topic of ["a", "b", "b"]) sink.pattern.subscribe(octets(topic));
  const peer = sink.connect();
  sink.identify(peer.near);
  assert.deepEqual(peer.receiveAll().sort(), [[wants("a")], [wants("b")]]);
  peer.near.live = false;
  sink.pattern.unsubscribe(octets("a"));
  sink.pattern.subscribe(octets("c"));
  assert.deepEqual(peer.receiveAll(), []);
  sink.identify(peer.near);
  assert.deepEqual(peer.receiveAll().sort(), [[wants("b")], [wants("c")]]);
});

test("messages are taken from the publishers in turn", () => {
  const sink = sub();
  sink.pattern.subscribe(octets(""));
  const peers = [sink.join(), sink.join(), sink.join()];
  peers.forEach((peer, index) => {
    for (let i = 0; i < 2; i++) peer.send(`${index}`);
  });
  assert.deepEqual(sink.receiveAll().join(""), "012012");
});

test("what does not match is dropped here too, and counted (libzmq behaviour B68)", () => {
  const sink = sub();
  sink.pattern.subscribe(octets("a"));
  const peer = sink.join();
  for (const text of ["b", "ab", "", "a"]) peer.send(text, "body");
  assert.deepEqual(sink.receiveAll(), [
    ["ab", "body"],
    ["a", "body"],
  ]);
  assert.equal(peer.far.written.dropped["no-subscriber"], 2);
  assert.deepEqual(sink.receivedDrops, ["no-subscriber", "no-subscriber"]);
});

test("without a subscription nothing is received", () => {
  const sink = sub();
  const peer = sink.join();
  peer.send("");
  peer.send("a");
  assert.equal(sink.pattern.canReceive(), false);
  assert.equal(sink.receive(), undefined);
});

test("it is readable when a message matches, and then that message is received", () => {
  const sink = sub();
  sink.pattern.subscribe(octets("a"));
  const peer = sink.join();
  peer.send("b");
  assert.equal(sink.pattern.canReceive(), false);
  peer.send("b");
  peer.send("a1");
  peer.send("a2");
  assert.equal(sink.pattern.canReceive(), true);
  assert.equal(sink.pattern.canReceive(), true);
  sink.pattern.unsubscribe(octets("a"));
  assert.deepEqual(sink.receive(), ["a1"]);
  assert.equal(sink.receive(), undefined);
});

test("with invertMatching only what does not match is received (libzmq behaviour B62)", () => {
  const sink = sub({ invertMatching: true });
  sink.pattern.subscribe(octets("a"));
  const source = pub({ invertMatching: true });
  link(sink, source);
  const peer = sink.join();
  for (const text of ["a", "b", "ab"]) {
    source.send(text);
    peer.send(text);
  }
  assert.deepEqual(sink.receiveAll(), [["b"], ["b"]]);
});

test("what a publisher sent before it left is received", () => {
  const sink = sub();
  sink.pattern.subscribe(octets(""));
  const peer = sink.join();
  peer.send("a");
  peer.send("b");
  peer.far.close("peer-gone");
  sink.pattern.subscribe(octets("late"));
  assert.deepEqual(sink.receiveAll(), [["a"], ["b"]]);
});

test("it sends nothing", () => {
  const sink = sub();
  assert.equal(sink.pattern.canSend(), false);
  assert.throws(() => sink.send("a"), { code: "ENOTSUP" });
  sink.pattern.onWritable();
});

test("two subscribers and a publisher, joined in one thread", () => {
  const source = pub();
  const sinks = [sub(), sub()];
  for (const sink of sinks) link(sink, source);
  sinks[0]!.pattern.subscribe(octets("a"));
  sinks[1]!.pattern.subscribe(octets(""));
  source.send("a1");
  source.send("b1");
  assert.deepEqual(sinks[0]!.receiveAll().join(), "a1");
  sinks[0]!.pattern.unsubscribe(octets("a"));
  source.send("a2");
  assert.deepEqual(sinks[0]!.receiveAll().join(), "");
  assert.deepEqual(sinks[1]!.receiveAll().join(), "a1,b1,a2");
  assert.equal(source.dropped["no-subscriber"], 0);
});

test("many at once are filtered like each, and what is dropped is counted", () => {
  const sink = sub();
  sink.pattern.subscribe(octets("a"));
  const peer = sink.join();
  for (const topic of ["a1", "b1", "a2", "b2", "b3"]) peer.send(topic);
  const messages = sink.pattern.receiveMany(9);
  assert.deepEqual(
    messages?.map((message) => Buffer.from(message[0] as Uint8Array).toString()),
    ["a1", "a2"],
  );
  assert.equal(peer.near.received.dropped["no-subscriber"], 3);
  assert.equal(peer.near.received.delivered, 2);
  assert.equal(sink.pattern.receiveMany(9), undefined);
});
