import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { decodeZ85, encodeZ85, KEY_TEXT_SIZE, tryDecodeKey } from "../../../src/crypto/z85.ts";

test('32/Z85, Test Case: the octets 86 4f d2 6f b5 59 f7 5b are "HelloWorld"', () => {
  const octets = Buffer.from("864fd26fb559f75b", "hex");
  assert.equal(encodeZ85(octets), "HelloWorld");
  assert.deepEqual(Buffer.from(decodeZ85("HelloWorld")), octets);
});

test("what is encoded is decoded", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  for (const octets of [new Uint8Array(0), new Uint8Array(32), new Uint8Array(32).fill(0xff)]) {
    assert.deepEqual(decodeZ85(encodeZ85(octets)), octets);
  }
  for (let i = 0; i < 500; i++) {
    const octets = random.octets(4 * random.below(20));
    assert.deepEqual(decodeZ85(encodeZ85(octets)), octets);
  }
});

test("a key has 40 characters, and what is none is undefined", () => {
  const key = encodeZ85(new Uint8Array(32).fill(0xa5));
  assert.equal(key.length, KEY_TEXT_SIZE);
  assert.deepEqual(tryDecodeKey(key), new Uint8Array(32).fill(0xa5));
  for (const wrong of [
    "",
    key.slice(5),
    `${key}00000`,
    `~${key.slice(1)}`,
    `$$$$$${key.slice(5)}`,
    `ó${key.slice(1)}`,
  ])
    assert.equal(tryDecodeKey(wrong), undefined, wrong);
});

test("what is no Z85 is refused, and not repeated in the sentence", () => {
  // "$$$$$" stands for 85^5 - 1, more than four octets hold; "%nSc1" is 2^32 itself.
  for (const wrong of [
    "Hell",
    "HelloWorl",
    "Hello~orld",
    'Hell"World',
    "Hello World".slice(0, 10),
    "$$$$$",
    "%nSc1",
    "Helló",
  ]) {
    assert.throws(
      () => decodeZ85(wrong),
      (error: Error & { code: string }) => error.code === "EINVAL" && !error.message.includes(wrong),
      wrong,
    );
    assert.equal(tryDecodeKey(wrong), undefined);
  }
  assert.deepEqual(decodeZ85("%nSc0"), new Uint8Array(4).fill(0xff));
  assert.throws(() => encodeZ85(new Uint8Array(3)), { code: "EINVAL" });
});
