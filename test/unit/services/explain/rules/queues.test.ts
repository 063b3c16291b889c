import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dish, Radio } from "../../../../../src/draft.ts";
import { Dealer, Publisher, Pull, Push, Reply, Router, Subscriber } from "../../../../../src/index.ts";
import { hwmDrop, sendWaits, unfairShare } from "../../../../../src/services/explain/rules/queues.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { RawPeer } from "../../../../peers/raw-peer.ts";
import { assertLaw, closing, drain, join, lostOf, TRANSPORTS, until } from "../../../../peers/sockets.ts";
import { ground, peerView, viewOf } from "../views.ts";

test("hwm-drop: 5,000 messages to a stalled subscriber: which peer, which limit, how many", async (t) => {
  const pub = closing(t, new Publisher({ sendHighWaterMark: 10 }));
  await pub.bind("tcp://127.0.0.1:*");
  const stalled = await RawPeer.connect(pub.lastEndpoint);
  t.after(() => stalled.destroy());
  await stalled.handshake("SUB");
  stalled.send(zmtp.frame(0, "\x01"));
  await pub.waitForSubscribers(1);
  stalled.socket.pause();
  const healthy = closing(t, new Subscriber({ receiveHighWaterMark: 0 }));
  healthy.subscribe("wanted");
  healthy.connect(pub.lastEndpoint as string);
  await pub.waitForSubscribers(2);
  const body = Buffer.alloc(10_000, "x");
  for (let i = 0; i < 5000; i++) await pub.send(body);
  const [found, ...others] = findings(pub);
  const stats = pub.stats();
  assertLaw(stats);
  const peer = stats.peers.find((one) => one.sent.dropped.hwm > 0);
  const { delivered, queued, dropped } = peer?.sent ?? stats.sent;
  assert.equal(delivered + queued + dropped.hwm, 5000);
  assert.ok(dropped.hwm > 0);
  assert.deepEqual(others, []);
  assert.deepEqual([found?.code, found?.severity, found?.socket.type], ["hwm-drop", "error", "PUB"]);
  assert.deepEqual([found?.peer, found?.endpoint], [peer?.address, pub.lastEndpoint]);
  const { queuedCount, deliveredCount, ...evidence } = found?.evidence ?? {};
  assert.deepEqual(evidence, { droppedCount: dropped.hwm, sendHighWaterMark: 10, peer: peer?.address });
  // An I/O thread may have gone on since.
  assert.equal(Number(queuedCount) + Number(deliveredCount), queued + delivered);
  assert.ok(Number(queuedCount) <= 10);
  const sentence = `${dropped.hwm} messages were dropped because ${peer?.address} had as many waiting as sendHighWaterMark, 10, allows.`;
  assert.ok(found?.what.startsWith(sentence), found?.what);
  stalled.destroy();
  await until("the peer gone", () => pub.peers.length === 1);
  const left = await untilFound(pub, "hwm-drop");
  assert.deepEqual([left.evidence["droppedCount"], left.peer], [dropped.hwm, peer?.address]);
  assert.equal(left.evidence["queuedCount"], null);
});

test("hwm-drop: a ROUTER and its peer that does not receive, over inproc, where the marks add up", async (t) => {
  const router = closing(t, new Router({ sendHighWaterMark: 3 }));
  const dealer = closing(t, new Dealer({ receiveHighWaterMark: 2, routingId: "d" }));
  await join(router, dealer, "inproc");
  for (let i = 0; i < 9; i++) await router.send(["d", `${i}`]);
  const found = await untilFound(router, "hwm-drop");
  assert.deepEqual([found.evidence["droppedCount"], found.evidence["sendHighWaterMark"]], [4, 5]);
  assert.equal(found.evidence["queuedCount"], 5);
  assert.equal(lostOf(router.stats().sent, "hwm"), 4);
  assert.equal(drain(dealer).length, 5);
  assert.deepEqual(codesOf(dealer), []);
});

test("hwm-drop: many peers are summed up, and the sums are the total", () => {
  const losses = Array.from({ length: 12 }, (_, i) => ({
    reason: "hwm" as const,
    direction: "sent" as const,
    endpoint: "tcp://a:1",
    peer: `tcp://b:${i}`,
    ageMs: i,
    lostCount: i + 1,
  }));
  const sent = { accepted: 100, delivered: 10, queued: 10, dropped: { hwm: 80 } };
  const found = hwmDrop(viewOf({ type: "PUB", losses, sent }));
  assert.equal(found.length, 9);
  assert.deepEqual([found[0]?.peer, found[0]?.evidence["droppedCount"]], ["tcp://b:11", 12]);
  const total = found.reduce((sum, { evidence }) => sum + Number(evidence["droppedCount"]), 0);
  assert.equal(total, 80);
  assert.deepEqual(hwmDrop(viewOf({ type: "PUB", losses })), []);
});

test("unfair-share: the first PULL had all before the second came", async (t) => {
  const push = closing(t, new Push());
  const first = closing(t, new Pull());
  const endpoint = await join(push, first);
  for (let i = 0; i < 100; i++) await push.send(`${i}`);
  await sleep(20);
  const second = closing(t, new Pull());
  second.connect(endpoint);
  await push.waitForPeers(2);
  for (let i = 0; i < 4; i++) await push.send(`${i}`);
  const found = await untilFound(push, "unfair-share");
  const counts = push.stats().peers.map((peer) => peer.sent.accepted);
  assert.deepEqual(counts, [102, 2]);
  assert.deepEqual([found.evidence["firstCount"], found.evidence["otherCounts"]], [102, "2"]);
  assert.equal(found.evidence["givenBefore"], 100);
  assert.ok(Number(found.evidence["afterMs"]) >= 19 && Number(found.evidence["afterMs"]) < 2000);
  assert.deepEqual([found.peer, found.endpoint], [push.peers[0]?.address, endpoint]);
  assert.match(found.what, /was given 100 messages before tcp:\S+ came, \d+ ms later/);
  await until(
    "all received",
    () => first.stats().received.accepted + second.stats().received.accepted === 104,
  );
  for (const pull of [first, second]) drain(pull);
});

