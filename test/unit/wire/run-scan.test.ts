import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { RUN_FRAMES_MAX, RUN_SIZE_MAX } from "../../../src/base/run.ts";
import { RunScan } from "../../../src/wire/run-scan.ts";
import { messagesOfRun } from "../../oracle/run-messages.ts";
import * as zmtp from "../../peers/octets.ts";

const MANY = 1_000_000;

/** How many messages of the octets make a run, and where it ends. */
function find(octets: Uint8Array, countMax = MANY, frameMax = 255, from = 0, to = octets.length): number[] {
  const scan = new RunScan();
  const count = scan.find(octets, from, to, countMax, frameMax);
  return [count, scan.end];
}

test("a run has whole messages of short frames, and ends before anything else", () => {
  const messages = [zmtp.message("a"), zmtp.message("", "bc"), zmtp.message("x".repeat(255))];
  const whole = Buffer.concat(messages);
  assert.deepEqual(find(whole), [3, whole.length]);
  const others = [
    zmtp.ping(0),
    zmtp.message("y".repeat(256)),
    zmtp.frame(zmtp.LONG, "d"),
    zmtp.frame(0x08, "d"),
    zmtp.frame(0x80, ""),
    zmtp.frame(zmtp.MORE, "never ended"),
    Buffer.of(0),
    Buffer.of(1, 1, 0, 0),
  ];
  for (const other of others) {
    assert.deepEqual(find(Buffer.concat([whole, other])), [3, whole.length], other.toString("hex"));
    assert.equal(find(other)[0], 0);
  }
});

test("a run begins and ends where it is told to", () => {
  const octets = Buffer.concat([Buffer.from("before"), zmtp.message("a"), zmtp.message("b")]);
  assert.deepEqual(find(octets, MANY, 255, 6), [2, octets.length]);
  assert.deepEqual(find(octets, MANY, 255, 6, octets.length - 1), [1, octets.length - 3]);
  assert.deepEqual(find(octets, 1, 255, 6), [1, 9]);
});

test("a run keeps to the limits: messages, octets, frames of a message, octets of a frame", () => {
  const tens = Buffer.concat(Array.from({ length: 2000 }, () => zmtp.message("0123456789")));
  assert.deepEqual(find(tens, 7), [7, 84]);
  assert.deepEqual(find(tens), [RUN_SIZE_MAX / 12, RUN_SIZE_MAX]);
  assert.deepEqual(find(Buffer.concat([zmtp.message("abc"), zmtp.message("abcd")]), MANY, 3), [1, 5]);
  const most = zmtp.message(...new Array(RUN_FRAMES_MAX).fill("f"));
  const more = zmtp.message(...new Array(RUN_FRAMES_MAX + 1).fill("f"));
  assert.deepEqual(find(Buffer.concat([most, most, more])), [2, 2 * most.length]);
});

test("what is found is what a decoder finds, whatever the octets are", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  for (let round = 0; round < 20_000; round++) {
    const octets = random.octets(random.below(80));
    // Mostly flags and sizes that may be.
    for (let i = 0; i < octets.length; i++) if (random.chance(0.7)) octets[i] = random.below(4);
    const [count = 0, end = 0] = find(octets);
    if (count > 0) messagesOfRun(octets, 0, end, count);
  }
});
