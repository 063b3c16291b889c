import assert from "node:assert/strict";
import { test } from "node:test";
import { Subscribing } from "../../../../src/sockets/pubsub/subscribing.ts";
import { createPeer, frames, type Peer } from "../rig.ts";
import { ends, octets, wants } from "./pubsub-rig.ts";

function livePeer(subscribing: Subscribing): Peer {
  const peer = createPeer({ outHwm: 1 });
  peer.near.live = true;
  subscribing.attach(peer.near);
  return peer;
}

test("changes go to every connected publisher, whatever its high-water mark (libzmq behaviour B66)", () => {
  const subscribing = new Subscribing();
  const peers = [livePeer(subscribing), livePeer(subscribing)];
  for (const topic of ["a", "b", "a"]) subscribing.subscribe(octets(topic), 0);
  for (const topic of ["a", "b", "a", "unknown"]) subscribing.unsubscribe(octets(topic), 0);
  const told = [[wants("a")], [wants("b")], [wants("a")], [ends("b")], [ends("a")]];
  for (const peer of peers) assert.deepEqual(peer.receiveAll(), told);
});

test("a publisher that lost its connection is told nothing until it has another, and then everything", () => {
  const subscribing = new Subscribing();
  const peer = livePeer(subscribing);
  subscribing.identified(peer.near);
  peer.near.live = false;
  for (const topic of ["a", "a", "ab", "gone"]) subscribing.subscribe(octets(topic), 0);
  subscribing.unsubscribe(octets("gone"), 0);
  assert.deepEqual(peer.receiveAll(), []);
  peer.near.live = true;
  subscribing.identified(peer.near);
  assert.deepEqual(peer.receiveAll().sort(), [[wants("a")], [wants("ab")]]);
});

test("a publisher that had no connection yet is told all in order, and nothing twice", () => {
  const subscribing = new Subscribing();
  subscribing.subscribe(octets("before"), 0);
  const peer = createPeer({ outHwm: 1 });
  subscribing.attach(peer.near);
  subscribing.subscribe(octets("a"), 0);
  peer.near.tryWrite(frames("a message"), true);
  subscribing.unsubscribe(octets("a"), 0);
  peer.near.live = true;
  subscribing.identified(peer.near);
  const told = [[wants("before")], [wants("a")], ["a message"], [ends("a")]];
  assert.deepEqual(peer.receiveAll(), told);
});

test("what comes and goes while a publisher has no connection does not pile up", () => {
  const subscribing = new Subscribing();
  const peer = createPeer({ outHwm: 1 });
  subscribing.attach(peer.near);
  subscribing.subscribe(octets("stays"), 0);
  for (let i = 0; i < 10_000; i++) {
    subscribing.subscribe(octets(`${i}`), 0);
    subscribing.unsubscribe(octets(`${i}`), 0);
  }
  subscribing.identified(peer.near);
  const told = peer.receiveAll();
  assert.deepEqual(told[0], [wants("stays")]);
  assert.ok(told.length < 2000, `told ${told.length} times`);
});

test("a publisher that left is told nothing", () => {
  const subscribing = new Subscribing();
  const peer = livePeer(subscribing);
  subscribing.detach(peer.near);
  subscribing.subscribe(octets("a"), 0);
  assert.deepEqual(peer.receiveAll(), []);
});

test("messages match by their first frame", () => {
  const subscribing = new Subscribing();
  subscribing.subscribe(octets("xa"), 1);
  assert.equal(subscribing.matches(frames("ab", "c")), true);
  assert.equal(subscribing.matches(frames("b", "a")), false);
});
