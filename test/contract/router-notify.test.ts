// routerNotify of a Router: when the notices come, in which order, and what they count. libzmq behaviour B47; there over streams
// alone, here over inproc as well.

import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, Dealer, Request, Router } from "../../src/index.ts";
import { frame, greeting, identity, MORE, ready } from "../peers/octets.ts";
import { RawPeer } from "../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  namesOf,
  STREAMS,
  TRANSPORTS,
  type TransportName,
  turns,
  until,
  watch,
} from "../peers/sockets.ts";

const PATIENCE = { timeoutMs: 10_000 };
const CAME = 1;
const LEFT = 2;

/** The next messages of a router, as `id:body`. */
async function hear(router: Router, count: number): Promise<string[]> {
  const heard: string[] = [];
  while (heard.length < count) heard.push((await router.receive(PATIENCE)).map(String).join(":"));
  return heard;
}

/** Somewhere to bind later. */
async function freeEndpoint(transport: TransportName): Promise<string> {
  if (transport !== "tcp") return anyEndpoint(transport);
  const probe = new Dealer();
  await probe.bind("tcp://127.0.0.1:*");
  const endpoint = probe.lastEndpoint as string;
  await probe.close();
  return endpoint;
}

const EXPECTED: Readonly<Record<number, readonly string[]>> = {
  0: ["X:1", "X:2"],
  [CAME]: ["X:", "X:1", "X:2"],
  [LEFT]: ["X:1", "X:2", "X:"],
  [CAME | LEFT]: ["X:", "X:1", "X:2", "X:"],
};

for (const transport of TRANSPORTS) {
  for (const [routerNotify, expected] of Object.entries(EXPECTED)) {
    for (const isRouterFirst of [true, false]) {
      test(`over ${transport}, ${isRouterFirst ? "bound" : "connected to"} first, routerNotify ${routerNotify}: ${expected.length - 2} notices`, async (t) => {
        const endpoint = await freeEndpoint(transport);
        const router = closing(t, new Router({ routerNotify: Number(routerNotify) }));
        const dealer = closing(t, new Dealer({ routingId: "X" }));
        if (isRouterFirst) await router.bind(endpoint);
        dealer.connect(endpoint);
        for (const body of ["1", "2"]) await dealer.send(body);
        if (!isRouterFirst) await router.bind(endpoint);
        await until("all has come", () => router.stats().received.accepted === 2);
        await dealer.close();
        await until("it left", () => router.peers.every(({ live }) => !live));
        assert.deepEqual(await hear(router, expected.length), expected);
        const { received } = router.stats();
        assert.deepEqual([received.accepted, received.delivered], [2, 2]);
        assertLaw(router.stats());
        assert.equal(router.readable, false);
        assert.deepEqual(router.explain(), []);
      });
    }
  }

  test(`over ${transport}: a peer can be sent to when its coming is told, and of two the one that left is named`, async (t) => {
    const router = closing(t, new Router({ routerNotify: CAME | LEFT, mandatory: true }));
    await router.bind(anyEndpoint(transport));
    const endpoint = router.lastEndpoint as string;
    const [one, other] = [
      closing(t, new Dealer({ routingId: "1" })),
      closing(t, new Dealer({ routingId: "2" })),
    ];
    for (const dealer of [one, other]) {
      dealer.connect(endpoint);
      const [id, body] = (await router.receive(PATIENCE)) as [Buffer, Buffer];
      assert.equal(body.length, 0);
      await router.send([id, `welcome ${id}`]);
      assert.equal(String(await dealer.receive(PATIENCE)), `welcome ${dealer.routingId}`);
    }
    other.disconnect(endpoint);
    assert.deepEqual(await hear(router, 1), ["2:"]);
    // Whom this side sends away it need not be told of.
    await router.close();
    assertLaw(router.stats());
  });

  test(`over ${transport}: a notice that was asked for later counts for who is there, and stands before the disconnectMessage`, async (t) => {
    const router = closing(t, new Router({ disconnectMessage: "gone" }));
    await router.bind(anyEndpoint(transport));
    const request = closing(t, new Request({ routingId: "R", linger: 0 }));
    request.connect(router.lastEndpoint as string);
    await router.waitForPeers(1, PATIENCE);
    router.routerNotify = LEFT;
    assert.equal(router.routerNotify, LEFT);
    await request.close();
    assert.deepEqual(await hear(router, 2), ["R:", "R:gone"]);
  });
}

for (const transport of STREAMS) {
  test(`over ${transport}: a router that connects is told of each connection, in its place among the messages`, async (t) => {
    const router = closing(t, new Router({ routerNotify: CAME | LEFT, reconnectInterval: 5 }));
    const endpoint = await freeEndpoint(transport);
    router.connect(endpoint, { routingId: "S" });
    for (let round = 0; round < 10; round++) {
      const dealer = new Dealer();
      await dealer.bind(endpoint);
      await dealer.send(`${round}`);
      // Returns when the message is handed over, whether the router has seen it or not.
      await dealer.close();
    }
    const expected = Array.from({ length: 10 }, (_, round) => ["S:", `S:${round}`, "S:"]).flat();
    assert.deepEqual(await hear(router, expected.length), expected);
    assertLaw(router.stats());
  });
}

test("nothing is told of who does not finish the handshake, is refused, or has not the key", async (t) => {
  const plain = closing(t, new Router({ routerNotify: CAME | LEFT }));
  await plain.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(plain.lastEndpoint);
  peer.send(greeting());
  await turns(3);
  peer.destroy();
  const keys = curveKeyPair();
  const sealed = closing(
    t,
    new Router({ routerNotify: CAME | LEFT, curveServer: true, curveSecretKey: keys.secretKey }),
  );
  await sealed.bind("tcp://127.0.0.1:*");
  const stranger = closing(t, new Dealer());
  const events = watch(stranger);
  stranger.connect(sealed.lastEndpoint as string);
  await until("it is refused", () => namesOf(events).some((name) => name.startsWith("handshake:error")));
  await stranger.close();
  const friend = new Dealer({
    routingId: "friend",
    curveSecretKey: curveKeyPair().secretKey,
    curveServerKey: keys.publicKey,
  });
  closing(t, friend).connect(sealed.lastEndpoint as string);
  assert.deepEqual(await hear(sealed, 1), ["friend:"]);
  assert.deepEqual([plain.readable, sealed.readable], [false, false]);
});

test("what came of a message whose end did not come is nowhere, and that its peer left is told", async (t) => {
  const router = closing(t, new Router({ routerNotify: LEFT }));
  await router.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(router.lastEndpoint);
  peer.send(greeting(), ready("DEALER", identity("X")), frame(MORE, "begun"));
  await router.waitForPeers(1, PATIENCE);
  peer.destroy();
  assert.deepEqual(await hear(router, 1), ["X:"]);
  assert.equal(router.stats().received.accepted, 0);
});

test("it is 0 to 3, of a Router alone", () => {
  for (const wrong of [-1, 4, 1.5, true]) {
    assert.throws(() => new Router({ routerNotify: wrong as number }), { code: "EINVAL", message: /0 to 3/ });
  }
  assert.throws(() => new Dealer({ routerNotify: 1 } as object), { code: "EINVAL" });
  assert.throws(() => new Router({ ZMQ_ROUTER_NOTIFY: 1 } as object), {
    code: "EINVAL",
    message: /Use routerNotify/,
  });
});
