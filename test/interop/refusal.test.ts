import assert from "node:assert/strict";
import type { SocketType } from "./driver.ts";
import { report } from "./frames.ts";
import { inBothRoles, withPeers } from "./harness.ts";
import { untilEvent } from "./waiting.ts";

const quick = { reconnectInterval: 20 };
const watched = { monitor: true };

/** Pairs that must never exchange a message. */
const strangers: readonly (readonly [SocketType, SocketType])[] = [
  ["PUSH", "PUB"],
  ["PUSH", "SUB"],
  ["PUSH", "PUSH"],
  ["PULL", "PULL"],
  ["PUB", "PULL"],
  ["REQ", "PUB"],
  ["REQ", "DEALER"],
  ["REP", "ROUTER"],
  ["DEALER", "PAIR"],
  ["PAIR", "ROUTER"],
  ["SUB", "REP"],
  ["XPUB", "PUB"],
];

const refused = ["disconnect", "handshake:error:protocol", "handshake:error:other"];

withPeers(
  (it) => {
    for (const types of strangers) {
      for (const [our, their] of types[0] === types[1] ? [types] : [types, [types[1], types[0]] as const]) {
        it(`our ${our} refuses their ${their}`, async (scope) => {
          const ours = await scope.our(our, { handshakeInterval: 1000 }, watched);
          const theirs = await scope.their(their, { reconnectInterval: 60_000 }, watched);
          await scope.join(ours, theirs);
          // Whoever is first to see the other's type breaks off.
          assert.ok(!(await untilEvent(ours, ...refused)).includes("handshake"));
        });

        it(`our ${our}, connecting, is refused by their ${their}, and knows it`, async (scope) => {
          const ours = await scope.our(our, { reconnectInterval: 60_000 }, watched);
          const theirs = await scope.their(their, {}, watched);
          await scope.join(theirs, ours);
          assert.ok(!(await untilEvent(ours, ...refused)).includes("handshake"));
          assert.ok(!(await theirs.events()).some((event) => event.type === "handshake"));
        });
      }
    }

    inBothRoles(
      it,
      ["PULL", "PUSH"],
      "a stranger does not disturb those who belong",
      async (scope, openPull, openPush) => {
        const pull = await openPull("PULL");
        const stranger = await openPush("PUB", quick);
        const endpoint = await scope.join(pull, stranger);
        const push = await openPush("PUSH");
        await push.connect(endpoint);
        await Promise.all([
          push.flood({ count: 200, size: 1000 }),
          stranger.flood({ count: 200, size: 1000 }),
        ]);
        const { count, missing } = await pull.drain(200);
        assert.deepEqual([count, missing], [200, 0]);
        assert.deepEqual(await pull.receive(1, 50), []);
      },
    );

    inBothRoles(
      it,
      ["PULL", "PUSH"],
      "an oversized message ends its connection and nothing else",
      async (scope, openPull, openPush) => {
        const pull = await openPull("PULL", { maxMessageSize: 1000 });
        const big = await openPush("PUSH", { reconnectInterval: 60_000 }, watched);
        const small = await openPush("PUSH");
        const endpoint = await scope.join(pull, big);
        await small.connect(endpoint);
        await big.send([["x".repeat(1000)], ["x".repeat(1001)]]);
        await untilEvent(big, "disconnect");
        await small.send([["still here"]]);
        const messages = await pull.receive(2);
        assert.deepEqual(
          new Set(messages.map(([frame]) => frame)),
          new Set([report(["x".repeat(1000)])[0], "'still here'"]),
        );
      },
    );
  },
  { concurrency: 8, wire: "over inproc nobody checks types or sizes" },
);
