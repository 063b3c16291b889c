import assert from "node:assert/strict";
import { test } from "node:test";
import { SequenceCounter } from "../../../src/index.ts";

test("each topic is numbered for itself, in the last frame", () => {
  const counter = new SequenceCounter();
  const numbers = ["a", "b", "a", "a"].map((topic) => counter.append([topic, "body"]));
  assert.deepEqual(
    numbers.map((frames) => frames.map((frame) => Buffer.from(frame).toString("latin1"))),
    [
      ["a", "body", "\0\0\0\0"],
      ["b", "body", "\0\0\0\0"],
      ["a", "body", "\x01\0\0\0"],
      ["a", "body", "\x02\0\0\0"],
    ],
  );
  assert.equal(counter.next("a").readUInt32LE(), 3);
  assert.equal(counter.next(Buffer.from("b")).readUInt32LE(), 1);
  assert.equal(counter.append("b")[1]?.[0], 2);
});

test("after the largest number comes 0", () => {
  const narrow = new SequenceCounter({ first: 0xffffffff, byteOrder: "big" });
  assert.deepEqual(
    [narrow.next("a").toString("hex"), narrow.next("a").toString("hex")],
    ["ffffffff", "00000000"],
  );
  const wide = new SequenceCounter({ width: 8, first: 2n ** 64n - 1n });
  assert.equal(wide.next("a").readBigUInt64LE(), 2n ** 64n - 1n);
  assert.equal(wide.next("a").readBigUInt64LE(), 0n);
});

test("topics beyond maxTopics and wrong arguments are EINVAL; those that are there go on", () => {
  const counter = new SequenceCounter({ maxTopics: 2 });
  counter.next("a");
  counter.next("b");
  assert.throws(() => counter.append(["c", "body"]), { code: "EINVAL", message: /2 topics already/ });
  assert.equal(counter.next("a")[0], 1);
  assert.throws(() => counter.append([]), { code: "EINVAL" });
  assert.throws(() => new SequenceCounter({ first: -1 }), { code: "EINVAL" });
  assert.throws(() => new SequenceCounter({ first: 2 ** 32 }), { code: "EINVAL" });
  assert.throws(() => new SequenceCounter({ maxTopics: 0 }), { code: "EINVAL" });
});
