import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Publisher, Socket } from "../../src/index.ts";
import { codesOf, findings, untilFound } from "../peers/findings.ts";
import { lostOf, until as untilTrue } from "../peers/sockets.ts";
import { withPeers } from "./harness.ts";
import { subjectName } from "./libraries.ts";
import type { PeerSocket } from "./peer.ts";
import { until, untilJoined } from "./waiting.ts";

/** The socket of ours behind a peer, with all that only our own API has. */
function core(socket: PeerSocket): Socket {
  return socket.direct as unknown as Socket;
}

const quick = { reconnectInterval: 20 };
const processes = { process: "it is about what happens to processes" };

function peerAddress(socket: PeerSocket): string | undefined {
  return core(socket).peers[0]?.address;
}

/** What the solver says of sockets of libzmq in another process, which tells nothing itself. */
withPeers(
  (it) => {
    if (subjectName !== "zeromq-ts") return;

    it("incompatible-type: their PUB connects to our PULL", async (scope) => {
      const pull = await scope.our("PULL");
      const pub = await scope.their("PUB", quick);
      const endpoint = await scope.join(pull, pub);
      const found = await untilFound(core(pull), "incompatible-type");
      assert.deepEqual([found.evidence["ourType"], found.evidence["peerType"]], ["PULL", "PUB"]);
      assert.deepEqual([found.severity, found.endpoint, found.socket.type], ["error", endpoint, "PULL"]);
      assert.match(found.peer ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/);
    });

    it("incompatible-type: our SUB connects to their PUSH", async (scope) => {
      const push = await scope.their("PUSH");
      const sub = await scope.our("SUB", quick);
      await sub.subscribe("");
      const endpoint = await scope.join(push, sub);
      const found = await untilFound(core(sub), "incompatible-type");
      assert.deepEqual([found.evidence["peerType"], found.endpoint], ["PUSH", endpoint]);
      assert.deepEqual(codesOf(core(sub), { connectMs: 0 }), ["incompatible-type"]);
    });

    it("late-subscriber: their SUB comes late: how many, in how many ms", async (scope) => {
      const pub = await scope.our("PUB");
      const sub = await scope.their("SUB");
      await sub.subscribe("");
      const endpoint = await pub.bind(scope.endpoint());
      const beganMs = performance.now();
      await pub.send(Array.from({ length: 21 }, (_, i) => [`${i}`]));
      const sentMs = performance.now();
      await sleep(40);
      await sub.connect(endpoint);
      const found = await untilFound(core(pub), "late-subscriber");
      const knownMs = performance.now();
      assert.equal(found.evidence["lostCount"], 21);
      assert.equal(core(pub).stats().sent.dropped["no-subscriber"], 21);
      const withinMs = Number(found.evidence["withinMs"]);
      assert.ok(
        withinMs >= 40 && withinMs <= Math.ceil(knownMs - beganMs),
        `${withinMs} of ${knownMs - sentMs}`,
      );
      assert.deepEqual([found.endpoint, found.peer], [endpoint, peerAddress(pub)]);
      await pub.send([["in time"]]);
      assert.deepEqual(await sub.receive(1), [["'in time'"]]);
    });

    it("hwm-drop: 5,000 messages and their stalled SUB: every one is accounted for", async (scope) => {
      const pub = await scope.our("PUB", { sendHighWaterMark: 10 });
      const sub = await scope.their("SUB", { receiveHighWaterMark: 10 });
      await sub.subscribe("");
      const endpoint = await scope.join(pub, sub);
      await (core(pub) as Publisher).waitForSubscribers(1);
      await pub.flood({ count: 5000, size: 10_000 });
      const socket = core(pub);
      const [found, ...others] = findings(socket);
      assert.deepEqual(others, []);
      assert.deepEqual([found?.code, found?.endpoint, found?.peer], ["hwm-drop", endpoint, peerAddress(pub)]);
      const { sent } = socket.stats();
      const droppedCount = Number(found?.evidence["droppedCount"]);
      assert.equal(droppedCount, lostOf(sent));
      assert.equal(found?.evidence["sendHighWaterMark"], 10);
      assert.equal(sent.delivered + sent.queued + droppedCount, 5000);
      const { count, missing } = await sub.drain(5000, 500);
      assert.equal(count, 5000 - droppedCount, `${missing} of them missed in between`);
    });

    it("missing-delimiter: their DEALER sends to our REP without one", async (scope) => {
      const rep = await scope.our("REP");
      const dealer = await scope.their("DEALER");
      const endpoint = await scope.join(rep, dealer);
      await dealer.send([["one"], ["two"], ["three"]]);
      const waits = core(rep) as Socket & { tryReceive(): unknown };
      await untilTrue("all three", () => {
        waits.tryReceive();
        return core(rep).stats().received.dropped.protocol === 3;
      });
      const [found] = findings(core(rep));
      assert.deepEqual(
        [found?.code, found?.endpoint, found?.peer],
        ["missing-delimiter", endpoint, peerAddress(rep)],
      );
      assert.deepEqual([found?.evidence["droppedCount"], found?.evidence["peerType"]], [3, "DEALER"]);
      await dealer.send([["", "four"]]);
      assert.deepEqual(await rep.receive(1), [["'four'"]]);
    });

    it("no-reply: our DEALER sends to their REP without one", async (scope) => {
      const rep = await scope.their("REP");
      const dealer = await scope.our("DEALER");
      const endpoint = await scope.join(rep, dealer);
      await dealer.send([["one"], ["two"]]);
      const found = await untilFound(core(dealer), "no-reply", { waitMs: 30 });
      assert.deepEqual([found.evidence["sentCount"], found.endpoint], [2, endpoint]);
    });

    it("duplicate-routing-id: their second DEALER with one id", async (scope) => {
      const router = await scope.our("ROUTER");
      const holder = await scope.their("DEALER", { routingId: "twin" });
      const endpoint = await scope.join(router, holder);
      await untilTrue("the first", () => core(router).peers.some((peer) => peer.live));
      assert.deepEqual(codesOf(core(router)), []);
      const newcomer = await scope.their("DEALER", { routingId: "twin", ...quick });
      await newcomer.connect(endpoint);
      const found = await untilFound(core(router), "duplicate-routing-id");
      assert.deepEqual([found.evidence["routingId"], found.endpoint], ["7477696e", endpoint]);
      assert.equal(found.evidence["holder"], peerAddress(router));
      assert.match(found.what, /announced the routing id "twin"/);
    });

    it("surplus-peer: their second PAIR", async (scope) => {
      const pair = await scope.our("PAIR");
      const endpoint = await scope.join(pair, await scope.their("PAIR"));
      await untilTrue("the first", () => core(pair).peers.some((peer) => peer.live));
      const surplus = await scope.their("PAIR", quick);
      await surplus.connect(endpoint);
      const found = await untilFound(core(pair), "surplus-peer");
      assert.deepEqual([found.endpoint, found.evidence["holder"]], [endpoint, peerAddress(pair)]);
    });

    it("no-subscription: our SUB at their PUB, and their SUB at our PUB", async (scope) => {
      const theirPub = await scope.their("PUB");
      const sub = await scope.our("SUB");
      const endpoint = await scope.join(theirPub, sub);
      const found = await untilFound(core(sub), "no-subscription", { momentMs: 20 });
      assert.deepEqual([found.severity, found.endpoint, found.peer], ["error", endpoint, peerAddress(sub)]);
      const pub = await scope.our("PUB");
      const theirSub = await scope.their("SUB");
      await scope.join(pub, theirSub);
      const there = await untilFound(core(pub), "no-subscription", { momentMs: 20 });
      assert.deepEqual([there.severity, there.peer], ["info", peerAddress(pub)]);
    });

    it("never-connected: their PULL is not there yet", async (scope) => {
      const endpoint = await scope.freeEndpoint();
      const push = await scope.our("PUSH", quick);
      await push.connect(endpoint);
      await push.send([["early"]]);
      const found = await untilFound(core(push), "never-connected", { connectMs: 60 });
      assert.deepEqual([found.endpoint, found.evidence["lastErrorCode"]], [endpoint, "ECONNREFUSED"]);
      assert.equal(found.evidence["waitingCount"], 1);
      const pull = await scope.their("PULL");
      await pull.bind(endpoint);
      assert.deepEqual(await pull.receive(1), [["'early'"]]);
      await untilTrue("no finding", () => codesOf(core(push), { connectMs: 0 }).length === 0);
    });

    it(
      "no-reply and lost-connection: their REP dies with our request",
      async (scope) => {
        const peer = scope.launch("their");
        const rep = await peer.open("REP");
        const req = await scope.our("REQ", quick);
        const endpoint = await scope.join(rep, req);
        await req.send([["ask"]]);
        assert.deepEqual(await rep.receive(1), [["'ask'"]]);
        const server = peerAddress(req);
        await peer.kill();
        const found = await untilFound(core(req), "no-reply");
        assert.deepEqual([found.severity, found.endpoint, found.peer], ["error", endpoint, server]);
        assert.equal(found.evidence["serverLeft"], true);
        const lost = await untilFound(core(req), "lost-connection", { connectMs: 40 });
        assert.deepEqual([lost.endpoint, lost.evidence["handshakeCount"]], [endpoint, 1]);
      },
      processes,
    );

    it(
      "quiet-peer: their DEALER hangs, half-open",
      async (scope) => {
        const peer = scope.launch("their");
        const dealer = await peer.open("DEALER");
        const router = await scope.our("ROUTER");
        await scope.join(router, dealer);
        await dealer.send([["hello"]]);
        assert.equal((await router.receive(1)).length, 1);
        findings(core(router));
        peer.process.freeze();
        const found = await untilFound(core(router), "quiet-peer", { quietMs: 100 });
        assert.deepEqual([found.peer, found.evidence["receivedCount"]], [peerAddress(router), 1]);
        assert.ok(Number(found.evidence["silentMs"]) >= 100);
        peer.process.thaw();
      },
      processes,
    );

    it(
      "peer-gone: their PULL dies with what waits for it",
      async (scope) => {
        const peer = scope.launch("their");
        const pull = await peer.open("PULL", { receiveHighWaterMark: 1 });
        const push = await scope.our("PUSH", { sendHighWaterMark: 100 });
        await push.bind(scope.endpoint());
        await pull.connect(core(push).lastEndpoint as string);
        await untilTrue("the worker", () => core(push).peers.some((one) => one.live));
        peer.process.freeze();
        const worker = peerAddress(push);
        await push.flood({ count: 2000, size: 100_000, timeoutMs: 100 });
        assert.ok(core(push).stats().sent.queued > 0);
        peer.process.thaw();
        await peer.kill();
        const found = await untilFound(core(push), "peer-gone");
        await untilTrue("the worker gone", () => core(push).peers.length === 0);
        assert.deepEqual([found.severity, found.peer], ["error", worker]);
        const [last] = findings(core(push)).filter(({ code }) => code === "peer-gone");
        assert.equal(last?.evidence["droppedCount"], lostOf(core(push).stats().sent, "peer-gone"));
      },
      processes,
    );

    it(
      "unroutable: their DEALER has left",
      async (scope) => {
        const peer = scope.launch("their");
        const dealer = await peer.open("DEALER", { routingId: "client" });
        const router = await scope.our("ROUTER");
        await scope.join(router, dealer);
        await dealer.send([["ask"]]);
        assert.deepEqual(await router.receive(1), [["'client'", "'ask'"]]);
        await router.send([["client", "answer"]]);
        assert.deepEqual(codesOf(core(router)), []);
        await peer.kill();
        await until("the client gone", () => (core(router).peers.length === 0 ? true : undefined));
        await router.send([["client", "another"]]);
        const found = await untilFound(core(router), "unroutable");
        assert.deepEqual(found.evidence, { droppedCount: 1, firstId: '"client"', peerCount: 0 });
      },
      processes,
    );

    it("nothing is found about traffic that arrives", async (scope) => {
      const pub = await scope.our("PUB");
      const sub = await scope.their("SUB");
      await sub.subscribe("");
      await scope.join(pub, sub);
      await untilJoined(pub, sub);
      const push = await scope.their("PUSH");
      const pull = await scope.our("PULL");
      await scope.join(push, pull);
      await push.flood({ count: 100, size: 10 });
      assert.equal((await pull.drain(100)).count, 100);
      assert.deepEqual(codesOf(core(pull)), []);
    });
  },
  { concurrency: 4, wire: "it is about sockets in other processes" },
);
