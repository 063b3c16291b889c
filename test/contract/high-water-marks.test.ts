// High-water marks on sockets, exactly: libzmq behaviours B1 to B11, and P5, a mark is never exceeded.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, Publisher, Pull, Push, Router, Subscriber, XPublisher } from "../../src/index.ts";
import { message } from "../peers/octets.ts";
import { RawListener, RawPeer } from "../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  drain,
  fill,
  join,
  lostOf,
  TRANSPORTS,
  textOf,
  turns,
  until,
} from "../peers/sockets.ts";

/** Binds and connects over inproc, in either order. */
async function joinInproc(pull: Pull, push: Push, isBindFirst: boolean): Promise<void> {
  const endpoint = anyEndpoint("inproc");
  if (isBindFirst) await pull.bind(endpoint);
  push.connect(endpoint);
  if (!isBindFirst) await pull.bind(endpoint);
}

for (const isBindFirst of [true, false]) {
  const order = isBindFirst ? "bind, then connect" : "connect, then bind";

  test(`inproc, ${order}: the sum of both marks, no more and no less (B1, B3, B5)`, async (t) => {
    for (const [sendHighWaterMark, receiveHighWaterMark] of [
      [1000, 1000],
      [1, 1],
      [2, 2],
      [10, 1],
      [1, 30],
    ] as const) {
      const push = closing(t, new Push({ sendHighWaterMark }));
      const pull = closing(t, new Pull({ receiveHighWaterMark }));
      await joinInproc(pull, push, isBindFirst);
      const sum = sendHighWaterMark + receiveHighWaterMark;
      assert.equal(fill(push), sum);
      assert.equal(push.peers[0]?.sendHighWaterMark, sum);
      assert.equal(drain(pull).length, sum);
      assert.equal(push.trySend("one more"), true);
    }
  });

  test(`inproc, ${order}: no limit if either side has none (B2)`, async (t) => {
    for (const [sendHighWaterMark, receiveHighWaterMark] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const push = closing(t, new Push({ sendHighWaterMark }));
      const pull = closing(t, new Pull({ receiveHighWaterMark }));
      await joinInproc(pull, push, isBindFirst);
      assert.equal(fill(push, 10_000), 10_000);
      assert.equal(drain(pull).length, 10_000);
    }
  });
}

test("inproc before there is a binder: the connector's own mark, then the sum (B4)", async (t) => {
  const push = closing(t, new Push({ sendHighWaterMark: 10 }));
  push.connect("inproc://marks-before-bind");
  assert.equal(fill(push), 10);
  const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
  await pull.bind("inproc://marks-before-bind");
  assert.equal(fill(push), 1);
});

test("a full pipe takes messages again after half of them were read, no sooner", async (t) => {
  const push = closing(t, new Push({ sendHighWaterMark: 10 }));
  const pull = closing(t, new Pull({ receiveHighWaterMark: 10 }));
  await join(pull, push, "inproc");
  assert.equal(fill(push), 20);
  const waiting = codeOf(push.send("waits"));
  let isSent = false;
  void waiting.then(() => {
    isSent = true;
  });
  for (let i = 0; i < 9; i++) assert.equal(textOf(pull.tryReceive()), `${i}`);
  await turns();
  assert.equal(isSent, false);
  pull.tryReceive();
  await turns();
  assert.equal(isSent, true);
  assert.equal(fill(push), 9);
});

for (const hwm of [1, 2, 5, 1000]) {
  test(`a peer that is not connected gets exactly ${hwm}`, async (t) => {
    const listener = await RawListener.open();
    t.after(() => listener.close());
    const push = closing(t, new Push({ linger: 0, sendHighWaterMark: hwm }));
    push.connect("tcp://127.0.0.1:9");
    assert.equal(fill(push), hwm);
    // One that never finishes its handshake is not connected either.
    const silent = closing(t, new Push({ linger: 0, sendHighWaterMark: hwm }));
    const accepted = listener.accept();
    silent.connect(listener.endpoint);
    await accepted;
    assert.equal(fill(silent), hwm);
    await turns(5);
    assert.equal(fill(silent), 0);
  });

  test(`of what a peer sends, ${hwm} wait to be received, and the rest with the system and the peer`, async (t) => {
    const pull = closing(t, new Pull({ receiveHighWaterMark: hwm }));
    await pull.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(pull.lastEndpoint);
    t.after(() => peer.destroy());
    await peer.handshake("PUSH");
    const count = 3000;
    peer.send(...Array.from({ length: count }, (_, i) => message(`${i}`)));
    await until("the mark", () => pull.stats().received.queued === hwm);
    await turns(10);
    const received: (string | undefined)[] = [];
    while (received.length < count) {
      const { queued } = pull.stats().received;
      assert.ok(queued <= hwm, `${queued} wait`);
      received.push(textOf(await pull.receive()));
    }
    assert.deepEqual(
      received,
      Array.from({ length: count }, (_, i) => `${i}`),
    );
    assert.equal(lostOf(pull.stats().received), 0);
    assertLaw(pull.stats());
  });
}

