import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketOptionValues } from "../../../../src/core/option-values.ts";
import { assertConserved, type Peer } from "../rig.ts";
import { ends, octets, turnToTheEnd, wants, xpub } from "./pubsub-rig.ts";

function joinTwo(options: Partial<SocketOptionValues> = {}) {
  const source = xpub(options);
  return { source, first: source.join(), second: source.join() };
}

/** Both peers subscribe and cancel twice, then leave. */
function history({ source, first, second }: ReturnType<typeof joinTwo>): string {
  for (const text of [wants("a"), ends("a")]) {
    for (const peer of [first, first, second, second]) peer.send(text);
  }
  first.send(wants("b"));
  second.send(wants("b"));
  first.far.close("peer-gone");
  second.far.close("peer-gone");
  turnToTheEnd();
  return source.receiveAll().join().replaceAll("\x01", "+").replaceAll("\0", "-");
}

test("a topic's first subscription and last cancellation are received (libzmq behaviours B53, B56)", () => {
  // The stray cancellations come when the topic has ended or belongs to the other.
  assert.equal(history(joinTwo()), "+a,-a,-a,+b,-b");
});

test("with allSubs every subscription is received (libzmq behaviour B54)", () => {
  assert.equal(history(joinTwo({ verbosity: "allSubs" })), "+a,+a,+a,+a,-a,-a,+b,+b,-b");
});

test("with allSubsUnsubs every cancellation too, one for each peer that leaves (libzmq behaviour B54)", () => {
  assert.equal(history(joinTwo({ verbosity: "allSubsUnsubs" })), "+a,+a,+a,+a,-a,-a,-a,-a,+b,+b,-b,-b");
});

test("a cancellation of a topic that nobody has is received, one of a topic that only others have is not", () => {
  const { source, first, second } = joinTwo();
  first.send(ends("never"));
  second.send(wants("a"));
  first.send(ends("a"));
  assert.deepEqual(source.receiveAll(), [[ends("never")], [wants("a")]]);
  source.send("a");
  assert.deepEqual(second.receive(), ["a"]);
});

test("messages go to those who want them, as from a PUB", () => {
  const { source, first, second } = joinTwo();
  first.send(wants("a"));
  second.send(wants(""));
  source.send("a", "body");
  source.send("b");
  assert.deepEqual(first.receiveAll(), [["a", "body"]]);
  assert.deepEqual(second.receiveAll(), [["a", "body"], ["b"]]);
  assert.equal(source.pattern.canSend(), true);
  assert.equal(source.pattern.subscriberCount(), 2);
  assert.equal(source.pattern.subscriberCount(octets("b")), 1);
});

test("with noDrop a message waits for room (libzmq behaviour B8)", () => {
  const source = xpub({ noDrop: true });
  const peer = source.join({ outHwm: 2 });
  peer.send(wants(""));
  let sent = 0;
  const received: string[] = [];
  while (sent < 100) {
    if (source.send(`${sent}`)) sent++;
    else received.push(...peer.receive()!);
  }
  received.push(...peer.receiveAll().flat());
  assert.deepEqual(
    received,
    Array.from({ length: 100 }, (_, i) => `${i}`),
  );
});

test("messages of peers are received as they are, from each peer in turn", () => {
  const { source, first, second } = joinTwo();
  for (let i = 0; i < 3; i++) first.send(`first ${i}`, "body");
  second.send("second", "", "\x02");
  second.send("");
  assert.equal(source.pattern.canReceive(), true);
  assert.deepEqual(source.receiveAll(), [
    ["first 0", "body"],
    ["second", "", "\x02"],
    ["first 1", "body"],
    [""],
    ["first 2", "body"],
  ]);
  assert.equal(source.pattern.canReceive(), false);
});

test("a peer's messages and subscriptions are received in the order in which it sent them", () => {
  const { source, first } = joinTwo();
  const sent = [[wants("a")], ["1"], ["2"], [wants("b")], [ends("a")], ["3"], [wants("c")]];
  for (const message of sent) first.send(...message);
  assert.deepEqual(source.receiveAll(), sent);
});

test("an event and a message of different peers are received in the order in which they came", () => {
  const { source, first, second } = joinTwo();
  for (let i = 0; i < 3; i++) {
    first.send(`${i}`);
    second.send(wants(`${i}`));
    second.send(ends(`${i}`));
  }
  const received = source.receiveAll().join().replaceAll("\x01", "+").replaceAll("\0", "-");
  assert.equal(received, "0,+0,-0,1,+1,-1,2,+2,-2");
});

test("subscriptions in a message of several frames are taken out of it (libzmq behaviour B60)", () => {
  const source = xpub();
  source.join().send("a", wants("b"), "c");
  assert.deepEqual(source.receiveAll(), [[wants("b")], ["a", "c"]]);
  const strict = xpub({ onlyFirstSubscribe: true });
  const peer = strict.join();
  peer.send("a", wants("b"), "c");
  peer.send(wants("d"), wants("e"));
  assert.deepEqual(strict.receiveAll(), [["a", wants("b"), "c"], [wants("d")], [wants("e")]]);
  strict.send("e");
  assert.equal(peer.receive(), undefined);
});

