import assert from "node:assert/strict";
import { test } from "node:test";
import {
  frameOfNumber,
  isRoutingNumber,
  NUMBER_SIZE,
  NumberTable,
  numberOfFrame,
} from "../../../src/routing/number-table.ts";
import { createPeer } from "../sockets/rig.ts";

const pipe = () => createPeer().near;

test("numbers begin anywhere and count up", () => {
  const table = new NumberTable(41);
  assert.deepEqual([table.add(pipe()).number, table.add(pipe()).number], [41, 42]);
  assert.equal(table.size, 2);
});

test("the first number is chosen by chance", () => {
  // The rig's platform gives 0.5.
  assert.equal(new NumberTable().add(pipe()).number, 0x80000000);
});

test("no number is zero, and none is given twice", () => {
  const table = new NumberTable(0xffffffff);
  const last = table.add(pipe());
  const first = table.add(pipe());
  assert.deepEqual([last.number, first.number], [0xffffffff, 1]);
  const again = new NumberTable(0);
  assert.equal(again.add(pipe()).number, 1);
  again.restore(pipe(), 2);
  assert.equal(again.add(pipe()).number, 3);
});

test("a route is found until it is removed, and then it is not removed again", () => {
  const table = new NumberTable(7);
  const route = table.add(pipe());
  assert.equal(table.find(7), route);
  assert.equal(table.remove(route), true);
  assert.equal(table.remove(route), false);
  assert.equal(table.find(7), undefined);
  const later = table.restore(pipe(), 7);
  assert.equal(table.remove(route), false);
  assert.equal(table.find(7), later);
});

test("a number is a frame of four octets, the highest first", () => {
  const frame = frameOfNumber(0x01020304);
  assert.deepEqual([...frame], [1, 2, 3, 4]);
  assert.equal(frame.length, NUMBER_SIZE);
  for (const number of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
    assert.equal(numberOfFrame(frameOfNumber(number)), number);
});

test("whole numbers of 32 bits can be looked up, and nothing else", () => {
  for (const number of [0, 1, 0xffffffff]) assert.equal(isRoutingNumber(number), true);
  for (const value of [-1, 0.5, 2 ** 32, Number.NaN, "1", undefined, null, 1n, {}])
    assert.equal(isRoutingNumber(value), false);
});
