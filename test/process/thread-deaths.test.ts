// Threads end at any instant: terminated, by process.exit(), by an error, out of memory, stuck or asleep (hostile input
// J08). The others see it within a second; nothing comes torn or twice; the process lives on, and everything is freed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { randomFrom, seedFrom } from "../unit/threads/random.ts";
import { runDeaths } from "./thread-deaths.ts";

const COUNT = 48;

test(`${COUNT} threads die under traffic`, { timeout: 120_000 }, async (t) => {
  const seed = seedFrom("DEATH_SEED");
  t.diagnostic(`seed ${seed}; DEATH_SEED runs it`);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const before = process.getActiveResourcesInfo().length;
  const { received, torn, doubled, missing, slowestMs } = await runDeaths(COUNT, 4, seed, randomFrom(seed));
  t.diagnostic(`${received} messages; an end was seen after ${slowestMs.toFixed(0)} ms at most`);
  assert.deepEqual({ torn, doubled, missing }, { torn: 0, doubled: 0, missing: 0 });
  assert.ok(received > 0);
  assert.ok(slowestMs < 5000, `${slowestMs} ms`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  collect();
  assert.ok(process.getActiveResourcesInfo().length <= before + 1, process.getActiveResourcesInfo().join());
});
