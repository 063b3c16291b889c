// What sockets promise over inproc, in one thread and with the peers in two, either side bound, either side first.

import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import type { FlowStats } from "../../src/index.ts";
import { assertLaw } from "../peers/sockets.ts";
import type { Parting } from "./inproc-ends.ts";
import { ENDS } from "./inproc-ends.ts";
import { NAMES } from "./inproc-names.ts";
import { PATTERNS } from "./inproc-patterns.ts";
import { QUEUES } from "./inproc-queues.ts";
import type { Sock } from "./inproc-sides.ts";
import { eventually } from "./inproc-sides.ts";
import type { Place, Way } from "./inproc-world.ts";
import { dismiss, PLACES, World } from "./inproc-world.ts";

const seed = chooseSeed(process.env.SEED);
const limits = { timeout: 30_000 };
/** Most of the time is waiting. */
const concurrency = 4;

after(dismiss);

for (const place of Object.keys(PLACES) as Place[]) {
  for (const isBoundFirst of [true, false]) {
    describe(`${place}, ${isBoundFirst ? "bind" : "connect"} first`, { concurrency }, () => {
      for (const [title, behaviour] of Object.entries({ ...QUEUES, ...NAMES, ...PATTERNS })) {
        test(title, limits, async (t) => await behaviour(new World(t, place, isBoundFirst)));
      }
      test(`whatever comes and goes, both sides count the same (seed ${seed})`, limits, async (t) => {
        await comeAndGo(new World(t, place, isBoundFirst), new Random(seed));
      });
    });
  }

  const ways: readonly Way[] = PLACES[place] === null ? ["close"] : ["close", "exit", "terminate"];
  for (const way of ways) {
    describe(`${place}, which ends with ${way}`, { concurrency }, () => {
      for (const [title, behaviour] of Object.entries(ENDS)) {
        test(
          title,
          limits,
          async (t) => await behaviour(partingIn(new World(t, place, true, way !== "close"), way)),
        );
      }
    });
  }
}

function partingIn(world: World, way: Way): Parting {
  const isBinderGone = PLACES[world.place] === "binder";
  const [stays, goes] = isBinderGone
    ? (["connector", "binder"] as const)
    : (["binder", "connector"] as const);
  return {
    world,
    way,
    stays: (type, options) => world.open(stays, type, options),
    goes: (type, options) => world.open(goes, type, options),
    join: (one, other) => (isBinderGone ? world.join(other, one) : world.join(one, other)),
  };
}

/** Sockets of both sides at random: they bind, connect, send, read, change their marks, leave. In the end all is counted. */
async function comeAndGo(world: World, random: Random): Promise<void> {
  const names = [world.name(), world.name()];
  const all: Sock[] = [];
  const open: { sock: Sock; isBound: boolean; name: string }[] = [];
  const addOne = async (): Promise<void> => {
    const isBound = random.chance(0.5);
    const sock = await world.open(random.pick(["binder", "connector"] as const), "Dealer", {
      sendHighWaterMark: random.below(4) * 3,
      receiveHighWaterMark: random.below(4) * 3,
    });
    all.push(sock);
    const name = random.pick(names);
    open.push({ sock, isBound, name });
    if (!isBound) await sock.connect(name);
    else await sock.bind(name).catch((error: { code?: string }) => assert.equal(error.code, "EADDRINUSE"));
  };
  for (let i = 0; i < 6; i++) await addOne();
  for (let step = 0; step < 400; step++) {
    const index = random.below(open.length);
    const { sock, isBound, name } = open[index]!;
    const dice = random.below(100);
    if (dice < 45) await sock.fill(random.between(1, 8));
    else if (dice < 70) for (const one of open) await one.sock.do("drain", random.below(10));
    else if (dice < 80) await sock.do("drain", 100);
    else if (dice < 85) await sock.do("set", { sendHighWaterMark: random.below(10) });
    else if (dice < 90) await sock.do("set", { receiveHighWaterMark: random.below(10) });
    else if (dice < 94 && !isBound) {
      await sock
        .do("disconnect", name)
        .catch((error: { code?: string }) => assert.equal(error.code, "ENOENT"));
      await sock.connect(name);
    } else if (dice < 97) {
      open.splice(index, 1);
      await sock.close();
      await addOne();
    } else if (open.length < 9) await addOne();
    assertLaw(await sock.stats(), `step ${step}`);
  }
  for (const { sock } of open) await sock.close();
  const total = async () => {
    const stats = await Promise.all(all.map((sock) => sock.stats()));
    for (const one of stats) assertLaw(one);
    return [sumOf(stats.map(({ sent }) => sent)), sumOf(stats.map(({ received }) => received))] as const;
  };
  // What was left at a name that nobody binds any more waits for ever.
  const heirs: Sock[] = [];
  for (const name of names) {
    const heir = await world.binder("Dealer", { linger: 0 });
    all.push(heir);
    heirs.push(heir);
    await heir.bind(name);
  }
  await eventually("the same counts", async () => {
    for (const heir of heirs) await heir.do("drain", 10_000);
    const [sent, received] = await total();
    return sent.queued === 0 && received.queued === 0 && JSON.stringify(sent) === JSON.stringify(received);
  }).catch(async (error: Error) => assert.fail(`${error.message}: ${JSON.stringify(await total())}`));
  const [sent] = await total();
  assert.ok(sent.delivered > 50, `only ${sent.delivered} messages were delivered`);
}

function sumOf(flows: readonly FlowStats[]): FlowStats & { queued: number } {
  const sum = { accepted: 0, delivered: 0, queued: 0, dropped: { ...flows[0]!.dropped } };
  for (const reason of Object.keys(sum.dropped) as (keyof typeof sum.dropped)[]) sum.dropped[reason] = 0;
  for (const flow of flows) {
    sum.accepted += flow.accepted;
    sum.delivered += flow.delivered;
    sum.queued += flow.queued;
    for (const reason of Object.keys(sum.dropped) as (keyof typeof sum.dropped)[])
      sum.dropped[reason] += flow.dropped[reason];
  }
  return sum;
}
