import assert from "node:assert/strict";
import { test } from "node:test";
import {
  asPlainError,
  encodeHello,
  encodePlainErrors,
  parseHello,
} from "../../../src/security/plain-commands.ts";
import { fromHex } from "../../peers/octets.ts";

const text = (octets: Uint8Array): string => Buffer.from(octets).toString("latin1");

test("HELLO holds both credentials, 0 to 255 octets each", () => {
  const hello = encodeHello({ username: Buffer.from("joe"), password: Buffer.from("x") });
  assert.equal(text(hello), "\x05HELLO\x03joe\x01x");
  for (const [username, password] of [
    [0, 0],
    [255, 255],
    [0, 255],
    [1, 0],
  ] as const) {
    const credentials = { username: Buffer.alloc(username, 0xff), password: Buffer.alloc(password, 1) };
    const parsed = parseHello(encodeHello(credentials));
    assert.deepEqual(
      [text(parsed.username), text(parsed.password)],
      [text(credentials.username), text(credentials.password)],
    );
  }
  assert.throws(() => encodeHello({ username: Buffer.alloc(256), password: Buffer.alloc(0) }), /invariant/);
});

test("what is parsed pins nothing of the frame", () => {
  const { username } = parseHello(Buffer.from("\x05HELLO\x01a\x01b"));
  assert.equal(username.buffer.byteLength, 1);
});

test("HELLO cut anywhere, or with something behind it, is malformed", () => {
  const hello = encodeHello({ username: Buffer.from("joe"), password: Buffer.from("word") });
  for (let end = 6; end < hello.length; end++) {
    assert.throws(
      () => parseHello(hello.subarray(0, end)),
      { code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO" },
      `${end}`,
    );
  }
  assert.throws(() => parseHello(Buffer.concat([hello, Buffer.of(0)])), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
  });
});

test("ERROR goes out as libzmq's client reads it, and as the specification has it", () => {
  const [theirs, correct] = encodePlainErrors(400) as [Uint8Array, Uint8Array];
  assert.deepEqual(Buffer.from(theirs), fromHex("5e 52 52 4f 52 03 34 30 30"));
  assert.deepEqual(Buffer.from(correct), fromHex("05 45 52 52 4f 52 03 34 30 30"));
  assert.equal(text(asPlainError(theirs) as Uint8Array), text(correct));
  assert.equal(text(asPlainError(correct) as Uint8Array), text(correct));
  for (const other of ["\x05READY", "\x5eRRO", "", "\x04ERRO"])
    assert.equal(asPlainError(Buffer.from(other)), null);
});
