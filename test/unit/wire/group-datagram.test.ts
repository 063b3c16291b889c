import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import { encodeGroupDatagram, parseGroupDatagram } from "../../../src/wire/group-datagram.ts";

const octets = (text: string): Uint8Array => Buffer.from(text, "latin1");
const texts = (datagram: Uint8Array): string[] | undefined =>
  parseGroupDatagram(datagram)?.map((frame) => Buffer.from(frame).toString("latin1"));

test("a datagram is the size of the group, the group and the body", () => {
  assert.equal(hex(encodeGroupDatagram(octets("tv"), octets("hi"))), "02" + "7476" + "6869");
  assert.equal(hex(encodeGroupDatagram(octets(""), octets(""))), "00");
});

test("what was encoded is parsed, whatever the sizes, wherever it lies in memory", () => {
  for (const size of [0, 1, 254, 255]) {
    for (const body of ["", "b", "b".repeat(5000)]) {
      const group = "g".repeat(size);
      const datagram = encodeGroupDatagram(octets(group), octets(body));
      const around = Buffer.concat([octets("xx"), datagram, octets("yyy")]);
      assert.deepEqual(texts(datagram), [group, body]);
      assert.deepEqual(texts(around.subarray(2, around.length - 3)), [group, body]);
    }
  }
});

test("a datagram without a whole group is none", () => {
  for (const text of ["", "\x01", "\x03ab", "\xff", `\xff${"g".repeat(254)}`])
    assert.equal(parseGroupDatagram(octets(text)), undefined);
});