test("unfair-share: those who were waited for have equal shares", async (t) => {
  for (const transport of TRANSPORTS) {
    const push = closing(t, new Push());
    const pulls = [closing(t, new Pull()), closing(t, new Pull())];
    const endpoint = await join(push, pulls[0] as Pull, transport);
    pulls[1]?.connect(endpoint);
    await push.waitForPeers(2);
    for (let i = 0; i < 100; i++) await push.send(`${i}`);
    await until(
      "all there",
      () => pulls.reduce((sum, pull) => sum + pull.stats().received.accepted, 0) === 100,
    );
    for (const pull of pulls) drain(pull);
    assert.deepEqual(
      [push, ...pulls].flatMap((one) => codesOf(one)),
      [],
    );
  }
});

test("unfair-share: a helper that comes much later is none, nor is a slow worker", () => {
  const flow = (accepted: number) => ({ accepted, delivered: accepted, queued: 0, dropped: {} });
  const first = peerView({ attachedAgeMs: 60_000, sent: flow(1000) });
  const helper = peerView({ attachedAgeMs: 1000, sent: flow(1), givenBefore: 999 });
  assert.deepEqual(unfairShare(viewOf({ peers: [first, helper] }), ground()), []);
  assert.equal(unfairShare(viewOf({ peers: [first, helper] }), ground({ waitMs: 60_000 })).length, 1);
  const slow = peerView({ attachedAgeMs: 59_999, sent: flow(1), givenBefore: 2 });
  assert.deepEqual(unfairShare(viewOf({ peers: [first, slow] }), ground()), []);
});

test("send-waits: no peer, or one that is full", async (t) => {
  const push = closing(t, new Push({ sendHighWaterMark: 2 }));
  const aborter = new AbortController();
  const waits = [push.send("a", { signal: aborter.signal }), push.send("b", { signal: aborter.signal })];
  for (const wait of waits) wait.catch(() => undefined);
  assert.deepEqual(codesOf(push), [], "it may wait for a while");
  const found = await untilFound(push, "send-waits", { waitMs: 10 });
  assert.deepEqual([found.evidence["callCount"], found.evidence["peerCount"]], [2, 0]);
  assert.match(found.what, /^2 calls of send\(\) wait, the first for \d+ ms: there is no peer/);
  assert.ok(Number(found.evidence["waitedMs"]) >= 10);
  aborter.abort();
  await until("no call waits", () => codesOf(push, { waitMs: 0 }).length === 0);
  const full = closing(t, new Push({ sendHighWaterMark: 2, linger: 0 }));
  const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
  await join(full, pull, "inproc");
  for (let i = 0; i < 3; i++) await full.send("x");
  full.send("waits").catch(() => undefined);
  const stuck = await untilFound(full, "send-waits", { waitMs: 5 });
  assert.deepEqual([stuck.evidence["queuedCount"], stuck.evidence["sendHighWaterMark"]], [3, 3]);
  assert.match(stuck.what, /its one peer has no room/);
  assert.match(stuck.remedy, /do not receive/);
  drain(pull);
  await until("no call waits", () => codesOf(full, { waitMs: 0 }).length === 0);
  drain(pull);
});

test("send-waits: what to do says who is missing", () => {
  const waiting = { sends: 1, receives: 0, sendsAgeMs: 9000 };
  const away = viewOf({ waiting, peers: [peerView({ live: false })] });
  assert.match(sendWaits(away, ground())[0]?.remedy ?? "", /No peer is connected/);
  const endpoints = [{ endpoint: "inproc://x", kind: "connect" } as never];
  assert.match(sendWaits(viewOf({ waiting, endpoints }), ground())[0]?.remedy ?? "", /connect\(\) again/);
  assert.deepEqual(sendWaits(viewOf({ waiting, isClosed: true }), ground()), []);
});

test("hwm-drop: a REP whose client does not read its replies", async (t) => {
  const rep = closing(t, new Reply({ sendHighWaterMark: 1 }));
  const dealer = closing(t, new Dealer({ receiveHighWaterMark: 1 }));
  await join(rep, dealer, "inproc");
  for (let i = 0; i < 5; i++) {
    await dealer.send([null, "ask"]);
    await rep.receive();
    await rep.send("answer");
  }
  const found = await untilFound(rep, "hwm-drop");
  assert.deepEqual([found.evidence["droppedCount"], found.socket.type], [3, "REP"]);
  drain(dealer);
});

test("hwm-drop: datagrams that came while a DISH did not receive", async (t) => {
  const dish = closing(t, new Dish({ receiveHighWaterMark: 2 }));
  dish.join("a");
  await dish.bind("udp://127.0.0.1:*");
  const radio = closing(t, new Radio());
  radio.connect(dish.lastEndpoint as string);
  for (let i = 0; i < 7; i++) await radio.send(`${i}`, { group: "a" });
  await until("all", () => dish.stats().received.accepted === 7);
  const found = await untilFound(dish, "hwm-drop");
  assert.match(
    found.what,
    /^5 datagrams were dropped that came while as many waited .* receiveHighWaterMark, 2, allows/,
  );
  assert.match(found.remedy, /nothing slows a sender down/);
  assert.deepEqual([found.evidence["droppedCount"], found.evidence["queuedCount"]], [5, 2]);
  assert.deepEqual(codesOf(radio), []);
});
