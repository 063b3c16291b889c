import assert from "node:assert/strict";
import { test } from "node:test";
import { assertConserved, link, texts } from "../rig.ts";
import { ends, octets, pub, sub, wants } from "./pubsub-rig.ts";

test("a message goes to the peers that subscribed to a beginning of its first frame, once each", () => {
  const source = pub();
  const [all, news, weather, none] = [source.join(), source.join(), source.join(), source.join()];
  all.send(wants(""));
  news.send(wants("news"));
  news.send(wants("news.uk"));
  weather.send(wants("weather"));
  none.send(wants("news.uk.london"));
  source.send("news.uk", "body");
  source.send("new");
  source.send("", "weather");
  assert.deepEqual(all.receiveAll(), [["news.uk", "body"], ["new"], ["", "weather"]]);
  assert.deepEqual(news.receiveAll(), [["news.uk", "body"]]);
  assert.deepEqual(weather.receiveAll(), []);
  assert.deepEqual(none.receiveAll(), []);
});

test("a message that nobody wants is counted, and sent", () => {
  const source = pub();
  const peer = source.join();
  assert.equal(source.send("a"), true);
  peer.send(wants("b"));
  assert.equal(source.send("a"), true);
  assert.equal(source.dropped["no-subscriber"], 2);
});

test("subscriptions of one peer do not add up, and one cancellation ends them", () => {
  const source = pub();
  const peer = source.join();
  for (let i = 0; i < 3; i++) peer.send(wants("a"));
  source.send("a");
  peer.send(ends("a"));
  peer.send(ends("a"));
  source.send("a");
  assert.deepEqual(peer.receiveAll(), [["a"]]);
});

test("a peer at its high-water mark misses messages, which is counted, and the others get them", () => {
  const source = pub();
  const slow = source.join({ outHwm: 4 });
  const fast = source.join();
  slow.send(wants(""));
  fast.send(wants(""));
  for (let i = 0; i < 10; i++) assert.equal(source.send(`${i}`), true);
  assert.equal(slow.near.written.dropped.hwm, 6);
  assert.equal(fast.receiveAll().length, 10);
  assert.deepEqual(slow.receiveAll().join(), "0,1,2,3");
  source.send("after");
  assert.deepEqual(slow.receive(), ["after"]);
  assertConserved(slow.near, fast.near);
});

test("with noDrop nobody gets a message until all who want it have room (libzmq behaviour B55)", () => {
  const source = pub({ noDrop: true });
  const slow = source.join({ outHwm: 1 });
  const fast = source.join();
  const other = source.join({ outHwm: 1 });
  slow.send(wants("a"));
  fast.send(wants(""));
  other.send(wants("b"));
  assert.equal(source.send("a1"), true);
  assert.equal(source.send("a2"), false);
  assert.equal(source.pattern.canSend(), false);
  // Who is full but does not want the message holds nobody up.
  assert.equal(source.send("b1"), true);
  assert.equal(source.send("c"), true);
  assert.deepEqual(slow.receive(), ["a1"]);
  assert.equal(source.pattern.canSend(), true);
  assert.ok(source.writableCount > 0);
  assert.equal(source.send("a2"), true);
  assert.deepEqual(fast.receiveAll().join(), "a1,b1,c,a2");
  assert.equal(slow.near.written.dropped.hwm, 0);
});

test("with invertMatching a message goes to those who do not want it (libzmq behaviour B62)", () => {
  const source = pub({ invertMatching: true });
  const [a, b] = [source.join(), source.join()];
  a.send(wants("a"));
  b.send(wants("b"));
  source.send("a");
  source.send("c");
  assert.deepEqual(a.receiveAll().join(), "c");
  assert.deepEqual(b.receiveAll().join(), "a,c");
  assert.equal(source.pattern.subscriberCount(octets("a")), 1);
});

test("what a peer sends beside subscriptions is discarded and counted (libzmq behaviour B60)", () => {
  const source = pub();
  const peer = source.join();
  for (const message of [["user"], [""], ["user", wants("a")], [wants("b"), ends("c")]])
    peer.send(...message);
  assert.deepEqual(source.receivedDrops, ["protocol", "protocol", "protocol"]);
  assert.equal(peer.far.written.dropped.protocol, 3);
  source.send("a");
  source.send("b");
  assert.deepEqual(peer.receiveAll().join(), "a,b");
  assert.equal(source.pattern.canReceive(), false);
  assert.throws(() => source.receive(), { code: "ENOTSUP" });
});

