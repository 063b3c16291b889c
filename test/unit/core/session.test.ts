import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, type Event, Pair, Pull, Push, Router, Subscriber, XPublisher } from "../../../src/index.ts";
import { coreOf } from "../../../src/sockets/socket.ts";
import { greeting, ready } from "../../peers/octets.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  drain,
  fill,
  join,
  namesOf,
  STREAMS,
  textOf,
  turns,
  until,
  watch,
} from "../../peers/sockets.ts";

async function listening(t: { after(fn: () => Promise<void>): void }): Promise<RawListener> {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  return listener;
}

async function deadEndpoint(): Promise<string> {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  return endpoint;
}

for (const transport of STREAMS) {
  test(`over ${transport} messages sent during an outage arrive after it, in order`, async (t) => {
    const push = closing(t, new Push({ reconnectInterval: 10 }));
    let pull = closing(t, new Pull());
    const endpoint = await join(pull, push, transport);
    for (let outage = 0; outage < 3; outage++) {
      await push.send(`before ${outage}`);
      assert.equal(textOf(await pull.receive()), `before ${outage}`);
      await pull.close();
      await until("the loss", () => push.peers[0]?.live === false);
      for (let i = 0; i < 5; i++) await push.send(`${i}`);
      assert.equal(push.stats().sent.queued, 5);
      pull = closing(t, new Pull());
      await pull.bind(endpoint);
      for (let i = 0; i < 5; i++) assert.equal(textOf(await pull.receive()), `${i}`);
    }
    const { sent } = push.stats();
    assert.deepEqual([sent.accepted, sent.delivered], [18, 18]);
    assertLaw(push.stats());
  });

  // libzmq behaviours B21, B22.
  test(`over ${transport} a dead endpoint takes its share of messages, with immediate none`, async (t) => {
    for (const immediate of [false, true]) {
      const push = closing(t, new Push({ linger: 0, immediate }));
      const pull = closing(t, new Pull());
      const dead = anyEndpoint(transport).replace("*", "9");
      push.connect(dead);
      await join(pull, push, transport);
      for (let i = 0; i < 10; i++) await push.send(`${i}`);
      const count = immediate ? 10 : 5;
      await until("what arrives", () => pull.stats().received.accepted === count);
      await turns();
      assert.equal(drain(pull).length, count);
      assert.equal(push.stats().sent.queued, 10 - count);
    }
  });

  // libzmq behaviour B23.
  test(`over ${transport} with immediate nothing is queued while there is no peer, and it goes on when there is`, async (t) => {
    const dealer = closing(
      t,
      new Dealer({ immediate: true, reconnectInterval: 10, sendTimeout: 0, linger: 0 }),
    );
    let router = closing(t, new Router());
    await router.bind(anyEndpoint(transport));
    const endpoint = router.lastEndpoint as string;
    dealer.connect(endpoint);
    assert.equal(await codeOf(dealer.send("early")), "EAGAIN");
    assert.deepEqual(dealer.peers, []);
    for (let i = 0; i < 2; i++) {
      await dealer.waitForPeers(1, { timeoutMs: 2000 });
      await dealer.send(`${i}`);
      assert.equal(String((await router.receive())[1]), `${i}`);
      await router.close();
      await until("the loss", () => dealer.peers.length === 0);
      assert.equal(await codeOf(dealer.send("x")), "EAGAIN");
      router = closing(t, new Router());
      await router.bind(endpoint);
    }
    assertLaw(dealer.stats());
  });
}

// libzmq behaviour B24.
test("immediate changes nothing over inproc", async (t) => {
  const push = closing(t, new Push({ immediate: true, linger: 0, sendHighWaterMark: 3 }));
  push.connect("inproc://immediate");
  assert.equal(fill(push), 3);
});

