import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, mutate } from "../../fuzz/mutate.ts";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { READINGS } from "../peers/reading.ts";
import { decodePieces, randomFrames, randomLimits } from "./frame-streams.ts";
import { decodeNaively, type NaiveResult } from "./naive-decoder.ts";

const seed = chooseSeed(process.env.SEED);

function assertAlike(actual: NaiveResult, expected: NaiveResult, round: string): void {
  assert.equal(actual.errorCode, expected.errorCode, round);
  assert.equal(actual.frames.length, expected.frames.length, round);
  for (let i = 0; i < expected.frames.length; i++) {
    assert.equal(actual.frames[i]!.flags, expected.frames[i]!.flags, `${round}, frame ${i}`);
    assert.ok(Buffer.from(expected.frames[i]!.body).equals(actual.frames[i]!.body), `${round}, frame ${i}`);
  }
  if (expected.errorCode === undefined) assert.equal(actual.restSize, expected.restSize, round);
}

test("the decoder gives what the naive decoder gives, however the stream is cut, broken and stopped", (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 1500; round++) {
    const random = new Random(seed + round);
    const valid = randomFrames(random, random.between(1, 20));
    const stream = random.chance(0.5) ? valid : mutate(random, valid);
    const limits = randomLimits(random);
    const isStopping = random.chance(0.5);
    const reading = random.pick(READINGS);
    const stops = () => isStopping && random.chance(0.3);
    const takesRuns = random.chance(0.5);
    const runMax = () => (takesRuns && random.chance(0.7) ? random.below(20) : 0);
    const actual = decodePieces(cut(random, stream), limits, stops, reading, runMax);
    assertAlike(actual, decodeNaively(stream, limits), `SEED=${seed + round}`);
  }
});

test("every cut of a short stream gives the same frames", () => {
  const random = new Random(7);
  const limits = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: 65_536 };
  const stream = Uint8Array.from(
    Buffer.from(
      "0000" + "0101aa" + "0403425555" + "020000000000000003010203" + "0600000000000000020141" + "0002ffee",
      "hex",
    ),
  );
  const expected = decodeNaively(stream, limits);
  assert.equal(expected.frames.length, 6);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const pieces = [stream.slice(0, first), stream.slice(first, second), stream.slice(second)];
      const given = pieces.filter((piece) => piece.length > 0);
      assertAlike(
        decodePieces(given, limits, () => random.chance(0.5)),
        expected,
        `cut at ${first} and ${second}`,
      );
    }
  }
});

test("a large body read into the decoder's target is whole, and the target is memory of its own", () => {
  const limits = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: 65_536 };
  for (const size of [32_768, 65_536, 300_000, 3_000_000]) {
    const random = new Random(size);
    const stream = Uint8Array.from([...randomFrames(random, 2)]);
    const body = random.octets(size);
    for (const [behind, step] of [
      [stream, 20_000],
      [stream, 100_000],
      [new Uint8Array(0), 100_000],
    ] as const) {
      const whole = Uint8Array.from(Buffer.concat([stream, Buffer.of(2), bigEndian(size), body, behind]));
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < whole.length; at += step) pieces.push(whole.slice(at, at + step));
      const actual = decodePieces(pieces, limits, () => random.chance(0.5), "target");
      assertAlike(actual, decodeNaively(whole, limits), `${size}`);
    }
  }
});

function bigEndian(size: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeBigUInt64BE(BigInt(size));
  return octets;
}

test("a body pins at most four times its size, or one block of 8 KiB", (t) => {
  t.diagnostic(`SEED=${seed}`);
  const limits = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: 65_536 };
  for (let round = 0; round < 200; round++) {
    const random = new Random(seed + round);
    const stream = randomFrames(random, 40);
    for (const { body } of decodePieces(cut(random, stream), limits, () => random.chance(0.1)).frames) {
      const pinned = body.buffer.byteLength;
      assert.ok(
        pinned <= Math.max(8192, 4 * body.length),
        `SEED=${seed + round}: ${body.length} octets pin ${pinned}`,
      );
    }
  }
});
