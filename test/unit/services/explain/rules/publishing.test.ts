import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dish, Radio } from "../../../../../src/draft.ts";
import { Publisher, Subscriber, XPublisher, XSubscriber } from "../../../../../src/index.ts";
import {
  lateSubscriber,
  noSubscriber,
  noSubscription,
  topicMismatch,
} from "../../../../../src/services/explain/rules/publishing.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import { closing, drain, join, STREAMS, TRANSPORTS, until } from "../../../../peers/sockets.ts";
import { ground, peerView, viewOf } from "../views.ts";

for (const transport of STREAMS) {
  test(`late-subscriber: what was lost before the first subscription, and in how many ms, ${transport}`, async (t) => {
    const pub = closing(t, new Publisher());
    const sub = closing(t, new Subscriber());
    sub.subscribe("a");
    const endpoint = `${transport}://${transport === "tcp" ? "127.0.0.1:*" : "*"}`;
    await pub.bind(endpoint);
    const sentAtMs = performance.now();
    for (let i = 0; i < 37; i++) await pub.send("a");
    const sentMs = performance.now();
    await sleep(30);
    const connectMs = performance.now();
    sub.connect(pub.lastEndpoint as string);
    await pub.waitForSubscribers(1);
    const arrivedMs = performance.now();
    await pub.send("a");
    const found = await untilFound(pub, "late-subscriber");
    assert.equal(found.evidence["lostCount"], 37);
    assert.equal(found.evidence["lostCount"], pub.stats().sent.dropped["no-subscriber"]);
    const withinMs = Number(found.evidence["withinMs"]);
    assert.ok(withinMs >= Math.floor(connectMs - sentMs) && withinMs <= Math.ceil(arrivedMs - sentAtMs));
    assert.ok(
      found.what.startsWith(`37 messages were sent in the ${withinMs} ms before the first subscription`),
    );
    assert.deepEqual(
      [found.severity, found.endpoint, found.socket.type],
      ["warning", pub.lastEndpoint, "PUB"],
    );
    assert.equal(found.peer, pub.peers[0]?.address);
    assert.match(found.remedy, /waitForSubscribers/);
    assert.equal(found.help, "docs/guide/missing-messages.md#late-subscriber");
    assert.deepEqual(codesOf(pub), ["late-subscriber"]);
    await until("the one message", () => drain(sub).length === 1);
    assert.deepEqual(codesOf(sub), []);
  });
}

test("late-subscriber: a publisher that waits has no finding", async (t) => {
  for (const transport of TRANSPORTS) {
    const pub = closing(t, new Publisher());
    const sub = closing(t, new Subscriber());
    sub.subscribe("a");
    await join(pub, sub, transport);
    await pub.waitForSubscribers(1);
    for (let i = 0; i < 10; i++) await pub.send("a");
    assert.deepEqual([...findings(pub), ...findings(sub)], []);
  }
});

test("late-subscriber: messages of one topic that nobody wants are no finding while others are wanted", async (t) => {
  const pub = closing(t, new XPublisher());
  const sub = closing(t, new Subscriber());
  sub.subscribe("a");
  await join(pub, sub);
  await pub.waitForSubscribers(1);
  await pub.send("a");
  for (let i = 0; i < 200; i++) await pub.send("b");
  assert.equal(pub.stats().sent.dropped["no-subscriber"], 200);
  assert.deepEqual(codesOf(pub, { waitMs: 0 }), []);
});

test("publisher-connects: the count that was sent before the other side was heard", async (t) => {
  const sub = closing(t, new Subscriber());
  sub.subscribe("");
  await sub.bind("tcp://127.0.0.1:*");
  const pub = closing(t, new Publisher());
  pub.connect(sub.lastEndpoint as string);
  for (let i = 0; i < 3; i++) await pub.send("x");
  await pub.waitForSubscribers(1);
  const found = await untilFound(pub, "publisher-connects");
  assert.deepEqual([found.evidence["lostCount"], found.endpoint], [3, sub.lastEndpoint]);
  assert.equal(found.peer, pub.peers[0]?.address);
  assert.match(found.what, /^3 messages were sent in the \d+ ms before .* a publisher that connects/);
  const patient = closing(t, new Publisher());
  patient.connect(sub.lastEndpoint as string);
  await patient.waitForSubscribers(1);
  await patient.send("x");
  assert.deepEqual(codesOf(patient), []);
});

