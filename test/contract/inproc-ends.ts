// Behaviours of inproc: the socket at the other end goes, by a close or with its thread.

import assert from "node:assert/strict";
import { assertLaw, codeOf, lostOf } from "../peers/sockets.ts";
import type { Sock } from "./inproc-sides.ts";
import { eventually } from "./inproc-sides.ts";
import type { Way, World } from "./inproc-world.ts";

/** `stays` and `goes` open sockets on the side that stays and on the one that goes; `join` joins them. */
export interface Parting {
  readonly world: World;
  readonly way: Way;
  stays(type: string, options?: object): Promise<Sock>;
  goes(type: string, options?: object): Promise<Sock>;
  join(stays: Sock, goes: Sock): Promise<string>;
}

/** A death is noticed within this time. */
const NOTICE_MS = 1000;

async function isNoticed(sock: Sock): Promise<void> {
  await eventually("the end is noticed", async () => (await sock.peers()).length === 0, NOTICE_MS);
}

export const ENDS: Readonly<Record<string, (parting: Parting) => Promise<void>>> = {
  "what it sent is received, all and in order": async ({ world, way, stays, goes, join }) => {
    const [pull, push] = [await stays("Pull"), await goes("Push")];
    await join(pull, push);
    assert.equal(await push.fill(500), 500);
    await push.send("x".repeat(2_000_000));
    await world.leave(push, way);
    const texts = await pull.receiveCount(501);
    assert.deepEqual(
      texts.slice(0, 500),
      Array.from({ length: 500 }, (_, i) => `${i}`),
    );
    assert.equal(texts[500]?.length, 2_000_000);
    await isNoticed(pull);
    const { received } = await pull.stats();
    assert.deepEqual([received.accepted, received.delivered, lostOf(received)], [501, 501, 0]);
  },

  "what it had not read is counted, and a send finds nobody": async ({ world, way, stays, goes, join }) => {
    const [push, pull] = [await stays("Push", { sendTimeout: 0 }), await goes("Pull")];
    await join(push, pull);
    assert.equal(await push.fill(10), 10);
    await pull.receiveCount(4);
    await world.leave(pull, way);
    await isNoticed(push);
    const stats = await push.stats();
    assertLaw(stats);
    assert.deepEqual([stats.sent.accepted, stats.sent.delivered, lostOf(stats.sent)], [10, 4, 6]);
    // Who closes in order left them behind; who dies cannot say.
    assert.equal(stats.sent.dropped[way === "close" ? "orphaned" : "peer-gone"], 6);
    assert.equal(await codeOf(push.send("x")), "EAGAIN");
  },

  "a mandatory ROUTER cannot reach it any more": async ({ world, way, stays, goes, join }) => {
    const router = await stays("Router", { mandatory: true });
    const dealer = await goes("Dealer", { routingId: "guest" });
    await join(router, dealer);
    await router.send(["guest", "hello"]);
    assert.deepEqual(await dealer.receive(), ["hello"]);
    await world.leave(dealer, way);
    const isGone = async () => (await codeOf(router.send(["guest", "?"]))) === "EHOSTUNREACH";
    await eventually("EHOSTUNREACH", isGone, NOTICE_MS);
    assertLaw(await router.stats());
  },

  "an XPUB hears that its topics are wanted no more": async ({ world, way, stays, goes, join }) => {
    const [xpub, sub] = [await stays("XPublisher"), await goes("Subscriber")];
    await sub.do("subscribe", ["a", "b"]);
    await join(xpub, sub);
    assert.deepEqual((await xpub.receiveCount(2)).sort(), ["\x01a", "\x01b"]);
    await world.leave(sub, way);
    assert.deepEqual((await xpub.receiveCount(2)).sort(), ["\0a", "\0b"]);
    await isNoticed(xpub);
  },

  "a PAIR is free for another": async ({ world, way, stays, goes, join }) => {
    const [pair, peer] = [await stays("Pair"), await goes("Pair")];
    await join(pair, peer);
    await peer.send("hello");
    await world.leave(peer, way);
    assert.deepEqual(await pair.receive(), ["hello"]);
    await isNoticed(pair);
    const next = await stays("Pair");
    const endpoint = world.name();
    await next.bind(endpoint);
    await pair.connect(endpoint);
    await next.send("and the next");
    assert.deepEqual(await pair.receive(), ["and the next"]);
  },

  "a send that waits for it to read goes to another": async ({ world, way, stays, goes, join }) => {
    const push = await stays("Push", { sendHighWaterMark: 2 });
    const pull = await goes("Pull", { receiveHighWaterMark: 2 });
    await join(push, pull);
    assert.equal(await push.fill(), 4);
    const waiting = push.send("waits");
    await world.leave(pull, way);
    await isNoticed(push);
    const next = await stays("Pull");
    const endpoint = world.name();
    await next.bind(endpoint);
    await push.connect(endpoint);
    await waiting;
    assert.deepEqual(await next.receive(), ["waits"]);
  },

  "a requester that is let down asks another, if it is relaxed": async ({
    world,
    way,
    stays,
    goes,
    join,
  }) => {
    const req = await stays("Request", { relaxed: true, correlate: true });
    const rep = await goes("Reply");
    await join(req, rep);
    await req.send("question");
    assert.deepEqual(await rep.receive(), ["question"]);
    await world.leave(rep, way);
    await isNoticed(req);
    const next = await stays("Reply");
    const endpoint = world.name();
    await next.bind(endpoint);
    await req.connect(endpoint);
    await req.send("again");
    assert.deepEqual(await next.receive(), ["again"]);
    await next.send("answer");
    assert.deepEqual(await req.receive(), ["answer"]);
  },
};
