import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Dealer, Pair, Pull, Push, Router } from "../../../src/index.ts";
import { greeting, identity, ready } from "../../peers/octets.ts";
import { RawPeer } from "../../peers/raw-peer.ts";
import {
  anyEndpoint,
  assertLaw,
  closing,
  codeOf,
  join,
  namesOf,
  STREAMS,
  textOf,
  turns,
  until,
  watch,
} from "../../peers/sockets.ts";

test("a bound endpoint serves many peers, and each is counted for itself", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const pushes = Array.from({ length: 20 }, () => closing(t, new Push()));
  for (const push of pushes) push.connect(pull.lastEndpoint as string);
  await pull.waitForPeers(20, { timeoutMs: 5000 });
  for (const [i, push] of pushes.entries()) for (let n = 0; n <= i; n++) await push.send(`${i}`);
  for (let left = (20 * 21) / 2; left > 0; left--) await pull.receive();
  const counts = pull.peers.map((peer) => peer.received.delivered).sort((a, b) => a - b);
  assert.deepEqual(
    counts,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  assert.ok(pull.peers.every((peer) => peer.live && !peer.outgoing && peer.socketType === "PUSH"));
  assert.equal(new Set(pull.peers.map((peer) => peer.address)).size, 20);
});

test("a peer exists for the socket when its handshake is done, not before", async (t) => {
  const router = closing(t, new Router({ mandatory: true }));
  await router.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(router.lastEndpoint);
  t.after(() => peer.destroy());
  peer.send(greeting());
  await peer.heard(() => peer.received.length >= 64);
  assert.equal(router.peers.length, 0);
  assert.equal(await codeOf(router.send(["x", "a"])), "EHOSTUNREACH");
  peer.send(ready("DEALER", identity("x")));
  await router.waitForPeers();
  await router.send(["x", "a"]);
  await peer.heard(() => peer.texts.includes("a"));
  assert.equal(Buffer.from(router.peers[0]?.routingId as Uint8Array).toString(), "x");
});

test("peers beyond maxConnections are closed at once, with an event; the others are untouched", async (t) => {
  const pull = closing(t, new Pull({ maxConnections: 2 }));
  const events = watch(pull);
  await pull.bind("tcp://127.0.0.1:*");
  const pushes = [0, 1].map(() => closing(t, new Push()));
  for (const push of pushes) push.connect(pull.lastEndpoint as string);
  await pull.waitForPeers(2);
  const surplus = await RawPeer.connect(pull.lastEndpoint);
  assert.equal(await surplus.ends(1000), true);
  await until("the event", () => namesOf(events).includes("accept:error"));
  for (const push of pushes) await push.send("a");
  assert.deepEqual([textOf(await pull.receive()), textOf(await pull.receive())], ["a", "a"]);
  // A place that becomes free may be taken.
  await pushes[0]?.close();
  await until("a free place", () => pull.peers.length === 1);
  const next = await RawPeer.connect(pull.lastEndpoint);
  t.after(() => next.destroy());
  await next.handshake("PUSH");
  await pull.waitForPeers(2, { timeoutMs: 1000 });
});

test("connections that do not finish their handshake are bounded by maxPendingHandshakes, and in time", async (t) => {
  const pull = closing(t, new Pull({ maxPendingHandshakes: 3, handshakeInterval: 100 }));
  await pull.bind("tcp://127.0.0.1:*");
  const silent = [];
  for (let i = 0; i < 3; i++) silent.push(await RawPeer.connect(pull.lastEndpoint));
  const surplus = await RawPeer.connect(pull.lastEndpoint);
  assert.equal(await surplus.ends(1000), true);
  const start = performance.now();
  for (const peer of silent) assert.equal(await peer.ends(1000), true);
  assert.ok(performance.now() - start < 500);
  const push = closing(t, new Push({ reconnectInterval: 10 }));
  push.connect(pull.lastEndpoint as string);
  await pull.waitForPeers(1, { timeoutMs: 2000 });
});

