import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Context } from "../../../src/core/context.ts";
import { LoneShare } from "../../../src/core/context-share.ts";
import type { Link, LinkHost } from "../../../src/core/link.ts";
import type { LinkTarget } from "../../../src/core/link-maker.ts";
import { LOCAL_LINKS } from "../../../src/core/link-maker.ts";
import { Datagram, Dish, Radio } from "../../../src/draft.ts";
import {
  curveKeyPair,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Request,
  Router,
  type Socket,
  Subscriber,
} from "../../../src/index.ts";
import { coreOf } from "../../../src/sockets/socket.ts";
import { InprocTransport } from "../../../src/transports/inproc.ts";
import { TcpTransport } from "../../../src/transports/tcp.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import {
  anyEndpoint,
  closing,
  codeOf,
  drain,
  fill,
  join,
  STREAMS,
  TRANSPORTS,
  textOf,
  turns,
  until,
} from "../../peers/sockets.ts";

/** A tcp endpoint where nobody listens. */
async function deadEndpoint(): Promise<string> {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  return endpoint;
}

test("one socket binds and connects many endpoints, over all transports at once", async (t) => {
  const pull = closing(t, new Pull());
  const pushes = TRANSPORTS.flatMap((transport) => [
    { transport, push: closing(t, new Push()), isBinding: true },
    { transport, push: closing(t, new Push()), isBinding: false },
  ]);
  for (const { transport, push, isBinding } of pushes) {
    if (isBinding) await join(push, pull, transport);
    else await join(pull, push, transport);
  }
  assert.equal(pull.peers.length, 6);
  for (const [i, { push }] of pushes.entries()) await push.send(`${i}`);
  const received = await Promise.all(pushes.map(() => pull.receive()));
  assert.deepEqual(received.map(textOf).sort(), ["0", "1", "2", "3", "4", "5"]);
});

// libzmq behaviour B83.
test("lastEndpoint is what was bound or connected last, wildcards resolved", async (t) => {
  const socket = closing(t, new Dealer({ linger: 0 }));
  await socket.bind("tcp://127.0.0.1:*");
  assert.match(socket.lastEndpoint as string, /^tcp:\/\/127\.0\.0\.1:[1-9]\d+$/);
  socket.connect("tcp://127.0.0.1:9");
  assert.equal(socket.lastEndpoint, "tcp://127.0.0.1:9");
  await socket.bind("tcp://*:0");
  assert.match(socket.lastEndpoint as string, /^tcp:\/\/0\.0\.0\.0:[1-9]\d+$/);
  await socket.bind("inproc://last");
  assert.equal(socket.lastEndpoint, "inproc://last");
  assert.throws(() => socket.connect("tcp://nonsense"), { code: "EINVAL" });
  assert.equal(socket.lastEndpoint, "inproc://last");
});

for (const transport of TRANSPORTS) {
  // libzmq behaviour B84.
  test(`over ${transport} a taken address is EADDRINUSE, on the same socket too, and free again after unbind`, async (t) => {
    const first = closing(t, new Pull());
    await first.bind(anyEndpoint(transport));
    const endpoint = first.lastEndpoint as string;
    const second = closing(t, new Pull());
    assert.equal(await codeOf(first.bind(endpoint)), "EADDRINUSE");
    await assert.rejects(second.bind(endpoint), { code: "EADDRINUSE", address: endpoint });
    assert.equal(second.lastEndpoint, null);
    await first.unbind(endpoint);
    await second.bind(endpoint);
    await second.close();
    await first.bind(endpoint);
  });

  // libzmq behaviour B82.
  test(`over ${transport} a second disconnect or unbind is ENOENT`, async (t) => {
    const pull = closing(t, new Pull());
    const push = closing(t, new Push());
    const endpoint = await join(pull, push, transport);
    push.disconnect(endpoint);
    assert.throws(() => push.disconnect(endpoint), { code: "ENOENT" });
    await pull.unbind(endpoint);
    assert.equal(await codeOf(pull.unbind(endpoint)), "ENOENT");
  });

  test(`over ${transport} what was sent before disconnect arrives, what comes after finds no peer (B80)`, async (t) => {
    const pull = closing(t, new Pull({ receiveHighWaterMark: 2 }));
    const push = closing(t, new Push({ sendTimeout: 0 }));
    const endpoint = await join(pull, push, transport);
    for (const text of ["a", "b", "c"]) await push.send(text);
    push.disconnect(endpoint);
    assert.equal(await codeOf(push.send("d")), "EAGAIN");
    for (const text of ["a", "b", "c"]) assert.equal(textOf(await pull.receive()), text);
    await until("no peer", () => pull.peers.length === 0 && push.peers.length === 0);
  });

  test(`over ${transport} a socket that disconnected may connect again at once`, async (t) => {
    for (const make of [() => new Dealer({ linger: 0 }), () => new Pair({ linger: 0 })]) {
      const binder = closing(t, make());
      const connector = closing(t, make());
      const endpoint = await join(binder, connector, transport);
      for (let i = 0; i < 3; i++) {
        connector.disconnect(endpoint);
        await until("the peer to leave", () => binder.peers.length === 0);
        connector.connect(endpoint);
        await connector.send(`${i}`);
        assert.equal(textOf(await (binder as Dealer).receive()), `${i}`);
        assert.equal(connector.peers.length, 1);
      }
    }
  });
}

