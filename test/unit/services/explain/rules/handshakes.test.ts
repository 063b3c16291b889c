import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { Channel } from "../../../../../src/draft.ts";
import type { Socket } from "../../../../../src/index.ts";
import {
  curveKeyPair,
  Dealer,
  Pair,
  Publisher,
  Pull,
  Push,
  Router,
  Subscriber,
} from "../../../../../src/index.ts";
import { hungUp, refusals } from "../../../../../src/services/explain/rules/handshakes.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { RawListener, RawPeer } from "../../../../peers/raw-peer.ts";
import { closing, join, STREAMS, until } from "../../../../peers/sockets.ts";
import { endpointView, ground, viewOf } from "../views.ts";

const quick = { reconnectInterval: 20 };

async function bound<S extends Socket>(socket: S, endpoint = "tcp://127.0.0.1:*"): Promise<S> {
  await socket.bind(endpoint);
  return socket;
}

for (const transport of STREAMS) {
  test(`incompatible-type: both ends say what the other is, ${transport}`, async (t) => {
    const pull = closing(t, new Pull());
    const endpoint = transport === "tcp" ? "tcp://127.0.0.1:*" : "ipc://*";
    await bound(pull, endpoint);
    const pub = closing(t, new Publisher(quick));
    pub.connect(pull.lastEndpoint as string);
    const here = await untilFound(pull, "incompatible-type");
    assert.deepEqual([here.evidence["ourType"], here.evidence["peerType"]], ["PULL", "PUB"]);
    assert.deepEqual([here.severity, here.endpoint], ["error", pull.lastEndpoint]);
    if (transport === "tcp") {
      assert.match(here.peer ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/);
      assert.match(here.what, /^The peer from tcp:\S+ is a PUB socket, and a PULL cannot talk to it\.$/);
    }
    assert.match(here.remedy, /^A PULL talks to PUSH/);
    const there = await untilFound(pub, "incompatible-type");
    assert.deepEqual([there.evidence["ourType"], there.evidence["peerType"]], ["PUB", "PULL"]);
    assert.deepEqual([there.endpoint, there.evidence["bound"]], [pull.lastEndpoint, false]);
    assert.match(there.what, /^The peer at \S+ is a PULL socket, and a PUB cannot talk to it\.$/);
    // However long it goes on: neither "never connected" nor anything else is said besides.
    assert.deepEqual(codesOf(pub, { connectMs: 0 }), ["incompatible-type"]);
    const push = closing(t, new Push());
    push.connect(pull.lastEndpoint as string);
    await push.waitForPeers(1);
    assert.deepEqual(codesOf(push), []);
  });
}

test("incompatible-type: over inproc nobody else would say so", async (t) => {
  const pull = closing(t, await bound(new Pull(), "inproc://explain-types"));
  const pub = closing(t, new Publisher());
  pub.connect("inproc://explain-types");
  const found = await untilFound(pub, "incompatible-type");
  assert.deepEqual([found.severity, found.evidence["peerType"]], ["warning", "PULL"]);
  assert.deepEqual(codesOf(pull), ["incompatible-type"]);
});

test("wrong-protocol: something else connects, and something else answers", async (t) => {
  const pull = closing(t, await bound(new Pull()));
  const browser = await RawPeer.connect(pull.lastEndpoint);
  t.after(() => browser.destroy());
  browser.send(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  const here = await untilFound(pull, "wrong-protocol");
  assert.deepEqual([here.endpoint, here.evidence["bound"]], [pull.lastEndpoint, true]);
  assert.match(here.what, /its first octet is 47, not ff\.$/);
  const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  push.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const there = await untilFound(push, "wrong-protocol");
  assert.deepEqual([there.endpoint, there.evidence["bound"]], [push.lastEndpoint, false]);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), ["wrong-protocol"]);
});

test("mechanism-mismatch: the peer wants CURVE", async (t) => {
  const pull = closing(t, await bound(new Pull()));
  const peer = await RawPeer.connect(pull.lastEndpoint);
  t.after(() => peer.destroy());
  peer.send(zmtp.greeting({ mechanism: "CURVE" }));
  const found = await untilFound(pull, "mechanism-mismatch");
  assert.deepEqual([found.evidence["ourMechanism"], found.evidence["peerMechanism"]], ["NULL", "CURVE"]);
});

test("too-long: a message over the receiver's limit", async (t) => {
  const pull = closing(t, new Pull({ maxMessageSize: 10 }));
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  await join(pull, push);
  await push.send("0123456789");
  await push.send("0123456789X");
  const found = await untilFound(pull, "too-long");
  assert.match(found.what, /message frame of 11 octets; 10 are allowed\.$/);
  assert.equal(found.endpoint, pull.lastEndpoint);
});

