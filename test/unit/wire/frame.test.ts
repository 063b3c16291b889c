import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import { COMMAND, headerSize, LONG, MORE, RESERVED_MASK, writeHeader } from "../../../src/wire/frame.ts";

function header(flags: number, bodySize: number): string {
  const target = new Uint8Array(12).fill(0xee);
  const end = writeHeader(target, 1, flags, bodySize);
  assert.equal(end - 1, headerSize(bodySize));
  assert.equal(target[0], 0xee);
  assert.equal(target[end], 0xee);
  return hex(target.subarray(1, end));
}

test("the flag bits and the reserved ones make up one octet", () => {
  assert.equal(MORE | LONG | COMMAND | RESERVED_MASK, 0xff);
  assert.equal(MORE + LONG + COMMAND + RESERVED_MASK, 0xff);
});

test("a body of up to 255 octets has the short header, a longer one the long", () => {
  assert.equal(header(0, 0), "0000");
  assert.equal(header(MORE, 1), "0101");
  assert.equal(header(COMMAND, 255), "04ff");
  assert.equal(header(MORE, 256), "030000000000000100");
  assert.equal(header(COMMAND, 256), "060000000000000100");
  assert.equal(header(0, 0xffffffff), "0200000000ffffffff");
  assert.equal(header(0, 2 ** 40 + 5), "020000010000000005");
});
