// peerOf(): every message of a peer that an authenticator let in tells whose it is.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Channel, Client, Dish, Gather, Peer, Radio, Scatter, Server } from "../../src/draft.ts";
import {
  Authenticator,
  type Context,
  Dealer,
  Pair,
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
} from "../../src/index.ts";
import { ownContext } from "../peers/own-context.ts";
import { closing, join, STREAMS, textOf, until } from "../peers/sockets.ts";

/** A context in which anna and bert may come, by PLAIN; anna has a role. */
function guarded(t: TestContext): Context {
  const context = ownContext();
  const authenticator = new Authenticator({
    context,
    plain: ({ username }) =>
      username === "anna" ? { userId: "anna", metadata: { role: "editor" } } : username === "bert",
  });
  t.after(() => authenticator.close());
  return context;
}

const as = (username: string) => ({ plainUsername: username, plainPassword: "x", linger: 0 });

const PAIRS: readonly [
  name: string,
  serverOf: (options: object) => Socket,
  clientOf: (options: object) => Socket,
][] = [
  ["PULL, PUSH", (options) => new Pull(options), (options) => new Push(options)],
  ["DEALER, DEALER", (options) => new Dealer(options), (options) => new Dealer(options)],
  ["ROUTER, DEALER", (options) => new Router(options), (options) => new Dealer(options)],
  ["REP, REQ", (options) => new Reply(options), (options) => new Request(options)],
  ["PAIR, PAIR", (options) => new Pair(options), (options) => new Pair(options)],
  ["SUB, PUB", (options) => new Subscriber(options), (options) => new Publisher(options)],
  ["XSUB, XPUB", (options) => new XSubscriber(options), (options) => new XPublisher(options)],
  ["XPUB, XSUB", (options) => new XPublisher(options), (options) => new XSubscriber(options)],
  ["SERVER, CLIENT", (options) => new Server(options), (options) => new Client(options)],
  ["GATHER, SCATTER", (options) => new Gather(options), (options) => new Scatter(options)],
  ["CHANNEL, CHANNEL", (options) => new Channel(options), (options) => new Channel(options)],
];

for (const transport of STREAMS) {
  for (const [name, serverOf, clientOf] of PAIRS) {
    test(`${name} over ${transport}: a message tells whose it is, however it is received`, async (t) => {
      const context = guarded(t);
      const server = closing(t, serverOf({ context, plainServer: true }));
      const client = closing(t, clientOf({ context, ...as("anna") }));
      if (server instanceof Subscriber) server.subscribe("");
      await join(server, client, transport);
      if (server instanceof XSubscriber) await server.send("\x01");
      if (client instanceof Publisher || client instanceof XPublisher)
        await client.waitForSubscribers(1, "", { timeoutMs: 5_000 });
      const receiver = server as Pull;
      const isLockstep = client instanceof Request;
      const ways = isLockstep
        ? [() => receiver.receive()]
        : [
            () => receiver.receive(),
            async () => {
              await until("a message", () => receiver.readable);
              return receiver.tryReceive() as Buffer[];
            },
            async () => (await receiver.receiveMany())[0] as Buffer[],
            async () => (await receiver[Symbol.asyncIterator]().next()).value as Buffer[],
          ];
      for (const receive of ways) {
        await (client as Push).send("hello");
        const message = await receive();
        const origin = server.peerOf(message);
        assert.equal(origin?.userId, "anna");
        assert.equal(String(origin?.metadata.get("role")), "editor");
        assert.equal(origin?.socketType, name.split(", ")[1]);
        assert.equal(client.peerOf(message), undefined, "only the socket that received it knows");
      }
    });
  }
}

test("a PEER and a DISH, whose messages come with labels, tell whose they are too", async (t) => {
  const context = guarded(t);
  const [peer, dish] = [new Peer({ context, plainServer: true }), new Dish({ context, plainServer: true })];
  const [other, radio] = [new Peer({ context, ...as("bert") }), new Radio({ context, ...as("bert") })];
  for (const socket of [peer, dish, other, radio]) closing(t, socket);
  await peer.bind("tcp://127.0.0.1:*");
  const routingId = await other.connectPeer(peer.lastEndpoint as string);
  await other.send("hello", { routingId });
  assert.equal(peer.peerOf(await peer.receive())?.userId, "bert");
  dish.join("news");
  await join(dish, radio);
  await radio.waitForSubscribers(1, "news", { timeoutMs: 5_000 });
  await radio.send("hello", { group: "news" });
  assert.equal(dish.peerOf((await dish.receiveMany())[0] as unknown[])?.userId, "bert");
});

