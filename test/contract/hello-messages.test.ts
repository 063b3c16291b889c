// helloMessage, disconnectMessage and hiccupMessage: when they come, in which order, and what they count. libzmq behaviours
// B70, B71, B72.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Peer, Server } from "../../src/draft.ts";
import { curveKeyPair, Dealer, Router, type Socket } from "../../src/index.ts";
import { greeting, message, ready } from "../peers/octets.ts";
import { RawListener, RawPeer } from "../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  join,
  namesOf,
  STREAMS,
  TRANSPORTS,
  type TransportName,
  turns,
  until,
  watch,
} from "../peers/sockets.ts";

const PATIENCE = { timeoutMs: 10_000 };

/** The next bodies of a socket: what stands last in frames, or first with a label. */
async function hear(socket: Client | Dealer | Router | Server | Peer, count: number): Promise<string[]> {
  const bodies: string[] = [];
  while (bodies.length < count) {
    const found = await socket.receive(PATIENCE);
    bodies.push(String(socket instanceof Router ? found.at(-1) : found[0]));
  }
  return bodies;
}

interface Pairing {
  readonly name: string;
  readonly binder: (options: object) => Server | Router | Peer;
  readonly connector: (options: object) => Client | Dealer | Peer;
  /** Sends from the connector. */
  readonly say: (connector: Socket, body: string, routingId: number) => Promise<void>;
}

const PAIRINGS: readonly Pairing[] = [
  {
    name: "SERVER and CLIENT",
    binder: (options) => new Server(options),
    connector: (options) => new Client(options),
    say: (connector, body) => (connector as Client).send(body),
  },
  {
    name: "ROUTER and DEALER",
    binder: (options) => new Router(options),
    connector: (options) => new Dealer(options),
    say: (connector, body) => (connector as Dealer).send(body),
  },
  {
    name: "PEER and PEER",
    binder: (options) => new Peer(options),
    connector: (options) => new Peer(options),
    say: (connector, body, routingId) => (connector as Peer).send(body, { routingId }),
  },
];

async function connected(connector: Socket, endpoint: string): Promise<number> {
  if (connector instanceof Peer) return connector.connectPeer(endpoint);
  connector.connect(endpoint);
  return 0;
}