test("no-subscriber: nobody so far, and nobody any more", async (t) => {
  const pub = closing(t, new Publisher());
  await pub.bind("tcp://127.0.0.1:*");
  assert.deepEqual(codesOf(pub), []);
  await pub.send("x");
  await pub.send("x");
  const [found] = findings(pub);
  assert.deepEqual(
    [found?.code, found?.severity, found?.evidence["lostCount"]],
    ["no-subscriber", "info", 2],
  );
  assert.match(found?.what ?? "", /^2 messages were sent to nobody: there has been no subscriber so far/);
  const other = closing(t, new Publisher());
  const sub = new Subscriber();
  sub.subscribe("x");
  await join(other, sub);
  await other.waitForSubscribers(1);
  await other.send("x");
  await until("the message", () => drain(sub).length === 1);
  await sub.close();
  await until("the subscriber gone", () => other.peers.length === 0);
  assert.deepEqual(codesOf(other), []);
  await other.send("x");
  const left = await untilFound(other, "no-subscriber");
  assert.deepEqual([left.evidence["lostCount"], left.evidence["hadSubscriber"]], [1, true]);
  assert.deepEqual(codesOf(other), ["no-subscriber"]);
});

test("no-subscription: a SUB that subscribed to nothing, at both ends", async (t) => {
  for (const transport of TRANSPORTS) {
    const pub = closing(t, new Publisher());
    const sub = closing(t, new Subscriber());
    const endpoint = await join(pub, sub, transport);
    assert.deepEqual([...findings(pub), ...findings(sub)], [], "in the first moment");
    const found = await untilFound(sub, "no-subscription", { momentMs: 5 });
    assert.deepEqual([found.severity, found.endpoint], ["error", endpoint]);
    assert.deepEqual([found.evidence["publisherCount"], found.peer], [1, sub.peers[0]?.address]);
    const there = await untilFound(pub, "no-subscription", { momentMs: 5 });
    assert.deepEqual([there.severity, there.peer], ["info", pub.peers[0]?.address]);
    sub.subscribe("x");
    await pub.waitForSubscribers(1);
    assert.deepEqual([...codesOf(pub, { momentMs: 0 }), ...codesOf(sub, { momentMs: 0 })], []);
  }
});

test("no-subscription: an XSUB without a topic is told of itself, and no fault of its publisher", async (t) => {
  const pub = closing(t, new Publisher());
  const xsub = closing(t, new XSubscriber());
  await join(pub, xsub);
  assert.match((await untilFound(xsub, "no-subscription", { momentMs: 5 })).remedy, /octet 1/);
  assert.deepEqual(codesOf(pub, { momentMs: 0 }), []);
});

test("topic-mismatch: subscriptions, and nothing that matches", async (t) => {
  const pub = closing(t, new Publisher());
  const sub = closing(t, new Subscriber());
  sub.subscribe("weather");
  await join(pub, sub);
  await pub.waitForSubscribers(1);
  for (let i = 0; i < 99; i++) await pub.send("wether.rome");
  assert.deepEqual(codesOf(pub), []);
  assert.deepEqual(codesOf(pub, { waitMs: 0 }), ["topic-mismatch"], "after long enough few will do");
  await pub.send("wether.rome");
  const found = await untilFound(pub, "topic-mismatch");
  assert.deepEqual([found.evidence["missedCount"], found.evidence["firstTopic"]], [100, '"wether.rome"']);
  assert.deepEqual([found.severity, found.peer], ["warning", pub.peers[0]?.address]);
  await pub.send("weather.rome");
  assert.deepEqual(codesOf(pub, { waitMs: 0 }), []);
});

