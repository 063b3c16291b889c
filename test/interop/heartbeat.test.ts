import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { inBothRoles, withPeers } from "./harness.ts";
import type { OpenOptions, PeerSocket } from "./peer.ts";
import type { Scope } from "./scope.ts";
import { until, untilEvent, untilJoined } from "./waiting.ts";

const IDLE_MS = 2500;
const fast: OpenOptions = { heartbeatInterval: 100, heartbeatTimeout: 300 };
/** For connections that must stay: neither side is taken for dead because a busy machine gave it no turn. */
const lasting: OpenOptions = { heartbeatInterval: 100, heartbeatTimeout: 1500 };
const lastingWithTtl: OpenOptions = { ...lasting, heartbeatTimeToLive: 1500 };
const none: OpenOptions = {};
const watched = { monitor: true };
const aboutProcesses = { process: "a thread that blocks keeps its connections: the I/O thread serves them" };

async function assertConnected(...sockets: PeerSocket[]): Promise<void> {
  for (const socket of sockets) {
    const events = (await socket.events()).map((event) => event.type);
    assert.ok(events.includes("handshake"), `no handshake: ${events}`);
    assert.ok(!events.includes("disconnect"), `disconnected: ${events}`);
  }
}

withPeers(
  (it, _kind, transports) => {
    for (const [who, first, second] of [
      ["the first", lasting, none],
      ["the second", none, lasting],
      ["both", lasting, lasting],
      ["both, with a time to live,", lastingWithTtl, lastingWithTtl],
    ] as const) {
      inBothRoles(
        it,
        ["PUSH", "PULL"],
        `${who} pings: an idle connection stays`,
        async (scope, openPush, openPull) => {
          const push = await openPush("PUSH", first, watched);
          const pull = await openPull("PULL", second, watched);
          await scope.join(pull, push);
          await push.send([["before"]]);
          assert.deepEqual(await pull.receive(1), [["'before'"]]);
          await sleep(IDLE_MS);
          await push.send([["after"]]);
          assert.deepEqual(await pull.receive(1), [["'after'"]]);
          await assertConnected(push, pull);
        },
      );
    }

    inBothRoles(it, ["PUB", "SUB"], "one-way traffic and pings together", async (scope, openPub, openSub) => {
      const pub = await openPub("PUB", lastingWithTtl, watched);
      const sub = await openSub("SUB", lastingWithTtl, watched);
      await sub.subscribe("");
      await scope.join(pub, sub);
      await untilJoined(pub, sub);
      for (let round = 0; round < 20; round++) {
        await pub.flood({ count: 50, from: round * 50, size: 100 });
        await sleep(IDLE_MS / 20);
      }
      await pub.send([["end"]]);
      const messages = await sub.receive(5000, 300);
      assert.ok(messages.length >= 1001);
      assert.deepEqual(messages.at(-1), ["'end'"]);
      await assertConnected(pub, sub);
    });

    it("pings are sent, and answered", async (scope) => {
      for (const [ours, theirs, command] of [
        [fast, none, "\x04PING"],
        [none, fast, "\x04PONG"],
      ] as const) {
        const push = await scope.our("PUSH", ours, watched);
        const pull = await scope.their("PULL", theirs);
        const relay = scope.relay({ lowerVersion: false });
        await push.connect(await relay.open(await pull.bind(scope.endpoint("tcp"))));
        await until(`${command} of ours`, () => relay.recorded.includes(command) || undefined);
        await assertConnected(push);
      }
    });

    for (const transport of transports) {
      it(
        `our DEALER finds out that their process hangs, ${transport}`,
        async (scope) => {
          const { socket: router, peer } = await theirFrozen(scope, "ROUTER", none);
          const dealer = await scope.our("DEALER", { ...fast, reconnectInterval: 60_000 }, watched);
          await scope.join(router, dealer, transport);
          await untilEvent(dealer, "handshake");
          await assertNoticed(dealer, () => peer.process.freeze());
          peer.process.thaw();
        },
        aboutProcesses,
      );
    }

    it(
      "their DEALER finds out that our process hangs",
      async (scope) => {
        const peer = scope.launch("our");
        const router = await peer.open("ROUTER");
        const dealer = await scope.their("DEALER", { ...fast, reconnectInterval: 60_000 }, watched);
        await scope.join(router, dealer);
        await untilEvent(dealer, "handshake");
        await assertNoticed(dealer, () => peer.process.freeze());
        peer.process.thaw();
      },
      aboutProcesses,
    );

    it(
      "we go by the time to live of their pings",
      async (scope) => {
        const { socket: push, peer } = await theirFrozen(scope, "PUSH", {
          heartbeatInterval: 100,
          heartbeatTimeToLive: 300,
        });
        const pull = await scope.our("PULL", none, watched);
        await scope.join(pull, push);
        await untilEvent(pull, "handshake");
        await sleep(300);
        await assertNoticed(pull, () => peer.process.freeze());
        peer.process.thaw();
      },
      aboutProcesses,
    );

    it(
      "they go by the time to live of our pings",
      async (scope) => {
        const peer = scope.launch("our");
        const push = await peer.open("PUSH", { heartbeatInterval: 100, heartbeatTimeToLive: 300 });
        const pull = await scope.their("PULL", none, watched);
        await scope.join(pull, push);
        await untilEvent(pull, "handshake");
        await sleep(300);
        await assertNoticed(pull, () => peer.process.freeze());
        peer.process.thaw();
      },
      aboutProcesses,
    );
  },
  // Almost all of the time is waiting.
  { concurrency: 16, wire: "heartbeats are for wires" },
);

async function theirFrozen(scope: Scope, type: "ROUTER" | "PUSH", options: OpenOptions) {
  const peer = scope.launch("their");
  return { peer, socket: await peer.open(type, options) };
}

/** The bound is the interval and the timeout, or the time to live; the rest is for a busy machine. */
async function assertNoticed(socket: PeerSocket, freeze: () => void): Promise<void> {
  const startMs = performance.now();
  freeze();
  await untilEvent(socket, "disconnect");
  const elapsedMs = performance.now() - startMs;
  assert.ok(elapsedMs > 100 && elapsedMs < 5000, `noticed after ${elapsedMs} ms`);
}
