import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import {
  bytesKey,
  concatBytes,
  decodeText,
  equalBytes,
  hex,
  keyBytes,
  readU32,
  readU64,
  showText,
  writeU32,
  writeU64,
} from "../../../src/base/bytes.ts";

const seed = chooseSeed(process.env.SEED);

test("octets are equal when all of them are", () => {
  assert.equal(equalBytes(Buffer.from("abc"), new Uint8Array([97, 98, 99])), true);
  assert.equal(equalBytes(Buffer.from("abc"), Buffer.from("abd")), false);
  assert.equal(equalBytes(Buffer.from("abc"), Buffer.from("ab")), false);
  assert.equal(equalBytes(new Uint8Array(0), new Uint8Array(0)), true);
});

test("parts are joined in order", () => {
  const parts = [Buffer.from("a"), new Uint8Array(0), Buffer.from("bc")];
  assert.equal(Buffer.from(concatBytes(parts)).toString(), "abc");
  assert.equal(concatBytes([]).length, 0);
});

test("a key is equal exactly when the octets are, also where they are no UTF-8", (t) => {
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  // Around 16, where the way changes, and beyond one piece of 4096.
  for (const size of [0, 1, 15, 16, 17, 255, 4095, 4096, 4097, 20_000]) {
    const octets = random.octets(size);
    const key = bytesKey(octets);
    assert.equal(key.length, size);
    assert.ok(equalBytes(keyBytes(key), octets), `${size} octets`);
  }
  assert.notEqual(bytesKey(new Uint8Array([0xff, 1])), bytesKey(new Uint8Array([0xfe, 1])));
});

test("a key may be of a part", () => {
  const octets = Buffer.from("xxabcxx");
  assert.equal(bytesKey(octets, 2, 5), "abc");
  const long = Buffer.alloc(9000, "y");
  long[4500] = 0;
  assert.equal(bytesKey(long, 4500, 8999), `\0${"y".repeat(4498)}`);
});

test("numbers are big-endian and unsigned", () => {
  const octets = new Uint8Array(10);
  writeU32(octets, 1, 0xfffefdfc);
  assert.equal(hex(octets), "00fffefdfc0000000000");
  assert.equal(readU32(octets, 1), 0xfffefdfc);
  writeU64(octets, 1, 0x1020304050607);
  assert.equal(hex(octets), "00000102030405060700".slice(0, 20));
  assert.equal(readU64(octets, 1), 0x1020304050607);
});

test("a number beyond what a double holds exactly is infinite", () => {
  const octets = new Uint8Array(8);
  writeU64(octets, 0, Number.MAX_SAFE_INTEGER);
  assert.equal(readU64(octets, 0), Number.MAX_SAFE_INTEGER);
  octets.set([0, 0x20, 0, 0, 0, 0, 0, 0]);
  assert.equal(readU64(octets, 0), Number.POSITIVE_INFINITY);
  octets.fill(0xff);
  assert.equal(readU64(octets, 0), Number.POSITIVE_INFINITY);
});

test("octets are shown as text where they are, and cut", () => {
  assert.equal(showText(Buffer.from("nobody")), '"nobody"');
  assert.equal(showText(new Uint8Array([0, 0xff])), "0x00ff");
  assert.equal(showText(new Uint8Array(0)), '""');
  assert.equal(showText(Buffer.from("abcdef"), 3), '"abc"... (6 octets)');
});

test("text is what octets are in UTF-8, a mark at their head included; what is none is replaced", () => {
  assert.equal(decodeText(Buffer.from("\ufeffZoë")), "\ufeffZoë");
  assert.equal(decodeText(new Uint8Array([0x61, 0xff, 0x62])), "a\ufffdb");
  assert.equal(decodeText(new Uint8Array(0)), "");
});
