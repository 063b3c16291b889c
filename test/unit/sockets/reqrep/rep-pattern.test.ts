import assert from "node:assert/strict";
import { test } from "node:test";
import { RepPattern } from "../../../../src/sockets/reqrep/rep-pattern.ts";
import { assertConserved, Rig } from "../rig.ts";

function rep(): Rig<RepPattern> {
  return new Rig((host) => new RepPattern(host));
}

test("requests and replies alternate, or EFSM", () => {
  const rig = rep();
  const peer = rig.join();
  assert.throws(() => rig.send("early"), { code: "EFSM" });
  assert.equal(rig.pattern.canSend(), false);
  assert.equal(rig.pattern.canReceive(), false);
  peer.send("", "1");
  peer.send("", "2");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receive(), ["1"]);
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.pattern.canSend(), true);
  assert.throws(() => rig.receive(), { code: "EFSM" });
  assert.equal(rig.send("reply 1"), true);
  assert.equal(rig.readableCount, 1);
  assert.deepEqual(peer.receive(), ["", "reply 1"]);
  assert.deepEqual(rig.receive(), ["2"]);
});

test("the envelope is kept and put in front of the reply", () => {
  const rig = rep();
  const peer = rig.join();
  peer.send("X", "Y", "", "a", "", "b");
  assert.deepEqual(rig.receive(), ["a", "", "b"]);
  rig.send("re a", "re b");
  assert.deepEqual(peer.receive(), ["X", "Y", "", "re a", "re b"]);
});

test("a reply goes to its requester alone", () => {
  const rig = rep();
  const peers = [rig.join(), rig.join(), rig.join()];
  for (const [index, peer] of peers.entries()) peer.send("", `${index}`);
  for (const [index, peer] of peers.entries()) {
    assert.deepEqual(rig.receive(), [`${index}`]);
    rig.send(`re ${index}`);
    assert.deepEqual(peer.receiveAll(), [["", `re ${index}`]]);
  }
});

test("messages without a delimiter are skipped and counted", () => {
  const rig = rep();
  const peer = rig.join();
  for (const request of [["a"], [""], ["a", "b"], ["a", "b", ""]]) peer.send(...request);
  assert.equal(rig.pattern.canReceive(), false);
  assert.equal(rig.receive(), undefined);
  assert.equal(peer.far.written.dropped.protocol, 4);
  assertConserved(peer.far, peer.near);
  peer.send("", "good");
  assert.deepEqual(rig.receive(), ["good"]);
  assert.deepEqual(rig.disconnections, []);
});

test("a reply to a requester that left succeeds and is counted", () => {
  const rig = rep();
  const peer = rig.join();
  peer.send("", "1");
  assert.deepEqual(rig.receive(), ["1"]);
  peer.far.close("peer-gone");
  assert.equal(rig.send("reply"), true);
  assert.equal(rig.dropped.unroutable, 1);
  const next = rig.join();
  next.send("", "2");
  assert.deepEqual(rig.receive(), ["2"]);
  assert.equal(rig.send("reply"), true);
  assert.deepEqual(next.receive(), ["", "reply"]);
});

test("a request that its sender left behind is received, and its reply counted", () => {
  const rig = rep();
  const peer = rig.join();
  peer.send("", "1");
  peer.send("", "2");
  peer.far.close("peer-gone");
  for (const request of ["1", "2"]) {
    assert.deepEqual(rig.receive(), [request]);
    assert.equal(rig.send("reply"), true);
  }
  assert.equal(rig.dropped.unroutable, 2);
  assert.equal(peer.near.written.dropped.hwm, 0);
});

test("a request seen by canReceive outlives its requester", () => {
  const rig = rep();
  const peer = rig.join();
  peer.send("", "1");
  assert.equal(rig.pattern.canReceive(), true);
  peer.far.close("peer-gone");
  assert.equal(rig.pattern.canReceive(), true);
  assert.deepEqual(rig.receive(), ["1"]);
  assert.equal(rig.send("reply"), true);
  assert.equal(rig.dropped.unroutable, 1);
});

test("a reply to a requester that does not read is dropped and counted", () => {
  const rig = rep();
  const peer = rig.join({ outHwm: 1 });
  for (let i = 0; i < 2; i++) {
    peer.send("", `${i}`);
    rig.receive();
    assert.equal(rig.send(`re ${i}`), true);
  }
  assert.equal(peer.near.written.dropped.hwm, 1);
  assert.deepEqual(peer.receiveAll(), [["", "re 0"]]);
  assertConserved(peer.far, peer.near);
});

test("requests are taken from the peers in turn", () => {
  const rig = rep();
  const busy = rig.join();
  const quiet = rig.join();
  for (let i = 0; i < 3; i++) busy.send("", "busy");
  quiet.send("", "quiet");
  const order: string[] = [];
  for (let i = 0; i < 4; i++) {
    order.push(rig.receive()![0]!);
    rig.send("reply");
  }
  assert.deepEqual(order, ["busy", "quiet", "busy", "busy"]);
});
