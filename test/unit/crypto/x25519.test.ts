import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import { x25519 } from "@noble/curves/ed25519.js";
import nacl from "tweetnacl";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { createSecretKey, importSecretKey, shareSecret } from "../../../src/crypto/x25519.ts";
import { NACL, octets } from "./nacl-vectors.ts";

type Vector = readonly [id: number, secret: string, publicKey: string, shared: string];

test("NaCl's own example", () => {
  const alice = importSecretKey(octets(NACL.aliceSecret));
  const bob = importSecretKey(octets(NACL.bobSecret));
  assert.deepEqual(Buffer.from(alice.publicKey).toString("hex"), NACL.alicePublic);
  assert.deepEqual(Buffer.from(bob.publicKey).toString("hex"), NACL.bobPublic);
  assert.deepEqual(Buffer.from(shareSecret(alice, bob.publicKey)!).toString("hex"), NACL.shared);
  assert.deepEqual(shareSecret(bob, alice.publicKey), shareSecret(alice, bob.publicKey));
});

test("Wycheproof's vectors, with those whose secret is zero refused", () => {
  const { tests } = JSON.parse(readFileSync("test/vectors/x25519.json", "utf8")) as { tests: Vector[] };
  assert.equal(tests.length, 518);
  let refused = 0;
  for (const [id, secret, publicKey, shared] of tests) {
    const found = shareSecret(importSecretKey(octets(secret)), octets(publicKey));
    if (/^0+$/.test(shared)) {
      assert.equal(found, null, `vector ${id}`);
      refused++;
    } else {
      assert.equal(Buffer.from(found!).toString("hex"), shared, `vector ${id}`);
    }
  }
  assert.equal(refused, 31);
});

test("a key of small order and the zero key share nothing", () => {
  const secret = createSecretKey();
  assert.equal(shareSecret(secret, octets(NACL.smallOrder)), null);
  assert.equal(shareSecret(secret, new Uint8Array(32)), null);
});

test("random keys share what tweetnacl and noble say", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  for (let i = 0; i < 10; i++) {
    const [a, b] = [random.octets(32), random.octets(32)];
    const [alice, bob] = [importSecretKey(a), importSecretKey(b)];
    assert.deepEqual(Uint8Array.from(alice.publicKey), nacl.scalarMult.base(a));
    assert.deepEqual(Uint8Array.from(bob.publicKey), x25519.getPublicKey(b));
    assert.deepEqual(
      Uint8Array.from(shareSecret(alice, bob.publicKey)!),
      x25519.getSharedSecret(a, bob.publicKey),
    );
  }
});

test("fresh keys differ, and 2,000 of them are made without a hang", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2_000; i++) seen.add(Buffer.from(createSecretKey().publicKey).toString("hex"));
  assert.equal(seen.size, 2_000);
});

test("a secret key is imported once, and nothing shows its octets", () => {
  const secret = octets(NACL.aliceSecret);
  const key = importSecretKey(secret);
  assert.equal(importSecretKey(secret), key);
  for (const shown of [inspect(key, { depth: 9, showHidden: true }), JSON.stringify(key)]) {
    assert.ok(
      !shown.includes("77076d") && !shown.includes("119,7,109") && !shown.includes("119, 7, 109"),
      shown,
    );
  }
  assert.throws(() => importSecretKey(new Uint8Array(31)), RangeError);
});
