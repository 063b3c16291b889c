import assert from "node:assert/strict";
import { test } from "node:test";
import { checkedTopicMax, SequenceNumber } from "../../../src/services/sequence-number.ts";

test("numbers are written and read in each format, up to the largest", () => {
  const cases = [
    [4, "little", 0x01020304n, "04030201"],
    [4, "big", 0x01020304n, "01020304"],
    [4, "little", 0xffffffffn, "ffffffff"],
    [8, "little", 0x0102030405060708n, "0807060504030201"],
    [8, "big", 0x0102030405060708n, "0102030405060708"],
    [8, "little", 2n ** 64n - 1n, "ffffffffffffffff"],
    [8, "big", 2n ** 53n + 1n, "0020000000000001"],
  ] as const;
  for (const [width, byteOrder, value, octets] of cases) {
    const number = new SequenceNumber({ width, byteOrder });
    assert.equal(number.write(value).toString("hex"), octets);
    assert.equal(number.read(Buffer.from(`aa${octets}`, "hex"), 1), value);
    assert.equal(number.range, 2n ** BigInt(8 * width));
  }
  assert.equal(new SequenceNumber({}).write(1n).toString("hex"), "01000000");
});

test("a format that there is not, and numbers out of range, are EINVAL", () => {
  for (const width of [2, 3, "4", null]) {
    assert.throws(() => new SequenceNumber({ width: width as 4 }), {
      code: "EINVAL",
      message: /4 or 8 octets/,
    });
  }
  assert.throws(() => new SequenceNumber({ byteOrder: "LE" as "little" }), { code: "EINVAL" });
  const number = new SequenceNumber({ width: 4 });
  for (const value of [-1, -1n, 0.5, Number.NaN, 2 ** 32, 2n ** 32n, "1" as unknown as number])
    assert.throws(() => number.checked("first", value), {
      code: "EINVAL",
      message: /first is a whole number/,
    });
  assert.equal(number.checked("first", 4294967295), 4294967295n);
  // A double that stands for several numbers is none.
  assert.throws(() => new SequenceNumber({ width: 8 }).checked("first", 2 ** 53), { code: "EINVAL" });
  for (const max of [0, -1, 1.5, Number.POSITIVE_INFINITY])
    assert.throws(() => checkedTopicMax(max), { code: "EINVAL" });
  assert.equal(checkedTopicMax(1), 1);
});
