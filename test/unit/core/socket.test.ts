import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Context,
  Dealer,
  Publisher,
  Pull,
  Push,
  Router,
  Subscriber,
  XPublisher,
} from "../../../src/index.ts";
import { RawPeer } from "../../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  drain,
  fill,
  join,
  TRANSPORTS,
  textOf,
  turns,
  until,
} from "../../peers/sockets.ts";

for (const transport of TRANSPORTS) {
  test(`over ${transport} waitForPeers resolves when so many are connected, on both sides`, async (t) => {
    const pull = closing(t, new Pull());
    await pull.bind(anyEndpoint(transport));
    const resolved: number[] = [];
    // A call that asks for more does not stand in the way of one that asks for less.
    const waits = [3, 1, 2].map((count) => pull.waitForPeers(count).then(() => resolved.push(count)));
    for (let i = 0; i < 3; i++) {
      const push = closing(t, new Push());
      push.connect(pull.lastEndpoint as string);
      await push.waitForPeers();
      await until(`${i + 1} peers`, () => resolved.length === i + 1);
    }
    await Promise.all(waits);
    assert.deepEqual(resolved, [1, 2, 3]);
    await pull.waitForPeers(3);
    await pull.waitForPeers(0);
  });
}

test("waitForPeers ends with its time, its signal, its socket or its context", async () => {
  const pull = new Pull();
  const abort = new AbortController();
  const start = performance.now();
  await assert.rejects(pull.waitForPeers(2, { timeoutMs: 30 }), {
    code: "EAGAIN",
    message: /did not see the awaited peers/,
  });
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 29 && tookMs < 5_000, `${tookMs} ms`);
  const aborted = codeOf(pull.waitForPeers(1, { signal: abort.signal }));
  abort.abort();
  assert.equal(await aborted, "ABORT_ERR");
  assert.equal(await codeOf(pull.waitForPeers(1, { signal: abort.signal })), "ABORT_ERR");
  const closed = codeOf(pull.waitForPeers());
  await pull.close();
  assert.equal(await closed, "EAGAIN");
  const own = new Context();
  const terminated = codeOf(new Pull({ context: own }).waitForPeers());
  await own.terminate();
  assert.equal(await terminated, "ETERM");
});

test("waitForSubscribers resolves when the topic reaches so many, and what follows reaches them", async (t) => {
  for (const transport of TRANSPORTS) {
    const publisher = closing(t, new Publisher());
    await publisher.bind(anyEndpoint(transport));
    const resolved: string[] = [];
    const waits = [
      publisher.waitForSubscribers(2).then(() => resolved.push("two")),
      publisher.waitForSubscribers(1, "ab").then(() => resolved.push("ab")),
      publisher.waitForSubscribers(1).then(() => resolved.push("one")),
    ];
    const [first, second] = [closing(t, new Subscriber()), closing(t, new Subscriber())];
    for (const subscriber of [first, second]) subscriber.connect(publisher.lastEndpoint as string);
    await publisher.waitForPeers(2);
    await turns();
    assert.deepEqual(resolved, [], "peers alone want nothing");
    first.subscribe("x");
    await until("one", () => resolved.length === 1);
    second.subscribe("a");
    await Promise.all(waits);
    assert.equal(resolved[0], "one");
    await publisher.send("abc");
    assert.equal(textOf(await second.receive()), "abc");
    assert.equal(await codeOf(publisher.waitForSubscribers(1, "zzz", { timeoutMs: 5 })), "EAGAIN");
  }
});

test("a publisher in manual mode counts what it subscribed its peers to", async (t) => {
  const publisher = closing(t, new XPublisher({ manual: true }));
  const subscriber = closing(t, new Subscriber());
  await join(publisher, subscriber);
  subscriber.subscribe("a");
  await publisher.receive();
  assert.equal(await codeOf(publisher.waitForSubscribers(1, "a", { timeoutMs: 5 })), "EAGAIN");
  const wait = publisher.waitForSubscribers(1, "b");
  publisher.subscribe("b");
  await wait;
});

