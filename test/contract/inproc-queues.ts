// Behaviours of inproc: what a queue takes, and where its messages are in the end.

import assert from "node:assert/strict";
import { assertLaw, codeOf, lostOf } from "../peers/sockets.ts";
import type { Sock } from "./inproc-sides.ts";
import { eventually, settle } from "./inproc-sides.ts";
import type { Behaviours, World } from "./inproc-world.ts";

/** Both ways round: a PUSH that connects, and one that is bound. */
async function bothWays(
  world: World,
  options: readonly [push: object, pull: object],
  run: (push: Sock, pull: Sock) => Promise<void>,
): Promise<void> {
  const connected = await world.connector("Push", options[0]);
  const bound = await world.binder("Pull", options[1]);
  await world.join(bound, connected);
  await run(connected, bound);
  const binder = await world.binder("Push", options[0]);
  const connector = await world.connector("Pull", options[1]);
  await world.join(binder, connector);
  await run(binder, connector);
}

const numbers = (count: number, start = 0): string[] =>
  Array.from({ length: count }, (_, i) => `${start + i}`);

/** There is room for so many, once it is heard of. */
async function fills(push: Sock, count: number): Promise<void> {
  let sent = 0;
  await eventually(`room for ${count}`, async () => {
    sent += await push.fill(count - sent);
    return sent === count;
  });
  const { sendHighWaterMark } = (await push.peers())[0]!;
  if (sendHighWaterMark > 0) assert.equal(await push.fill(1), 0, "and no more");
}

/** What the sender counts is what the receiver counts, and both keep the law. */
async function assertSameCounts(sender: Sock, receiver: Sock): Promise<void> {
  const [from, to] = [await sender.stats(), await receiver.stats()];
  assertLaw(from);
  assertLaw(to);
  assert.deepEqual(from.sent, to.received);
}