for (const transport of STREAMS) {
  // libzmq behaviour B79.
  test(`over ${transport} unbind closes the connections that came in there, and no others`, async (t) => {
    const push = closing(t, new Push({ sendTimeout: 0 }));
    const [first, second] = [closing(t, new Pull()), closing(t, new Pull())];
    const endpoint = await join(push, first, transport);
    await join(push, second, transport);
    await push.unbind(endpoint);
    assert.equal(push.peers.length, 1);
    for (let i = 0; i < 4; i++) await push.send(`${i}`);
    await until("four messages", () => second.stats().received.accepted === 4);
    assert.deepEqual(drain(first), []);
    await push.unbind(push.lastEndpoint as string);
    assert.equal(await codeOf(push.send("x")), "EAGAIN");
  });

  test(`over ${transport} unbind waits for what its connections have yet to send, within linger`, async (t) => {
    const push = closing(t, new Push({ linger: 100, sendHighWaterMark: 300 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
    const endpoint = await join(push, pull, transport);
    const body = Buffer.alloc(200_000);
    while (push.trySend(body));
    const start = performance.now();
    await push.unbind(endpoint);
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= 95 && tookMs < 5_000, `${tookMs} ms`);
    const { sent } = push.stats();
    assert.ok(sent.dropped.linger > 0, "what was not sent is lost to linger");
    assert.equal(sent.accepted, sent.delivered + sent.dropped.linger);
  });
}

// libzmq behaviour B80.
test("what waits for a peer that is not there yet goes out after disconnect, within linger", async (t) => {
  const endpoint = await deadEndpoint();
  const push = closing(t, new Push({ reconnectInterval: 10 }));
  push.connect(endpoint);
  await push.sendMany(["a", "b"]);
  push.disconnect(endpoint);
  assert.equal(push.trySend("c"), false);
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  assert.deepEqual([textOf(await pull.receive()), textOf(await pull.receive())], ["a", "b"]);
  await until("the end of the connection", () => pull.peers.length === 0);
});

test("without linger disconnect drops what waits, and counts it", async (t) => {
  const push = closing(t, new Push({ linger: 0 }));
  push.connect("tcp://127.0.0.1:9");
  await push.sendMany(["a", "b"]);
  push.disconnect("tcp://127.0.0.1:9");
  await until("the loss", () => push.stats().sent.dropped.linger === 2);
  assert.deepEqual(push.peers, []);
});

test("linger bounds how long a disconnected endpoint is tried", async (t) => {
  const endpoint = await deadEndpoint();
  const push = closing(t, new Push({ linger: 60, reconnectInterval: 5 }));
  push.connect(endpoint);
  await push.send("a");
  push.disconnect(endpoint);
  await sleep(30);
  assert.equal(push.stats().sent.queued, 1);
  await until("the end of linger", () => push.stats().sent.dropped.linger === 1, 300);
});

test("an endpoint that lingers is neither connected nor bound any more", async (t) => {
  const endpoint = await deadEndpoint();
  for (const make of [() => new Dealer(), () => new Request(), () => new Push()]) {
    const socket = closing(t, make());
    socket.connect(endpoint);
    await socket.send("a");
    socket.disconnect(endpoint);
    assert.throws(() => socket.disconnect(endpoint), { code: "ENOENT" });
    socket.connect(endpoint);
    assert.equal(socket.peers.length, 1, "connecting again is no repetition");
    socket.linger = 0;
  }
  const push = closing(t, new Push({ sendHighWaterMark: 1 }));
  const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
  const bound = await join(push, pull);
  while (push.trySend(Buffer.alloc(100_000)));
  const first = push.unbind(bound);
  assert.equal(await codeOf(push.unbind(bound)), "ENOENT");
  await push.bind(bound);
  push.linger = 0;
  await push.unbind(bound);
  await pull.close();
  await first;
});

// libzmq socket_base.cpp: connect_internal.
test("connecting twice to one endpoint makes two connections, but for the types that take it for one", async (t) => {
  const counts: [Socket, Socket, number][] = [
    [closing(t, new Router()), closing(t, new Dealer()), 1],
    [closing(t, new Publisher()), closing(t, new Subscriber()), 1],
    [closing(t, new Subscriber()), closing(t, new Publisher()), 1],
    [closing(t, new Router()), closing(t, new Request()), 1],
    [closing(t, new Pull()), closing(t, new Push()), 2],
    [closing(t, new Push()), closing(t, new Pull()), 2],
    [closing(t, new Dealer()), closing(t, new Router()), 2],
  ];
  for (const transport of ["tcp", "inproc"] as const) {
    for (const [binder, connector, count] of counts) {
      const before = binder.peers.length;
      await binder.bind(anyEndpoint(transport));
      const endpoint = binder.lastEndpoint as string;
      connector.connect(endpoint);
      connector.connect(endpoint);
      await binder.waitForPeers(before + count, { timeoutMs: 2000 });
      await turns(5);
      const what = `${connector.constructor.name} over ${transport}`;
      assert.equal(binder.peers.length - before, count, what);
      // One call ends all of them (libzmq behaviour B82).
      connector.disconnect(endpoint);
      await until(what, () => binder.peers.length === before);
    }
  }
});

test("names that are the same endpoint serve to disconnect and unbind", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://*:*");
  const port = (pull.lastEndpoint as string).split(":").at(-1);
  assert.equal(await codeOf(pull.unbind("tcp://*:*")), "ENOENT");
  const push = closing(t, new Push());
  push.connect(`tcp://127.0.0.1:${port}`);
  await push.waitForPeers();
  push.disconnect(`tcp://127.0.0.1:${port}`);
  // libzmq behaviour B81.
  assert.equal(await codeOf(pull.unbind(`tcp://*:${port}`)), "ENOENT");
  await pull.unbind(`tcp://0.0.0.0:${port}`);
});

// libzmq behaviour B85.
test("every type may connect before the other side binds", async (t) => {
  const endpoint = await deadEndpoint();
  const options = { reconnectInterval: 5 };
  const pairs: [Push | Dealer | Pair, Pull | Dealer | Pair][] = [
    [new Push(options), new Pull()],
    [new Dealer(options), new Dealer()],
    [new Pair(options), new Pair()],
  ];
  for (const [connector, binder] of pairs) {
    closing(t, connector);
    closing(t, binder);
    connector.connect(endpoint);
    await connector.send("early");
    await sleep(10);
    await binder.bind(endpoint);
    assert.equal(textOf(await binder.receive()), "early");
    await Promise.all([connector.close(), binder.close()]);
  }
});

test("an inproc peer that left takes its connection with it", async (t) => {
  const push = closing(t, new Push({ sendTimeout: 0 }));
  for (let i = 0; i < 3; i++) {
    const pull = closing(t, new Pull());
    await pull.bind("inproc://comes-and-goes");
    push.connect("inproc://comes-and-goes");
    assert.equal(fill(push, 2), 2);
    assert.deepEqual(drain(pull), ["0", "1"]);
    await pull.close();
    await turns();
    assert.equal(push.peers.length, 0);
    assert.equal(await codeOf(push.send("x")), "EAGAIN");
  }
  assert.throws(() => push.disconnect("inproc://comes-and-goes"), { code: "ENOENT" });
});

test("endpoints that this thread serves keep a call from blocking, those of other threads do not, nor those undone", async (t) => {
  const remote = (host: LinkHost, { endpoint }: LinkTarget): Link => {
    const link: Link = {
      endpoint,
      isRemote: true,
      unsentCount: 0,
      lastError: null,
      finish: () => host.onLinkEnded(link),
      abort: () => undefined,
      breakConnection: () => undefined,
      endConnection: () => undefined,
    };
    return link;
  };
  const obstacles: (string | null)[] = [];
  for (const links of [LOCAL_LINKS, { ...LOCAL_LINKS, connect: remote, listenSync: remote }]) {
    const context = new Context({}, [new TcpTransport(), new InprocTransport()], new LoneShare(), links);
    const pull = closing(t, new Pull({ context }));
    const look = (): void => void obstacles.push(coreOf(pull).blocking.obstacle(true));
    pull.bindSync("tcp://127.0.0.1:*");
    look();
    await pull.unbind(pull.lastEndpoint as string);
    look();
    pull.connect("tcp://127.0.0.1:9");
    look();
    pull.disconnect("tcp://127.0.0.1:9");
    look();
    pull.bindSync("inproc://a");
    look();
  }
  // "alone": nothing but that the context has one thread.
  const ofServed = ["served-here", "nobody", "served-here", "nobody", "alone"];
  assert.deepEqual(obstacles, [...ofServed, "alone", "nobody", "alone", "nobody", "alone"]);
});

test("what is bound and connected can be listed, with what waits", async (t) => {
  const push = closing(t, new Push({ linger: 0 }));
  await push.bind("tcp://127.0.0.1:*");
  const bound = push.lastEndpoint as string;
  const dead = await deadEndpoint();
  push.connect(dead);
  await push.bind("inproc://listed");
  push.connect("inproc://awaited");
  await push.send("x");
  const { endpoints } = coreOf(push);
  const listed = endpoints.list().map(({ endpoint, kind }) => `${kind} ${endpoint}`);
  assert.deepEqual(
    listed.sort(),
    ["bind inproc://listed", `bind ${bound}`, "connect inproc://awaited", `connect ${dead}`].sort(),
  );
  const waiting = endpoints.list().reduce((count, { unsentCount }) => count + unsentCount, 0);
  assert.equal(waiting, 1);
});

test("a socket that was told to protect itself sends and receives no datagrams, which nothing protects", async (t) => {
  const endpoint = "udp://127.0.0.1:*";
  const { publicKey, secretKey } = curveKeyPair();
  for (const options of [
    { curveServer: true, curveSecretKey: secretKey },
    { curveServerKey: publicKey, curveSecretKey: secretKey },
    { plainServer: true },
    { plainUsername: "joe", plainPassword: "secret" },
    { zapDomain: "global" },
  ]) {
    const refusal = {
      code: "EINVAL",
      message: /^(Radio|Dish|Datagram) is given .* udp:\/\/127\.0\.0\.1:.* datagrams have no handshake/,
    };
    const radio = closing(t, new Radio(options));
    assert.throws(() => radio.connect("udp://127.0.0.1:9"), { ...refusal, address: "udp://127.0.0.1:9" });
    for (const socket of [closing(t, new Dish(options)), closing(t, new Datagram(options))]) {
      await assert.rejects(socket.bind(endpoint), { ...refusal, address: endpoint });
      assert.throws(() => socket.bindSync(endpoint), { ...refusal, address: endpoint });
      assert.deepEqual(coreOf(socket).endpoints.list(), []);
    }
    assert.deepEqual(coreOf(radio).endpoints.list(), []);
  }
  const dish = closing(t, new Dish({ plainServer: true }));
  await assert.rejects(dish.bind(endpoint), { code: "EINVAL" });
  dish.plainServer = false;
  await dish.bind(endpoint);
});
