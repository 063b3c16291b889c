import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Client, Dish, Gather, Peer, Radio, Scatter, Server } from "../../../src/draft.ts";
import {
  Context,
  Dealer,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  type Socket,
  Subscriber,
  XPublisher,
  XSubscriber,
} from "../../../src/index.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  drain,
  fill,
  lostOf,
  TRANSPORTS,
  type TransportName,
  textOf,
  turns,
  until,
} from "../../peers/sockets.ts";

interface Bound<F extends Socket, B extends Socket> {
  readonly proxy: Proxy<F, B>;
  readonly front: string;
  readonly back: string;
  readonly running: Promise<void>;
}

/** A proxy that runs, both of its sockets bound. */
async function start<F extends Socket, B extends Socket>(
  t: TestContext,
  front: F,
  back: B,
  transport: TransportName = "tcp",
  capture?: Socket,
): Promise<Bound<F, B>> {
  for (const socket of [front, back]) {
    closing(t, socket);
    await socket.bind(anyEndpoint(transport));
  }
  const proxy = new Proxy(front, back, { capture });
  const running = proxy.run();
  return { proxy, front: front.lastEndpoint as string, back: back.lastEndpoint as string, running };
}

function connected<S extends Socket>(t: TestContext, socket: S, endpoint: string): S {
  closing(t, socket).connect(endpoint);
  return socket;
}

for (const transport of TRANSPORTS) {
  // libzmq behaviour B103.
  test(`over ${transport} a broker of ROUTER and DEALER keeps envelopes and frames`, async (t) => {
    const { proxy, front, back, running } = await start(t, new Router(), new Dealer(), transport);
    const workers = Array.from({ length: 5 }, () => connected(t, new Reply(), back));
    const serving = workers.map(async (worker, i) => {
      for await (const frames of worker) await worker.send([`worker ${i}`, ...frames]);
    });
    await proxy.backEnd.waitForPeers(5);
    const clients = Array.from({ length: 5 }, () => connected(t, new Request(), front));
    const served = new Set<string>();
    await Promise.all(
      clients.map(async (client, c) => {
        for (let n = 0; n < 20; n++) {
          await client.send([`${c}`, "", `${n}`]);
          const [worker, ...frames] = (await client.receive()).map(String);
          assert.deepEqual(frames, [`${c}`, "", `${n}`]);
          served.add(worker as string);
        }
      }),
    );
    assert.equal(served.size, 5, "work goes round");
    proxy.terminate();
    await running;
    assert.deepEqual([proxy.frontEnd.closed, proxy.backEnd.closed], [true, true]);
    await Promise.all(workers.map((worker) => worker.close()));
    await Promise.all(serving);
  });

  // libzmq behaviour B63.
  test(`over ${transport} a forwarder of XSUB and XPUB carries subscriptions up and messages down`, async (t) => {
    const { proxy, front, back } = await start(t, new XSubscriber(), new XPublisher(), transport);
    const publisher = connected(t, new Publisher(), front);
    const subscriber = connected(t, new Subscriber(), back);
    await publisher.waitForPeers();
    subscriber.subscribe("a");
    await publisher.waitForSubscribers(1, "a");
    await publisher.send("b");
    await publisher.send(["a", "1"]);
    assert.deepEqual((await subscriber.receive()).map(String), ["a", "1"]);
    assert.equal(publisher.stats().sent.dropped["no-subscriber"], 1);
    subscriber.unsubscribe("a");
    await until("nobody wants it", () => {
      publisher.trySend("a");
      return publisher.stats().sent.dropped["no-subscriber"] > 1;
    });
    proxy.terminate();
  });
}

