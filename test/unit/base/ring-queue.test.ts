import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { RingQueue } from "../../../src/base/ring-queue.ts";

const seed = chooseSeed(process.env.SEED);

test("first in, first out, and undefined when empty", () => {
  const queue = new RingQueue<number>();
  assert.equal(queue.take(), undefined);
  assert.equal(queue.peek(), undefined);
  for (let i = 0; i < 100; i++) queue.push(i);
  assert.equal(queue.length, 100);
  assert.equal(queue.peek(), 0);
  for (let i = 0; i < 100; i++) assert.equal(queue.take(), i);
  assert.ok(queue.isEmpty);
});

test("an item put back is the first again", () => {
  const queue = new RingQueue<string>();
  queue.unshift("b");
  queue.push("c");
  queue.unshift("a");
  assert.deepEqual([queue.take(), queue.take(), queue.take(), queue.take()], ["a", "b", "c", undefined]);
});

test("many are taken at once, in order, also round the end of the ring", () => {
  const queue = new RingQueue<number>();
  assert.deepEqual(queue.takeMany(5), []);
  for (let turn = 0; turn < 7; turn++) {
    for (let i = 0; i < 13; i++) queue.push(i);
    assert.deepEqual(queue.takeMany(4), [0, 1, 2, 3]);
    assert.deepEqual(queue.takeMany(100), [4, 5, 6, 7, 8, 9, 10, 11, 12]);
    assert.ok(queue.isEmpty);
  }
});

test("queues that are empty share nothing that one of them could fill", () => {
  const first = new RingQueue<number>();
  const second = new RingQueue<number>();
  first.push(1);
  assert.equal(second.length, 0);
  first.clear();
  assert.equal(first.length, 0);
  assert.equal(second.take(), undefined);
});

test("does what an array does, whatever is called in whatever order", (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 60; round++) {
    const random = new Random(seed + round);
    const queue = new RingQueue<number>();
    const model: number[] = [];
    const pushing = random.pick([0.4, 0.5, 0.7]);
    for (let step = 0; step < 800; step++) {
      const what = `SEED=${seed + round}, step ${step}`;
      if (random.chance(pushing)) {
        queue.push(step);
        model.push(step);
      } else if (random.chance(0.1)) {
        queue.unshift(step);
        model.unshift(step);
      } else if (random.chance(0.15)) {
        const item = model.length > 0 && random.chance(0.8) ? random.pick(model) : -1;
        const at = model.indexOf(item);
        if (at >= 0) model.splice(at, 1);
        assert.equal(queue.remove(item), at >= 0, what);
      } else if (random.chance(0.005)) {
        queue.clear();
        model.length = 0;
      } else {
        assert.equal(queue.take(), model.shift(), what);
      }
      assert.equal(queue.length, model.length, what);
      assert.equal(queue.isEmpty, model.length === 0, what);
      assert.equal(queue.peek(), model[0], what);
    }
    while (model.length > 0) assert.equal(queue.take(), model.shift());
    assert.ok(queue.isEmpty);
  }
});
