import assert from "node:assert/strict";
import { test } from "node:test";
import { Distributor } from "../../../src/routing/distributor.ts";
import { createPeer, frames, type Peer, pipeEvents } from "../sockets/rig.ts";

function attached(distributor: Distributor, count: number, outHwm = 0): Peer[] {
  return Array.from({ length: count }, () => {
    const peer = createPeer({ outHwm });
    distributor.attach(peer.near);
    return peer;
  });
}

function received(peers: readonly Peer[]): string[] {
  return peers.map((peer) => peer.receiveAll().join());
}

test("a message goes to the matched pipes, once each", () => {
  const distributor = new Distributor();
  const peers = attached(distributor, 4);
  distributor.begin();
  for (const number of [1, 3, 1, 3, 3]) distributor.match(number);
  assert.equal(distributor.matchedCount, 2);
  assert.equal(distributor.send(frames("a")), 2);
  assert.equal(distributor.matchedCount, 0);
  distributor.begin();
  distributor.match(2);
  assert.equal(distributor.send(frames("b")), 1);
  distributor.begin();
  assert.equal(distributor.send(frames("nobody")), 0);
  assert.deepEqual(received(peers), ["a", "b", "a", ""]);
});

test("all pipes, or all but the matched ones", () => {
  const distributor = new Distributor();
  const peers = attached(distributor, 3);
  distributor.begin();
  distributor.matchAll();
  distributor.send(frames("all"));
  distributor.begin();
  distributor.match(2);
  distributor.invert();
  distributor.send(frames("others"));
  distributor.begin();
  distributor.invert();
  assert.equal(distributor.matchedCount, 3);
  assert.deepEqual(received(peers), ["all,others", "all", "all,others"]);
});

test("bodies are copied once for many pipes, and the sender may reuse its own", () => {
  const distributor = new Distributor();
  const [first, second] = attached(distributor, 2) as [Peer, Peer];
  const body = Buffer.from("abc");
  distributor.begin();
  distributor.matchAll();
  distributor.send([body]);
  body.fill("x");
  const [a, b] = [first.far.tryRead()!, second.far.tryRead()!];
  assert.equal(Buffer.from(a[0]!).toString(), "abc");
  assert.equal(a[0], b[0]);
});

test("a full pipe misses the message and counts it; the others get it", () => {
  const distributor = new Distributor();
  const peers = attached(distributor, 2, 2);
  peers[0]!.near.setHighWaterMarks(1, 0);
  for (const text of ["1", "2", "3"]) {
    distributor.begin();
    distributor.matchAll();
    distributor.send(frames(text));
  }
  assert.deepEqual(
    peers.map((peer) => peer.near.written.dropped.hwm),
    [2, 1],
  );
  assert.deepEqual(received(peers), ["1", "1,2"]);
});

test("whether all have room is known before anything is sent, and each that has none tells", () => {
  const distributor = new Distributor();
  const peers = attached(distributor, 3, 1);
  const writable: number[] = [];
  peers.forEach((peer, index) => {
    peer.near.events = pipeEvents({ onWritable: () => void writable.push(index) });
  });
  for (const number of [1, 2]) {
    distributor.begin();
    distributor.match(number);
    distributor.send(frames("fills"));
  }
  distributor.begin();
  distributor.matchAll();
  assert.equal(distributor.canSend(), false);
  received(peers);
  assert.deepEqual(writable, [0, 1]);
  assert.equal(distributor.canSend(), true);
});

test("a pipe that left is not matched, and its number waits for release", () => {
  const distributor = new Distributor();
  const [first] = attached(distributor, 2) as [Peer, Peer];
  assert.equal(distributor.detach(first.near), 1);
  assert.equal(distributor.detach(first.near), 0);
  assert.equal(distributor.size, 1);
  distributor.begin();
  distributor.match(1);
  assert.equal(distributor.matchedCount, 0);
  assert.equal(distributor.attach(createPeer().near), 3);
  distributor.release(1);
  assert.equal(distributor.attach(createPeer().near), 1);
  distributor.begin();
  distributor.matchAll();
  assert.equal(distributor.matchedCount, 3);
});

test("pipes may leave, and messages be sent, while one is sent", () => {
  const distributor = new Distributor();
  const peers = attached(distributor, 3);
  const [first, second, third] = peers as [Peer, Peer, Peer];
  first.far.events = pipeEvents({
    onReadable: () => {
      distributor.detach(second.near);
      distributor.begin();
      distributor.match(3);
      distributor.send(frames("inner"));
    },
  });
  distributor.begin();
  distributor.matchAll();
  assert.equal(distributor.send(frames("outer")), 2);
  assert.deepEqual(received(peers), ["outer", "", "inner,outer"]);
  assert.equal(third.near.written.dropped.hwm, 0);
});