test("topic-mismatch: at a subscriber whose publisher does not filter", () => {
  const received = { accepted: 100, delivered: 0, queued: 0, dropped: { "no-subscriber": 100 } };
  const facts = { topicCount: 1, topics: '"a"' };
  const view = viewOf({ type: "SUB", received, facts, peers: [peerView({ liveAgeMs: 10 })] });
  const [found] = topicMismatch(view, ground());
  assert.deepEqual([found?.code, found?.evidence["missedCount"]], ["topic-mismatch", 100]);
  assert.match(found?.what ?? "", /none of the topics of this socket \("a"\)/);
  const some = { ...received, delivered: 1, accepted: 101 };
  assert.deepEqual(topicMismatch({ ...view, received: some }, ground()), []);
  assert.deepEqual(topicMismatch(viewOf({ type: "PUSH" }), ground()), []);
});

test("sockets that neither publish nor subscribe have none of these findings", () => {
  const lonely = {
    lostCount: 3,
    firstLostAgeMs: 9,
    endedAgeMs: 1,
    peer: null,
    firstAgeMs: 1,
    beforeFirst: 2,
  };
  for (const type of ["PUSH", "PAIR", "ROUTER"]) {
    const view = viewOf({ type, lonely });
    const found = [lateSubscriber(view), noSubscriber(view), noSubscription(view, ground())];
    assert.deepEqual(found.flat(), []);
  }
  const pub = viewOf({ type: "PUB", lonely });
  const [late] = lateSubscriber(pub);
  assert.deepEqual([late?.evidence["lostCount"], late?.evidence["withinMs"]], [2, 8]);
  assert.equal(noSubscriber(pub)[0]?.evidence["lostCount"], 1);
});

for (const transport of TRANSPORTS) {
  test(`no-subscription: a DISH that joined no group, on both sides, ${transport}`, async (t) => {
    const radio = closing(t, new Radio());
    const dish = closing(t, new Dish());
    await join(radio, dish, transport);
    const here = await untilFound(dish, "no-subscription", { momentMs: 0 });
    assert.equal(here.severity, "error");
    assert.match(here.what, /^This DISH is connected to 1 radio and has joined no group/);
    const there = await untilFound(radio, "no-subscription", { momentMs: 0 });
    assert.deepEqual([there.severity, there.peer], ["info", radio.peers[0]?.address]);
    dish.join("news");
    await until("the group there", () => codesOf(radio, { momentMs: 0 }).length === 0);
    assert.deepEqual(findings(dish, { momentMs: 0 }), []);
    await radio.send("sunny", { group: "news" });
    assert.equal(String((await dish.receive())[0]), "sunny");
    assert.deepEqual([...findings(radio, { momentMs: 0 }), ...findings(dish, { momentMs: 0 })], []);
  });

  test(`topic-mismatch: a group that nobody joined, ${transport}`, async (t) => {
    const radio = closing(t, new Radio());
    const dish = closing(t, new Dish());
    dish.join("news");
    await join(radio, dish, transport);
    await until("the group there", () => codesOf(radio, { momentMs: 0 }).length === 0);
    // A group is no prefix.
    for (let i = 0; i < 100; i++) await radio.send("lost", { group: "news.rome" });
    const found = await untilFound(radio, "topic-mismatch");
    assert.equal(found.evidence["missedCount"], 100);
    assert.match(
      found.what,
      /none of them was for a group that was joined\. The group .* was "news\.rome"\.$/,
    );
    assert.match(found.remedy, /as a whole/);
  });
}

test("no-subscriber: a RADIO to which nobody listens, and late-subscriber once somebody does", async (t) => {
  const radio = closing(t, new Radio());
  await radio.bind("tcp://127.0.0.1:*");
  for (let i = 0; i < 3; i++) await radio.send("lost", { group: "news" });
  const alone = await untilFound(radio, "no-subscriber");
  assert.deepEqual([alone.severity, alone.evidence["lostCount"]], ["info", 3]);
  const dish = closing(t, new Dish());
  dish.join("news");
  dish.connect(radio.lastEndpoint as string);
  const late = await untilFound(radio, "late-subscriber");
  assert.equal(late.evidence["lostCount"], 3);
  assert.match(late.what, /before the first word that a dish has joined a group/);
});
