import assert from "node:assert/strict";
import { encodeGreeting, GREETING_SIZE, GreetingReader } from "../../src/wire/greeting.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { refusalOf, type Target } from "../target.ts";

const MAJORS = [0, 1, 2, 3, 3, 3, 4, 255];

function input(random: Random): Uint8Array {
  if (random.chance(0.1)) return random.octets(random.below(80));
  const greeting = encodeGreeting(
    random.pick(["NULL", "PLAIN", "CURVE", "A".repeat(20)]),
    random.chance(0.5),
  );
  greeting[10] = random.pick(MAJORS);
  greeting[11] = random.below(256);
  return mutate(random, Uint8Array.from([...greeting, ...random.octets(random.below(10))]));
}

/** The offset of the first octet that a greeting may not have, or -1; straight from the grammar. */
function firstWrong(octets: Uint8Array): number {
  const isWrong = (octet: number, at: number) =>
    (at === 0 && octet !== 0xff) || (at === 9 && octet % 2 === 0) || (at === 10 && octet < 3);
  return octets.subarray(0, 11).findIndex(isWrong);
}

export const greeting: Target = {
  invariant:
    "takes 64 octets and no more, refuses at the first wrong octet, however cut; throws ProtocolError only",
  smokeRounds: 20_000,
  round(random) {
    const octets = input(random);
    const reader = new GreetingReader();
    let taken = 0;
    const code = refusalOf(() => {
      for (const piece of cut(random, octets)) taken += reader.receive(piece, 0, piece.length);
    });
    const wrongAt = firstWrong(octets);
    assert.equal(code, wrongAt < 0 ? undefined : "ERR_ZMTP_UNSPECIFIED");
    if (wrongAt >= 0) {
      assert.equal(reader.length, wrongAt);
      return;
    }
    assert.equal(taken, Math.min(octets.length, GREETING_SIZE));
    assert.equal(reader.isComplete, octets.length >= GREETING_SIZE);
    if (!reader.isComplete) return;
    const padded = Buffer.concat([Buffer.from(reader.mechanism, "latin1"), Buffer.alloc(20)]).subarray(0, 20);
    assert.ok(padded.equals(octets.subarray(12, 32)), "the mechanism is another one");
    assert.deepEqual(
      [reader.major, reader.minor, reader.asServer],
      [octets[10], octets[11], octets[32] === 1],
    );
  },
};
