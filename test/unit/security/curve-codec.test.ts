import assert from "node:assert/strict";
import { before, test } from "node:test";
import nacl from "tweetnacl";
import { loadBoxes } from "../../../src/crypto/load-boxes.ts";
import type { BoxProvider } from "../../../src/crypto/provider.ts";
import { CurveCodec } from "../../../src/security/curve-codec.ts";
import { NonceCounter } from "../../../src/security/curve-wire.ts";
import { shortNonce } from "../../peers/curve-octets.ts";

const key = nacl.randomBytes(32);
let boxes: BoxProvider;

before(async () => {
  boxes = await loadBoxes();
});

function codecs(): { client: CurveCodec; server: CurveCodec } {
  const make = (asServer: boolean) =>
    new CurveCodec(boxes, key, asServer, new NonceCounter(), new NonceCounter());
  return { client: make(false), server: make(true) };
}

function sealed(codec: CurveCodec, flags: number, body: string | Uint8Array): Uint8Array {
  const target = new Uint8Array(codec.overhead + body.length);
  codec.seal(flags, typeof body === "string" ? Buffer.from(body) : body, target, 0);
  return target;
}

/** A MESSAGE of the client with that nonce, by tweetnacl. */
function message(count: bigint, text: Uint8Array, prefix = "CurveZMQMESSAGEC"): Buffer {
  const nonce = Buffer.concat([Buffer.from(prefix), shortNonce(count)]);
  const box = nacl.secretbox(text, nonce, key);
  return Buffer.concat([Buffer.from("\x07MESSAGE"), shortNonce(count), box]);
}

const text = Uint8Array.of(0, 65);

test("flags travel inside, and bodies of every size come back", () => {
  const { client, server } = codecs();
  for (const flags of [0, 1, 4]) {
    for (const size of [0, 1, 255, 256, 70_000]) {
      const body = nacl.randomBytes(size);
      const opened = server.open(sealed(client, flags, body));
      assert.deepEqual(Uint8Array.from(opened), body);
      assert.equal(server.openedFlags, flags);
    }
  }
});

test("G09 and G10: nonces must increase, and are told apart beyond 2^53", () => {
  const wrong = { code: "ERR_ZMTP_INVALID_SEQUENCE" };
  const { server } = codecs();
  assert.throws(() => server.open(message(0n, text)), wrong, "zero");
  for (const count of [1n, 2n, 10n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 53n + 2n]) {
    assert.deepEqual([...server.open(message(count, text))], [65]);
    assert.throws(() => server.open(message(count, text)), wrong, `${count} again`);
    assert.throws(() => server.open(message(count - 1n, text)), wrong, `before ${count}`);
  }
  assert.deepEqual([...server.open(message(2n ** 64n - 1n, text))], [65]);
  for (const count of [0n, 1n, 2n ** 63n, 2n ** 64n - 1n])
    assert.throws(() => server.open(message(count, text)), wrong, `${count} after the last one`);
});

test("G11: one's own messages do not come back", () => {
  const { client, server } = codecs();
  assert.throws(() => server.open(sealed(server, 0, "mine")), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
  assert.throws(() => client.open(sealed(client, 0, "mine")), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
});

test("G12: 100,000 frames, no nonce twice, across the words' border", () => {
  const count = new NonceCounter();
  count.low = 0xffff_fff0;
  const codec = new CurveCodec(boxes, key, false, count, new NonceCounter());
  let last = 0xffff_fff0n;
  const target = new Uint8Array(codec.overhead);
  for (let i = 0; i < 100_000; i++) {
    codec.seal(0, new Uint8Array(0), target, 0);
    const nonce = Buffer.from(target.buffer).readBigUInt64BE(8);
    assert.equal(nonce, last + 1n);
    last = nonce;
  }
});

test("the last nonce is 2^64 - 1, and there is none after it", () => {
  const count = new NonceCounter();
  count.high = count.low = 0xffff_ffff;
  count.low -= 1;
  const codec = new CurveCodec(boxes, key, false, count, new NonceCounter());
  const last = sealed(codec, 0, "");
  assert.equal(Buffer.from(last).readBigUInt64BE(8), 2n ** 64n - 1n);
  assert.throws(() => sealed(codec, 0, ""), /run out/);
});

test("G13: too short, any octet bent, reserved flags, another command", () => {
  const whole = message(1n, text);
  for (let size = 0; size < 33; size++)
    assert.throws(() => codecs().server.open(whole.subarray(0, size)), {
      code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    });
  for (let at = 0; at < whole.length; at++) {
    for (const bit of [1, 0x80]) {
      const bent = Buffer.from(whole);
      bent[at]! ^= bit;
      const code = at < 8 ? "ERR_ZMTP_UNEXPECTED_COMMAND" : /ERR_ZMTP_(CRYPTOGRAPHIC|INVALID_SEQUENCE)/;
      assert.throws(() => codecs().server.open(bent), { code }, `octet ${at}`);
    }
  }
  for (const flags of [4, 8, 0x80, 0xff]) {
    assert.throws(() => codecs().server.open(message(1n, Uint8Array.of(flags, 65))), {
      code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    });
  }
  assert.throws(() => codecs().server.open(message(1n, text, "CurveZMQMESSAGES")), {
    code: "ERR_ZMTP_CRYPTOGRAPHIC",
  });
  assert.deepEqual([...codecs().server.open(whole)], [65]);
});