export const QUEUES: Behaviours = {
  "a queue takes the sum of both marks, no more and no less (libzmq behaviours B1, B3)": async (world) => {
    for (const [sendHighWaterMark, receiveHighWaterMark] of [
      [1000, 1000],
      [1, 1],
      [2, 2],
      [10, 1],
      [1, 30],
    ] as const) {
      const sum = sendHighWaterMark + receiveHighWaterMark;
      await bothWays(world, [{ sendHighWaterMark }, { receiveHighWaterMark }], async (push, pull) => {
        assert.equal(await push.fill(), sum);
        assert.equal((await push.peers())[0]?.sendHighWaterMark, sum);
        assert.equal((await pull.peers())[0]?.receiveHighWaterMark, sum);
        assert.deepEqual(await pull.receiveCount(sum), numbers(sum));
        await eventually("room for one more", async () => (await push.do("trySend", "one more")) === true);
        await assertSameCounts(push, pull);
      });
    }
  },

  "there is no limit if either side has none (libzmq behaviour B2)": async (world) => {
    for (const [sendHighWaterMark, receiveHighWaterMark] of [
      [1, 0],
      [0, 1],
    ] as const) {
      await bothWays(world, [{ sendHighWaterMark }, { receiveHighWaterMark }], async (push, pull) => {
        assert.equal(await push.fill(5000), 5000);
        await pull.receiveCount(10);
        await assertSameCounts(push, pull);
      });
    }
  },

  "before there is a binder the connector's own mark counts, then the sum (libzmq behaviour B4)": async (
    world,
  ) => {
    const push = await world.connector("Push", { sendHighWaterMark: 10 });
    const endpoint = world.name();
    await push.connect(endpoint);
    assert.equal(await push.fill(), 10);
    const pull = await world.binder("Pull", { receiveHighWaterMark: 1 });
    await pull.bind(endpoint);
    await push.do("waitForPeers", 1, 5000);
    assert.equal(await push.fill(100, 10), 1);
    assert.deepEqual(await pull.receiveCount(11), numbers(11));
    await assertSameCounts(push, pull);
  },

  "a new mark counts for the peers that are there, whichever side sets it (libzmq behaviour B5)": async (
    world,
  ) => {
    await bothWays(world, [{ sendHighWaterMark: 2 }, { receiveHighWaterMark: 2 }], async (push, pull) => {
      assert.equal(await push.fill(), 4);
      await push.do("set", { sendHighWaterMark: 5 });
      assert.equal(await push.fill(), 3);
      await pull.do("set", { receiveHighWaterMark: 10 });
      await fills(push, 8);
      await pull.do("set", { receiveHighWaterMark: 0 });
      await fills(push, 500);
      await pull.receiveCount(515);
      await assertSameCounts(push, pull);
    });
  },

  "a lower mark drops nothing that is queued (libzmq behaviour B6)": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 100 }, { receiveHighWaterMark: 1 }], async (push, pull) => {
      assert.equal(await push.fill(), 101);
      await push.do("set", { sendHighWaterMark: 70 });
      assert.equal(await push.do("trySend", "x"), false);
      assert.deepEqual(await pull.receiveCount(101), numbers(101));
      await eventually("room", async () => (await push.do("writable")) === true);
      const more = await push.fill();
      assert.ok(more >= 35 && more <= 71, `${more}`);
      await assertSameCounts(push, pull);
    });
  },

  "a send that waits goes on when the other side raises its mark": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 1 }, { receiveHighWaterMark: 1 }], async (push, pull) => {
      assert.equal(await push.fill(), 2);
      const waiting = push.send("waits");
      await settle();
      await pull.do("set", { receiveHighWaterMark: 10 });
      await waiting;
      assert.equal(await push.fill(), 8);
    });
  },

  "a full queue takes messages again after half of them were read, no sooner": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 10 }, { receiveHighWaterMark: 10 }], async (push, pull) => {
      assert.equal(await push.fill(), 20);
      let isSent = false;
      const waiting = push.send("waits").then(() => {
        isSent = true;
      });
      await pull.receiveCount(9);
      await settle();
      assert.equal(isSent, false);
      await pull.receiveCount(1);
      await waiting;
      assert.equal(await push.fill(), 9);
      assert.equal((await pull.receiveCount(20)).length, 20);
    });
  },

  "a message counts once, whatever its frames and size": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 1 }, { receiveHighWaterMark: 2 }], async (push, pull) => {
      for (const message of [Array(500).fill("x"), "x".repeat(3_000_000), ""])
        assert.equal(await push.do("trySend", message), true);
      assert.equal(await push.do("trySend", ""), false);
      assert.equal((await pull.receive()).length, 500);
      assert.equal((await pull.receive())[0]?.length, 3_000_000);
      assert.deepEqual(await pull.receive(), [""]);
      await assertSameCounts(push, pull);
    });
  },

  "sendMany goes on as the other side reads: all, once and in order": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 10 }, { receiveHighWaterMark: 10 }], async (push, pull) => {
      const sending = push.do("sendMany", 1500);
      assert.deepEqual(await pull.receiveCount(1500), numbers(1500));
      await sending;
      await assertSameCounts(push, pull);
    });
  },

  "sendTimeout and receiveTimeout are kept to": async (world) => {
    const options = [
      { sendHighWaterMark: 1, sendTimeout: 30 },
      { receiveHighWaterMark: 1, receiveTimeout: 30 },
    ] as const;
    await bothWays(world, options, async (push, pull) => {
      assert.equal(await codeOf(pull.do("receiveAny")), "EAGAIN");
      assert.equal(await push.fill(), 2);
      assert.equal(await codeOf(push.send("x")), "EAGAIN");
      assert.deepEqual(await pull.receiveCount(2), ["0", "1"]);
      assert.equal(await codeOf(pull.do("receiveAny")), "EAGAIN");
    });
  },

  "a receive that waits is served by a peer that comes later, a send that waits too": async (world) => {
    const [left, right] = [await world.connector("Dealer"), await world.binder("Dealer")];
    const calls = [left.send("ping"), right.do("receive"), right.send("pong"), left.do("receive")];
    await settle();
    await world.join(right, left);
    assert.deepEqual(await Promise.all(calls), [undefined, ["ping"], undefined, ["pong"]]);
  },

  "readable and writable tell how things are": async (world) => {
    await bothWays(world, [{ sendHighWaterMark: 1 }, { receiveHighWaterMark: 1 }], async (push, pull) => {
      assert.deepEqual([await push.do("writable"), await pull.do("readable")], [true, false]);
      await push.fill();
      await eventually("readable", async () => (await pull.do("readable")) === true);
      assert.equal(await push.do("writable"), false);
      await pull.receiveCount(2);
      await eventually("writable", async () => (await push.do("writable")) === true);
      assert.equal(await pull.do("readable"), false);
    });
  },

  "conflate keeps the newest message alone, and counts the others (libzmq behaviour B69)": async (world) => {
    for (const isSender of [true, false]) {
      // A connector that came first does not know what its binder will want.
      for (const who of world.isBoundFirst ? ["binder", "connector"] : ["connector"]) {
        const [ofBinder, ofConnector] = [{ conflate: who === "binder" }, { conflate: who === "connector" }];
        const push = await (isSender ? world.connector("Push", ofConnector) : world.binder("Push", ofBinder));
        const pull = await (isSender ? world.binder("Pull", ofBinder) : world.connector("Pull", ofConnector));
        await (isSender ? world.join(pull, push) : world.join(push, pull));
        assert.equal(await push.fill(20), 20);
        assert.deepEqual(await pull.receive(), ["19"]);
        assert.equal(await pull.tryReceive(), undefined);
        assert.equal((await pull.stats()).received.dropped.conflated, 19);
        await assertSameCounts(push, pull);
      }
    }
  },

  "close does not wait, whatever linger is: what was sent stays, and is counted as it is read": async (
    world,
  ) => {
    for (const linger of [0, 1000, -1]) {
      await bothWays(world, [{ linger }, {}], async (push, pull) => {
        assert.equal(await push.fill(10), 10);
        const report = await push.close();
        assert.deepEqual([report.sentCount, report.droppedCount, report.isLingerExpired], [0, 0, false]);
        assert.deepEqual([report.stats.sent.accepted, report.stats.sent.queued], [10, 10]);
        assert.deepEqual(await pull.receiveCount(10), numbers(10));
        await pull.hasPeers(0);
        await eventually("all is counted", async () => (await push.stats()).sent.delivered === 10);
        await assertSameCounts(push, pull);
      });
    }
  },

  "a socket that closed before there was a binder left its messages (libzmq behaviour B4)": async (world) => {
    const push = await world.connector("Push", { sendHighWaterMark: 3 });
    const endpoint = world.name();
    await push.connect(endpoint);
    assert.equal(await push.fill(), 3);
    assert.equal((await push.close()).stats.sent.queued, 3);
    const pull = await world.binder("Pull");
    await pull.bind(endpoint);
    assert.deepEqual(await pull.receiveCount(3), numbers(3));
    await pull.hasPeers(0);
    await assertSameCounts(push, pull);
  },

  "what a reader had not read when it closed is counted on both sides": async (world) => {
    await bothWays(world, [{}, {}], async (push, pull) => {
      assert.equal(await push.fill(10), 10);
      await pull.receiveCount(3);
      const { stats } = await pull.close();
      assert.deepEqual([stats.received.delivered, stats.received.queued, lostOf(stats.received)], [3, 0, 7]);
      await push.hasPeers(0);
      const { sent } = await push.stats();
      assert.deepEqual([sent.accepted, sent.delivered, sent.queued, lostOf(sent)], [10, 3, 0, 7]);
      await assertSameCounts(push, pull);
    });
  },

  "maxOrphans bounds what is kept of a peer that left": async (world) => {
    await bothWays(world, [{}, { maxOrphans: 4 }], async (push, pull) => {
      assert.equal(await push.fill(10), 10);
      await push.close();
      await eventually("the end", async () => (await pull.stats()).received.dropped.orphaned === 6);
      assert.deepEqual(await pull.receiveCount(4), numbers(4, 6));
      await pull.hasPeers(0);
      await assertSameCounts(push, pull);
    });
  },

  "disconnect: what was sent may be read, what was not read is counted (libzmq behaviour B136)": async (
    world,
  ) => {
    const [near, far] = [await world.connector("Dealer"), await world.binder("Dealer")];
    const endpoint = await world.join(far, near);
    assert.equal(await near.fill(5), 5);
    assert.equal(await far.fill(3), 3);
    await near.do("disconnect", endpoint);
    assert.deepEqual(await far.receiveCount(5), numbers(5));
    await Promise.all([near.hasPeers(0), far.hasPeers(0)]);
    assert.equal(lostOf((await near.stats()).received), 3);
    await assertSameCounts(near, far);
    await assertSameCounts(far, near);
  },
};