test("the welcome message goes to every new connection before its subscriptions take effect (libzmq behaviour B59)", () => {
  const source = xpub({ welcomeMessage: octets("W") });
  const peer = source.connect();
  assert.equal(peer.receive(), undefined);
  for (let connection = 0; connection < 2; connection++) {
    source.identify(peer.near);
    peer.send(wants("W"));
    assert.deepEqual(peer.receiveAll(), [["W"]]);
    peer.near.live = false;
  }
  const early = source.connect();
  early.send(wants("a"));
  assert.deepEqual(early.receiveAll(), [["W"]]);
  source.identify(early.near);
  assert.deepEqual(early.receiveAll(), []);
  assert.equal(source.receive()![0], wants("W"));
});

test("in manual mode the application subscribes the peer of the event received last (libzmq behaviour B57)", () => {
  const { source, first, second } = joinTwo({ manual: true });
  first.send(wants("A"));
  first.send(wants("A"));
  second.send(wants("C"));
  source.pattern.subscribe(octets("nobody yet"));
  assert.deepEqual(source.receive(), [wants("A")]);
  source.pattern.subscribe(octets("B"));
  assert.deepEqual(source.receive(), [wants("A")]);
  assert.deepEqual(source.receive(), [wants("C")]);
  source.pattern.subscribe(octets("D"));
  for (const topic of ["A", "B", "C", "D", "nobody yet"]) source.send(topic);
  assert.deepEqual(first.receiveAll().join(), "B");
  assert.deepEqual(second.receiveAll().join(), "D");
  first.send(ends("A"));
  assert.deepEqual(source.receive(), [ends("A")]);
  source.send("B");
  assert.deepEqual(first.receiveAll().join(), "B");
  source.pattern.unsubscribe(octets("B"));
  source.send("B");
  assert.deepEqual(first.receiveAll(), []);
});

test("with manualLastValue the next message is for the peer of the event received last alone, if it wants it", () => {
  const { source, first, second } = joinTwo({ manualLastValue: true });
  const subscribe = (): void => {
    source.receive();
    source.pattern.subscribe(octets("A"));
  };
  first.send(wants("A"));
  subscribe();
  source.send("A: last value");
  source.send("A: 1");
  assert.deepEqual(first.receiveAll(), [["A: last value"], ["A: 1"]]);
  second.send(wants("A"));
  subscribe();
  source.send("A: last value");
  source.send("A: 2");
  assert.deepEqual(first.receiveAll(), [["A: 2"]]);
  assert.deepEqual(second.receiveAll(), [["A: last value"], ["A: 2"]]);
  // The peer alone is asked, and it wants something else.
  second.send(wants("A"));
  subscribe();
  source.send("B");
  assert.equal(source.dropped["no-subscriber"], 1);
  source.send("A: 3");
  assert.deepEqual([first.receiveAll(), second.receiveAll()], [[["A: 3"]], [["A: 3"]]]);
  // One that is gone is nobody's.
  first.send(wants("A"));
  subscribe();
  first.far.close("peer-gone");
  source.send("A: 4");
  assert.deepEqual(second.receiveAll(), [["A: 4"]]);
});

test("a message that waits for room stays meant for one peer (manualLastValue, noDrop)", () => {
  const source = xpub({ manualLastValue: true, noDrop: true });
  const other = source.join();
  const peer = source.join({ outHwm: 1 });
  for (const one of [other, peer]) {
    one.send(wants("A"));
    source.receive();
    source.pattern.subscribe(octets("A"));
  }
  assert.equal(source.send("A: 1"), true);
  peer.send(wants("A"));
  source.receive();
  assert.equal(source.send("A: 2"), false, "its queue is full");
  assert.deepEqual(peer.receive(), ["A: 1"]);
  assert.equal(source.send("A: 2"), true);
  assert.deepEqual(other.receiveAll(), []);
});

test("in manual mode a peer that leaves ends every topic that it asked for (libzmq behaviour B57)", () => {
  const { source, first, second } = joinTwo({ manual: true });
  for (const topic of ["A", "B"]) first.send(wants(topic));
  second.send(wants("A"));
  first.send(ends("B"));
  for (let i = 0; i < 4; i++) {
    source.receive();
    source.pattern.subscribe(octets(`changed ${i}`));
  }
  first.far.close("peer-gone");
  assert.ok(source.readableCount > 0);
  assert.deepEqual(source.receiveAll(), [[ends("A")]]);
  source.pattern.subscribe(octets("no such peer"));
  assert.equal(source.pattern.subscriberCount(), 1);
  source.send("changed 0");
  assert.equal(source.dropped["no-subscriber"], 1);
});

