import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { type MessageLike, toMessage } from "../../../src/core/message-like.ts";
import { Pull, Push } from "../../../src/index.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { closing, codeOf, join, TRANSPORTS } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

const octets = new Uint8Array([104, 105, 33]);
const shared = new SharedArrayBuffer(3);
new Uint8Array(shared).set(octets);

const GOOD: readonly (readonly [string, MessageLike, readonly string[]])[] = [
  ["a Buffer", Buffer.from("hi!"), ["hi!"]],
  ["a Uint8Array that is part of its memory", new Uint8Array([0, 104, 105, 33, 0]).subarray(1, 4), ["hi!"]],
  ["a Uint16Array", new Uint16Array(octets.slice(0, 2).buffer), ["hi"]],
  ["a DataView", new DataView(octets.buffer, 1, 2), ["i!"]],
  ["an ArrayBuffer", octets.buffer.slice(0), ["hi!"]],
  ["a SharedArrayBuffer", shared, ["hi!"]],
  ["an ArrayBuffer of nothing", new ArrayBuffer(0), [""]],
  ["text", "hi!", ["hi!"]],
  ["text beyond ASCII", "zß水🍋", ["zß水🍋"]],
  ["text of nothing", "", [""]],
  ["a number", 42, ["42"]],
  ["a fraction", -0.5, ["-0.5"]],
  ["no number", Number.NaN, ["NaN"]],
  ["null", null, [""]],
  ["frames of every kind", [Buffer.from("a"), "b", 3, null, octets], ["a", "b", "3", "", "hi!"]],
  ["an array of one", ["a"], ["a"]],
];

const BAD: readonly (readonly [string, unknown, RegExp])[] = [
  ["nothing", undefined, /undefined/],
  ["an empty array", [], /at least one frame/],
  ["a boolean", true, /boolean/],
  ["an object", { a: 1 }, /object/],
  ["a function", () => 1, /function/],
  ["a symbol", Symbol("s"), /symbol/],
  ["a bigint", 1n, /bigint/],
  ["an array in an array", ["a", ["b"]], /object/],
  // biome-ignore lint/suspicious/noSparseArray: it is the case
  ["a hole in an array", [, "a"], /undefined/],
  ["a promise", Promise.resolve("a"), /object/],
  ["a Date", new Date(0), /object/],
];

for (const [what, input, expected] of GOOD) {
  test(`${what} makes a message`, () => {
    assert.deepEqual(
      toMessage(input).map((frame) => Buffer.from(frame).toString()),
      expected,
    );
  });
}

for (const [what, input, sentence] of BAD) {
  test(`${what} is no message: EINVAL, as a rejection`, async (t) => {
    assert.throws(() => toMessage(input as MessageLike), { code: "EINVAL", message: sentence });
    const push = closing(t, new Push({ linger: 0 }));
    push.connect("inproc://nobody");
    assert.equal(await codeOf(push.send(input as MessageLike)), "EINVAL");
    assert.equal(await codeOf(push.sendMany([input as MessageLike])), "EINVAL");
    assert.throws(() => push.trySend(input as MessageLike), { code: "EINVAL" });
    assert.equal(push.stats().sent.accepted, 0);
  });
}

test("frames of octets are taken by reference, text and numbers are made anew", () => {
  const frame = Buffer.from("a");
  assert.equal(toMessage(frame)[0], frame);
  assert.equal(toMessage([frame, "b"])[0], frame);
  const view = toMessage(new DataView(frame.buffer, frame.byteOffset, 1))[0] as Uint8Array;
  assert.equal(view.buffer, frame.buffer);
});

for (const transport of TRANSPORTS) {
  test(`over ${transport} every kind arrives as the Buffers that it stands for`, async (t) => {
    const push = closing(t, new Push());
    const pull = closing(t, new Pull());
    await join(pull, push, transport);
    for (const [what, input, expected] of GOOD) {
      await push.send(input);
      const message = await pull.receive();
      assert.ok(message.every(Buffer.isBuffer), what);
      assert.deepEqual(message.map(String), expected, what);
    }
  });
}
