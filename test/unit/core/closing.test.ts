import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { warnUnsent } from "../../../src/core/closing.ts";
import { Dealer, Publisher, Pull, Push, Subscriber } from "../../../src/index.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import {
  assertLaw,
  closing,
  fill,
  join,
  lostOf,
  STREAMS,
  TRANSPORTS,
  textOf,
  until,
} from "../../peers/sockets.ts";

async function deadEndpoint(): Promise<string> {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  return endpoint;
}

for (const transport of TRANSPORTS) {
  // libzmq behaviour B109.
  test(`over ${transport} what was sent before close arrives, and the report says so`, async (t) => {
    const pull = closing(t, new Pull());
    const push = new Push();
    await join(pull, push, transport);
    for (let i = 0; i < 1500; i++) await push.send(`${i}`);
    const report = await push.close();
    assert.equal(report.isLingerExpired, false);
    assert.equal(report.droppedCount, 0);
    assert.equal(report.stats.sent.accepted, 1500);
    assertLaw(report.stats);
    for (let i = 0; i < 1500; i++) assert.equal(textOf(await pull.receive()), `${i}`);
    await until("no peer", () => pull.peers.length === 0);
    assert.equal(lostOf(pull.stats().received), 0);
  });
}

for (const transport of STREAMS) {
  test(`over ${transport} close counts what it sent and what it dropped of what waited`, async (t) => {
    const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
    // More than the kernel takes however it sizes its buffers.
    const push = closing(t, new Push({ sendHighWaterMark: 300 }));
    await join(pull, push, transport);
    const body = Buffer.alloc(100_000);
    // Until the system takes no more, whoever serves the connection.
    for (let idle = 0; idle < 10; idle++) {
      while (push.trySend(body)) idle = 0;
      await sleep(20);
    }
    const before = push.stats().sent;
    assert.ok(before.queued >= 300, `${before.queued} wait`);
    push.linger = 50;
    const report = await push.close();
    assert.equal(report.isLingerExpired, true);
    assert.equal(report.sentCount + report.droppedCount, before.queued);
    assert.ok(report.droppedCount > 0);
    assert.equal(report.stats.sent.dropped.linger, report.droppedCount);
    assertLaw(report.stats);
  });
}

test("close waits for a peer that appears within linger, and its messages arrive", async (t) => {
  const endpoint = await deadEndpoint();
  const push = new Push({ linger: 2000, reconnectInterval: 10 });
  push.connect(endpoint);
  await push.sendMany(["a", "b", "c"]);
  const closed = push.close();
  await sleep(30);
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  const report = await closed;
  assert.deepEqual([report.sentCount, report.droppedCount, report.isLingerExpired], [3, 0, false]);
  for (const text of ["a", "b", "c"]) assert.equal(textOf(await pull.receive()), text);
});

// P6: within linger + 100 ms.
for (const linger of [0, 1, 150, 500]) {
  test(`close with linger ${linger} settles in time, with what it dropped`, async () => {
    const push = new Push({ linger });
    push.connect(await deadEndpoint());
    await push.sendMany(["a", "b"]);
    const start = performance.now();
    const report = await push.close();
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= linger - 2 && tookMs <= linger + 100, `${tookMs} ms`);
    assert.deepEqual([report.sentCount, report.droppedCount, report.isLingerExpired], [0, 2, true]);
    assert.equal(report.stats.sent.dropped.linger, 2);
    assert.deepEqual(report.stats.peers, []);
  });
}

test("with nothing to send close does not wait, whatever linger is", async (t) => {
  const pull = closing(t, new Pull());
  for (const linger of [-1, 10_000]) {
    const push = new Push({ linger });
    await join(pull, push);
    push.connect("tcp://127.0.0.1:9");
    const start = performance.now();
    const report = await push.close();
    assert.ok(performance.now() - start < 100);
    assert.deepEqual([report.sentCount, report.droppedCount, report.isLingerExpired], [0, 0, false]);
    await until("the peer to leave", () => pull.peers.length === 0);
  }
});

test("linger -1 waits for ever, and a linger that is set later does not shorten it", async (t) => {
  const endpoint = await deadEndpoint();
  const push = new Push({ reconnectInterval: 10 });
  push.connect(endpoint);
  await push.send("a");
  let isClosed = false;
  const closed = push.close().then(() => {
    isClosed = true;
  });
  await sleep(100);
  assert.equal(isClosed, false);
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  await closed;
  assert.equal(textOf(await pull.receive()), "a");
});

test("subscriptions alone hold up no close: a subscriber has nothing to linger for", async () => {
  const subscriber = new Subscriber();
  assert.equal(subscriber.linger, 0);
  subscriber.subscribe("a");
  subscriber.connect("tcp://127.0.0.1:9");
  const start = performance.now();
  await subscriber.close();
  assert.ok(performance.now() - start < 100);
});

