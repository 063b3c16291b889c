/** Threads that live and die under traffic, as in test/process/thread-deaths.ts, many of them; and what is left of them. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { runDeaths } from "../../test/process/thread-deaths.ts";
import { randomFrom } from "../../test/unit/threads/random.ts";
import { answer, option } from "./control.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

interface Held {
  readonly resources: number;
  readonly mebibytes: number;
}

/** What the process holds when it has nothing to do. */
async function held(): Promise<Held> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    collect();
  }
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return {
    resources: process.getActiveResourcesInfo().length,
    mebibytes: (heapUsed + Math.max(arrayBuffers, external)) / 2 ** 20,
  };
}

export async function deaths(): Promise<void> {
  const count = Number(option("count", "2000"));
  const seed = Number(option("seed", "1"));
  // The first threads make what all later ones use.
  const random = randomFrom(seed);
  await runDeaths(10, 4, seed, random);
  const before = await held();
  const startMs = performance.now();
  const counts = await runDeaths(count, 4, seed, random);
  const seconds = (performance.now() - startMs) / 1000;
  const after = await held();
  answer("result", {
    ...counts,
    seconds,
    resources: after.resources - before.resources,
    mebibytes: after.mebibytes - before.mebibytes,
  });
}