test("too-long: a sealed message, whose length is known when it has been opened", async (t) => {
  const [server, client] = [curveKeyPair(), curveKeyPair()];
  const pull = closing(
    t,
    new Pull({ curveServer: true, curveSecretKey: server.secretKey, maxMessageSize: 10 }),
  );
  const keys = { curveServerKey: server.publicKey, curveSecretKey: client.secretKey };
  const push = closing(t, new Push({ ...quick, ...keys, linger: 0 }));
  await join(pull, push);
  await push.send("0123456789X");
  const found = await untilFound(pull, "too-long");
  assert.match(found.what, /message frame of 11 octets; 10 are allowed\.$/);
});

test("duplicate-routing-id: which id, who has it, who was refused; and the one that is hung up on", async (t) => {
  const router = closing(t, await bound(new Router()));
  const holder = closing(t, new Dealer({ routingId: "worker" }));
  holder.connect(router.lastEndpoint as string);
  await holder.waitForPeers(1);
  await router.waitForPeers(1);
  assert.deepEqual([...findings(router), ...findings(holder)], []);
  const newcomer = closing(t, new Dealer({ routingId: "worker", ...quick }));
  newcomer.connect(router.lastEndpoint as string);
  const here = await untilFound(router, "duplicate-routing-id");
  assert.deepEqual(
    [here.evidence["routingId"], here.evidence["holder"]],
    ["776f726b6572", router.peers[0]?.address],
  );
  assert.match(here.peer ?? "", /^tcp:/);
  assert.notEqual(here.peer, router.peers[0]?.address);
  assert.ok(
    here.what.includes(
      `${here.peer} was refused: it announced the routing id "worker", which ${router.peers[0]?.address} has.`,
    ),
  );
  assert.equal(here.endpoint, router.lastEndpoint);
  const there = await untilFound(newcomer, "duplicate-routing-id");
  assert.deepEqual([there.endpoint, there.evidence["routingId"]], [router.lastEndpoint, "776f726b6572"]);
  assert.ok(Number(there.evidence["briefCount"]) >= 3);
  assert.deepEqual(codesOf(holder), []);
});

test("duplicate-routing-id: at a ROUTER that connected to both", async (t) => {
  const dealers = [new Dealer({ routingId: "same" }), new Dealer({ routingId: "same" })];
  const router = closing(t, new Router(quick));
  for (const dealer of dealers) {
    await bound(closing(t, dealer));
    router.connect(dealer.lastEndpoint as string);
    await until("a peer", () => router.peers.some((peer) => peer.live));
  }
  const found = await untilFound(router, "duplicate-routing-id");
  assert.equal(found.evidence["routingId"], "73616d65");
  assert.deepEqual([found.endpoint, found.evidence["bound"]], [dealers[1]?.lastEndpoint, false]);
});

test("surplus-peer: a third PAIR, at both ends", async (t) => {
  const pair = closing(t, await bound(new Pair()));
  const second = closing(t, new Pair());
  second.connect(pair.lastEndpoint as string);
  await pair.waitForPeers(1);
  assert.deepEqual([...findings(pair), ...findings(second)], []);
  const third = closing(t, new Pair(quick));
  third.connect(pair.lastEndpoint as string);
  const here = await untilFound(pair, "surplus-peer");
  assert.deepEqual([here.endpoint, here.evidence["holder"]], [pair.lastEndpoint, pair.peers[0]?.address]);
  assert.notEqual(here.peer, pair.peers[0]?.address);
  assert.equal((await untilFound(third, "surplus-peer")).endpoint, pair.lastEndpoint);
});

test("surplus-peer: a third CHANNEL, at both ends", async (t) => {
  const channel = closing(t, new Channel());
  await channel.bind("tcp://127.0.0.1:*");
  const second = closing(t, new Channel());
  second.connect(channel.lastEndpoint as string);
  await channel.waitForPeers(1);
  assert.deepEqual([...findings(channel), ...findings(second)], []);
  const third = closing(t, new Channel({ reconnectInterval: 20 }));
  third.connect(channel.lastEndpoint as string);
  const here = await untilFound(channel, "surplus-peer");
  assert.deepEqual(
    [here.endpoint, here.evidence["holder"]],
    [channel.lastEndpoint, channel.peers[0]?.address],
  );
  assert.match(here.what, /a CHANNEL has one peer, and this one has tcp:/);
  const there = await untilFound(third, "surplus-peer");
  assert.equal(there.endpoint, channel.lastEndpoint);
  assert.match(there.what, /the CHANNEL there probably has another peer/);
});