test("a peer that connect() named is there at once and stays, with immediate too", async (t) => {
  let peer = closing(t, new Router({ routingId: "own" }));
  await peer.bind(anyEndpoint("tcp"));
  const endpoint = peer.lastEndpoint as string;
  const router = closing(
    t,
    new Router({ immediate: true, mandatory: true, reconnectInterval: 10, linger: 0 }),
  );
  router.connect(endpoint, { routingId: "named" });
  await router.send(["named", "first"]);
  assert.equal((await peer.receive()).at(-1)?.toString(), "first");
  await peer.close();
  await until("the outage", () => router.peers[0]?.live === false);
  peer = closing(t, new Router({ routingId: "own" }));
  await peer.bind(endpoint);
  await router.send(["named", "second"]);
  assert.equal((await peer.receive()).at(-1)?.toString(), "second");
  assertLaw(router.stats());
});

test("what a connection with immediate had not sent is lost with it, and counted", async (t) => {
  const listener = await listening(t);
  const push = closing(
    t,
    new Push({ immediate: true, linger: 0, sendHighWaterMark: 10, reconnectInterval: 10_000 }),
  );
  const accepted = listener.accept();
  push.connect(listener.endpoint);
  const peer = await accepted;
  await peer.handshake("PULL");
  await push.waitForPeers();
  peer.socket.pause();
  const body = Buffer.alloc(100_000);
  for (let idle = 0; idle < 20; idle++) {
    while (push.trySend(body)) idle = 0;
    await sleep(1);
  }
  const { queued } = push.stats().sent;
  assert.ok(queued >= 10);
  peer.reset();
  await until("the loss", () => push.peers.length === 0);
  const { sent } = push.stats();
  assert.equal(sent.queued, 0);
  assert.ok(sent.dropped["peer-gone"] >= 10);
  assertLaw(push.stats());
});

test("attempts follow one another after reconnectInterval, with chance, and the events say when", async (t) => {
  const push = closing(t, new Push({ linger: 0, reconnectInterval: 30 }));
  const events = watch(push);
  const start = performance.now();
  push.connect(await deadEndpoint());
  await until("four attempts", () => events.filter(({ type }) => type === "connect:delay").length >= 5);
  const tookMs = performance.now() - start;
  const waits = events.filter(
    (event): event is Event & { type: "connect:retry" } => event.type === "connect:retry",
  );
  for (const { interval, error } of waits) {
    assert.ok(interval >= 30 && interval < 60, `${interval}`);
    assert.equal((error as { code?: string }).code, "ECONNREFUSED");
  }
  const sum = waits.slice(0, 4).reduce((total, { interval }) => total + interval, 0);
  assert.ok(tookMs >= sum - 5, `${tookMs} ms for waits of ${sum}`);
  assert.deepEqual(namesOf(events).slice(0, 4), ["connect:delay", "close", "connect:retry", "connect:delay"]);
});

// libzmq behaviour B93.
test("with reconnectMaxInterval waits double up to it, and begin anew after a success", async (t) => {
  const endpoint = await deadEndpoint();
  const push = closing(t, new Push({ linger: 0, reconnectInterval: 8, reconnectMaxInterval: 64 }));
  const events = watch(push);
  push.connect(endpoint);
  const waits = (): number[] =>
    events.flatMap((event) => (event.type === "connect:retry" ? [event.interval] : []));
  await until("some attempts", () => waits().length >= 6);
  for (const [i, interval] of waits().slice(0, 6).entries()) {
    const top = Math.min(64, 8 * 2 ** (i + 1));
    assert.ok(interval >= top / 2 && interval <= top, `wait ${i}: ${interval} of ${top}`);
  }
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  await push.waitForPeers(1, { timeoutMs: 2000 });
  const before = waits().length;
  await pull.close();
  await until("a first attempt", () => waits().length > before);
  assert.ok((waits()[before] as number) <= 16);
});

// libzmq behaviour B89.
test("reconnectInterval -1: the end of the connection is the end of the endpoint, and it may be connected again", async (t) => {
  for (const transport of STREAMS) {
    const pair = closing(t, new Pair({ reconnectInterval: -1, sendTimeout: 0 }));
    let other = closing(t, new Pair());
    const endpoint = await join(other, pair, transport);
    await other.close();
    // An I/O thread tells of the peer first.
    const { endpoints } = coreOf(pair);
    await until("the end", () => pair.peers.length === 0 && endpoints.list().length === 0);
    assert.throws(() => pair.disconnect(endpoint), { code: "ENOENT" });
    assert.equal(await codeOf(pair.send("x")), "EAGAIN");
    other = closing(t, new Pair());
    await other.bind(endpoint);
    pair.connect(endpoint);
    await pair.waitForPeers(1, { timeoutMs: 2000 });
    await pair.send("a");
    assert.equal(textOf(await other.receive()), "a");
    await Promise.all([pair.close(), other.close()]);
  }
});

