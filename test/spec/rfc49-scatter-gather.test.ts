// 49/SCATTERGATHER, sentence by sentence; ledger/rfc49.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { GatherPattern } from "../../src/sockets/draft/gather-pattern.ts";
import { ScatterPattern } from "../../src/sockets/draft/scatter-pattern.ts";
import { assertConserved, link, Rig } from "../unit/sockets/rig.ts";

const scatter = () => new Rig((host) => new ScatterPattern(host));
const gather = () => new Rig((host) => new GatherPattern(host));

test("messages pass from SCATTER to GATHER as they are and in order, each in one call", () => {
  const [source, sink] = [scatter(), gather()];
  link(source, sink);
  const messages = [["a"], [""], ["\0\xff"], ["\x01\x02"], ["e".repeat(100_000)]];
  for (const message of messages) assert.equal(source.send(...message), true);
  assert.deepEqual(sink.receiveAll(), messages);
});

test("SCATTER only sends, and what a peer sends is discarded", () => {
  const source = scatter();
  const peer = source.join();
  peer.send("a");
  assert.equal(source.pattern.canReceive(), false);
  assert.throws(() => source.receive(), { code: "ENOTSUP" });
  assert.equal(peer.far.written.dropped.protocol, 1);
});

test("GATHER only receives", () => {
  const sink = gather();
  const peer = sink.join();
  assert.equal(sink.pattern.canSend(), false);
  assert.throws(() => sink.send("a"), { code: "ENOTSUP" });
  assert.equal(peer.receive(), undefined);
});

test("SCATTER has a queue for each peer, with a limit of its own", () => {
  const source = scatter();
  const small = source.join({ outHwm: 1 });
  const large = source.join({ outHwm: 3 });
  let count = 0;
  while (source.send(`${count}`)) count++;
  assert.deepEqual([count, small.near.written.queued, large.near.written.queued], [4, 1, 3]);
});

test("SCATTER has a queue for an endpoint from connect on, connection or not", () => {
  const source = scatter();
  const endpoint = source.connect();
  assert.equal(source.send("before"), true);
  source.identify(endpoint.near);
  endpoint.near.live = false;
  assert.equal(source.send("between two connections"), true);
  source.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
});

test("SCATTER discards and counts what waits for a peer that left", () => {
  const source = scatter();
  const peer = source.join();
  source.send("a");
  source.send("b");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 2);
  assert.equal(source.send("c"), false);
  assertConserved(peer.near);
});

test("SCATTER passes over full peers and sends to the others in turn", () => {
  const source = scatter();
  const peers = [source.join(), source.join({ outHwm: 1 }), source.join()];
  for (let i = 0; i < 7; i++) assert.equal(source.send(`${i}`), true);
  assert.deepEqual(
    peers.map((peer) => peer.receiveAll().join()),
    ["0,3,5", "1", "2,4,6"],
  );
});

test("SCATTER waits without a peer that has room, and discards nothing", () => {
  const source = scatter();
  assert.equal(source.send("a"), false);
  assert.equal(source.pattern.canSend(), false);
  const peer = source.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(source.send(`${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(source.send("too many"), false);
  peer.receive();
  assert.equal(source.send("2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assertConserved(peer.near);
});

test("SCATTER refuses to send more than one frame", () => {
  const source = scatter();
  const peer = source.join();
  assert.throws(() => source.send("a", "b"), { code: "EINVAL" });
  assert.equal(peer.receive(), undefined);
});

test("GATHER has a queue for each peer, with a limit of its own", () => {
  const sink = gather();
  const small = sink.join({ inHwm: 1 });
  const large = sink.join({ inHwm: 3 });
  assert.deepEqual([small.send("a"), small.send("b")], [true, false]);
  assert.deepEqual([large.send("a"), large.send("b"), large.send("c"), large.send("d")].indexOf(false), 3);
});

test("GATHER has a queue for an endpoint from connect on, and keeps it between connections", () => {
  const sink = gather();
  const endpoint = sink.connect();
  sink.identify(endpoint.near);
  endpoint.send("1");
  endpoint.near.live = false;
  sink.identify(endpoint.near);
  endpoint.send("2");
  assert.deepEqual(sink.receiveAll(), [["1"], ["2"]]);
});

test("GATHER delivers what a peer sent before it left", () => {
  const sink = gather();
  const peer = sink.join();
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.deepEqual(sink.receiveAll(), [["last words"]]);
  assert.equal(peer.near.isClosed, true);
});

test("GATHER receives from its peers in turn", () => {
  const sink = gather();
  const peers = [sink.join(), sink.join(), sink.join()];
  for (let round = 0; round < 3; round++) for (const peer of peers) peer.send(`${round}`);
  assert.equal(sink.receiveAll().join(""), "000111222");
});

test("GATHER discards messages of more frames whole, and counts them", () => {
  const sink = gather();
  const peer = sink.join();
  peer.send("a", "b");
  peer.send("c");
  peer.send("", "");
  assert.deepEqual(sink.receiveAll(), [["c"]]);
  assert.deepEqual(sink.receivedDrops, ["protocol", "protocol"]);
  assertConserved(peer.far);
});
