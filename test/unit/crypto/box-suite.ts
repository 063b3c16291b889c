import assert from "node:assert/strict";
import { test } from "node:test";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import nacl from "tweetnacl";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { openBox, sealBox } from "../../../src/crypto/box.ts";
import type { BoxProvider } from "../../../src/crypto/provider.ts";
import { NACL, octets } from "./nacl-vectors.ts";

/** Sizes at which code changes its mind: Salsa20's blocks, the first of which has 32 octets, and the pieces of long texts. */
const BORDERS = [0, 1, 15, 16, 30, 31, 32, 33, 63, 64, 95, 96, 97, 255, 510, 511, 512, 513, 8192];
const LONG = [65_535, 65_536, 65_630, 65_631, 65_632, 65_633, 65_664, 131_295, 131_296, 200_000];

/** What every provider of boxes must do. `load` is called once in each test. */
export function testBoxes(name: string, load: () => Promise<BoxProvider>): void {
  test(`${name}: NaCl's own example`, async () => {
    const boxes = await load();
    assert.deepEqual(boxes.deriveKey(octets(NACL.shared)), octets(NACL.boxKey));
    const key = octets(NACL.boxKey);
    const nonce = octets(NACL.nonce);
    assert.deepEqual(sealBox(boxes, key, nonce, octets(NACL.text)), octets(NACL.box));
    assert.deepEqual(openBox(boxes, key, nonce, octets(NACL.box)), octets(NACL.text));
  });

  test(`${name}: boxes of every size are tweetnacl's and noble's, and open in place`, async (t) => {
    const boxes = await load();
    const seed = chooseSeed(process.env.SEED);
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const sizes = [...BORDERS, ...LONG, ...Array.from({ length: 200 }, () => random.size())];
    const [a, b] = [random.octets(32), random.octets(32)];
    const prefixes = [random.octets(16), random.octets(16)];
    const streams = [boxes.openStream(a, prefixes[0]!), boxes.openStream(b, prefixes[1]!)];
    for (const size of sizes) {
      const which = random.below(2);
      const [high, low, first] = [random.next(), random.next(), random.below(256)];
      const body = random.octets(size);
      const at = random.below(9);
      const target = new Uint8Array(at + 17 + size + 3).fill(0x55);
      streams[which]!.seal(high, low, first, body, target, at);
      const nonce = Buffer.alloc(24);
      nonce.set(prefixes[which]!);
      nonce.writeUInt32BE(high, 16);
      nonce.writeUInt32BE(low, 20);
      const key = which === 0 ? a : b;
      const text = Uint8Array.from([first, ...body]);
      const box = target.subarray(at, at + 17 + size);
      assert.deepEqual(Buffer.from(box), Buffer.from(nacl.secretbox(text, nonce, key)), `size ${size}`);
      if (size < 5_000)
        assert.deepEqual(Buffer.from(box), Buffer.from(xsalsa20poly1305(key, nonce).encrypt(text)));
      assert.ok(
        target.subarray(0, at).every((octet) => octet === 0x55),
        "nothing in front is touched",
      );
      assert.ok(
        target.subarray(at + 17 + size).every((octet) => octet === 0x55),
        "nothing behind is touched",
      );
      assert.ok(streams[which]!.open(high, low, target, at, at + 17 + size));
      assert.deepEqual(Buffer.from(target.subarray(at + 16, at + 17 + size)), Buffer.from(text));
    }
  });

  test(`${name}: a box with one bit changed does not open, and stays as it is`, async () => {
    const boxes = await load();
    const stream = boxes.openStream(octets(NACL.boxKey), octets(NACL.nonce).subarray(0, 16));
    for (const size of [0, 9, 600, 140_000]) {
      const box = new Uint8Array(17 + size);
      stream.seal(0, 1, 3, new Uint8Array(size).fill(7), box, 0);
      for (let at = 0; at < box.length; at += 1 + Math.floor(box.length / 50)) {
        const bent = Uint8Array.from(box);
        bent[at]! ^= 1 << (at % 8);
        const before = Uint8Array.from(bent);
        assert.ok(!stream.open(0, 1, bent, 0, bent.length), `size ${size}, octet ${at}`);
        assert.deepEqual(bent, before);
      }
      assert.ok(!stream.open(0, 2, Uint8Array.from(box), 0, box.length), "another nonce");
      assert.ok(!stream.open(1, 1, Uint8Array.from(box), 0, box.length), "another nonce's high word");
      for (const cut of [0, 1, 15, 16]) assert.ok(!stream.open(0, 1, box, 0, Math.min(cut, box.length - 1)));
      assert.ok(stream.open(0, 1, box, 0, box.length), "the box itself opens after all that");
    }
  });

  test(`${name}: a stream that was wiped has forgotten its key`, async () => {
    const boxes = await load();
    const open = () => boxes.openStream(octets(NACL.boxKey), octets(NACL.nonce).subarray(0, 16));
    for (const size of [10, 2_000]) {
      const [one, other] = [open(), open()];
      const box = new Uint8Array(17 + size);
      one.seal(0, 1, 0, new Uint8Array(size), box, 0);
      one.wipe();
      assert.ok(!one.open(0, 1, Uint8Array.from(box), 0, box.length));
      assert.ok(other.open(0, 1, box, 0, box.length), "another stream of the same key goes on");
    }
  });
}
