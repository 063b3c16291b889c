import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { SubscriberSets } from "../../../src/routing/subscriber-sets.ts";

function assertHolds(
  sets: SubscriberSets,
  set: number,
  expected: ReadonlyMap<number, number>,
  where = "",
): void {
  assert.equal(sets.count(set), expected.size, where);
  const found = new Map<number, number>();
  sets.forEach(set, (member, place) => void found.set(member, place));
  assert.deepEqual(new Map([...found].sort()), new Map([...expected].sort()), where);
  const matched: number[] = [];
  sets.match(set, { match: (member) => void matched.push(member) });
  assert.deepEqual(matched.sort(), [...expected.keys()].sort(), where);
  for (const [member, place] of expected) assert.equal(sets.place(set, member), place, where);
}

test("a set grows to thousands of members and shrinks again", () => {
  const sets = new SubscriberSets();
  const expected = new Map<number, number>();
  let set = sets.create();
  for (let member = 1; member <= 3000; member++) {
    set = sets.add(set, member, member * 2);
    expected.set(member, member * 2);
  }
  assertHolds(sets, set, expected);
  assert.equal(sets.place(set, 3001), -1);
  for (let member = 1; member < 3000; member++) {
    set = sets.remove(set, member);
    assert.equal(sets.place(set, member), -1);
  }
  assert.equal(sets.someMember(set), 3000);
  assertHolds(sets, set, new Map([[3000, 6000]]));
});

test("several sets are right after any history", (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const sets = new SubscriberSets();
  const all = Array.from({ length: 10 }, () => ({ set: sets.create(), expected: new Map<number, number>() }));
  for (let step = 0; step < 20_000; step++) {
    const one = random.pick(all);
    const member = random.between(1, random.pick([4, 60, 1000]));
    const place = random.below(1000);
    if (!one.expected.has(member)) {
      one.set = sets.add(one.set, member, place);
      one.expected.set(member, place);
    } else if (random.chance(0.2)) {
      sets.setPlace(one.set, member, place);
      one.expected.set(member, place);
    } else if (one.expected.size > 1) {
      one.set = sets.remove(one.set, member);
      one.expected.delete(member);
    }
  }
  const copies = new SubscriberSets();
  for (const { set, expected } of all) {
    assertHolds(sets, set, expected, `SEED=${seed}`);
    assertHolds(copies, sets.copyTo(copies, set), expected, `SEED=${seed}`);
  }
});

test("the space of released sets is used again", () => {
  const sets = new SubscriberSets();
  const first = sets.create();
  sets.release(first);
  assert.equal(sets.create(), first);
  assert.equal(sets.count(first), 0);
});
