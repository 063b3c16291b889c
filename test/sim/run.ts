import { strict as assert } from "node:assert";
import type { Random } from "../../fuzz/random.ts";
import type { Message } from "../../src/base/message.ts";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { Link } from "./link.ts";
import { drawProfile, type ProfileWishes } from "./profile.ts";
import { World } from "./world.ts";

const TYPES: readonly (readonly [SocketTypeName, SocketTypeName])[] = [
  ["PUSH", "PULL"],
  ["DEALER", "ROUTER"],
  ["PAIR", "PAIR"],
  ["XSUB", "XPUB"],
  ["XPUB", "XSUB"],
];
const SENDERS: readonly SocketTypeName[] = ["PUSH", "DEALER", "ROUTER", "PAIR", "XSUB", "XPUB"];
const FAULTY_MS = 6_000;
const HEALING_MS = 40_000;

export interface RunResult {
  readonly trace: number;
  readonly events: number;
  readonly connections: number;
  readonly delivered: number;
  readonly lost: number;
  readonly failures: number;
}

/** One simulated run: some seconds of faults, then healing, after which nothing may be left. Throws where a law breaks. */
export function simulate(seed: number, wishes: ProfileWishes = {}): RunResult {
  const world = new World(seed);
  const { random } = world;
  const profile = drawProfile(random, wishes);
  const link = new Link(world, profile, random.pick(TYPES));
  for (const index of [0, 1] as const) {
    if (SENDERS.includes(link.sides[index].type)) plan(world, link, index);
  }
  if (profile.faults.length > 0) {
    for (
      let at = world.delay(profile.faultEveryMs, FAULTY_MS);
      at < FAULTY_MS;
      at += world.delay(profile.faultEveryMs, FAULTY_MS)
    ) {
      world.after(at, () => link.fault(random.pick(profile.faults)));
    }
  }
  world.run(FAULTY_MS);
  link.isHealing = true;
  world.run(FAULTY_MS + HEALING_MS);
  link.checkConservation();
  const [first, second] = link.sides;
  if (!profile.isCorrupting) {
    for (const side of link.sides) {
      const left = side.accepted - side.delivered - side.lost;
      assert.equal(
        left,
        0,
        `liveness: ${left} of ${side.accepted} messages never came, and are not lost either`,
      );
      assert.ok(side.node.isReady, "liveness: no connection after healing");
    }
    if (profile.faults.length === 0) assert.equal(first.lost + second.lost, 0, "lost without a fault");
  }
  return {
    trace: world.trace,
    events: world.eventCount,
    connections: link.connectionCount,
    delivered: first.delivered + second.delivered,
    lost: first.lost + second.lost,
    failures: link.failures.length,
  };
}

/** Spreads a side's messages over the faulty time. */
function plan(world: World, link: Link, index: 0 | 1): void {
  const { random } = world;
  const count = random.pick([1, 20, 150]);
  for (let i = 0; i < count; i++) {
    const message = drawMessage(random, link.sides[index].type);
    world.after(random.below(FAULTY_MS), () => link.send(index, message));
  }
}

function drawMessage(random: Random, type: SocketTypeName): Message {
  const frames = Array.from({ length: random.chance(0.7) ? 1 : random.between(2, 5) }, () =>
    random.octets(drawSize(random)),
  );
  // Half of what an XSUB sends are subscriptions, which travel as commands.
  if (type === "XSUB" && random.chance(0.5))
    return [Uint8Array.from([random.below(2), ...(frames[0] as Uint8Array)])];
  return frames;
}

function drawSize(random: Random): number {
  return random.chance(0.02)
    ? random.between(10_000, 40_000)
    : random.chance(0.2)
      ? random.below(2_000)
      : random.below(40);
}
