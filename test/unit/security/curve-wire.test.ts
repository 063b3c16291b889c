import assert from "node:assert/strict";
import { test } from "node:test";
import { NonceCounter, nonceOf, passNonce } from "../../../src/security/curve-wire.ts";
import { shortNonce } from "../../peers/curve-octets.ts";

test("a nonce is its prefix and what travels", () => {
  const nonce = nonceOf(Buffer.from("COOKIE--"), Buffer.alloc(16, 1));
  assert.deepEqual(Buffer.from(nonce), Buffer.concat([Buffer.from("COOKIE--"), Buffer.alloc(16, 1)]));
});

test("a counter counts through its words' border", () => {
  const counter = new NonceCounter();
  counter.low = 0xffff_fffe;
  const octets = new Uint8Array(8);
  for (const expected of [0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n]) {
    counter.advance();
    counter.write(octets, 0);
    assert.deepEqual(Buffer.from(octets), shortNonce(expected));
  }
});

test("only a greater nonce passes", () => {
  const last = new NonceCounter();
  for (const [count, passes] of [
    [0n, false],
    [1n, true],
    [1n, false],
    [2n ** 32n, true],
    [5n, false],
    [2n ** 53n + 1n, true],
    [2n ** 53n, false],
    [2n ** 53n + 1n, false],
    [2n ** 53n + 2n, true],
    [2n ** 64n - 1n, true],
    [2n ** 64n - 1n, false],
  ] as const) {
    if (passes) passNonce(last, shortNonce(count), 0);
    else assert.throws(() => passNonce(last, shortNonce(count), 0), { code: "ERR_ZMTP_INVALID_SEQUENCE" });
  }
});