test("XPUB: a subscription tells whose it is, so that the application may decide", async (t) => {
  const context = guarded(t);
  const xpub = closing(t, new XPublisher({ context, plainServer: true, manual: true }));
  const sub = closing(t, new Subscriber({ context, ...as("bert") }));
  sub.subscribe("news");
  await join(xpub, sub);
  const message = await xpub.receive();
  assert.equal(textOf(message), "\x01news");
  assert.equal(xpub.peerOf(message)?.userId, "bert");
});

test("messages of several peers are told apart, also once the peers are gone; request() tells whose the reply is", async (t) => {
  const context = guarded(t);
  const pull = closing(t, new Pull({ context, plainServer: true }));
  const [anna, bert] = ["anna", "bert"].map((name) =>
    closing(t, new Push({ context, ...as(name), linger: 2_000 })),
  );
  const endpoint = await join(pull, anna as Push);
  (bert as Push).connect(endpoint);
  for (let i = 0; i < 20; i++) await Promise.all([anna?.send(`anna ${i}`), bert?.send(`bert ${i}`)]);
  await Promise.all([anna?.close(), bert?.close()]);
  await until("the end of both", () => pull.peers.every(({ live }) => !live));
  for (let i = 0; i < 40; i++) {
    const message = await pull.receive();
    assert.equal(pull.peerOf(message)?.userId, textOf(message)?.split(" ")[0]);
  }

  for (const client of [
    new Request({ context, plainServer: true }),
    new Dealer({ context, plainServer: true }),
  ]) {
    closing(t, client);
    const rep = closing(t, new Reply({ context, ...as("bert") }));
    await join(client, rep);
    const reply = client.request("?", { timeoutMs: 10_000 });
    await rep.receive();
    await rep.send("!");
    assert.equal(client.peerOf(await reply)?.userId, "bert");
  }
});

test("what an earlier connection brought is never taken for the next one's", async (t) => {
  const context = guarded(t);
  for (const transport of STREAMS) {
    // The server connects: its pipe outlives the connection.
    const pull = closing(t, new Pull({ context, plainServer: true, reconnectInterval: 20 }));
    const first = new Push({ context, ...as("anna") });
    const endpoint = await join(first, pull, transport);
    await first.send("of anna");
    await until("the message", () => pull.stats().received.accepted === 1);
    await first.close();
    const second = closing(t, new Push({ context, ...as("bert") }));
    await second.bind(endpoint);
    await second.send("of bert");
    await until("the other message", () => pull.stats().received.accepted === 2);
    const told = [await pull.receive(), await pull.receive()].map((message) => [
      textOf(message),
      pull.peerOf(message)?.userId,
    ]);
    assert.deepEqual(told, [
      ["of anna", undefined],
      ["of bert", "bert"],
    ]);
  }
});

test("the same user at the same address is told with what the authenticator said of this connection", async (t) => {
  const context = ownContext();
  let visitCount = 0;
  const authenticator = new Authenticator({
    context,
    plain: () => ({ userId: "anna", metadata: { visit: `${++visitCount}` } }),
  });
  t.after(() => authenticator.close());
  for (const transport of STREAMS) {
    visitCount = 0;
    const pull = closing(t, new Pull({ context, plainServer: true, reconnectInterval: 20 }));
    const push = new Push({ context, ...as("anna") });
    const endpoint = await join(push, pull, transport);
    const told: unknown[] = [];
    for (let visit = 1; visit <= 3; visit++) {
      const sender = visit === 1 ? push : closing(t, new Push({ context, ...as("anna") }));
      if (visit > 1) await sender.bind(endpoint);
      for (const body of ["a", "b"]) {
        await sender.send(body);
        const origin = pull.peerOf(await pull.receive());
        told.push([origin?.userId, String(origin?.metadata.get("visit"))]);
      }
      await sender.close();
      await until("the end of the connection", () => !pull.peers[0]?.live);
    }
    const one = (visit: string) => ["anna", visit];
    assert.deepEqual(told, ["1", "1", "2", "2", "3", "3"].map(one), transport);
  }
});

test("nothing is told of peers that nobody vouched for", async (t) => {
  const pull = closing(t, new Pull());
  const push = closing(t, new Push());
  await join(pull, push);
  await push.send("hello");
  assert.equal(pull.peerOf(await pull.receive()), undefined);
});
