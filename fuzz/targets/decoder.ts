import assert from "node:assert/strict";
import { decodePieces, randomFrames, randomLimits } from "../../test/oracle/frame-streams.ts";
import { decodeNaively } from "../../test/oracle/naive-decoder.ts";
import { READINGS } from "../../test/peers/reading.ts";
import { cut, mutate } from "../mutate.ts";
import type { Target } from "../target.ts";

export const decoder: Target = {
  invariant:
    "frames and refusal are the naive decoder's, however cut and stopped; a body pins 8 KiB or 4 times its size",
  smokeRounds: 2_000,
  round(random) {
    const stream = mutate(random, randomFrames(random, random.between(1, 50)));
    const limits = randomLimits(random);
    const stopChance = random.pick([0, 0.05, 0.5]);
    const actual = decodePieces(
      cut(random, stream),
      limits,
      () => random.chance(stopChance),
      random.pick(READINGS),
    );
    const expected = decodeNaively(stream, limits);
    assert.equal(actual.errorCode, expected.errorCode);
    assert.equal(actual.frames.length, expected.frames.length);
    for (let i = 0; i < expected.frames.length; i++) {
      const { flags, body } = actual.frames[i]!;
      assert.equal(flags, expected.frames[i]!.flags);
      assert.ok(Buffer.from(expected.frames[i]!.body).equals(body), `frame ${i} has another body`);
      assert.ok(
        body.buffer.byteLength <= Math.max(8192, 4 * body.length),
        `frame ${i} pins ${body.buffer.byteLength}`,
      );
    }
    if (expected.errorCode === undefined) assert.equal(actual.restSize, expected.restSize);
  },
};