test("high-water marks hold across a proxy: nothing is taken that cannot be passed on", async (t) => {
  const pull = new Pull({ receiveHighWaterMark: 10 });
  const push = new Push({ sendHighWaterMark: 10 });
  const { front, back } = await start(t, pull, push, "inproc");
  const source = connected(t, new Push({ sendHighWaterMark: 10 }), front);
  // Nobody behind it yet: the proxy takes nothing.
  assert.equal(fill(source), 20);
  await turns(5);
  assert.equal(source.trySend("x"), false);
  const sink = connected(t, new Pull({ receiveHighWaterMark: 10 }), back);
  let sentCount = 20;
  for (let idle = 0; idle < 5; idle++) {
    const more = fill(source, 1000, sentCount);
    sentCount += more;
    if (more > 0) idle = 0;
    await turns();
  }
  // libzmq behaviour B10: both queues full, give or take a low-water mark.
  assert.ok(sentCount > 20 && sentCount <= 40, `${sentCount}`);
  const received: string[] = [];
  await until("all", () => {
    received.push(...drain(sink));
    return received.length === sentCount;
  });
  assert.deepEqual(
    received,
    Array.from({ length: sentCount }, (_, i) => `${i}`),
  );
  for (const socket of [source, pull, push, sink]) {
    assertLaw(socket.stats());
    assert.equal(lostOf(socket.stats().sent) + lostOf(socket.stats().received), 0);
  }
});

test("what the other side cannot take after all waits in the proxy: a publisher without drops loses nothing", async (t) => {
  const publisher = new XPublisher({ noDrop: true, sendHighWaterMark: 2 });
  const { front, back } = await start(t, new XSubscriber({ receiveHighWaterMark: 2 }), publisher, "inproc");
  const source = connected(t, new Publisher({ noDrop: true, sendHighWaterMark: 2 }), front);
  const sink = connected(t, new Subscriber({ receiveHighWaterMark: 2 }), back);
  sink.subscribe();
  await source.waitForSubscribers();
  const count = 300;
  const sending = (async () => {
    for (let i = 0; i < count; i++) await source.send(`${i}`);
  })();
  for (let i = 0; i < count; i++) {
    if (i % 10 === 0) await turns();
    assert.equal(textOf(await sink.receive({ timeoutMs: 5000 })), `${i}`);
  }
  await sending;
});

test("a router that must not drop holds a message until its peer has room", async (t) => {
  const router = new Router({ mandatory: true, sendHighWaterMark: 1, receiveHighWaterMark: 1 });
  const { front, back } = await start(t, router, new Dealer(), "inproc");
  const worker = connected(t, new Dealer(), back);
  const options = { receiveHighWaterMark: 1, sendHighWaterMark: 1 };
  const slow = connected(t, new Dealer({ ...options, routingId: "slow" }), front);
  const quick = connected(t, new Dealer({ ...options, routingId: "quick" }), front);
  await router.waitForPeers(2);
  for (let i = 0; i < 10; i++) await worker.send(["slow", `${i}`]);
  await turns(5);
  assert.equal(router.writable, true, "there is room for the other");
  assert.equal(quick.tryReceive(), undefined);
  for (let i = 0; i < 10; i++) assert.equal(textOf(await slow.receive({ timeoutMs: 5000 })), `${i}`);
});

test("an error of a socket ends the proxy with it, and the message is counted", async (t) => {
  const router = new Router({ mandatory: true });
  const { front, back, running } = await start(t, router, new Dealer(), "inproc");
  const ended = codeOf(running);
  connected(t, new Dealer({ routingId: "somebody" }), front);
  const worker = connected(t, new Dealer(), back);
  await worker.send(["nobody", "a"]);
  assert.equal(await ended, "EHOSTUNREACH");
  assert.equal(router.stats().sent.dropped.unroutable, 1);
});

test("while it is paused nothing is forwarded; resumed, everything is", async (t) => {
  const { proxy, front, back } = await start(t, new Pull(), new Push(), "inproc");
  const source = connected(t, new Push(), front);
  const sink = connected(t, new Pull(), back);
  await source.send("a");
  assert.equal(textOf(await sink.receive()), "a");
  proxy.pause();
  proxy.pause();
  await source.sendMany(["b", "c"]);
  await turns(10);
  assert.equal(sink.tryReceive(), undefined);
  proxy.resume();
  assert.deepEqual([textOf(await sink.receive()), textOf(await sink.receive())], ["b", "c"]);
});

