import assert from "node:assert/strict";
import { test } from "node:test";
import type { PatternHost } from "../../../src/core/pattern.ts";
import { Partings } from "../../../src/sockets/partings.ts";
import { createPeer } from "./rig.ts";

function partings(disconnectMessage: Uint8Array | null): Partings<string> {
  return new Partings({ options: { disconnectMessage } } as unknown as PatternHost);
}

function taken(some: Partings<string>): string[] {
  const all: string[] = [];
  for (let one = some.take(); one !== undefined; one = some.take()) all.push(`${one.label} ${one.body}`);
  return all;
}

test("a peer that left is told of at once when nothing of it is unread", () => {
  const some = partings(Buffer.from("gone"));
  const peer = createPeer();
  peer.far.close("peer-gone");
  some.left(peer.near, "it");
  assert.equal(some.isDue, true);
  assert.deepEqual(taken(some), ["it gone"]);
  assert.equal(some.isDue, false);
  some.passed(peer.near);
  assert.deepEqual(taken(some), []);
});

test("it is told of behind what it sent", () => {
  const some = partings(Buffer.from("gone"));
  const peer = createPeer();
  peer.send("last words");
  peer.far.close("peer-gone");
  some.left(peer.near, "it");
  assert.equal(some.isDue, false);
  peer.near.tryRead();
  some.passed(peer.near);
  assert.deepEqual(taken(some), ["it gone"]);
});

test("nobody is told of without a message, who was connected to, who is there yet, or whom we left", () => {
  const none = partings(null);
  const some = partings(Buffer.from("gone"));
  const left = createPeer();
  left.far.close("peer-gone");
  none.left(left.near, "no message");
  const connected = createPeer({ outgoing: true });
  connected.far.close("peer-gone");
  some.left(connected.near, "connected to");
  some.left(createPeer().near, "there yet");
  const closed = createPeer();
  closed.near.close("peer-gone");
  some.left(closed.near, "left by us");
  assert.deepEqual([...taken(none), ...taken(some)], []);
});

test("each gets octets of its own, and one who writes to them harms nobody", () => {
  const message = Buffer.from("gone");
  const some = partings(message);
  for (const label of ["1", "2"]) {
    const peer = createPeer();
    peer.far.close("peer-gone");
    some.left(peer.near, label);
  }
  some.take()?.body.fill(0);
  assert.deepEqual(taken(some), ["2 gone"]);
  assert.equal(message.toString(), "gone");
});