test("an application that does not receive misses no topic, and no peer waits for it", () => {
  const source = xpub({ receiveHighWaterMark: 10 });
  const peers = Array.from({ length: 100 }, () => source.join());
  peers.forEach((peer, index) => void peer.send(wants(`${index}`)));
  for (let round = 0; round < 50; round++) {
    peers.forEach((peer, index) => void peer.send(ends(`${index}`)));
    peers.forEach((peer, index) => void peer.send(wants(`${index}`)));
  }
  peers.forEach((_, index) => void source.send(`${index}`));
  for (const peer of peers) assert.notEqual(peer.receive(), undefined);
  const events = source.receiveAll();
  assert.ok(events.length <= 220, `${events.length} events waited`);
  const known = new Set<string>();
  for (const [text] of events) {
    if (text![0] === "\0") known.delete(text!.slice(1));
    else known.add(text!.slice(1));
  }
  assert.equal(known.size, 100);
});

for (const options of [{ verbosity: "allSubs" }, { manual: true }] as const) {
  test(`where every event counts, peers wait while too many are not received (${Object.keys(options).join()})`, () => {
    const source = xpub({ ...options, receiveHighWaterMark: 10 });
    const peer = source.join({ inHwm: 20 });
    let sent = 0;
    while (peer.send(wants("a"))) sent++;
    assert.equal(sent, 30);
    let received = 0;
    for (; source.receive() !== undefined; received++) if (sent < 100 && peer.send(wants("a"))) sent++;
    assert.equal(received, sent);
    assert.ok(sent > 50);
    assertConserved(peer.far);
  });
}

test("a peer's messages wait in the pipe once its inbox is full, and others are not held up", () => {
  const source = xpub({ receiveHighWaterMark: 10 });
  const busy = source.join({ inHwm: 10 });
  const quiet = source.join({ inHwm: 10 });
  let sent = 0;
  while (busy.send(`${sent}`)) sent++;
  assert.equal(sent, 20);
  quiet.send(wants("a"));
  assert.equal(source.pattern.subscriberCount(), 1);
  assert.equal(source.receiveAll().length, 21);
  assert.equal(busy.send("more"), true);
  assert.deepEqual(source.receive(), ["more"]);
});

test("messages of a peer that left are received, up to a cap; those of a peer that was sent away are not", () => {
  const source = xpub({ maxOrphans: 3 });
  const leave = (count: number): Peer => {
    const peer = source.join();
    for (let i = 0; i < count; i++) peer.send(`${i}`);
    peer.far.close("peer-gone");
    return peer;
  };
  leave(2);
  const third = leave(2);
  assert.equal(third.far.written.dropped.orphaned, 1);
  assert.deepEqual(source.receiveAll(), [["0"], ["1"], ["1"]]);
  const sentAway = source.join();
  sentAway.send("a");
  source.pattern.detach(sentAway.near);
  assert.equal(source.receive(), undefined);
  assert.deepEqual(source.receivedDrops, ["orphaned", "orphaned"]);
});

test("a new connection of the same endpoint ends the topics of the one before", () => {
  const source = xpub();
  const peer = source.connect();
  source.identify(peer.near);
  for (const topic of ["a", "b"]) peer.send(wants(topic));
  peer.near.live = false;
  source.identify(peer.near);
  peer.send(wants("b"));
  const events = source.receiveAll().flat();
  assert.deepEqual(events.slice(0, 2), [wants("a"), wants("b")]);
  assert.deepEqual(events.slice(2, 4).sort(), [ends("a"), ends("b")]);
  assert.deepEqual(events.slice(4), [wants("b")]);
});

test("the topics of a peer that leaves with many end in slices, and the socket is told", () => {
  const source = xpub({ receiveHighWaterMark: 0 });
  const peer = source.join();
  for (let i = 0; i < 10_000; i++) peer.send(wants(`${i}`));
  assert.equal(source.receiveAll().length, 10_000);
  peer.far.close("peer-gone");
  assert.equal(source.pattern.subscriberCount(), 0);
  const atOnce = source.receiveAll().length;
  assert.ok(atOnce > 0 && atOnce < 5000);
  turnToTheEnd();
  assert.equal(source.readableCount, 5);
  assert.equal(atOnce + source.receiveAll().length, 10_000);
});

test("a peer that breaks a limit is disconnected, and its topics end", () => {
  const source = xpub({ maxSubscriptionsPerPeer: 2 });
  const peer = source.join();
  for (const topic of ["a", "b", "c", "d"]) peer.send(wants(topic));
  assert.equal(source.disconnections.length, 1);
  const events = source.receiveAll().flat();
  assert.deepEqual(events.sort(), [ends("a"), ends("b"), wants("a"), wants("b")]);
  const manual = xpub({ maxSubscriptionsPerPeer: 1, manual: true });
  const other = manual.join();
  for (const topic of ["a", "a", "b"]) other.send(wants(topic));
  assert.equal(manual.disconnections.length, 1);
});

test("each change of the subscriptions is told", () => {
  const { source, first } = joinTwo();
  let calls = 0;
  source.pattern.onSubscription = () => void calls++;
  first.send(wants("a"));
  first.send(ends("a"));
  assert.equal(calls, 2);
  assert.notEqual(source.pattern.onSubscription, null);
  source.pattern.onWritable();
});