test("with onlyFirstSubscribe the later frames of a message are no subscriptions", () => {
  const source = pub({ onlyFirstSubscribe: true });
  const peer = source.join();
  peer.send("user", wants("a"));
  peer.send(wants("b"), wants("c"));
  for (const topic of ["a", "b", "c"]) source.send(topic);
  assert.deepEqual(peer.receiveAll().join(), "b");
});

test("what was subscribed to before the peer was attached counts", () => {
  const source = pub();
  const peer = source.connect();
  peer.near.live = false;
  const early = pub().join();
  early.far.tryWrite([octets(wants("a"))], false);
  const late = sub();
  late.pattern.subscribe(octets("b"));
  const [, ofSource] = link(late, source);
  source.send("b");
  assert.equal(ofSource.written.accepted, 1);
  assert.deepEqual(late.receive(), ["b"]);
});

test("a connected endpoint keeps its queue and its topics while the connection is down", () => {
  const source = pub();
  const peer = source.connect();
  source.send("a");
  source.identify(peer.near);
  peer.send(wants("a"));
  peer.near.live = false;
  source.send("a");
  assert.deepEqual(peer.receiveAll(), [["a"]]);
});

test("a new connection starts without topics: the peer tells them again", () => {
  const source = pub();
  const peer = source.connect();
  source.identify(peer.near);
  peer.send(wants("old"));
  peer.send(wants("kept"));
  peer.near.live = false;
  source.identify(peer.near);
  assert.equal(source.pattern.subscriberCount(), 0);
  peer.send(wants("kept"));
  assert.equal(source.pattern.subscriberCount(), 1);
  source.send("old");
  source.send("kept");
  assert.deepEqual(peer.receiveAll(), [["kept"]]);
});

test("a peer that left wants nothing any more", () => {
  const source = pub();
  const [first, second] = [source.join(), source.join()];
  first.send(wants(""));
  second.send(wants(""));
  first.far.close("peer-gone");
  source.send("a");
  assert.equal(source.pattern.subscriberCount(), 1);
  assert.deepEqual(second.receive(), ["a"]);
  source.pattern.detach(first.near);
  source.pattern.detach(second.near);
  source.send("b");
  assert.equal(source.dropped["no-subscriber"], 1);
});

test("a peer that breaks a limit is disconnected, and what it sends after that is not heard", () => {
  const source = pub({ maxTopicSize: 2 });
  const peer = source.connect();
  for (const message of [[wants("ok")], [wants("too long")], [wants("no")]]) peer.send(...message);
  assert.equal(source.identify(peer.near), false);
  assert.equal(source.disconnections.length, 1);
  assert.equal(source.pattern.subscriberCount(), 0);
  assert.equal(peer.near.isClosed, true);
});

test("subscribers are counted, and each change is told", () => {
  const source = pub();
  let calls = 0;
  source.pattern.onSubscription = () => void calls++;
  assert.notEqual(source.pattern.onSubscription, null);
  const peer = source.join();
  peer.send(wants("a"));
  peer.send(wants("ab"));
  assert.equal(source.pattern.subscriberCount(), 1);
  assert.equal(source.pattern.subscriberCount(octets("abc")), 1);
  assert.equal(source.pattern.subscriberCount(octets("b")), 0);
  peer.far.close("peer-gone");
  assert.equal(source.pattern.subscriberCount(), 0);
  assert.equal(calls, 3);
});

test("the sender may reuse its small buffers, however many peers there are", () => {
  for (const count of [1, 2, 5]) {
    const source = pub();
    const peers = Array.from({ length: count }, () => source.join());
    for (const peer of peers) peer.send(wants(""));
    const body = Buffer.from("body");
    source.pattern.send([body]);
    body.fill("x");
    for (const peer of peers) assert.deepEqual(texts(peer.far.tryRead()), ["body"]);
  }
});