for (const transport of TRANSPORTS) {
  test(`over ${transport} a publisher without drops waits for its slowest subscriber: 6000 of 6000 (B8)`, async (t) => {
    const publisher = closing(t, new XPublisher({ noDrop: true, sendHighWaterMark: 20 }));
    const subscriber = closing(t, new Subscriber({ receiveHighWaterMark: 20 }));
    subscriber.subscribe();
    await join(publisher, subscriber, transport);
    await publisher.waitForSubscribers();
    let refusedCount = 0;
    // More in all than the system buffers.
    const textAt = (i: number): string => `${i}`.padEnd(3000);
    const sending = (async () => {
      for (let i = 0; i < 6000; i++) {
        if (publisher.trySend(textAt(i))) continue;
        refusedCount++;
        await publisher.send(textAt(i));
      }
    })();
    for (let i = 0; i < 6000; i++) assert.equal(textOf(await subscriber.receive()), textAt(i));
    await sending;
    assert.ok(refusedCount > 0, "the mark was never reached");
    assert.equal(lostOf(publisher.stats().sent), 0);
  });

  test(`over ${transport} the mark counts what is outstanding, not the total (B9)`, async (t) => {
    const publisher = closing(t, new Publisher({ sendHighWaterMark: 1200 }));
    const subscriber = closing(t, new Subscriber({ receiveHighWaterMark: 1200 }));
    subscriber.subscribe();
    await join(publisher, subscriber, transport);
    await publisher.waitForSubscribers();
    for (const count of [1100, 1100, 1100]) {
      for (let i = 0; i < count; i++) await publisher.send(`${i}`);
      for (let i = 0; i < count; i++) assert.equal(textOf(await subscriber.receive()), `${i}`);
    }
    assert.equal(lostOf(publisher.stats().sent), 0);
  });

  test(`over ${transport} a publisher at its mark drops for that subscriber alone, and counts it`, async (t) => {
    const publisher = closing(t, new Publisher({ sendHighWaterMark: 5, linger: 0 }));
    const [slow, quick] = [0, 1].map(() => closing(t, new Subscriber({ receiveHighWaterMark: 5 }))) as [
      Subscriber,
      Subscriber,
    ];
    for (const subscriber of [slow, quick]) subscriber.subscribe();
    await publisher.bind(anyEndpoint(transport));
    for (const subscriber of [slow, quick]) subscriber.connect(publisher.lastEndpoint as string);
    await publisher.waitForSubscribers(2);
    const body = Buffer.alloc(100_000);
    const count = 200;
    const seen: number[] = [];
    for (let i = 0; i < count; i++) {
      body.writeUInt32BE(i);
      await publisher.send(Buffer.from(body));
      seen.push(((await quick.receive())[0] as Buffer).readUInt32BE());
    }
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i),
    );
    const { sent } = publisher.stats();
    assert.ok(sent.dropped.hwm > 0);
    assert.equal(sent.accepted, 2 * count);
    assertLaw(publisher.stats());
    const kept: number[] = [];
    await until("the rest", () => {
      for (let one = slow.tryReceive(); one !== undefined; one = slow.tryReceive())
        kept.push((one[0] as Buffer).readUInt32BE());
      return kept.length === count - publisher.stats().sent.dropped.hwm;
    });
    assert.deepEqual(
      kept,
      [...new Set(kept)].sort((a, b) => a - b),
      "in order, each once",
    );
  });

  // libzmq behaviour B69.
  test(`over ${transport} a conflating receiver gets the last of twenty messages`, async (t) => {
    const push = closing(t, new Push());
    const pull = closing(t, new Pull({ conflate: true }));
    await join(pull, push, transport);
    for (let i = 0; i < 20; i++) await push.send(`${i}`);
    await until("all", () => pull.stats().received.accepted === 20);
    assert.deepEqual(drain(pull), ["19"]);
    assert.equal(pull.stats().received.dropped.conflated, 19);
    assertLaw(pull.stats());
  });

  // libzmq behaviours B37, B43.
  test(`over ${transport} a router drops at the mark and counts it, or waits with mandatory`, async (t) => {
    for (const mandatory of [false, true]) {
      const router = closing(t, new Router({ mandatory, sendHighWaterMark: 3, linger: 0, sendTimeout: 0 }));
      const dealer = closing(t, new Dealer({ routingId: "it", receiveHighWaterMark: 3 }));
      await join(router, dealer, transport);
      const body = Buffer.alloc(1_000_000);
      const codes: string[] = [];
      for (let i = 0; i < 40; i++) codes.push(await codeOf(router.send(["it", body])));
      const { sent } = router.stats();
      assert.equal(codes.includes("EAGAIN"), mandatory);
      assert.equal(sent.dropped.hwm > 0, !mandatory);
      assert.ok(sent.queued <= (transport === "inproc" ? 6 : 3));
      assertLaw(router.stats());
      const sentCount = codes.filter((code) => code === "resolved").length - sent.dropped.hwm;
      for (let i = 0; i < sentCount; i++) await dealer.receive({ timeoutMs: 5000 });
      assert.equal(await codeOf(router.send(["it", "again"])), "resolved");
      assert.equal(textOf(await dealer.receive()), "again");
    }
  });
}

// A message of many frames, or of many octets, is one message.
test("a message counts once, whatever its frames and size", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 3 }));
  push.connect("tcp://127.0.0.1:9");
  assert.equal(push.trySend(Array(500).fill("x")), true);
  assert.equal(push.trySend(Buffer.alloc(5_000_000)), true);
  assert.equal(push.trySend(""), true);
  assert.equal(push.trySend(""), false);
});