// libzmq behaviour B131.
test("a surplus peer of a Pair is refused by closing its connection, and told why in the events", async (t) => {
  const pair = closing(t, new Pair());
  const first = closing(t, new Pair());
  const endpoint = await join(pair, first);
  const events = watch(pair);
  const second = await RawPeer.connect(endpoint);
  second.send(greeting(), ready("PAIR"));
  assert.equal(await second.ends(1000), true);
  await until("the event", () => namesOf(events).includes("accept:error"));
  const refusal = events.find((event) => event.type === "accept:error");
  assert.match(String((refusal as { error?: Error }).error), /has one peer, and another holds its place/);
  await first.send("a");
  assert.equal(textOf(await pair.receive()), "a");
  assertLaw(pair.stats());
});

test("what waits for an accepted peer is lost when it leaves, and counted; what it sent is still received", async (t) => {
  const dealer = closing(t, new Dealer({ linger: 0, sendHighWaterMark: 5 }));
  await dealer.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(dealer.lastEndpoint);
  await peer.handshake("DEALER");
  await dealer.waitForPeers();
  peer.socket.pause();
  peer.send(Buffer.from([0, 4]), Buffer.from("last"));
  const body = Buffer.alloc(100_000);
  // Until the system takes no more, whoever serves the connection; it takes more than the pipe, and on a busy machine later.
  for (let last = -1, quietCount = 0; quietCount < 3; ) {
    while (dealer.trySend(body));
    await sleep(50);
    const { accepted } = dealer.stats().sent;
    quietCount = accepted === last && accepted > 5 ? quietCount + 1 : 0;
    last = accepted;
  }
  await until("the last message", () => dealer.readable);
  peer.reset();
  await until("the loss", () => dealer.stats().sent.queued === 0);
  const { sent } = dealer.stats();
  // A writer in another thread hears of room in steps of the low-water mark, so fewer than five may wait, never fewer than it.
  const least = dealer.context.ioMode === "loop" ? 5 : 3;
  assert.ok(sent.dropped["peer-gone"] >= least, `${sent.dropped["peer-gone"]} lost`);
  assert.equal(textOf(await dealer.receive()), "last");
  await until("the end", () => dealer.peers.length === 0);
  assertLaw(dealer.stats());
});

for (const transport of STREAMS) {
  // libzmq behaviour B11.
  test(`over ${transport} a peer gets the marks of the time when its endpoint was bound`, async (t) => {
    const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 7 }));
    await push.bind(anyEndpoint(transport));
    const early = push.lastEndpoint as string;
    push.sendHighWaterMark = 3;
    await push.bind(anyEndpoint(transport));
    for (const [endpoint, hwm] of [
      [early, 7],
      [push.lastEndpoint as string, 3],
    ] as const) {
      const pull = closing(t, new Pull());
      pull.connect(endpoint);
      await push.waitForPeers();
      assert.equal(push.peers[0]?.sendHighWaterMark, hwm);
      await pull.close();
      await until("the end", () => push.peers.length === 0);
    }
  });

  test(`over ${transport} a socket that closes in the midst of handshakes ends them without a failure`, async (t) => {
    const router = new Router();
    const events = watch(router);
    await router.bind(anyEndpoint(transport));
    const pull = closing(t, new Dealer({ linger: 0 }));
    pull.connect(router.lastEndpoint as string);
    await until("a connection", () => namesOf(events).includes("accept"));
    await router.close();
    await turns();
    const names = namesOf(events).filter((name) => name.includes("error") || name === "disconnect");
    assert.deepEqual(names, []);
  });
}

test("a bind that fails leaves nothing behind", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const other = closing(t, new Pull());
  const events = watch(other);
  await assert.rejects(other.bind(pull.lastEndpoint as string), { code: "EADDRINUSE" });
  assert.throws(() => other.bindSync(pull.lastEndpoint as string), { code: "EADDRINUSE" });
  await sleep(1);
  assert.equal(namesOf(events)[0], "bind:error");
  assert.equal((await other.close()).isLingerExpired, false);
});
