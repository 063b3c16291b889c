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

const NOTHING = "";

function notices(routerNotify: number, disconnectMessage: Uint8Array | null = null): Partings<string> {
  return new Partings({ options: { disconnectMessage, routerNotify } } as unknown as PatternHost);
}

test("routerNotify tells of who came, of who left, of both, or of none, and the disconnectMessage comes last", () => {
  const told = [0, 1, 2, 3].map((routerNotify) => {
    const some = notices(routerNotify, Buffer.from("gone"));
    const peer = createPeer();
    some.came(peer.near, "it");
    peer.far.close("peer-gone");
    some.left(peer.near, "it");
    some.passed(peer.near);
    return taken(some);
  });
  assert.deepEqual(told, [
    ["it gone"],
    [`it ${NOTHING}`, "it gone"],
    [`it ${NOTHING}`, "it gone"],
    [`it ${NOTHING}`, `it ${NOTHING}`, "it gone"],
  ]);
});

test("a connection that is made anew is told of between what came over one and the other", () => {
  const some = notices(3);
  const peer = createPeer({ outgoing: true });
  const seen: string[] = [];
  const read = (): void => {
    seen.push(...taken(some).map((one) => `(${one.trim()})`));
    seen.push(String(peer.near.tryRead()?.[0]));
    if (some.areWaiting) some.received(peer.near);
  };
  peer.send("early");
  some.came(peer.near, "1");
  peer.send("before");
  some.lost(peer.near, "2");
  some.came(peer.near, "3");
  peer.send("after");
  assert.ok(some.isDue);
  for (let i = 0; i < 3; i++) read();
  assert.deepEqual(seen, ["(1)", "early", "before", "(2)", "(3)", "after"]);
  assert.equal(some.areWaiting, false);
  // Nothing stands any more, so nothing is lost again.
  some.lost(peer.near, "4");
  some.lost(peer.near, "5");
  peer.far.close("peer-gone");
  some.left(peer.near, "6");
  assert.deepEqual(taken(some), [`4 ${NOTHING}`]);
});

test("only what came anew stands behind what is unread", () => {
  const some = notices(1);
  const peer = createPeer({ outgoing: true });
  some.came(peer.near, "first");
  peer.send("unread");
  some.lost(peer.near, "lost");
  some.came(peer.near, "again");
  assert.deepEqual(taken(some), [`first ${NOTHING}`]);
  peer.near.tryRead();
  some.received(peer.near);
  assert.deepEqual(taken(some), [`again ${NOTHING}`]);
});

test("who never came is not told of as gone, and neither is whom we left", () => {
  const some = notices(2);
  const never = createPeer({ outgoing: true });
  some.lost(never.near, "never");
  never.far.close("peer-gone");
  some.left(never.near, "never");
  const left = createPeer();
  some.came(left.near, "left by us");
  left.near.close("peer-gone");
  some.left(left.near, "left by us");
  assert.deepEqual(taken(some), []);
  const gone = createPeer({ outgoing: true });
  some.came(gone.near, "gone");
  gone.far.close("peer-gone");
  some.left(gone.near, "gone");
  some.passed(gone.near);
  assert.deepEqual(taken(some), [`gone ${NOTHING}`]);
});

test("peers that come and go while nobody receives are not told of without end", () => {
  for (const [routerNotify, words] of [
    [3, null],
    [3, Buffer.from("gone")],
    [2, null],
    [0, Buffer.from("gone")],
  ] as const) {
    const options = { routerNotify, disconnectMessage: words, maxOrphans: 100 };
    const some = new Partings<string>({ options } as unknown as PatternHost);
    for (let i = 0; i < 1000; i++) {
      const peer = createPeer();
      some.came(peer.near, `${i}`);
      peer.far.close("peer-gone");
      some.left(peer.near, `${i}`);
      some.passed(peer.near);
    }
    const { length } = taken(some);
    assert.ok(length >= 99 && length <= 101, `${length} with routerNotify ${routerNotify}`);
  }
});