for (const { name, binder: makeBinder, connector: makeConnector, say } of PAIRINGS) {
  for (const transport of TRANSPORTS) {
    for (const isBinderFirst of [true, false]) {
      test(`${name} over ${transport}, ${isBinderFirst ? "bound" : "connected"} first: hello is the first message each way (B70)`, async (t) => {
        const binder = closing(t, makeBinder({ helloMessage: "hello from the bound" }));
        const connector = closing(
          t,
          makeConnector({ helloMessage: "hello from the connected", sendHighWaterMark: 2 }),
        );
        const endpoint = await freeEndpoint(transport);
        if (isBinderFirst) await binder.bind(endpoint);
        const routingId = await connected(connector, endpoint);
        await say(connector, "first", routingId);
        if (!isBinderFirst) await binder.bind(endpoint);
        assert.deepEqual(await hear(binder, 2), ["hello from the connected", "first"]);
        assert.deepEqual(await hear(connector, 1), ["hello from the bound"]);
        assertLaw(binder.stats());
        assertLaw(connector.stats());
        // Whoever gets it counts it like any other.
        assert.equal(binder.stats().received.delivered, 2);
        assert.equal(connector.stats().received.delivered, 1);
        await until("all is sent", () => connector.stats().sent.queued === 0);
        assert.equal(connector.stats().sent.delivered, transport === "inproc" ? 2 : 1);
        assert.deepEqual(connector.explain(), []);
      });
    }

    test(`${name} over ${transport}: the bound side is told of a peer that left, behind what it sent (B71)`, async (t) => {
      const binder = closing(t, makeBinder({ disconnectMessage: "gone" }));
      const connector = closing(t, makeConnector({}));
      await binder.bind(anyEndpoint(transport));
      const routingId = await connected(connector, binder.lastEndpoint as string);
      for (const body of ["1", "2"]) await say(connector, body, routingId);
      await connector.close();
      await until("it left", () => binder.peers.length === 0 || binder.peers.every(({ live }) => !live));
      assert.deepEqual(await hear(binder, 3), ["1", "2", "gone"]);
      const { received } = binder.stats();
      assert.deepEqual([received.accepted, received.delivered], [2, 2]);
      assertLaw(binder.stats());
    });

    test(`${name} over ${transport}: also of one that left by disconnect, and of none that was sent away or is unbound`, async (t) => {
      const binder = closing(t, makeBinder({ disconnectMessage: "gone" }));
      const [one, other] = [closing(t, makeConnector({})), closing(t, makeConnector({}))];
      await binder.bind(anyEndpoint(transport));
      const endpoint = binder.lastEndpoint as string;
      for (const connector of [one, other]) {
        const routingId = await connected(connector, endpoint);
        await say(connector, "hello", routingId);
        await hear(binder, 1);
      }
      one.disconnect(endpoint);
      assert.deepEqual(await hear(binder, 1), ["gone"]);
      binder.disconnectMessage = "gone, too";
      assert.equal(binder.disconnectMessage, "gone, too");
      await binder.unbind(endpoint);
      await turns(5);
      if (transport !== "inproc") assert.equal(binder.readable, false);
      // Over inproc those who are there stay.
      else {
        await other.close();
        assert.deepEqual(await hear(binder, 1), ["gone, too"]);
      }
    });
  }

  for (const transport of STREAMS) {
    test(`${name} over ${transport}: a broken connection is told of behind what came over it, and hello comes again (B72)`, async (t) => {
      const connector = closing(
        t,
        makeConnector({ helloMessage: "hello", hiccupMessage: "hiccup", reconnectInterval: 5 }),
      );
      const endpoint = await freeEndpoint(transport);
      const routingId = await connected(connector, endpoint);
      for (let round = 0; round < 3; round++) {
        const binder = makeBinder({ helloMessage: `hello ${round}` });
        await binder.bind(endpoint);
        await say(connector, `${round}`, routingId);
        assert.deepEqual(await hear(binder, 2), ["hello", `${round}`]);
        await binder.close();
        // What is sent before it is known to be gone may go with it.
        await until("it is gone", () => connector.peers.every(({ live }) => !live));
      }
      const heard = await hear(connector, 6);
      assert.deepEqual(heard, ["hello 0", "hiccup", "hello 1", "hiccup", "hello 2", "hiccup"]);
      const { received } = connector.stats();
      assert.deepEqual([received.accepted, received.delivered], [3, 3]);
      assertLaw(connector.stats());
    });
  }
}

/** Somewhere to bind later. */
async function freeEndpoint(transport: TransportName): Promise<string> {
  if (transport !== "tcp") return anyEndpoint(transport);
  const probe = new Server();
  await probe.bind("tcp://127.0.0.1:*");
  const endpoint = probe.lastEndpoint as string;
  await probe.close();
  return endpoint;
}

test("a hiccup is told of although the pipe ends with the connection (immediate)", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const client = closing(t, new Client({ immediate: true, hiccupMessage: "hiccup", reconnectInterval: -1 }));
  const accepted = listener.accept();
  client.connect(listener.endpoint);
  const peer = await accepted;
  peer.send(greeting(), ready("SERVER"), message("1"));
  assert.deepEqual(await hear(client, 1), ["1"]);
  peer.destroy();
  assert.deepEqual(await hear(client, 1), ["hiccup"]);
  assertLaw(client.stats());
});

