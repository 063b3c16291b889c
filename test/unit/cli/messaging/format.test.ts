import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../src/cli/command.ts";
import type { Format } from "../../../../src/cli/messaging/format.ts";
import { readMessage, showFrame, showMessage, toFormat } from "../../../../src/cli/messaging/format.ts";

const TEXT: Format = { encoding: "text", isJson: false, isRaw: false, end: "\n", delimiter: undefined };
const JSON_LINES: Format = { ...TEXT, isJson: true };
const BINARY = Buffer.from([0x00, 0xff, 0x1b]);

function read(text: string, format: Format): string[] {
  return readMessage(Buffer.from(text), format).map((frame) => frame.toString("latin1"));
}

test("text is printed as text, all else as digits: no body moves the terminal's cursor", () => {
  assert.equal(showFrame(Buffer.from("grüße\t1\n2"), "text"), "grüße\t1\n2");
  for (const body of ["\x1b[2J", "\0", "\x7f", "\u009b31m"])
    assert.match(showFrame(Buffer.from(body), "text"), /^0x/);
  assert.equal(showFrame(BINARY, "text"), "0x00ff1b");
  assert.equal(showFrame(BINARY, "hex"), "00ff1b");
  assert.equal(showFrame(BINARY, "base64"), "AP8b");
});

test("a message is a line, its frames apart by a tab or the delimiter", () => {
  const frames = [Buffer.from("a"), Buffer.from("b")];
  assert.equal(showMessage(frames, TEXT), "a\tb\n");
  assert.equal(showMessage(frames, { ...TEXT, delimiter: "|", end: "\0" }), "a|b\0");
});

test("a message as JSON is read as it was written, whatever is in it", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  console.log(`seed ${seed}`);
  let state = seed;
  const next = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  for (const encoding of ["text", "hex", "base64"] as const) {
    for (let round = 0; round < 200; round++) {
      const frames = Array.from({ length: 1 + next(3) }, () =>
        Buffer.from(Array.from({ length: next(6) }, () => next(round % 2 === 0 ? 256 : 128))),
      );
      const format = { ...JSON_LINES, encoding };
      const line = showMessage(frames, format);
      assert.equal(line.indexOf("\n"), line.length - 1);
      assert.deepEqual(readMessage(Buffer.from(line), format), frames);
    }
  }
});

test("JSON in has several forms", () => {
  assert.deepEqual(read('"hello"', JSON_LINES), ["hello"]);
  assert.deepEqual(read('["a", null, 3, {"hex":"ff00"}, {"base64":"/wA="}]', JSON_LINES), [
    "a",
    "",
    "3",
    "\xff\0",
    "\xff\0",
  ]);
  assert.deepEqual(read('{"frames":["a"]}', JSON_LINES), ["a"]);
  for (const [text, sentence] of [
    ["hello", /is not JSON/],
    ["[]", /at least one frame/],
    ["[true]", /A frame is/],
    ['[{"hex":3}]', /A frame is/],
    ['{"other":1}', /A frame is/],
  ] as const) {
    assert.throws(
      () => read(text, JSON_LINES),
      (error) => error instanceof UsageError && sentence.test(error.message),
    );
  }
});

test("a delimiter divides a line into frames, empty ones too", () => {
  assert.deepEqual(read("a::b", { ...TEXT, delimiter: "::" }), ["a", "b"]);
  assert.deepEqual(read(",a,,", { ...TEXT, delimiter: "," }), ["", "a", "", ""]);
  assert.deepEqual(read("a,b", TEXT), ["a,b"]);
});

test("digits are checked", () => {
  assert.deepEqual(read("0xFF 00", { ...TEXT, encoding: "hex" }), ["\xff\0"]);
  for (const wrong of ["f", "fg", "x"])
    assert.throws(() => read(wrong, { ...TEXT, encoding: "hex" }), /hexadecimal/);
  assert.deepEqual(read("/wA=", { ...TEXT, encoding: "base64" }), ["\xff\0"]);
  assert.throws(() => read("*", { ...TEXT, encoding: "base64" }), /not base64/);
});

test("formats that exclude each other are refused", () => {
  const none = { hex: false, base64: false, null: false, delimiter: undefined, raw: false };
  assert.deepEqual(toFormat(none, false), TEXT);
  assert.equal(toFormat({ ...none, null: true }, false).end, "\0");
  assert.throws(() => toFormat({ ...none, hex: true, base64: true }, false), UsageError);
  assert.throws(() => toFormat({ ...none, raw: true }, true), UsageError);
  assert.throws(() => toFormat({ ...none, delimiter: "" }, false), UsageError);
});
