import assert from "node:assert/strict";
import { test } from "node:test";
import { Publishing } from "../../../../src/sockets/pubsub/publishing.ts";
import type { Peer } from "../rig.ts";
import { octets, pub, turnToTheEnd, wants } from "./pubsub-rig.ts";

/** A publishing half with a host of its own, and peers by hand. */
function publisher(options: Parameters<typeof pub>[0] = {}) {
  const rig = pub(options);
  let withdrawnCount = 0;
  const publishing = new Publishing(rig, () => void withdrawnCount++);
  const join = (...topics: string[]): Pick<Peer, "near" | "far"> => {
    const { near, far } = pub().join({ outHwm: 2 });
    publishing.attach(near);
    publishing.identified(near, null, null);
    for (const topic of topics) publishing.subscribe(near, octets(topic), 0);
    return { near, far };
  };
  return { rig, publishing, join, withdrawnCount: () => withdrawnCount };
}

test("peers with a subscription are counted, and those that a topic would reach", () => {
  const { publishing, join } = publisher();
  join("a", "ab");
  const second = join("b");
  join();
  assert.equal(publishing.subscriberCount(), 2);
  assert.equal(publishing.subscriberCount(octets("abc")), 1);
  assert.equal(publishing.subscriberCount(octets("c")), 0);
  publishing.cancel(second.near, octets("b"), 0);
  assert.equal(publishing.subscriberCount(), 1);
  publishing.leave(second.near, null, null);
  assert.equal(publishing.subscriberCount(), 1);
  assert.equal(publishing.has(second.near), false);
});

test("each change of the subscriptions is told, repetitions are not", () => {
  const { publishing, join } = publisher();
  const counts: number[] = [];
  publishing.onSubscription = () => void counts.push(publishing.subscriberCount());
  const peer = join("a", "a", "b");
  publishing.cancel(peer.near, octets("c"), 0);
  publishing.cancel(peer.near, octets("a"), 0);
  publishing.leave(peer.near, null, null);
  assert.deepEqual(counts, [1, 1, 1, 0]);
});

test("a peer that leaves with many topics goes at once, its topics in slices", () => {
  const { publishing, join, withdrawnCount } = publisher();
  const peer = join();
  for (let i = 0; i < 50_000; i++) publishing.subscribe(peer.near, octets(`topic ${i}`), 0);
  const gone: string[] = [];
  publishing.leave(
    peer.near,
    (node) => void gone.push(Buffer.from(publishing.topicOf(node)).toString("latin1", 1)),
    null,
  );
  assert.equal(publishing.subscriberCount(), 0);
  assert.equal(publishing.subscriberCount(octets("topic 7")), 0);
  assert.ok(gone.length < 5000);
  const other = join("topic 7");
  assert.equal(publishing.subscriberCount(octets("topic 7")), 1);
  assert.ok(turnToTheEnd() > 10);
  assert.equal(gone.length, 50_000);
  assert.equal(new Set(gone).size, 50_000);
  assert.ok(withdrawnCount() > 10);
  publishing.send([octets("topic 7")]);
  assert.equal(other.far.unreadCount, 1);
});

test("limits on what a peer may subscribe to are kept by disconnecting it", () => {
  const { rig, publishing, join } = publisher({ maxSubscriptionsPerPeer: 2, maxTopicSize: 3 });
  const peer = join("a", "b");
  assert.equal(publishing.admits(peer.near, octets(wants("a"))), true);
  assert.equal(publishing.admits(peer.near, octets(wants("c"))), false);
  const long = join();
  assert.equal(publishing.admits(long.near, octets(wants("123"))), true);
  assert.equal(publishing.admits(long.near, octets(wants("1234"))), false);
  assert.deepEqual(
    rig.disconnections.map(({ pipe, reconnect }) => [pipe, reconnect]),
    [
      [peer.near, false],
      [long.near, false],
    ],
  );
  assert.match(rig.disconnections[0]!.why, /maxSubscriptionsPerPeer/);
  assert.match(rig.disconnections[1]!.why, /4 octets; maxTopicSize is 3/);
});

test("a refused send is worth trying again when the peer that had no room has some, or wants it no more", () => {
  const { rig, publishing, join } = publisher({ noDrop: true });
  const peer = join("a");
  const fill = (): void => {
    while (publishing.send([octets("a")]));
    assert.equal(publishing.canSend(), false);
  };
  fill();
  publishing.unblock();
  assert.equal(publishing.canSend(), true);
  assert.equal(rig.writableCount, 1);
  fill();
  publishing.cancel(peer.near, octets("a"), 0);
  assert.equal(rig.writableCount, 2);
  publishing.subscribe(peer.near, octets("a"), 0);
  fill();
  publishing.leave(peer.near, null, null);
  assert.equal(rig.writableCount, 3);
  publishing.unblock();
  assert.equal(rig.writableCount, 3);
});
