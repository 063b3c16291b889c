import assert from "node:assert/strict";
import { test } from "node:test";
import type { PatternHost } from "../../../src/core/pattern.ts";
import { Notices } from "../../../src/sockets/notices.ts";
import { createPeer, type Peer } from "./rig.ts";

function notices(maxOrphans = -1, receiveHighWaterMark = 0): Notices<string> {
  return new Notices({ options: { maxOrphans, receiveHighWaterMark } } as unknown as PatternHost);
}

function taken(some: Notices<string>): string[] {
  const all: string[] = [];
  for (let one = some.take(); one !== undefined; one = some.take()) all.push(`${one.label}${one.body}`);
  return all;
}

/** A peer that is told of as having come and gone. */
function comeAndGo(some: Notices<string>, label: string, words?: string): Peer {
  const peer = createPeer();
  some.tellArrival(peer.near, label, false);
  some.tellDeparture(peer.near, label);
  if (words !== undefined) some.tellWords(peer.near, label, Buffer.from(words));
  return peer;
}

test("notices stand in their places among what the peer sent", () => {
  const some = notices();
  const peer = createPeer();
  peer.send("early");
  some.tellArrival(peer.near, "came", false);
  peer.send("unread");
  some.tellDeparture(peer.near, "left");
  some.tellArrival(peer.near, "came again", true);
  some.tellWords(peer.near, "words", Buffer.from("!"));
  assert.deepEqual(taken(some), ["came"]);
  assert.ok(some.areWaiting);
  peer.near.tryRead();
  assert.equal(some.received(peer.near), false);
  peer.near.tryRead();
  assert.equal(some.received(peer.near), true);
  assert.deepEqual(taken(some), ["left", "came again", "words!"]);
  assert.deepEqual([some.areWaiting, some.isDue, some.passed(peer.near)], [false, false, false]);
});

test("what is given up unread holds up no notice", () => {
  const some = notices();
  const peer = createPeer();
  peer.send("unread");
  some.tellDeparture(peer.near, "left");
  assert.equal(some.passed(peer.near), true);
  assert.deepEqual(taken(some), ["left"]);
});

test("peers that come and go unheard take no more room than maxOrphans allows, and who stays is told of", () => {
  const some = notices(100);
  for (let i = 0; i < 1000; i++) comeAndGo(some, `${i} `);
  some.tellArrival(createPeer().near, "stays", false);
  const all = taken(some);
  assert.deepEqual(
    all,
    [...Array.from({ length: 50 }, (_, i) => [`${i} `, `${i} `]).flat(), "stays"],
    "each that is told of is told of twice",
  );
  comeAndGo(some, "later");
  assert.deepEqual(taken(some), ["later", "later"]);
});

test("who was told of is told of to the end, however many are", () => {
  const some = notices(100);
  const heard = createPeer();
  some.tellArrival(heard.near, "heard", false);
  assert.deepEqual(taken(some), ["heard"]);
  for (let i = 0; i < 200; i++) comeAndGo(some, `${i} `, "words");
  some.tellDeparture(heard.near, "heard");
  const all = taken(some);
  assert.equal(all.at(-1), "heard");
  assert.equal(all.length, 101);
});

test("notices without arrivals are bounded as well, and so are those of one peer behind what is unread", () => {
  const some = notices(-1, 10);
  for (let i = 0; i < 1000; i++) some.tellWords(createPeer().near, `${i}`, Buffer.from("!"));
  for (let i = 0; i < 10; i++) some.tellDeparture(createPeer().near, `${i}`);
  assert.equal(taken(some).length, 100);
  const peer = createPeer({ outgoing: true });
  peer.send("unread");
  some.tellArrival(peer.near, "", false);
  for (let i = 0; i < 1000; i++) {
    some.tellDeparture(peer.near, "");
    some.tellArrival(peer.near, "", true);
  }
  some.passed(peer.near);
  const { length } = taken(some);
  // It came and stayed.
  assert.ok(length % 2 === 1 && length <= 103, `${length}`);
});

test("few are told of even where no messages of peers that left are kept, and all where all are", () => {
  const none = notices(0);
  for (let i = 0; i < 20; i++) comeAndGo(none, "", "words");
  assert.equal(taken(none).length, 60);
  const all = notices(-1, 0);
  for (let i = 0; i < 1000; i++) comeAndGo(all, "");
  assert.equal(taken(all).length, 2000);
});
