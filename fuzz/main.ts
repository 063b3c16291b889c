// `npm run fuzz -- smoke [seed]` gives every target a short run; `npm run fuzz -- <target> [seed] [rounds]` runs one of
// them. Round n of seed s is round 0 of seed s + n: a failure prints the seed that repeats it in one round.

import { chooseSeed, Random } from "./random.ts";
import type { Target } from "./target.ts";
import { command } from "./targets/command.ts";
import { curveFlight } from "./targets/curve-flight.ts";
import { curvePeer } from "./targets/curve-peer.ts";
import { decoder } from "./targets/decoder.ts";
import { engine } from "./targets/engine.ts";
import { greeting } from "./targets/greeting.ts";
import { groupDatagram } from "./targets/group-datagram.ts";
import { metadata } from "./targets/metadata.ts";
import { plain } from "./targets/plain.ts";
import { socks } from "./targets/socks.ts";
import { zap } from "./targets/zap.ts";

const targets: ReadonlyMap<string, Target> = new Map(
  Object.entries({
    greeting,
    decoder,
    metadata,
    command,
    engine,
    "curve-flight": curveFlight,
    "curve-peer": curvePeer,
    plain,
    zap,
    socks,
    "group-datagram": groupDatagram,
  }),
);

/** A busy machine gets fewer rounds, not a longer run. */
const SMOKE_MS = 4_000;

async function run(
  name: string,
  target: Target,
  seed: number,
  rounds: number,
  limitMs = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  await target.prepare?.();
  const startedMs = performance.now();
  let round = 0;
  for (; round < rounds && performance.now() - startedMs < limitMs; round++) {
    try {
      target.round(new Random(seed + round));
    } catch (error) {
      process.stdout.write(
        `FAIL ${name} in round ${round}; repeat it: npm run fuzz -- ${name} ${seed + round} 1\n`,
      );
      process.stdout.write(
        `     ${target.invariant}\n${error instanceof Error ? error.stack : String(error)}\n`,
      );
      return false;
    }
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  process.stdout.write(
    `ok   ${name}: ${round} rounds from seed ${seed} in ${seconds} s: ${target.invariant}\n`,
  );
  return true;
}

async function main(
  name: string | undefined,
  seedText: string | undefined,
  roundsText: string | undefined,
): Promise<boolean> {
  const seed = chooseSeed(seedText);
  if (name === "smoke") {
    let isRight = true;
    for (const [title, target] of targets)
      isRight = (await run(title, target, seed, target.smokeRounds, SMOKE_MS)) && isRight;
    return isRight;
  }
  const target = targets.get(name ?? "");
  if (target === undefined) {
    process.stderr.write(
      `fuzz: smoke [seed] | <target> [seed] [rounds]; targets: ${[...targets.keys()].join(", ")}\n`,
    );
    return false;
  }
  const rounds = roundsText === undefined ? target.smokeRounds * 10 : Number(roundsText);
  return run(name as string, target, seed, rounds);
}

const [name, seedText, roundsText] = process.argv.slice(2);
main(name, seedText, roundsText).then(
  (isRight) => {
    if (!isRight) process.exitCode = 1;
  },
  (error: unknown) => {
    process.stderr.write(`fuzz: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exitCode = 1;
  },
);
