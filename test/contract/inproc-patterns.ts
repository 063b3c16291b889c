// Behaviours of inproc: what the types of sockets make of peers that come, are slow, and go.

import assert from "node:assert/strict";
import { assertLaw, codeOf, lostOf } from "../peers/sockets.ts";
import { eventually, settle } from "./inproc-sides.ts";
import type { Behaviours } from "./inproc-world.ts";

export const PATTERNS: Behaviours = {
  "a PAIR refuses a second peer, keeps its first, and takes another when it is free": async (world) => {
    const [binder, first] = [await world.binder("Pair"), await world.connector("Pair")];
    const endpoint = await world.join(binder, first);
    for (const second of [
      await world.connector("Pair", { sendTimeout: 30 }),
      await world.binder("Pair", { sendTimeout: 30 }),
    ]) {
      await second.connect(endpoint);
      await second.hasPeers(0);
      assert.equal(await codeOf(second.send("x")), "EAGAIN");
    }
    await first.send("still here");
    assert.deepEqual(await binder.receive(), ["still here"]);
    await binder.send("and heard");
    assert.deepEqual(await first.receive(), ["and heard"]);
    assert.equal((await binder.peers()).length, 1);
    await first.close();
    await binder.hasPeers(0);
    const third = await world.connector("Pair");
    await third.connect(endpoint);
    await third.send("the next");
    assert.deepEqual(await binder.receive(), ["the next"]);
  },

  "a PAIR that has its peer connects to no other": async (world) => {
    const [binder, connector] = [await world.binder("Pair"), await world.connector("Pair")];
    await world.join(binder, connector);
    await assert.rejects(connector.connect(world.name()), { code: "EINVAL" });
    await connector.send("unharmed");
    assert.deepEqual(await binder.receive(), ["unharmed"]);
  },

  "a mandatory ROUTER knows who is there and who left (libzmq behaviour B37)": async (world) => {
    const router = await world.binder("Router", { mandatory: true });
    const dealer = await world.connector("Dealer", { routingId: "guest" });
    await assert.rejects(router.send(["guest", "too early"]), { code: "EHOSTUNREACH" });
    await world.join(router, dealer);
    await router.send(["guest", "hello"]);
    await assert.rejects(router.send(["stranger", "hello"]), { code: "EHOSTUNREACH" });
    assert.deepEqual(await dealer.receive(), ["hello"]);
    await dealer.send("last words");
    await dealer.close();
    await eventually(
      "gone",
      async () => (await codeOf(router.send(["guest", "anybody?"]))) === "EHOSTUNREACH",
    );
    assert.deepEqual(await router.receive(), ["guest", "last words"]);
    await router.hasPeers(0);
    assertLaw(await router.stats());
  },

  "a ROUTER drops and counts what nobody can get": async (world) => {
    const router = await world.binder("Router", { sendHighWaterMark: 3 });
    const dealer = await world.connector("Dealer", { routingId: "slow", receiveHighWaterMark: 2 });
    await world.join(router, dealer);
    for (let i = 0; i < 12; i++) await router.send(["slow", `${i}`]);
    await router.send(["nobody", "lost"]);
    assert.deepEqual(await dealer.receiveCount(5), ["0", "1", "2", "3", "4"]);
    const { sent } = await router.stats();
    assert.deepEqual(
      [sent.accepted, sent.delivered, sent.dropped.hwm, sent.dropped.unroutable],
      [13, 5, 7, 1],
    );
    assertLaw(await router.stats());
    assert.equal((await dealer.stats()).received.accepted, 12);
  },

  "a mandatory ROUTER waits for a full peer (libzmq behaviour B43)": async (world) => {
    const router = await world.connector("Router", { mandatory: true, sendHighWaterMark: 3 });
    const dealer = await world.binder("Dealer", { routingId: "slow", receiveHighWaterMark: 2 });
    await world.join(dealer, router);
    for (let i = 0; i < 5; i++) await router.send(["slow", `${i}`]);
    await router.do("set", { sendTimeout: 0 });
    assert.equal(await codeOf(router.send(["slow", "x"])), "EAGAIN");
    await router.do("set", { sendTimeout: 5000 });
    const waiting = router.send(["slow", "5"]);
    assert.deepEqual(await dealer.receiveCount(6), ["0", "1", "2", "3", "4", "5"]);
    await waiting;
    assert.equal(lostOf((await router.stats()).sent), 0);
  },

  "a publisher at its mark drops for the slow subscriber alone, and counts it": async (world) => {
    const pub = await world.binder("Publisher", { sendHighWaterMark: 5 });
    const [slow, quick] = [
      await world.connector("Subscriber", { receiveHighWaterMark: 5 }),
      await world.connector("Subscriber"),
    ];
    const idle = await world.binder("Subscriber", { receiveHighWaterMark: 5 });
    const endpoint = world.name();
    for (const sub of [slow, quick, idle]) await sub.do("subscribe", [""]);
    if (world.isBoundFirst) await pub.bind(endpoint);
    for (const sub of [slow, quick, idle]) await sub.connect(endpoint);
    if (!world.isBoundFirst) await pub.bind(endpoint);
    await pub.do("waitForSubscribers", 3, undefined, 5000);
    for (let i = 0; i < 100; i++) {
      await pub.send(`${i}`);
      assert.deepEqual(await quick.receive(), [`${i}`]);
    }
    for (const sub of [slow, idle]) {
      assert.deepEqual(
        await sub.receiveCount(10),
        Array.from({ length: 10 }, (_, i) => `${i}`),
      );
      assert.equal(await sub.tryReceive(), undefined);
    }
    const stats = await pub.stats();
    assertLaw(stats);
    assert.deepEqual([stats.sent.accepted, stats.sent.delivered, stats.sent.dropped.hwm], [300, 120, 180]);
  },

  "a publisher without drops waits for its slowest subscriber (libzmq behaviour B8)": async (world) => {
    const pub = await world.binder("XPublisher", { noDrop: true, sendHighWaterMark: 20 });
    const sub = await world.connector("Subscriber", { receiveHighWaterMark: 20 });
    await sub.do("subscribe", [""]);
    await world.join(pub, sub);
    await pub.do("waitForSubscribers", 1, undefined, 5000);
    const sending = pub.do("sendMany", 1000);
    assert.deepEqual(
      await sub.receiveCount(1000),
      Array.from({ length: 1000 }, (_, i) => `${i}`),
    );
    await sending;
    assert.equal(lostOf((await pub.stats()).sent), 0);
  },

  "subscribers are waited for by number, and by a topic that they would get": async (world) => {
    const pub = await world.binder("Publisher");
    const [weather, sports] = [await world.connector("Subscriber"), await world.connector("Subscriber")];
    await world.join(pub, weather);
    await assert.rejects(pub.do("waitForSubscribers", 1, undefined, 20), { code: "EAGAIN" });
    const waiting = pub.do("waitForSubscribers", 1, "weather/today", 5000);
    await weather.do("subscribe", ["weather/"]);
    await waiting;
    await assert.rejects(pub.do("waitForSubscribers", 1, "sports/today", 20), { code: "EAGAIN" });
    await sports.do("subscribe", ["sports/"]);
    await world.join(pub, sports);
    await pub.do("waitForSubscribers", 2, undefined, 5000);
    await pub.send("sports/today");
    await pub.send("weather/today");
    assert.deepEqual(await sports.receive(), ["sports/today"]);
    assert.deepEqual(await weather.receive(), ["weather/today"]);
    await weather.do("unsubscribe", ["weather/"]);
    await eventually(
      "one",
      async () => (await codeOf(pub.do("waitForSubscribers", 2, undefined, 0))) === "EAGAIN",
    );
  },

  "an XPUB hears of topics as its options say (libzmq behaviours B53, B54, B56)": async (world) => {
    const a = "\x01a";
    const end = "\0a";
    for (const [verbosity, expected] of [
      [null, [a, end]],
      ["allSubs", [a, a, end]],
      ["allSubsUnsubs", [a, a, end, end]],
    ] as const) {
      const xpub = await world.binder("XPublisher", { verbosity });
      const [first, second] = [await world.connector("Subscriber"), await world.connector("Subscriber")];
      await world.join(xpub, first);
      await world.join(xpub, second);
      await first.do("subscribe", ["a"]);
      await eventually(
        "the first",
        async () => (await codeOf(xpub.do("waitForSubscribers", 1, "a", 0))) === "resolved",
      );
      await second.do("subscribe", ["a"]);
      await xpub.do("waitForSubscribers", 2, "a", 5000);
      await first.do("unsubscribe", ["a"]);
      // Whoever leaves cancels what it wanted.
      await second.close();
      assert.deepEqual(await xpub.receiveCount(expected.length), expected);
      await settle();
      assert.equal(await xpub.tryReceive(), undefined);
    }
  },

  "an XPUB in manual mode decides for the peer whose message it received last (libzmq behaviour B57)": async (
    world,
  ) => {
    const xpub = await world.binder("XPublisher", { manual: true });
    const [first, second] = [await world.connector("Subscriber"), await world.connector("Subscriber")];
    await world.join(xpub, first);
    await first.do("subscribe", ["a", "first"]);
    assert.deepEqual(await xpub.receiveCount(2), ["\x01a", "\x01first"]);
    await xpub.do("subscribe", ["first"]);
    await world.join(xpub, second);
    await second.do("subscribe", ["a", "second"]);
    assert.deepEqual(await xpub.receiveCount(2), ["\x01a", "\x01second"]);
    await xpub.do("subscribe", ["second", "a"]);
    for (const topic of ["a", "first", "second"]) await xpub.send(topic);
    assert.deepEqual(await first.receive(), ["first"]);
    assert.deepEqual(await second.receiveCount(2), ["a", "second"]);
    await settle();
    assert.equal(await first.tryReceive(), undefined);
  },

  "what an XSUB sends comes behind what it subscribed to before": async (world) => {
    for (let round = 0; round < 5; round++) {
      const [xpub, xsub] = [await world.binder("XPublisher"), await world.connector("XSubscriber")];
      const endpoint = world.name();
      if (world.isBoundFirst) await xpub.bind(endpoint);
      await xsub.send("\x01early");
      await xsub.connect(endpoint);
      await xsub.send("\x01topic");
      await xsub.send("give me all of topic");
      if (!world.isBoundFirst) await xpub.bind(endpoint);
      assert.deepEqual(await xpub.receiveCount(3), ["\x01early", "\x01topic", "give me all of topic"]);
      await xsub.send("\0topic");
      assert.deepEqual(await xpub.receive(), ["\0topic"]);
      await settle();
      assert.equal(await xpub.tryReceive(), undefined, "nothing is told twice");
    }
  },

  "a reply to a requester that left is counted, and the next request is served": async (world) => {
    const rep = await world.binder("Reply");
    const [hasty, patient] = [await world.connector("Request"), await world.connector("Request")];
    const endpoint = await world.join(rep, hasty);
    await hasty.send("hasty");
    assert.deepEqual(await rep.receive(), ["hasty"]);
    await hasty.close();
    await rep.hasPeers(0);
    await rep.send("too late");
    await patient.connect(endpoint);
    await patient.send("patient");
    assert.deepEqual(await rep.receive(), ["patient"]);
    await rep.send("answer");
    assert.deepEqual(await patient.receive(), ["answer"]);
    assertLaw(await rep.stats());
    assert.equal(lostOf((await rep.stats()).sent), 1);
  },
};
