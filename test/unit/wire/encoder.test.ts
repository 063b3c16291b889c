import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import type { FrameSealer } from "../../../src/wire/encoder.ts";
import { FrameEncoder } from "../../../src/wire/encoder.ts";
import { BATCH_SIZE } from "../../../src/wire/frame.ts";
import { decodeNaively } from "../../oracle/naive-decoder.ts";
import * as zmtp from "../../peers/octets.ts";

function taken(encoder: FrameEncoder): Buffer {
  const octets = Buffer.concat(encoder.take());
  encoder.recycle();
  return octets;
}

function encoded(...frames: readonly Uint8Array[]): Buffer {
  const encoder = new FrameEncoder();
  encoder.encode([...frames]);
  return taken(encoder);
}

test("a message has MORE on all frames but the last", () => {
  assert.deepEqual(
    encoded(Buffer.from("a"), Buffer.from(""), Buffer.from("bc")),
    zmtp.fromHex("010161 0100 00026263"),
  );
});

test("bodies of 0 to 255 octets have the short form, longer ones the long", () => {
  for (const size of [0, 1, 39, 40, 41, 254, 255, 256, 257, 8191, 8192, 8193, 65_535, 65_536, 100_000]) {
    const body = Buffer.alloc(size, 7);
    const octets = encoded(body);
    const header = size <= 255 ? Buffer.from([0, size]) : zmtp.longHeader(zmtp.LONG, BigInt(size));
    assert.ok(octets.equals(Buffer.concat([header, body])), `${size}`);
  }
});

test("commands carry the COMMAND bit, in either form", () => {
  const encoder = new FrameEncoder();
  encoder.encodeCommand(zmtp.commandBody("PING", "\0\0"));
  encoder.encodeCommand(zmtp.commandBody("SUBSCRIBE", Buffer.alloc(300)));
  const octets = taken(encoder);
  assert.deepEqual(octets, Buffer.concat([zmtp.ping(0), zmtp.subscribe(Buffer.alloc(300))]));
  assert.equal(octets[9], 6);
});

test("the counts are those of what waits", () => {
  const encoder = new FrameEncoder();
  encoder.encodeRaw(Buffer.alloc(64));
  encoder.encodeCommand(Buffer.alloc(10));
  encoder.encode([Buffer.alloc(5), Buffer.alloc(20_000)]);
  encoder.encode([Buffer.alloc(1)]);
  assert.equal(encoder.pendingMessageCount, 2);
  const size = encoder.pendingSize;
  assert.equal(taken(encoder).length, size);
  assert.equal(size, 64 + 12 + 7 + 20_009 + 3);
  assert.deepEqual([encoder.pendingSize, encoder.pendingMessageCount], [0, 0]);
  assert.deepEqual(encoder.take(), []);
});

test("large bodies go out by reference, small ones are copied", () => {
  const encoder = new FrameEncoder();
  const small = Buffer.alloc(100, 1);
  const large = Buffer.alloc(20_000, 2);
  encoder.encode([small, large]);
  const chunks = encoder.take();
  assert.ok(chunks.includes(large));
  small.fill(9);
  assert.equal(Buffer.concat(chunks)[2], 1);
});

test("what was taken stays as it is until it is recycled", () => {
  const encoder = new FrameEncoder();
  encoder.encode([Buffer.from("first")]);
  const first = encoder.take();
  encoder.encode([Buffer.from("other")]);
  const second = encoder.take();
  assert.equal(String(Buffer.concat(first).subarray(2)), "first");
  assert.equal(String(Buffer.concat(second).subarray(2)), "other");
});

test("any mixture comes out in order and whole, across batches", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const encoder = new FrameEncoder();
  const other = new FrameEncoder();
  for (let round = 0; round < 100; round++) {
    const expected: Buffer[] = [];
    for (let i = random.below(60); i > 0; i--) {
      const bodies = Array.from({ length: random.between(1, 3) }, () => random.octets(random.size()));
      if (random.chance(0.2)) {
        encoder.encodeCommand(bodies[0] as Uint8Array);
        expected.push(zmtp.frame(zmtp.COMMAND, bodies[0] as Uint8Array));
      } else {
        encoder.encode(bodies);
        expected.push(zmtp.message(...bodies));
      }
      // Another connection of the thread, from the same store of batches.
      if (random.chance(0.1)) {
        other.encode([random.octets(3)]);
        taken(other);
      }
    }
    const chunks = encoder.take();
    other.encode([Buffer.alloc(BATCH_SIZE)]);
    assert.ok(Buffer.concat(chunks).equals(Buffer.concat(expected)), `SEED=${seed}, round ${round}`);
    if (random.chance(0.5)) encoder.recycle();
    taken(other);
  }
});

/** Seals by turning every bit, behind a mark and the flags. */
const turning: FrameSealer = {
  overhead: 2,
  seal(flags, body, target, at) {
    target[at] = 0x5e;
    target[at + 1] = flags;
    for (let i = 0; i < body.length; i++) target[at + 2 + i] = body[i]! ^ 0xff;
  },
};

test("frames are sealed in their places: messages, commands and shared messages, small and large, without flags", () => {
  const encoder = new FrameEncoder();
  encoder.encodeRaw(Buffer.from("greeting"));
  encoder.sealWith(turning);
  const sizes = [0, 1, 253, 254, 8_193, 73_000, 80_000];
  for (const size of sizes) encoder.encode([Buffer.alloc(size, 1), Buffer.alloc(3, 2)]);
  encoder.encodeShared([Buffer.alloc(5, 3)]);
  encoder.encodeCommand(Buffer.from("\x04PING\0\0"));
  encoder.encodeUncounted(Buffer.of(1, 65));
  assert.equal(encoder.pendingMessageCount, sizes.length + 1);
  const size = encoder.pendingSize;
  const octets = Buffer.concat(encoder.take());
  assert.equal(octets.length, size);
  assert.equal(octets.subarray(0, 8).toString(), "greeting");
  const limits = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: Number.POSITIVE_INFINITY };
  const { frames } = decodeNaively(octets.subarray(8), limits);
  assert.ok(frames.every(({ flags, body }) => (flags & ~2) === 0 && body[0] === 0x5e));
  const opened = frames.map(({ body }) => [body[1], body.length - 2, (body[2] ?? 0xff) ^ 0xff]);
  assert.deepEqual(opened, [
    ...sizes.flatMap((length) => [
      [1, length, length === 0 ? 0 : 1],
      [0, 3, 2],
    ]),
    [0, 5, 3],
    [4, 7, 4],
    [0, 2, 1],
  ]);
});
