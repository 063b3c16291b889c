import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockArena, grown } from "../../../src/routing/block-arena.ts";

test("blocks do not overlap, are zero, and keep what is in them while the arena grows", () => {
  const arena = new BlockArena();
  const blocks: { block: number; k: number }[] = [];
  for (let i = 0; i < 500; i++) {
    const k = 3 + (i % 4);
    const block = arena.allocate(k);
    assert.ok(block > 0);
    for (let word = block; word < block + (1 << k); word++) assert.equal(arena.words[word], 0);
    arena.words.fill(i + 1, block, block + (1 << k));
    blocks.push({ block, k });
  }
  blocks.forEach(({ block, k }, i) => {
    for (let word = block; word < block + (1 << k); word++) assert.equal(arena.words[word], i + 1);
  });
});

test("a released block is used again, and is zero", () => {
  const arena = new BlockArena();
  const first = arena.allocate(4);
  const second = arena.allocate(4);
  arena.words.fill(7, first, first + 16);
  arena.release(first, 4);
  arena.release(second, 4);
  assert.deepEqual([arena.allocate(4), arena.allocate(4)], [second, first]);
  assert.equal(arena.words[first], 0);
  assert.ok(arena.allocate(4) > second);
});

test("the octets are those of the words", () => {
  const arena = new BlockArena();
  const block = arena.allocate(10);
  arena.octets[4 * block] = 0xff;
  assert.notEqual(arena.words[block], 0);
});

test("an arena is sparse when most of it is free, unless it is small", () => {
  const small = new BlockArena();
  const few = Array.from({ length: 100 }, () => small.allocate(3));
  for (const block of few) small.release(block, 3);
  assert.equal(small.isSparse, false);
  const large = new BlockArena();
  const many = Array.from({ length: 100_000 }, () => large.allocate(3));
  let left = many.length;
  while (!large.isSparse) large.release(many[--left]!, 3);
  assert.ok(left > 0 && left < 20_000, `${left} of 100,000 are left`);
});

test("growing copies, by half or to the length that is needed", () => {
  const words = Int32Array.of(1, 2, 3, 4);
  assert.deepEqual([...grown(words, 5)], [1, 2, 3, 4, 0, 0]);
  assert.equal(grown(words, 100).length, 100);
});
