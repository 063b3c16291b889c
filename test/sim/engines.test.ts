import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed } from "../../fuzz/random.ts";
import { type RunResult, simulate } from "./run.ts";

// Two engines on a simulated clock and wire. A failure names its seed; `SEED=n` starts from there.

const seed = chooseSeed(process.env.SEED);
const rounds = Number(process.env.ROUNDS ?? 80);

type Wishes = Parameters<typeof simulate>[1];

function simulateMany(first: number, count: number, wishes: Wishes): RunResult[] {
  return Array.from({ length: count }, (_, round) => {
    try {
      return simulate(first + round, wishes);
    } catch (error) {
      throw new Error(`SEED=${first + round} ROUNDS=1: ${(error as Error).message}`, { cause: error });
    }
  });
}

function sum(results: readonly RunResult[], key: keyof RunResult): number {
  return results.reduce((total, result) => total + result[key], 0);
}

test("a swarm of faults: order, whole messages, counted losses, no early traffic, then everything heals", (t) => {
  const results = simulateMany(seed, rounds, {});
  const counts = (["connections", "delivered", "lost", "failures", "events"] as const).map(
    (key) => `${key} ${sum(results, key)}`,
  );
  t.diagnostic(`SEED=${seed}: ${counts.join(", ")}`);
  // A swarm that never delivers, never loses and never reconnects tests nothing.
  if (rounds >= 80) {
    for (const key of ["delivered", "lost", "failures"] as const) assert.ok(sum(results, key) > 0, key);
    assert.ok(sum(results, "connections") > rounds);
  }
});

test("without faults nothing is lost and no peer is given up", () => {
  const results = simulateMany(seed, Math.min(rounds, 25), { faults: [], heartbeats: true });
  assert.equal(sum(results, "lost"), 0);
  assert.equal(sum(results, "failures"), 0);
  assert.equal(sum(results, "connections"), results.length);
});

test("a wire that falls silent is found out within interval and timeout, no sooner than the timeout", () => {
  const results = simulateMany(seed, Math.min(rounds, 25), {
    faults: ["silence"],
    heartbeats: true,
    stops: false,
  });
  assert.ok(sum(results, "failures") > 0);
});

test("changed octets never throw, and nothing is delivered before a handshake", () => {
  const results = simulateMany(seed, Math.min(rounds, 30), { planted: "corrupt" });
  assert.ok(sum(results, "failures") > 0);
});

test("the same seed gives the same run", () => {
  for (let round = 0; round < 3; round++) assert.deepEqual(simulate(seed + round), simulate(seed + round));
  assert.notEqual(simulate(seed).trace, simulate(seed + 1).trace);
});

for (const planted of ["lose", "duplicate", "reorder"] as const) {
  test(`the laws notice a wire that should ${planted} octets`, () => {
    let noticed = 0;
    for (let round = 0; round < 20; round++) {
      try {
        simulate(round, { planted, faults: [] });
      } catch {
        noticed++;
      }
    }
    assert.ok(noticed > 10, `noticed in ${noticed} of 20 runs`);
  });
}