test("peers tells who is there and who is awaited, and forgets those that left", async (t) => {
  const router = closing(t, new Router());
  const dealer = closing(t, new Dealer({ routingId: "the dealer" }));
  const endpoint = await join(router, dealer);
  dealer.connect("tcp://127.0.0.1:9");
  const [peer] = router.peers;
  assert.deepEqual(
    [
      peer?.endpoint,
      peer?.socketType,
      peer?.outgoing,
      peer?.live,
      Buffer.from(peer?.routingId ?? []).toString(),
    ],
    [endpoint, "DEALER", false, true, "the dealer"],
  );
  assert.match(peer?.address as string, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  const shown = dealer.peers.map((one) => [one.endpoint, one.socketType, one.outgoing, one.live]);
  assert.deepEqual(shown, [
    [endpoint, "ROUTER", true, true],
    ["tcp://127.0.0.1:9", undefined, true, false],
  ]);
  await dealer.close();
  await until("nobody", () => router.peers.length === 0);
});

// libzmq behaviours B5, B7.
test("a new mark counts at once for peers that are there: over tcp for ours, over inproc for the sum", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 1 }));
  push.connect("tcp://127.0.0.1:9");
  assert.equal(fill(push), 1);
  push.sendHighWaterMark = 5;
  assert.equal(push.peers[0]?.sendHighWaterMark, 5);
  assert.equal(fill(push), 4);
  push.sendHighWaterMark = 0;
  assert.equal(fill(push, 5000), 5000);

  const inproc = closing(t, new Push({ sendHighWaterMark: 2 }));
  const pull = closing(t, new Pull({ receiveHighWaterMark: 2 }));
  await join(pull, inproc, "inproc");
  assert.equal(fill(inproc), 4);
  inproc.sendHighWaterMark = 5;
  assert.equal(fill(inproc), 3);
  pull.receiveHighWaterMark = 10;
  assert.equal(inproc.peers[0]?.sendHighWaterMark, 15);
  assert.equal(fill(inproc), 8);
  pull.receiveHighWaterMark = 0;
  assert.equal(fill(inproc, 5000), 5000);
});

// libzmq behaviour B6.
test("a lower mark drops nothing that is queued, and holds when it is read", async (t) => {
  const push = closing(t, new Push({ sendHighWaterMark: 100 }));
  const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
  await join(pull, push, "inproc");
  assert.equal(fill(push), 101);
  push.sendHighWaterMark = 70;
  assert.equal(push.trySend("x"), false);
  assert.equal(drain(pull).length, 101);
  const more = fill(push);
  assert.ok(more >= 35 && more <= 71, `${more}`);
  assertLaw(push.stats());
});

test("a send that waits goes on when the mark is raised", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 1 }));
  push.connect("tcp://127.0.0.1:9");
  await push.send("a");
  const waiting = push.send("b");
  push.sendHighWaterMark = 2;
  await waiting;
});

test("messages of peers that left stay to be received, up to maxOrphans, and the rest is counted", async (t) => {
  for (const maxOrphans of [0, 7, -1]) {
    const pull = closing(t, new Pull({ maxOrphans, receiveHighWaterMark: 10 }));
    await pull.bind("tcp://127.0.0.1:*");
    for (let i = 0; i < 2; i++) {
      const peer = await RawPeer.connect(pull.lastEndpoint);
      await peer.handshake("PUSH");
      for (let n = 0; n < 5; n++) peer.send(Buffer.from([0, 1, 48 + 5 * i + n]));
      await until("five messages", () => pull.stats().received.accepted === 5 * (i + 1));
      peer.end();
      await until("the end", () => pull.peers.every((one) => !one.live));
    }
    const kept = maxOrphans < 0 ? 10 : maxOrphans;
    assert.equal(pull.stats().received.dropped.orphaned, 10 - kept);
    assertLaw(pull.stats());
    assert.equal(drain(pull).length, kept);
    await until("nobody", () => pull.peers.length === 0);
    assertLaw(pull.stats());
  }
});

test("over inproc a peer that left loses nothing of what its pipe held, beyond the receiver's own mark too", async (t) => {
  const pull = closing(t, new Pull({ receiveHighWaterMark: 5 }));
  const push = new Push({ sendHighWaterMark: 100 });
  await join(pull, push, "inproc");
  assert.equal(fill(push), 105);
  await push.close();
  assert.equal(drain(pull).length, 105);
  assert.equal(pull.stats().received.dropped.orphaned, 0);
});

test("a receive that waits is served by a peer that comes later, a send that waits too", async (t) => {
  for (const transport of TRANSPORTS) {
    const dealers = [closing(t, new Dealer()), closing(t, new Dealer())] as const;
    const calls = [
      dealers[0].send("ping"),
      dealers[1].receive(),
      dealers[1].send("pong"),
      dealers[0].receive(),
    ] as const;
    await join(dealers[0], dealers[1], transport);
    await Promise.all(calls);
    assert.deepEqual([textOf(await calls[1]), textOf(await calls[3])], ["ping", "pong"]);
  }
});

test("connect with a routing id names the peer before it is there", async (t) => {
  const router = closing(t, new Router({ mandatory: true, linger: 0 }));
  const dealer = closing(t, new Dealer());
  await dealer.bind("tcp://127.0.0.1:*");
  router.connect(dealer.lastEndpoint as string, { routingId: "it" });
  await router.send(["it", "a"]);
  assert.equal(textOf(await dealer.receive()), "a");
  assert.throws(() => router.connect("tcp://127.0.0.1:9", { routingId: "it" }), { code: "EADDRINUSE" });
  assert.throws(() => router.connect("tcp://127.0.0.1:9", { routingId: "" }), { code: "EINVAL" });
  assert.equal(router.peers.length, 1, "a connect that failed leaves nothing behind");
  assert.throws(() => router.disconnect("tcp://127.0.0.1:9"), { code: "ENOENT" });
});
