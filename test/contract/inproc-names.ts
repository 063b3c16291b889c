// Behaviours of inproc: who has a name, and who is joined to whom.

import assert from "node:assert/strict";
import { codeOf } from "../peers/sockets.ts";
import type { Sock } from "./inproc-sides.ts";
import { eventually, settle } from "./inproc-sides.ts";
import type { Behaviours } from "./inproc-world.ts";

async function assertTalks(from: Sock, to: Sock, text: string): Promise<void> {
  await from.send(text);
  assert.deepEqual(await to.receive(), [text]);
}

export const NAMES: Behaviours = {
  "a name that is taken is EADDRINUSE for everybody, and free after unbind and close (libzmq behaviour B84)":
    async (world) => {
      const [first, second] = [await world.binder("Pull"), await world.connector("Pull")];
      const endpoint = world.name();
      await first.bind(endpoint);
      for (const other of [first, second, await world.binder("Pull")])
        await assert.rejects(other.bind(endpoint), { code: "EADDRINUSE" });
      assert.equal(await second.do("lastEndpoint"), null);
      assert.equal(await codeOf(second.do("unbind", endpoint)), "ENOENT");
      await first.do("unbind", endpoint);
      assert.equal(await codeOf(first.do("unbind", endpoint)), "ENOENT");
      await second.bind(endpoint);
      await assert.rejects(first.bind(endpoint), { code: "EADDRINUSE" });
      await second.close();
      await first.bind(endpoint);
    },

  "unbind keeps the connections, and the next owner of the name has none of them (libzmq behaviour B26)":
    async (world) => {
      const [binder, connector] = [await world.binder("Dealer"), await world.connector("Dealer")];
      const endpoint = await world.join(binder, connector);
      await binder.do("unbind", endpoint);
      const next = await world.connector("Dealer");
      await next.bind(endpoint);
      await assertTalks(connector, binder, "still joined");
      await assertTalks(binder, connector, "both ways");
      await settle();
      assert.deepEqual(await next.peers(), []);
      const late = await world.binder("Dealer");
      await late.connect(endpoint);
      await assertTalks(late, next, "to the next owner");
      assert.equal((await binder.peers()).length, 1);
    },

  "a name that goes from side to side takes along who waits for it, in the order of connecting": async (
    world,
  ) => {
    const endpoint = world.name();
    for (let round = 0; round < 4; round++) {
      const waiting = [];
      for (let i = 0; i < 4; i++) {
        const push = await (i % 2 === 0 ? world.connector("Push") : world.binder("Push"));
        await push.connect(endpoint);
        await push.send(`${i}`);
        waiting.push(push);
      }
      const pull = await (round % 2 === 0 ? world.binder("Pull") : world.connector("Pull"));
      await pull.bind(endpoint);
      assert.deepEqual((await pull.receiveCount(4)).sort(), ["0", "1", "2", "3"]);
      for (const push of waiting) await push.close();
      await pull.hasPeers(0);
      await pull.do("unbind", endpoint);
    }
  },

  "a connection whose peer left is over: the next owner of the name is another matter": async (world) => {
    const push = await world.connector("Push", { sendTimeout: 0 });
    const endpoint = world.name();
    for (let round = 0; round < 3; round++) {
      const pull = await world.binder("Pull");
      await pull.bind(endpoint);
      await push.connect(endpoint);
      await push.do("waitForPeers", 1, 5000);
      await assertTalks(push, pull, `round ${round}`);
      await pull.close();
      await push.hasPeers(0);
      assert.equal(await codeOf(push.send("x")), "EAGAIN");
    }
    assert.equal(await codeOf(push.do("disconnect", endpoint)), "ENOENT");
  },

  "who connects twice is joined twice, or once where the type says so; one call ends all (libzmq behaviour B82)":
    async (world) => {
      for (const [binds, connects, count] of [
        ["Pull", "Push", 2],
        ["Router", "Dealer", 1],
        ["Publisher", "Subscriber", 1],
      ] as const) {
        const [binder, connector] = [await world.binder(binds), await world.connector(connects)];
        const endpoint = world.name();
        if (world.isBoundFirst) await binder.bind(endpoint);
        await connector.connect(endpoint);
        await connector.connect(endpoint);
        if (!world.isBoundFirst) await binder.bind(endpoint);
        await binder.do("waitForPeers", count, 5000);
        await settle();
        assert.equal((await binder.peers()).length, count);
        await connector.do("disconnect", endpoint);
        await Promise.all([binder.hasPeers(0), connector.hasPeers(0)]);
      }
    },

  "peers know of each other what there is to know (libzmq behaviour B25)": async (world) => {
    const binder = await world.binder("Router", { routingId: "the binder" });
    const connector = await world.connector("Dealer", { routingId: "the connector" });
    const endpoint = await world.join(binder, connector);
    const show = async (sock: Sock) =>
      (await sock.peers()).map((peer) => [
        peer.endpoint,
        peer.socketType,
        Buffer.from(peer.routingId).toString(),
        peer.outgoing,
        peer.live,
      ]);
    assert.deepEqual(await show(binder), [[endpoint, "DEALER", "the connector", false, true]]);
    assert.deepEqual(await show(connector), [[endpoint, "ROUTER", "the binder", true, true]]);
  },

  "waitForPeers waits for so many, until its time is over": async (world) => {
    const [binder, first] = [await world.binder("Pull"), await world.connector("Push")];
    const endpoint = await world.join(binder, first);
    await assert.rejects(binder.do("waitForPeers", 2, 20), { code: "EAGAIN" });
    const waiting = binder.do("waitForPeers", 2, 5000);
    const second = await world.connector("Push");
    await second.connect(endpoint);
    await waiting;
    await first.close();
    await binder.hasPeers(1);
    await assert.rejects(binder.do("waitForPeers", 2, 20), { code: "EAGAIN" });
  },

  "there is nothing to tell of connections but names": async (world) => {
    const [binder, connector] = [await world.binder("Pull"), await world.connector("Push")];
    const endpoint = await world.join(binder, connector);
    await assertTalks(connector, binder, "hello");
    await binder.do("unbind", endpoint);
    await Promise.all([binder.close(), connector.close()]);
    const seen = async (sock: Sock) => (await sock.do("events")) as string[];
    await eventually(
      "the end",
      async () => (await seen(binder)).includes("end") && (await seen(connector)).includes("end"),
    );
    assert.deepEqual(await seen(binder), ["bind", "close", "end"]);
    assert.deepEqual(await seen(connector), ["end"]);
  },

  "peers of both sides share a binder: load is balanced, and queues are served in turn": async (world) => {
    const push = await world.binder("Push");
    const workers = [
      await world.connector("Pull"),
      await world.binder("Pull"),
      await world.connector("Pull"),
    ];
    const endpoint = world.name();
    if (world.isBoundFirst) await push.bind(endpoint);
    for (const worker of workers) await worker.connect(endpoint);
    if (!world.isBoundFirst) await push.bind(endpoint);
    await push.do("waitForPeers", 3, 5000);
    assert.equal(await push.fill(300), 300);
    const shares = await Promise.all(workers.map((worker) => worker.receiveCount(100)));
    assert.equal(new Set(shares.flat()).size, 300);

    const sink = await world.binder("Pull");
    const sinkEndpoint = world.name();
    await sink.bind(sinkEndpoint);
    const sources = [
      await world.connector("Push"),
      await world.binder("Push"),
      await world.connector("Push"),
    ];
    for (const [index, source] of sources.entries()) {
      await source.connect(sinkEndpoint);
      await source.fill(20, 1000 * index);
    }
    await eventually("all is there", async () => (await sink.stats()).received.queued === 60);
    const turns = (await sink.receiveCount(60)).map((text) => Math.floor(Number(text) / 1000));
    for (const index of [0, 1, 2]) assert.ok(turns.indexOf(index) < 5, `${index} had to wait: ${turns}`);
  },

  "the end of the context ends what waits, on both sides": async (world) => {
    const [binder, connector] = [
      await world.binder("Pull"),
      await world.connector("Push", { sendHighWaterMark: 1 }),
    ];
    await world.join(binder, connector);
    const idle = await world.binder("Dealer");
    const lonely = await world.connector("Dealer");
    const waits = [idle, lonely].map((sock) => codeOf(sock.do("receiveAny")));
    const sends = [idle, lonely].map((sock) => codeOf(sock.send("to nobody")));
    await settle();
    await world.context.terminate();
    assert.deepEqual(await Promise.all(waits), ["ETERM", "ETERM"]);
    assert.deepEqual(await Promise.all(sends), ["ETERM", "ETERM"]);
    for (const sock of [binder, connector, idle, lonely]) assert.equal(await sock.do("closed"), true);
  },
};
