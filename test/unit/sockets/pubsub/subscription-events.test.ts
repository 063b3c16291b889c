import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../../fuzz/random.ts";
import { SubscriptionEvents } from "../../../../src/sockets/pubsub/subscription-events.ts";
import { createPeer, frames, texts } from "../rig.ts";
import { ends, octets, wants } from "./pubsub-rig.ts";

function takeAll(events: SubscriptionEvents): string[] {
  const all: string[] = [];
  for (let event = events.take(); event !== undefined; event = events.take())
    all.push(texts(event.message!)!.join());
  return all;
}

test("events are told in order, with their peer", () => {
  const events = new SubscriptionEvents();
  const pipe = createPeer().near;
  events.push(frames(wants("a")), pipe);
  events.pushChange(octets(ends("a")), null, 10);
  assert.equal(events.length, 2);
  const first = events.take()!;
  assert.deepEqual([texts(first.message!), first.pipe], [[wants("a")], pipe]);
  assert.equal(events.take()!.pipe, null);
  assert.equal(events.take(), undefined);
});

test("up to the limit every change is told, beyond it beginning and end cancel out", () => {
  const events = new SubscriptionEvents();
  for (let i = 0; i < 2; i++) {
    events.pushChange(octets(wants("a")), null, 4);
    events.pushChange(octets(ends("a")), null, 4);
  }
  for (let i = 0; i < 1000; i++) {
    events.pushChange(octets(wants("b")), null, 4);
    events.pushChange(octets(wants("c")), null, 4);
    events.pushChange(octets(ends("b")), null, 4);
    if (i < 999) events.pushChange(octets(ends("c")), null, 4);
  }
  assert.equal(events.length, 5);
  assert.deepEqual(takeAll(events), [wants("a"), ends("a"), wants("a"), ends("a"), wants("c")]);
});

test("the application's last word on a topic is true, and what waits is bounded by the topics", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const events = new SubscriptionEvents();
  const wanted = new Set<string>();
  const known = new Set<string>();
  const limit = 10;
  const receive = (): void => {
    const [text] = texts(events.take()?.message ?? undefined) ?? [];
    if (text === undefined) return;
    const topic = text.slice(1);
    assert.equal(
      known.has(topic),
      text[0] === "\0",
      `SEED=${seed}: ${JSON.stringify(text)} tells nothing new`,
    );
    if (text[0] === "\0") known.delete(topic);
    else known.add(topic);
  };
  for (let step = 0; step < 50_000; step++) {
    const topic = `${random.below(30)}`;
    const isEnd = wanted.delete(topic);
    if (!isEnd) wanted.add(topic);
    events.pushChange(octets(isEnd ? ends(topic) : wants(topic)), null, limit);
    assert.ok(events.length <= limit + 30, `SEED=${seed}`);
    while (random.chance(step % 2000 < 1000 ? 0.3 : 0.6)) receive();
  }
  while (events.length > 0) receive();
  assert.deepEqual([...known].sort(), [...wanted].sort(), `SEED=${seed}`);
});

test("an event that must be told is told, also beyond the limit", () => {
  const events = new SubscriptionEvents();
  for (let i = 0; i < 3; i++) events.pushChange(octets(wants(`${i}`)), null, 1);
  events.push(frames(ends("1")), null);
  events.pushChange(octets(wants("1")), null, 1);
  assert.deepEqual(takeAll(events), [wants("0"), wants("1"), wants("2"), ends("1"), wants("1")]);
});

test("events are numbered, and the oldest that waits is known", () => {
  const events = new SubscriptionEvents();
  assert.equal(events.oldestNumber, Number.POSITIVE_INFINITY);
  for (const topic of ["a", "b", "c"]) events.pushChange(octets(wants(topic)), null, 1);
  assert.deepEqual([events.oldestNumber, events.lastNumber], [1, 3]);
  events.take();
  events.pushChange(octets(ends("b")), null, 1);
  assert.deepEqual([events.oldestNumber, events.lastNumber], [3, 3]);
});
