import assert from "node:assert/strict";
import { test } from "node:test";
import { link } from "../rig.ts";
import { ends, wants, xpub, xsub } from "./pubsub-rig.ts";

test("a message that starts with 1 subscribes, one that starts with 0 cancels", () => {
  const sink = xsub();
  const peer = sink.join();
  for (const text of [wants("a"), wants("a"), ends("a"), ends("a"), ends("unknown"), ends("a")])
    sink.send(text);
  assert.deepEqual(peer.receiveAll(), [[wants("a")], [wants("a")], [ends("a")]]);
});

test("with verboseUnsubscribe every cancellation is told", () => {
  const sink = xsub({ verboseUnsubscribe: true });
  const peer = sink.join();
  for (const text of [wants("a"), wants("a"), ends("a"), ends("a"), ends("unknown")]) sink.send(text);
  assert.deepEqual(peer.receiveAll(), [
    [wants("a")],
    [wants("a")],
    [ends("a")],
    [ends("a")],
    [ends("unknown")],
  ]);
});

test("a publisher hears of all topics at every connection (libzmq behaviour B63)", () => {
  const sink = xsub();
  sink.send(wants("a"));
  const peer = sink.connect();
  sink.send(wants("b"));
  for (let connection = 0; connection < 2; connection++) {
    sink.identify(peer.near);
    assert.deepEqual(peer.receiveAll().sort(), [[wants("a")], [wants("b")]]);
    peer.near.live = false;
  }
});

test("every other message goes to all publishers, and one that is full misses it", () => {
  const sink = xsub();
  const [first, second] = [sink.join(), sink.join({ outHwm: 1 })];
  for (const message of [["a", "b"], [""], ["\x02"]]) assert.equal(sink.send(...message), true);
  assert.deepEqual(first.receiveAll(), [["a", "b"], [""], ["\x02"]]);
  assert.deepEqual(second.receiveAll(), [["a", "b"]]);
  assert.equal(second.near.written.dropped.hwm, 2);
  assert.equal(sink.pattern.canSend(), true);
  sink.pattern.onWritable();
});

test("without a publisher a message is dropped and counted", () => {
  const sink = xsub();
  assert.equal(sink.send("a"), true);
  assert.equal(sink.dropped.unroutable, 1);
  const peer = sink.join();
  peer.far.close("peer-gone");
  sink.send("b");
  assert.equal(sink.dropped.unroutable, 2);
});

test("an endpoint that is not connected keeps messages, as its queue allows", () => {
  const sink = xsub();
  const peer = sink.connect({ outHwm: 2 });
  for (const text of ["a", "b", "c"]) sink.send(text);
  sink.identify(peer.near);
  assert.deepEqual(peer.receiveAll(), [["a"], ["b"]]);
});

test("frames of a message that are about topics are taken out of it, unless onlyFirstSubscribe (libzmq behaviour B60)", () => {
  for (const [onlyFirstSubscribe, expected] of [
    [false, [[wants("b")], ["a", "c"]]],
    [true, [["a", wants("b"), "c"]]],
  ] as const) {
    const sink = xsub({ onlyFirstSubscribe });
    const peer = sink.join();
    sink.send("a", wants("b"), "c");
    assert.deepEqual(peer.receiveAll(), expected);
    sink.send(wants("d"), wants("e"));
    const rest = onlyFirstSubscribe ? [[wants("d")], [wants("e")]] : [[wants("d")], [wants("e")]];
    assert.deepEqual(peer.receiveAll(), rest);
  }
});

test("whatever the publishers send is received, in turn, without a filter", () => {
  const sink = xsub();
  const peers = [sink.join(), sink.join()];
  peers.forEach((peer, index) => {
    for (let i = 0; i < 2; i++) peer.send(`${index}`, "body");
  });
  assert.equal(sink.pattern.canReceive(), true);
  assert.deepEqual(
    sink
      .receiveAll()
      .map(([text]) => text)
      .join(""),
    "0101",
  );
  assert.equal(sink.pattern.canReceive(), false);
});

test("a device of XSUB and XPUB forwards topics up and messages down (libzmq behaviour B63)", () => {
  const [origin, inner, outer, target] = [xpub(), xsub(), xpub(), xsub()];
  link(inner, origin);
  link(target, outer);
  const pass = (): void => {
    for (let event = outer.pattern.receive(); event !== undefined; event = outer.pattern.receive())
      inner.pattern.send(event);
    for (let body = inner.pattern.receive(); body !== undefined; body = inner.pattern.receive())
      outer.pattern.send(body);
  };
  target.send(wants("a"));
  pass();
  assert.deepEqual(origin.receiveAll(), [[wants("a")]]);
  origin.send("a1");
  origin.send("b1");
  pass();
  assert.deepEqual(target.receiveAll(), [["a1"]]);
  target.send(ends("a"));
  target.send("user message", "of two frames");
  pass();
  assert.deepEqual(origin.receiveAll(), [[ends("a")], ["user message", "of two frames"]]);
});