test("a hello goes out once and first though the queue is full, and is in no count of the sender", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const client = closing(
    t,
    new Client({ helloMessage: Buffer.from([0, 255]), sendHighWaterMark: 1, linger: 0 }),
  );
  const accepted = listener.accept();
  client.connect(listener.endpoint);
  assert.equal(client.trySend("waits"), true);
  assert.equal(client.trySend("no room"), false);
  const peer = await accepted;
  await turns(5);
  assert.equal(
    peer.texts.some((text) => text === "waits"),
    false,
    "nothing before the handshake",
  );
  peer.send(greeting(), ready("SERVER"));
  await peer.heard(() => peer.texts.includes("waits"));
  assert.deepEqual(peer.texts.slice(1), ["\0\xff", "waits"]);
  await until("it is counted", () => client.stats().sent.delivered === 1);
  assert.equal(client.stats().sent.accepted, 1);
  assertLaw(client.stats());
});

test("a hello is sealed like any message, and who has not the key is told of to nobody", async (t) => {
  const keys = curveKeyPair();
  const server = closing(
    t,
    new Server({
      curveServer: true,
      curveSecretKey: keys.secretKey,
      helloMessage: "hello",
      disconnectMessage: "gone",
    }),
  );
  await server.bind("tcp://127.0.0.1:*");
  const stranger = closing(t, new Client({ helloMessage: "let me in", hiccupMessage: "hiccup" }));
  const events = watch(stranger);
  stranger.connect(server.lastEndpoint as string);
  await until("it is refused", () => namesOf(events).some((name) => name.startsWith("handshake:error")));
  await stranger.close();
  const friend = closing(
    t,
    new Client({
      curveSecretKey: curveKeyPair().secretKey,
      curveServerKey: keys.publicKey,
      helloMessage: "it is me",
    }),
  );
  friend.connect(server.lastEndpoint as string);
  assert.deepEqual(await hear(server, 1), ["it is me"]);
  assert.deepEqual(await hear(friend, 1), ["hello"]);
  await friend.close();
  assert.deepEqual(await hear(server, 1), ["gone"]);
  assert.equal(stranger.stats().received.accepted, 0);
});

test("a connection that ends in its handshake is told of by neither", async (t) => {
  const server = closing(t, new Server({ disconnectMessage: "gone" }));
  await server.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(server.lastEndpoint);
  peer.send(greeting());
  await turns(3);
  peer.destroy();
  const client = closing(t, new Client({ hiccupMessage: "hiccup", reconnectInterval: 5 }));
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const accepted = listener.accept();
  client.connect(listener.endpoint);
  (await accepted).destroy();
  await listener.accept();
  await turns(5);
  assert.deepEqual([server.readable, client.readable], [false, false]);
});

test("what a peer sent beyond the cap is dropped, and that it left is told all the same", async (t) => {
  const server = closing(t, new Server({ disconnectMessage: "gone", maxOrphans: 1 }));
  const client = closing(t, new Client());
  await join(server, client, "tcp");
  for (const body of ["1", "2", "3"]) await client.send(body);
  await until("all has come", () => server.stats().received.queued === 3);
  await client.close();
  await until("it left", () => server.stats().received.dropped.orphaned === 2);
  assert.deepEqual(await hear(server, 2), ["3", "gone"]);
  assertLaw(server.stats());
});

test("they are options of the types that libzmq gives them to, and of no others", () => {
  const has = (SocketClass: new () => Socket): string[] => {
    const socket = new SocketClass();
    const names = ["helloMessage", "disconnectMessage", "hiccupMessage"].filter((name) => name in socket);
    void socket.close();
    return names;
  };
  assert.deepEqual(has(Dealer), ["helloMessage", "hiccupMessage"]);
  assert.deepEqual(has(Client), ["helloMessage", "hiccupMessage"]);
  assert.deepEqual(has(Router), ["helloMessage", "disconnectMessage"]);
  assert.deepEqual(has(Server), ["helloMessage", "disconnectMessage"]);
  assert.deepEqual(has(Peer), ["helloMessage", "disconnectMessage", "hiccupMessage"]);
});