test("messages that were received and not read are counted when the socket closes", async (t) => {
  const push = closing(t, new Push());
  const pull = new Pull();
  await join(pull, push);
  await push.sendMany(["a", "b", "c"]);
  await until("three messages", () => pull.stats().received.accepted === 3);
  await pull.receive();
  const { stats } = await pull.close();
  assert.deepEqual([stats.received.delivered, stats.received.queued, lostOf(stats.received)], [1, 0, 2]);
});

// libzmq behaviour B4.
test("over inproc what was written stays for a binder that comes later, and the closed socket waits for nobody", async (t) => {
  const push = new Push({ sendHighWaterMark: 1 });
  push.connect("inproc://closed-before");
  assert.equal(fill(push), 1);
  const report = await push.close();
  assert.equal(report.stats.sent.queued, 1);
  const pull = closing(t, new Pull({ receiveHighWaterMark: 0 }));
  await pull.bind("inproc://closed-before");
  assert.equal(textOf(await pull.receive()), "0");
});

test("over inproc with linger 0 nothing stays for a binder that comes later", async (t) => {
  const push = new Push({ linger: 0 });
  push.connect("inproc://closed-before-0");
  await push.sendMany(["a", "b"]);
  const { stats } = await push.close();
  assert.equal(stats.sent.dropped.linger, 2);
  assertLaw(stats);
  const pull = closing(t, new Pull());
  await pull.bind("inproc://closed-before-0");
  const push2 = closing(t, new Push());
  push2.connect("inproc://closed-before-0");
  await push2.send("c");
  assert.equal(textOf(await pull.receive()), "c");
});

test("over inproc the counts of a closed socket go on until its peer read all", async (t) => {
  const push = new Push();
  const pull = closing(t, new Pull());
  await join(pull, push, "inproc");
  await push.sendMany(["a", "b"]);
  await push.close();
  assert.deepEqual([push.stats().sent.delivered, push.stats().sent.queued], [0, 2]);
  await pull.receive();
  assert.deepEqual([push.stats().sent.delivered, push.stats().sent.queued], [1, 1]);
  await pull.close();
  assert.equal(push.stats().sent.queued, 0);
  assertLaw(push.stats());
});

test("hundreds of sockets with messages on their way close together, and everything arrives", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const reports = Array.from({ length: 200 }, async (_, i) => {
    const push = new Push();
    push.connect(pull.lastEndpoint as string);
    await push.send(`${i}`);
    return await push.close();
  });
  const received = new Set<string | undefined>();
  for (let i = 0; i < 200; i++) received.add(textOf(await pull.receive()));
  assert.equal(received.size, 200);
  for (const { stats, droppedCount } of await Promise.all(reports)) {
    assert.deepEqual([stats.sent.delivered, droppedCount], [1, 0]);
  }
});

test("a publisher delivers what it queued before it closed, to each subscriber", async (t) => {
  const publisher = new Publisher();
  const subscribers = [0, 1, 2].map(() => closing(t, new Subscriber()));
  await publisher.bind("tcp://127.0.0.1:*");
  for (const subscriber of subscribers) {
    subscriber.subscribe();
    subscriber.connect(publisher.lastEndpoint as string);
  }
  await publisher.waitForSubscribers(3);
  for (let i = 0; i < 300; i++) await publisher.send(`${i}`);
  const { stats } = await publisher.close();
  assert.equal(stats.sent.delivered, 900);
  for (const subscriber of subscribers) {
    for (let i = 0; i < 300; i++) assert.equal(textOf(await subscriber.receive()), `${i}`);
  }
});

test("a close that hangs says once which endpoint, how many messages, and why", async (t) => {
  const warnings: (Error & { readonly code?: string })[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const endpoint = await deadEndpoint();
  const dealer = new Dealer({ linger: 2200 });
  dealer.connect(endpoint);
  await dealer.sendMany(["a", "b", "c"]);
  await dealer.close();
  assert.equal(warnings.length, 1);
  assert.equal(warnings[0]?.code, "ZMQ_UNSENT");
  assert.match(
    String(warnings[0]),
    new RegExp(`Dealer is closing and still has 3 unsent messages for ${endpoint}: .*nobody listens`),
  );
});

test("the warning has one sentence for each endpoint with unsent messages", async (t) => {
  const sentences: string[] = [];
  const onWarning = (warning: Error): void => void sentences.push(warning.message);
  process.on("warning", onWarning);
  t.after(() => process.off("warning", onWarning));
  const link = (endpoint: string, unsentCount: number, lastError: Error | null) => ({
    endpoint,
    unsentCount,
    lastError,
  });
  const socket = {
    typeName: "Push",
    options: { linger: -1 },
    links: [
      link("tcp://a:1", 1, new Error("Refused.")),
      link("tcp://b:2", 0, null),
      link("tcp://c:3", 12, null),
    ],
  };
  warnUnsent(socket as never, "has");
  await sleep(1);
  assert.equal(sentences.length, 2);
  assert.match(
    sentences[0] as string,
    /^Push has 1 unsent message for tcp:\/\/a:1: Refused\. .*until they are sent/,
  );
  assert.match(
    sentences[1] as string,
    /^Push has 12 unsent messages for tcp:\/\/c:3: the peer does not take them/,
  );
});
