// Sockets that connect through a SOCKS proxy, as an application sees them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { curveKeyPair, Pair, Pull, Push, Reply, Request } from "../../src/index.ts";
import { closing, namesOf, textOf, until, watch } from "../peers/sockets.ts";
import { SocksServer } from "../peers/socks-server.ts";

const within = { timeoutMs: 5_000 };

test("messages cross a proxy in both directions, and events name the endpoint and the proxy", async (t) => {
  const reply = closing(t, new Reply());
  await reply.bind("tcp://127.0.0.1:*");
  const address = (reply.lastEndpoint as string).slice("tcp://".length);
  const proxy = await SocksServer.open(t, { names: { "far.invalid:5555": address } });
  const request = closing(t, new Request({ socksProxy: proxy.address }));
  const events = watch(request);
  request.connect("tcp://far.invalid:5555");
  const asked = request.request("hello", within);
  await reply.send((await reply.receive(within)).concat(Buffer.from("world")));
  assert.deepEqual((await asked).map(String), ["hello", "world"]);
  assert.deepEqual(proxy.requests, ["name far.invalid:5555"]);
  await until("the handshake is told", () => namesOf(events).includes("handshake"));
  assert.deepEqual(namesOf(events), ["connect:delay", "connect", "handshake"]);
  const [, connected] = events as unknown as { address: string; peer: string }[];
  assert.deepEqual(connected, {
    type: "connect",
    address: "tcp://far.invalid:5555",
    peer: `tcp://${proxy.address}`,
  });
  assert.equal(request.peers[0]?.endpoint, "tcp://far.invalid:5555");
});

test("CURVE goes through a proxy that knows nothing of it", async (t) => {
  const [server, client] = [curveKeyPair(), curveKeyPair()];
  const pull = closing(t, new Pull({ curveServer: true, curveSecretKey: server.secretKey }));
  await pull.bind("tcp://127.0.0.1:*");
  const proxy = await SocksServer.open(t, { username: "joe", password: "secret", isSlow: true });
  const push = closing(
    t,
    new Push({
      curveServerKey: server.publicKey,
      curveSecretKey: client.secretKey,
      socksProxy: proxy.address,
      socksUsername: "joe",
      socksPassword: "secret",
    }),
  );
  push.connect(pull.lastEndpoint as string);
  await push.send(Buffer.alloc(100_000, "x"));
  assert.equal((await pull.receive(within))[0]?.length, 100_000);
  assert.equal(push.socksPassword, "secret", "who asks by its name is answered");
  for (const shown of [inspect(push, { depth: 12, showHidden: true }), JSON.stringify(push.peers)])
    assert.ok(!shown.includes("secret"));
  assert.throws(
    () => new Push({ socksPassword: "s3cr3t".repeat(100) }),
    (error: Error) => !error.message.includes("s3cr3t"),
  );
});

test("messages wait for a proxy that is not there yet, and for one that lost its connections", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const first = await SocksServer.open(t);
  const port = Number(first.address.split(":")[1]);
  await first.close();
  const push = closing(t, new Push({ socksProxy: `127.0.0.1:${port}`, reconnectInterval: 20 }));
  const events = watch(push);
  push.connect(pull.lastEndpoint as string);
  await push.send("a");
  await until("a retry", () => namesOf(events).includes("connect:retry"));
  const failed = events.find((event) => event.type === "connect:retry") as { error?: { code?: string } };
  assert.equal(failed.error?.code, "ECONNREFUSED");
  const proxy = new SocksServer({});
  t.after(() => proxy.close());
  await proxy.listen(port);
  assert.equal(textOf(await pull.receive(within)), "a");
  proxy.drop();
  await until("the end of the connection", () => namesOf(events).includes("disconnect"));
  await push.send("b");
  assert.equal(textOf(await pull.receive(within)), "b");
  assert.equal(proxy.requests.length, 2);
});

test("a proxy that will always refuse is asked ever more seldom; one that fails now is asked again soon", async (t) => {
  const waitsOf = async (status: number): Promise<number[]> => {
    const proxy = await SocksServer.open(t, { status });
    const push = closing(t, new Push({ linger: 0, reconnectInterval: 10, socksProxy: proxy.address }));
    const waits: number[] = [];
    push.events.on("connect:retry", ({ interval }) => waits.push(interval));
    push.connect("tcp://far.invalid:1");
    await until("four attempts", () => waits.length >= 4);
    return waits.slice(0, 4);
  };
  const refused = await waitsOf(2);
  assert.ok(
    refused.every((interval, i) => interval >= 10 * 2 ** (i + 1)),
    refused.join(),
  );
  const failed = await waitsOf(4);
  assert.ok(
    failed.every((interval) => interval <= 20),
    failed.join(),
  );
});

test("the solver tells a proxy's word from the peer's silence", async (t) => {
  const proxy = await SocksServer.open(t, { status: 2 });
  const gone = await SocksServer.open(t);
  await gone.close();
  for (const [socksProxy, what, remedy] of [
    [proxy.address, /the SOCKS proxy \S+ does not allow this connection/, /check its rules/],
    [gone.address, /its SOCKS proxy \S+ cannot be reached/, /Check socksProxy/],
  ] as const) {
    const push = closing(t, new Push({ linger: 0, socksProxy }));
    const events = watch(push);
    push.connect("tcp://far.invalid:1");
    await until("an attempt failed", () => namesOf(events).includes("close"));
    const [finding] = push.explain({ connectMs: 0 }).filter(({ code }) => code === "never-connected");
    assert.match(finding?.what ?? "", what);
    assert.match(finding?.remedy ?? "", remedy);
  }
});

test("reconnectStop counts a peer that refuses behind the proxy as refused", async (t) => {
  const proxy = await SocksServer.open(t, { status: 5 });
  const pair = closing(t, new Pair({ linger: 0, socksProxy: proxy.address, reconnectStop: 1 }));
  const events = watch(pair);
  pair.connect("tcp://far.invalid:1");
  await until("the attempt failed", () => namesOf(events).includes("close"));
  assert.ok(!namesOf(events).includes("connect:retry"));
});

test("a wrong combination is EINVAL when connecting; ipc and inproc have no proxy", async (t) => {
  const push = closing(t, new Push({ linger: 0, socksUsername: "joe" }));
  assert.throws(() => push.connect("tcp://127.0.0.1:1"), { code: "EINVAL", message: /no socksProxy/ });
  for (const wrong of ["proxy", "proxy:0", "*:1080", "socks5://proxy:1080", "a:1;b:2", "", 7, "[::1]"]) {
    assert.throws(() => new Push({ socksProxy: wrong as string }), {
      code: "EINVAL",
      message: /host:port/,
    });
  }
  const pull = closing(t, new Pull());
  await pull.bind("inproc://no-proxy");
  const near = closing(t, new Push({ socksProxy: "127.0.0.1:1" }));
  near.connect("inproc://no-proxy");
  await near.send("a");
  assert.equal(textOf(await pull.receive(within)), "a");
});
