import assert from "node:assert/strict";
import { test } from "node:test";
import { Dealer, heartbeat, Router } from "../../../src/index.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import { closing, join, until } from "../../peers/sockets.ts";

/** For a busy machine. */
const BUSY_MS = 300;

test("interval and timeout are found within the bound, and the time to live outlasts an interval", () => {
  assert.deepEqual(heartbeat(), {
    heartbeatInterval: 1500,
    heartbeatTimeout: 3000,
    heartbeatTimeToLive: 4500,
  });
  for (const withinMs of [300, 333.3, 1000, 5000, 60_000, 72_000, 100_000, 3_600_000, 2147483647]) {
    const { heartbeatInterval, heartbeatTimeout, heartbeatTimeToLive } = heartbeat(withinMs);
    assert.ok(heartbeatInterval + heartbeatTimeout <= withinMs, `${withinMs}`);
    assert.ok(heartbeatTimeout >= heartbeatInterval, `${withinMs}`);
    assert.ok(heartbeatTimeToLive >= 2 * heartbeatInterval && heartbeatTimeToLive <= withinMs, `${withinMs}`);
    assert.ok(heartbeatTimeToLive <= 65_500 && heartbeatTimeToLive % 100 === 0, `${withinMs}`);
    const dealer = new Dealer({ ...heartbeat(withinMs) });
    assert.equal(dealer.heartbeatInterval, heartbeatInterval);
    assert.equal(dealer.heartbeatTimeout, heartbeatTimeout);
    assert.equal(dealer.heartbeatTimeToLive, heartbeatTimeToLive);
    void dealer.close();
  }
});

test("a bound out of range is EINVAL", () => {
  for (const withinMs of [
    0,
    -1,
    299,
    2 ** 31,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    "x" as unknown as number,
  ])
    assert.throws(() => heartbeat(withinMs), { code: "EINVAL", message: /300 to 2147483647 milliseconds/ });
});

test("a peer that falls silent is found within the bound", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const dealer = closing(t, new Dealer({ ...heartbeat(600), reconnectInterval: 60_000 }));
  let endMs = Number.NaN;
  dealer.events.on("disconnect", () => {
    endMs = performance.now();
  });
  dealer.connect(listener.endpoint);
  const peer = await listener.accept();
  await peer.handshake("ROUTER");
  // Alive past the first PING.
  await peer.heard(() => peer.texts.some((text) => text.startsWith("PING")), "PING");
  peer.send(Buffer.from("\x04\x05\x04PONG", "latin1"));
  const startMs = performance.now();
  await until("the peer is given up", () => !Number.isNaN(endMs));
  const tookMs = endMs - startMs;
  assert.ok(tookMs >= 300 && tookMs <= 600 + BUSY_MS, `${tookMs} ms`);
});

test("a healthy peer is kept through a stall of our own loop that is longer than the bound", async (t) => {
  const router = closing(t, new Router());
  const dealer = closing(t, new Dealer({ ...heartbeat(300), heartbeatTimeToLive: 0 }));
  await join(router, dealer);
  let lostCount = 0;
  dealer.events.on("disconnect", () => void lostCount++);
  for (let round = 0; round < 2; round++) {
    const endMs = performance.now() + 500;
    while (performance.now() < endMs);
    await dealer.send(`${round}`);
    assert.equal(String((await router.receive({ timeoutMs: 2000 }))[1]), `${round}`);
  }
  assert.equal(lostCount, 0);
});
