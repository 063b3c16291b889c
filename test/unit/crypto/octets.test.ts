import assert from "node:assert/strict";
import { test } from "node:test";
import { equalSecrets, randomOctets, wipe } from "../../../src/crypto/octets.ts";

test("random octets have their size and differ", () => {
  assert.equal(randomOctets(16).length, 16);
  assert.notDeepEqual(randomOctets(16), randomOctets(16));
});

test("secrets are equal when all octets are, and of other sizes never", () => {
  assert.ok(equalSecrets(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)));
  assert.ok(!equalSecrets(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 4)));
  assert.ok(!equalSecrets(Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2)));
});

test("what is wiped is zero", () => {
  const secret = Uint8Array.of(1, 2, 3);
  wipe(secret, null);
  assert.deepEqual(secret, new Uint8Array(3));
});
