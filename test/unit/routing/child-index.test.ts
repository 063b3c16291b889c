import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { ChildIndex } from "../../../src/routing/child-index.ts";

function assertHolds(
  index: ChildIndex,
  name: number,
  expected: ReadonlyMap<number, number>,
  where = "",
): void {
  assert.equal(index.count(name), expected.size, where);
  for (let octet = 0; octet < 256; octet++)
    assert.equal(index.find(name, octet), expected.get(octet) ?? 0, where);
}

test("an index grows to 256 children and shrinks to the last one", () => {
  const index = new ChildIndex();
  const expected = new Map([
    [7, 70],
    [0, 9],
  ]);
  let name = index.create(7, 70, 0, 9);
  assertHolds(index, name, expected);
  for (let octet = 0; octet < 256; octet++) {
    if (expected.has(octet)) continue;
    expected.set(octet, 1000 + octet);
    name = index.add(name, octet, 1000 + octet);
    assertHolds(index, name, expected, `added ${octet}`);
  }
  for (let octet = 255; octet > 1; octet--) {
    expected.delete(octet);
    name = index.remove(name, octet);
    assertHolds(index, name, expected, `removed ${octet}`);
  }
  assert.equal(index.remove(name, 0), -1001);
});

test("an index is right after any history", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const index = new ChildIndex();
  for (let round = 0; round < 30; round++) {
    const expected = new Map([
      [1, 11],
      [2, 22],
    ]);
    let name = index.create(1, 11, 2, 22);
    const growth = random.pick([0.4, 0.5, 0.6, 0.9]);
    for (let step = 0; step < 300; step++) {
      const octet = random.below(256);
      const child = random.between(1, 1000);
      if (!expected.has(octet) && random.chance(growth)) {
        name = index.add(name, octet, child);
        expected.set(octet, child);
      } else if (expected.has(octet) && random.chance(0.3)) {
        index.replace(name, octet, child);
        expected.set(octet, child);
      } else if (expected.size > 2) {
        const gone = random.pick([...expected.keys()]);
        name = index.remove(name, gone);
        expected.delete(gone);
      }
    }
    assertHolds(index, name, expected, `SEED=${seed}, round ${round}`);
  }
});

test("a copy in another arena names the children anew", () => {
  const from = new ChildIndex();
  const to = new ChildIndex();
  const forward = Int32Array.from({ length: 300 }, (_, i) => 5000 + i);
  for (const size of [2, 6, 7, 25, 51, 52, 256]) {
    const expected = new Map<number, number>();
    let name = from.create(0, 8, 1, 16);
    for (let octet = 2; octet < size; octet++) name = from.add(name, octet, 8 * (octet + 1));
    for (let octet = 0; octet < size; octet++) expected.set(octet, 5000 + octet + 1);
    assertHolds(to, from.copyTo(to, name, forward, 3), expected, `size ${size}`);
  }
});

test("indexes that are no more leave their space, and an arena full of it is sparse", () => {
  const index = new ChildIndex();
  for (let round = 0; round < 100; round++) {
    const names = Array.from({ length: 1000 }, () => index.create(1, 1, 2, 2));
    assert.equal(index.isSparse, false);
    for (const name of names) assert.equal(index.remove(name, 1), -2);
  }
  assert.ok(index.create(1, 1, 2, 2) < 20_000);
  for (let round = 0; round < 1000; round++) index.create(1, 1, 2, 2);
  const large = Array.from({ length: 100_000 }, () => index.create(1, 1, 2, 2));
  for (const name of large) index.remove(name, 1);
  assert.equal(index.isSparse, true);
});
