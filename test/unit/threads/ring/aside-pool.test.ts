import assert from "node:assert/strict";
import { test } from "node:test";
import { AsidePool } from "../../../../src/threads/ring/aside-pool.ts";

const MIB = 1 << 20;

test("memory comes back when the reader has passed it, and is used again for bodies of about its size", () => {
  const pool = new AsidePool((index) => assert.fail(`${index} is forgotten`));
  const first = pool.take(300_000);
  assert.equal(first.index, 0);
  assert.equal(first.memory.byteLength, 1 << 19);
  pool.lend(first, 100);
  pool.recycle(99);
  assert.notEqual(pool.take(300_000), first);
  pool.recycle(100);
  assert.notEqual(pool.take(600_000), first, "too small");
  assert.notEqual(pool.take(100_000), first, "wasteful");
  assert.equal(pool.take(400_000), first);
});

test("positions may go round", () => {
  const pool = new AsidePool((index) => assert.fail(`${index} is forgotten`));
  const aside = pool.take(300_000);
  pool.lend(aside, 0x7ffffff0);
  pool.recycle(0x7fffffef);
  assert.notEqual(pool.take(300_000), aside);
  pool.recycle(0x80000010 | 0);
  assert.equal(pool.take(300_000), aside);
});

test("what is kept is bounded, and very large memory is not kept at all", () => {
  const forgotten: number[] = [];
  const pool = new AsidePool((index) => forgotten.push(index));
  const lend = (size: number, index: number): void => {
    const aside = pool.take(size);
    aside.index = index;
    pool.lend(aside, index);
  };
  assert.equal(pool.isAhead, false);
  for (let index = 1; index <= 6; index++) lend(MIB, index);
  assert.equal(pool.isAhead, true);
  lend(5 * MIB, 7);
  pool.recycle(7);
  assert.equal(pool.isAhead, false);
  assert.deepEqual(forgotten, [5, 6, 7]);
});
