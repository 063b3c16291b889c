import assert from "node:assert/strict";
import { test } from "node:test";
import { HEADER_WORDS, READY_WORDS, SEAT, SEAT_WORDS, seatWord } from "../../../../src/threads/layout.ts";
import { markReady, ReadyBits } from "../../../../src/threads/seat/ready-bits.ts";

const AT = seatWord(1, 0);

function createBits(onNews: () => void = () => undefined): { words: Int32Array; bits: ReadyBits } {
  const words = new Int32Array(new SharedArrayBuffer(4 * (HEADER_WORDS + 3 * SEAT_WORDS)));
  return { words, bits: new ReadyBits(words, AT, onNews) };
}

test("every bit has its place in the seat, and no other word is touched", () => {
  const { words, bits } = createBits();
  const called = new Set<number>();
  for (let bit = 1; bit < 32 * READY_WORDS; bit++) {
    assert.equal(
      bits.register(() => called.add(bit)),
      bit,
    );
  }
  for (const bit of [1, 2, 31, 32, 33, 63, 64, 500, 991, 992, 1022, 1023]) {
    markReady(words, AT, bit);
    const changed = [...words.keys()].filter((index) => words[index] !== 0);
    assert.deepEqual(changed, [AT + SEAT.SUMMARY, AT + SEAT.READY + (bit >>> 5)], `bit ${bit}`);
    assert.equal(bits.drain(), true);
    assert.deepEqual([...called], [bit]);
    called.clear();
    assert.ok(words.every((word) => word === 0));
  }
});

test("a summary without bits, of a thread that died or was late, is nothing", () => {
  const { words, bits } = createBits(() => assert.fail());
  words[AT + SEAT.SUMMARY] = -1;
  assert.equal(bits.drain(), false);
  assert.equal(words[AT + SEAT.SUMMARY], 0);
});

test("bits are given again, and shared when there are too many ends", () => {
  const { words, bits } = createBits();
  const calls = new Set<number>();
  const handlers = Array.from({ length: 1500 }, (_, index) => () => calls.add(index));
  const numbers = handlers.map((handler) => bits.register(handler));
  assert.ok(numbers.every((bit) => bit >= 1 && bit <= 1023));
  assert.equal(new Set(numbers).size, 1023);
  for (const bit of numbers) markReady(words, AT, bit);
  bits.drain();
  assert.equal(calls.size, 1500);
  for (let index = 0; index < 1500; index += 2) bits.unregister(numbers[index]!, handlers[index]!);
  calls.clear();
  for (const bit of numbers) markReady(words, AT, bit);
  bits.drain();
  assert.deepEqual([...calls].filter((index) => index % 2 === 0).length, 0);
  assert.equal(calls.size, 750);
  for (let index = 1; index < 1500; index += 2) bits.unregister(numbers[index]!, handlers[index]!);
  assert.equal(new Set(handlers.map((handler) => bits.register(handler))).size, 1023);
});

test("on a shared bit a handler that another has unregistered is not called", () => {
  const { words, bits } = createBits();
  const calls: number[] = [];
  const handlers = Array.from({ length: 1024 }, (_, index) => () => {
    calls.push(index);
    bits.unregister(numbers[1023]!, handlers[1023]!);
  });
  const numbers = handlers.map((handler) => bits.register(handler));
  assert.equal(numbers[0], numbers[1023]);
  markReady(words, AT, numbers[0]!);
  bits.drain();
  assert.deepEqual(calls, [0]);
});

test("a bit that nobody has any more is the next one to be given", () => {
  const { bits } = createBits();
  const handlers = Array.from({ length: 1030 }, () => () => undefined);
  const numbers = handlers.map((handler) => bits.register(handler));
  bits.unregister(numbers[1025]!, handlers[1025]!);
  bits.unregister(numbers[500]!, handlers[500]!);
  bits.unregister(numbers[500]!, handlers[500]!);
  assert.equal(bits.register(handlers[500]!), numbers[500]);
  assert.notEqual(bits.register(handlers[1025]!), numbers[500]);
});