test("refused-peer: more connections than are allowed", async (t) => {
  const pull = closing(t, await bound(new Pull({ maxConnections: 1 })));
  const first = closing(t, new Push());
  first.connect(pull.lastEndpoint as string);
  await pull.waitForPeers(1);
  const second = closing(t, new Push({ ...quick, linger: 0 }));
  second.connect(pull.lastEndpoint as string);
  const found = await untilFound(pull, "refused-peer");
  assert.deepEqual([found.evidence["connectionCount"], found.evidence["pendingCount"]], [1, 0]);
  assert.match(found.peer ?? "", /^tcp:/);
});

test("hung-up: a peer that ends each connection after the handshake", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  let isOver = false;
  t.after(() => {
    isOver = true;
  });
  const serve = async (): Promise<void> => {
    while (!isOver) {
      const peer = await listener.accept();
      await peer.handshake("PULL");
      peer.end();
    }
  };
  serve().catch(() => undefined);
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  push.connect(listener.endpoint);
  const found = await untilFound(push, "hung-up");
  assert.ok(Number(found.evidence["briefCount"]) >= 3);
  assert.equal(found.endpoint, listener.endpoint);
});

test("a refusal at a connected endpoint is over with the next handshake, at a bound one after a while", () => {
  const error = 'The peer is a "PUB" socket; PULL cannot talk to it.';
  const event = {
    type: "handshake:error:protocol",
    ageMs: 50,
    address: "tcp://a:1",
    peer: "tcp://b:2",
    error,
  };
  const at = (kind: "bind" | "connect", handshakeAgeMs: number | null) =>
    viewOf({
      type: "PULL",
      endpoints: [endpointView({ endpoint: "tcp://a:1", kind, handshakeAgeMs })],
      events: [event, { ...event, ageMs: 20 }],
    });
  const codes = (view: ReturnType<typeof viewOf>, quietMs = 1000) =>
    refusals(view, ground({ quietMs })).map(({ code, evidence, sinceMs }) => [
      code,
      evidence["seenCount"],
      sinceMs,
    ]);
  assert.deepEqual(codes(at("connect", null)), [["incompatible-type", 2, 20]]);
  assert.deepEqual(codes(at("connect", 10)), []);
  assert.deepEqual(codes(at("bind", 10)), [["incompatible-type", 2, 20]]);
  assert.deepEqual(codes(at("bind", 10), 19), []);
});

test("what a stranger calls himself does not choose the finding", () => {
  const texts = [
    "Invalid-socket-type",
    "speaks ZMTP 1.0",
    'The peer refused this socket: "Invalid-socket-type".',
    "message of more than 1 frames",
    "A PAIR socket has one peer",
    '"A PAIR socket has one peer',
    "\\",
    "wait for the ZAP handler",
  ];
  const told = (error: string) => {
    const event = { type: "handshake:error:auth", ageMs: 5, address: "tcp://a:1", peer: "tcp://b:1", error };
    const endpoints = [endpointView({ endpoint: "tcp://a:1", kind: "bind" })];
    return refusals(viewOf({ type: "PULL", endpoints, events: [event] }), ground()).map(({ code }) => code);
  };
  for (const text of texts) {
    const user = text.replaceAll('"', "'");
    assert.deepEqual(
      [
        ...told(`The authenticator refused the peer (PLAIN, user "${user}") with status 400: "No".`),
        ...told(`The peer is a ${JSON.stringify(text)} socket; PULL cannot talk to it.`),
        ...told(`The peer speaks the mechanism ${JSON.stringify(text)}, this socket NULL.`),
      ],
      ["access-denied", "incompatible-type", "mechanism-mismatch"],
      text,
    );
    const words = `The peer refused this socket: ${JSON.stringify(text)}.`;
    assert.deepEqual(told(words), [text.startsWith("Invalid") ? "incompatible-type" : "access-denied"], text);
  }
});

test("hung-up: ids are shown as people wrote them, and no guess is made without one", () => {
  const endpoints = [endpointView({ briefCount: 3 })];
  const codes = (type: string, routingId: string) =>
    hungUp(viewOf({ type, routingId, endpoints }), ground()).map(({ code, what }) => [code, what]);
  assert.equal(codes("DEALER", "")[0]?.[0], "hung-up");
  assert.equal(codes("PAIR", "")[0]?.[0], "surplus-peer");
  assert.match(codes("DEALER", "61")[0]?.[1] ?? "", /routing id, "a"/);
  assert.match(codes("DEALER", "00ff")[0]?.[1] ?? "", /routing id, 0x00ff/);
  assert.deepEqual(hungUp(viewOf({ endpoints: [endpointView({ briefCount: 2 })] }), ground()), []);
});

test("a SUB and its publisher have none of these findings", async (t) => {
  const pub = closing(t, new Publisher());
  const sub = closing(t, new Subscriber());
  sub.subscribe("");
  await join(pub, sub);
  await pub.waitForSubscribers(1);
  assert.deepEqual([...findings(pub), ...findings(sub)], []);
});