test("capture gets a copy of every message in both directions, and sets the pace", async (t) => {
  const capture = closing(t, new Push({ sendHighWaterMark: 1, linger: 0 }));
  await capture.bind("inproc://capture");
  const { front, back } = await start(t, new Router(), new Dealer(), "inproc", capture);
  const client = connected(t, new Dealer({ routingId: "client" }), front);
  const worker = connected(t, new Dealer(), back);
  await client.send(["to", "worker"]);
  await turns(5);
  assert.equal(
    worker.tryReceive(),
    undefined,
    "without a reader of the capture the proxy waits, as libzmq's",
  );
  const tap = connected(t, new Pull({ receiveHighWaterMark: 1 }), "inproc://capture");
  assert.deepEqual((await worker.receive()).map(String), ["client", "to", "worker"]);
  await worker.send(["client", "back"]);
  assert.equal(textOf(await client.receive()), "back");
  assert.deepEqual((await tap.receive()).map(String), ["client", "to", "worker"]);
  assert.deepEqual((await tap.receive()).map(String), ["client", "back"]);
});

test("one socket on both sides is given its own messages", async (t) => {
  const pair = closing(t, new Pair());
  await pair.bind("inproc://both-sides");
  void new Proxy(pair, pair).run();
  const other = connected(t, new Pair(), "inproc://both-sides");
  await other.send("echo");
  assert.equal(textOf(await other.receive()), "echo");
});

test("statistics count what went through each socket, one socket on both sides too, and stay when it ended", async (t) => {
  const { proxy, front, back, running } = await start(t, new Router(), new Dealer(), "inproc");
  const none = { messages: 0, frames: 0, bytes: 0 };
  const nothing = { received: none, sent: none };
  assert.deepEqual(proxy.statistics(), { frontEnd: nothing, backEnd: nothing });
  const client = connected(t, new Dealer({ routingId: "client" }), front);
  const worker = connected(t, new Dealer(), back);
  await client.send(["a", "bcd"]);
  await client.send("");
  for (let i = 0; i < 2; i++) await worker.receive();
  await worker.send(["client", "12345"]);
  await client.receive();
  const forth = { messages: 2, frames: 5, bytes: 16 };
  const reply = { messages: 1, frames: 2, bytes: 11 };
  const all = { frontEnd: { received: forth, sent: reply }, backEnd: { received: reply, sent: forth } };
  assert.deepEqual(proxy.statistics(), all);
  proxy.terminate();
  await running;
  assert.deepEqual(proxy.statistics(), all);
  const pair = closing(t, new Pair());
  await pair.bind("inproc://counted-both-sides");
  const echo = new Proxy(pair, pair);
  void echo.run();
  const other = connected(t, new Pair(), "inproc://counted-both-sides");
  await other.send("echo");
  await other.receive();
  const one = { messages: 1, frames: 1, bytes: 4 };
  assert.deepEqual(echo.statistics(), {
    frontEnd: { received: one, sent: none },
    backEnd: { received: none, sent: one },
  });
});

test("what waits in the proxy is received and not sent", async (t) => {
  const router = new Router({ mandatory: true, sendHighWaterMark: 1, receiveHighWaterMark: 1 });
  const { proxy, front, back, running } = await start(t, router, new Dealer(), "inproc");
  const worker = connected(t, new Dealer(), back);
  const options = { receiveHighWaterMark: 1, sendHighWaterMark: 1 };
  for (const routingId of ["slow", "quick"]) connected(t, new Dealer({ ...options, routingId }), front);
  await router.waitForPeers(2);
  for (let i = 0; i < 10; i++) await worker.send(["slow", `${i}`]);
  await until("one waits", () => {
    const { frontEnd, backEnd } = proxy.statistics();
    return backEnd.received.messages === frontEnd.sent.messages + 1;
  });
  proxy.terminate();
  await running;
  const { frontEnd, backEnd } = proxy.statistics();
  assert.equal(backEnd.received.bytes, frontEnd.sent.bytes + 5, "and not sent when it ended");
});

test("many messages do not keep the loop from its turns", async (t) => {
  const { front, back } = await start(t, new Pull(), new Push(), "inproc");
  const source = connected(t, new Push({ sendHighWaterMark: 0 }), front);
  const sink = connected(t, new Pull({ receiveHighWaterMark: 0 }), back);
  let turnCount = 0;
  const tick = (): void => {
    turnCount++;
    handle = setImmediate(tick);
  };
  let handle = setImmediate(tick);
  assert.equal(fill(source, 20_000), 20_000);
  await until("all", () => sink.stats().received.accepted === 20_000);
  clearImmediate(handle);
  assert.ok(turnCount >= 15, `${turnCount} turns`);
});

