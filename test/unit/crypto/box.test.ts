import assert from "node:assert/strict";
import { test } from "node:test";
import nacl from "tweetnacl";
import { openBox, sealBox } from "../../../src/crypto/box.ts";
import { loadBoxes } from "../../../src/crypto/load-boxes.ts";
import { importSecretKey, shareSecret } from "../../../src/crypto/x25519.ts";
import { NACL, octets } from "./nacl-vectors.ts";

test("a box of two key pairs is tweetnacl's, both ways", async () => {
  const boxes = await loadBoxes();
  const alice = importSecretKey(octets(NACL.aliceSecret));
  const key = boxes.deriveKey(shareSecret(alice, octets(NACL.bobPublic))!);
  const nonce = octets(NACL.nonce);
  const text = Buffer.from("a text");
  const box = sealBox(boxes, key, nonce, text);
  assert.deepEqual(box, nacl.box(text, nonce, octets(NACL.alicePublic), octets(NACL.bobSecret)));
  assert.deepEqual(Buffer.from(openBox(boxes, key, nonce, box)!), text);
});

test("a forged box is null, and a box that is opened stays as it is", async () => {
  const boxes = await loadBoxes();
  const key = octets(NACL.boxKey);
  const box = octets(NACL.box);
  assert.ok(openBox(boxes, key, octets(NACL.nonce), box));
  assert.deepEqual(box, octets(NACL.box));
  box[3]! ^= 1;
  assert.equal(openBox(boxes, key, octets(NACL.nonce), box), null);
  assert.equal(openBox(boxes, key, octets(NACL.nonce), box.subarray(0, 15)), null);
});