// libzmq behaviour B91.
test("reconnectStop gives the endpoint up after what it names", async (t) => {
  const refused = closing(t, new Push({ reconnectStop: 1, linger: 0 }));
  refused.connect(await deadEndpoint());
  // An I/O thread may have heard by now that it is refused.
  const sentCount = refused.trySend("a") ? 1 : 0;
  await until("the end", () => refused.peers.length === 0);
  assert.equal(refused.stats().sent.dropped["peer-gone"], sentCount);

  const listener = await listening(t);
  const failed = closing(t, new Push({ reconnectStop: 2, linger: 0, handshakeInterval: 20 }));
  failed.connect(listener.endpoint);
  await until("the end", () => failed.peers.length === 0);

  const pull = closing(t, new Pull());
  const left = closing(t, new Push({ reconnectStop: 4, linger: 0 }));
  await join(pull, left);
  await pull.close();
  await until("the end", () => left.peers.length === 0);
});

test("a peer that breaks the protocol is tried again ever more seldom", async (t) => {
  const listener = await listening(t);
  const push = closing(t, new Push({ linger: 0, reconnectInterval: 10 }));
  const events = watch(push);
  push.connect(listener.endpoint);
  const waits = (): number[] =>
    events.flatMap((event) => (event.type === "connect:retry" ? [event.interval] : []));
  for (let i = 0; i < 4; i++) {
    await until("a connection", () => listener.peers.length > i);
    listener.peers[i]?.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    await until("the next wait", () => waits().length > i);
  }
  assert.ok(
    waits().every((interval, i) => interval >= 10 * 2 ** (i + 1)),
    waits().join(),
  );
  assert.ok(namesOf(events).includes("handshake:error:protocol"));
});

test("a socket that closes in the midst of a handshake ends the connection at once", async (t) => {
  for (const opening of [Buffer.alloc(0), greeting()]) {
    const listener = await listening(t);
    const push = new Push();
    const events = watch(push);
    const accepted = listener.accept();
    push.connect(listener.endpoint);
    const peer = await accepted;
    peer.send(opening);
    await peer.heard(() => peer.received.length >= 64, "the greeting");
    const report = await push.close();
    assert.equal(report.isLingerExpired, false);
    assert.equal(await peer.ends(500), true, "the connection stays open");
    await turns();
    // What we end ourselves is no failure of the handshake.
    assert.deepEqual(namesOf(events), ["connect:delay", "connect", "end"]);
  }
});

test("with messages to send a closing socket finishes the handshake first", async (t) => {
  const listener = await listening(t);
  const push = new Push();
  const accepted = listener.accept();
  push.connect(listener.endpoint);
  await push.send("a");
  const peer = await accepted;
  const closed = push.close();
  await sleep(10);
  peer.send(greeting(), ready("PULL"));
  await peer.heard(() => peer.texts.includes("a"), "the message");
  const report = await closed;
  assert.deepEqual([report.sentCount, report.droppedCount], [1, 0]);
});

// libzmq behaviour B92.
test("subscriptions are told again after an outage", async (t) => {
  let publisher = closing(t, new XPublisher());
  const subscriber = closing(t, new Subscriber({ reconnectInterval: 10 }));
  subscriber.subscribe("a", "b");
  const endpoint = await join(publisher, subscriber);
  await publisher.close();
  subscriber.unsubscribe("b");
  subscriber.subscribe("c");
  publisher = closing(t, new XPublisher());
  await publisher.bind(endpoint);
  const told = [textOf(await publisher.receive()), textOf(await publisher.receive())];
  assert.deepEqual(told.sort(), ["\x01a", "\x01c"]);
  await publisher.send("c1");
  assert.equal(textOf(await subscriber.receive()), "c1");
});
