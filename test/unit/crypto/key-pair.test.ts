import assert from "node:assert/strict";
import { test } from "node:test";
import { curveKeyPair, curvePublicKey } from "../../../src/crypto/key-pair.ts";

test("libzmq behaviour B141: the public key of a secret one", () => {
  assert.equal(
    curvePublicKey("D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs"),
    "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID",
  );
});

test("a pair belongs together, and no two are the same", () => {
  const pairs = Array.from({ length: 20 }, () => curveKeyPair());
  for (const { publicKey, secretKey } of pairs) {
    assert.match(publicKey, /^[!-~]{40}$/);
    assert.match(secretKey, /^[!-~]{40}$/);
    assert.equal(curvePublicKey(secretKey), publicKey);
  }
  assert.equal(new Set(pairs.map(({ secretKey }) => secretKey)).size, 20);
});

test("what is no secret key is EINVAL, and not repeated", () => {
  for (const wrong of [
    "",
    "ab",
    "HelloWorld",
    "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs0",
    `${"x".repeat(39)}~`,
  ]) {
    assert.throws(
      () => curvePublicKey(wrong),
      (error: Error & { code: string }) =>
        error.code === "EINVAL" && !(wrong.length > 2 && error.message.includes(wrong)),
    );
  }
});
