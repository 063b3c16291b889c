// 30/PIPELINE, sentence by sentence; ledger/rfc30.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PullPattern } from "../../src/sockets/pipeline/pull-pattern.ts";
import { PushPattern } from "../../src/sockets/pipeline/push-pattern.ts";
import { assertConserved, link, Rig } from "../unit/sockets/rig.ts";

const push = () => new Rig((host) => new PushPattern(host));
const pull = () => new Rig((host) => new PullPattern(host));

test("PUSH only sends, and what a peer sends is discarded", () => {
  const source = push();
  const peer = source.join();
  peer.send("a");
  assert.equal(source.pattern.canReceive(), false);
  assert.throws(() => source.receive(), { code: "ENOTSUP" });
  assert.equal(peer.far.written.dropped.protocol, 1);
});

test("PULL only receives", () => {
  const sink = pull();
  const peer = sink.join();
  assert.equal(sink.pattern.canSend(), false);
  assert.throws(() => sink.send("a"), { code: "ENOTSUP" });
  assert.equal(peer.receive(), undefined);
});

test("messages pass from PUSH to PULL as they are and in order", () => {
  const source = push();
  const sink = pull();
  link(source, sink);
  const messages = [["a"], [""], ["", ""], ["\0\xff", "", "c", "d"], ["e".repeat(100_000)]];
  for (const message of messages) source.send(...message);
  assert.deepEqual(sink.receiveAll(), messages);
});

test("PUSH has a queue for each peer, with a limit of its own", () => {
  const source = push();
  const small = source.join({ outHwm: 1 });
  const large = source.join({ outHwm: 3 });
  let count = 0;
  while (source.send(`${count}`)) count++;
  assert.equal(count, 4);
  assert.equal(small.near.written.queued, 1);
  assert.equal(large.near.written.queued, 3);
});

test("PUSH has a queue for an endpoint from connect on, connection or not", () => {
  const source = push();
  const endpoint = source.connect();
  assert.equal(source.send("before"), true);
  source.identify(endpoint.near);
  endpoint.near.live = false;
  assert.equal(source.send("between two connections"), true);
  source.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
});

test("PUSH discards and counts what waits for a peer that left", () => {
  const source = push();
  const peer = source.join();
  source.send("a");
  source.send("b");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 2);
  assert.equal(source.send("c"), false);
  assertConserved(peer.near);
});

test("PUSH passes over full peers and sends to the others in turn", () => {
  const source = push();
  const peers = [source.join(), source.join({ outHwm: 1 }), source.join()];
  for (let i = 0; i < 7; i++) assert.equal(source.send(`${i}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3,5", "1", "2,4,6"],
  );
});

test("PUSH waits without a peer that has room, and discards nothing", () => {
  const source = push();
  assert.equal(source.send("a"), false);
  assert.equal(source.pattern.canSend(), false);
  const peer = source.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(source.send(`${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(source.send("too many"), false);
  peer.receive();
  assert.equal(source.send("2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assert.equal(peer.near.written.accepted, 3);
  assertConserved(peer.near);
});

test("PULL has a queue for each peer, with a limit of its own", () => {
  const sink = pull();
  const small = sink.join({ inHwm: 1 });
  const large = sink.join({ inHwm: 3 });
  assert.deepEqual([small.send("a"), small.send("b")], [true, false]);
  assert.deepEqual(
    [large.send("a"), large.send("b"), large.send("c"), large.send("d")],
    [true, true, true, false],
  );
});

test("PULL has a queue for an endpoint from connect on, and keeps it between connections", () => {
  const sink = pull();
  const endpoint = sink.connect();
  sink.identify(endpoint.near);
  endpoint.send("1");
  endpoint.near.live = false;
  sink.identify(endpoint.near);
  endpoint.send("2");
  assert.deepEqual(sink.receiveAll(), [["1"], ["2"]]);
});

test("PULL delivers what a peer sent before it left", () => {
  const sink = pull();
  const peer = sink.join();
  peer.send("last", "words");
  peer.far.close("peer-gone");
  assert.deepEqual(sink.receiveAll(), [["last", "words"]]);
  assert.equal(peer.near.isClosed, true);
});

test("PULL receives from its peers in turn and delivers all of it", () => {
  const sink = pull();
  const peers = [sink.join(), sink.join(), sink.join()];
  for (let i = 0; i < 3; i++) for (const [index, peer] of peers.entries()) peer.send(`${index}`);
  assert.deepEqual(sink.receiveAll().join(""), "012012012");
  for (const peer of peers) assert.equal(peer.far.written.delivered, 3);
});
