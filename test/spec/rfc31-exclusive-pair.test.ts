// 31/EXPAIR, sentence by sentence; ledger/rfc31.json says which test holds which.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PairPattern } from "../../src/sockets/pair-pattern.ts";
import { assertConserved, createPeer, link, Rig } from "../unit/sockets/rig.ts";

const pair = () => new Rig((host) => new PairPattern(host));

test("PAIR has at most one peer", () => {
  const socket = pair();
  const first = socket.join();
  assert.equal(socket.adopt(createPeer().near), false);
  first.send("still here");
  assert.deepEqual(socket.receive(), ["still here"]);
});

test("messages pass between two PAIRs as they are and in order, both ways", () => {
  const one = pair();
  const two = pair();
  link(one, two);
  const messages = [["a"], [""], ["", ""], ["\0\xff", "", "c", "d"], ["e".repeat(100_000)]];
  for (const message of messages) {
    one.send(...message);
    two.send(...message);
  }
  assert.deepEqual(one.receiveAll(), messages);
  assert.deepEqual(two.receiveAll(), messages);
});

test("PAIR has a queue out and a queue in, and they fill independently", () => {
  const socket = pair();
  const peer = socket.join({ outHwm: 1, inHwm: 2 });
  assert.deepEqual([socket.send("a"), socket.send("b")], [true, false]);
  assert.deepEqual([peer.send("1"), peer.send("2"), peer.send("3")], [true, true, false]);
  assert.deepEqual(socket.receiveAll(), [["1"], ["2"]]);
  assert.deepEqual(peer.receiveAll(), [["a"]]);
});

test("PAIR has its queues from connect on, connection or not", () => {
  const socket = pair();
  const endpoint = socket.connect();
  assert.equal(socket.send("before"), true);
  socket.identify(endpoint.near);
  endpoint.near.live = false;
  assert.equal(socket.send("between two connections"), true);
  socket.identify(endpoint.near);
  assert.deepEqual(endpoint.receiveAll(), [["before"], ["between two connections"]]);
});

test("PAIR discards and counts what waits for a peer that left, and delivers what it sent", () => {
  const socket = pair();
  const peer = socket.join();
  socket.send("never read");
  peer.send("last words");
  peer.far.close("peer-gone");
  assert.equal(peer.near.written.dropped["peer-gone"], 1);
  assert.deepEqual(socket.receiveAll(), [["last words"]]);
  assert.equal(peer.near.isClosed, true);
});

test("PAIR waits without a peer that has room, and discards nothing", () => {
  const socket = pair();
  assert.equal(socket.send("a"), false);
  const peer = socket.join({ outHwm: 2 });
  for (let i = 0; i < 2; i++) assert.equal(socket.send(`${i}`), true);
  for (let i = 0; i < 3; i++) assert.equal(socket.send("too many"), false);
  assert.equal(socket.pattern.canSend(), false);
  peer.receive();
  assert.equal(socket.send("2"), true);
  assert.deepEqual(peer.receiveAll(), [["1"], ["2"]]);
  assert.equal(peer.near.written.accepted, 3);
  assertConserved(peer.near);
});

test("PAIR delivers what its peer sends, and waits without a peer", () => {
  const socket = pair();
  assert.equal(socket.receive(), undefined);
  const peer = socket.join();
  peer.send("a", "b");
  assert.deepEqual(socket.receive(), ["a", "b"]);
  assert.equal(socket.receive(), undefined);
});