// libzmq behaviour B104.
test("terminate ends a proxy whose back end can take nothing", async (t) => {
  const { proxy, front, running } = await start(t, new Pull(), new Push(), "inproc");
  const source = connected(t, new Push(), front);
  await source.send("a");
  await turns();
  proxy.terminate();
  await running;
});

test("a proxy ends when one of its sockets closes, and with ETERM when its context is terminated", async (t) => {
  const first = await start(t, new Pull(), new Push(), "inproc");
  await first.proxy.backEnd.close();
  await first.running;
  assert.equal(first.proxy.frontEnd.closed, false, "the other one is its owner's");
  const own = new Context();
  const second = await start(t, new Pull({ context: own }), new Push({ context: own }), "inproc");
  const ended = codeOf(second.running);
  await own.terminate();
  assert.equal(await ended, "ETERM");
});

test("what cannot be a proxy says why", async (t) => {
  const [pull, push] = [closing(t, new Pull()), closing(t, new Push())];
  for (const [front, back, capture] of [
    [undefined, push],
    [pull, {}],
    [pull, push, "tcp://127.0.0.1:1"],
  ]) {
    const make = (): unknown => new Proxy(front as Socket, back as Socket, { capture: capture as Socket });
    assert.throws(make, { code: "EINVAL", message: /must be a socket of this package/ });
  }
  const proxy = new Proxy(pull, push);
  assert.deepEqual([proxy.frontEnd, proxy.backEnd], [pull, push]);
  for (const call of [() => proxy.pause(), () => proxy.resume(), () => proxy.terminate()]) {
    assert.throws(call, { code: "EBADF", message: /not running/ });
  }
  await assert.rejects(proxy.run(), { code: "EINVAL", message: /Pull .* must be bound or connected/ });
  await pull.bind("inproc://what-cannot");
  await assert.rejects(proxy.run(), { code: "EINVAL", message: /Push .* must be bound or connected/ });
  push.connect("inproc://what-cannot");
  const running = proxy.run();
  assert.equal(await codeOf(proxy.run()), "EBUSY");
  assert.equal(await codeOf(new Proxy(pull, push).run()), "EBUSY");
  proxy.terminate();
  await running;
  assert.equal(await codeOf(proxy.run()), "EBADF");
  assert.throws(() => proxy.terminate(), { code: "EBADF" });
});

test("a GATHER and a SCATTER make a streamer of messages of one frame", async (t) => {
  const { front, back } = await start(t, new Gather(), new Scatter());
  const source = connected(t, new Scatter(), front);
  const sink = connected(t, new Gather(), back);
  for (let i = 0; i < 100; i++) await source.send(`${i}`);
  for (let i = 0; i < 100; i++) assert.equal(textOf(await sink.receive()), `${i}`);
});

test("a message that the other side cannot send ends the proxy, and is counted", async (t) => {
  for (const [unfit, peer, message] of [
    [new Scatter(), new Gather(), ["two", "frames"]],
    [new Radio(), new Dish(), ["no group"]],
  ] as const) {
    const { front, back, running } = await start(t, new Pull(), unfit);
    await connected(t, peer as Socket, back).waitForPeers();
    await connected(t, new Push(), front).send(message as readonly string[]);
    assert.equal(await codeOf(running), "EINVAL");
    assert.equal(unfit.stats().sent.dropped.unroutable, 1);
    assertLaw(unfit.stats());
  }
});

test("numbers of peers are not forwarded: a SERVER or a PEER is in no proxy, but with itself", async (t) => {
  for (const one of [new Server(), new Peer()]) {
    const other = closing(t, new Client());
    closing(t, one);
    assert.throws(() => new Proxy(one, other), { code: "EINVAL", message: /Router and a Dealer/ });
    assert.throws(() => new Proxy(other, one), { code: "EINVAL" });
  }
  const server = closing(t, new Server());
  await server.bind("inproc://numbers-echo");
  const proxy = new Proxy(server, server);
  const running = proxy.run();
  const client = connected(t, new Client(), "inproc://numbers-echo");
  await client.send("echo");
  assert.equal(textOf(await client.receive()), "echo");
  proxy.terminate();
  await running;
});
