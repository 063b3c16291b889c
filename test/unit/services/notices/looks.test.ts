import assert from "node:assert/strict";
import { test } from "node:test";
import { LATER_MS, Looks, SOON_MS } from "../../../../src/services/notices/looks.ts";
import { Clock } from "./clock.ts";

function rig(costMs = 0): { clock: Clock; seen: string[]; looks: Looks<string> } {
  const clock = new Clock();
  const seen: string[] = [];
  const looks = new Looks<string>((item) => {
    seen.push(item);
    clock.nowMs += costMs;
  });
  return { clock, seen, looks };
}

test("a doubt is looked into soon, and once more when it could have lasted", () => {
  const { clock, seen, looks } = rig();
  looks.noteDoubt("a");
  clock.pass(SOON_MS - 1);
  assert.deepEqual(seen, []);
  clock.pass(1);
  assert.deepEqual(seen, ["a"]);
  clock.pass(LATER_MS - SOON_MS - 1);
  assert.deepEqual(seen, ["a"]);
  clock.pass(1);
  assert.deepEqual(seen, ["a", "a"]);
  assert.deepEqual([clock.pass(60_000), clock.timerCount], [0, 0]);
});

test("what is new and gives no doubt is looked at once, some seconds later", () => {
  const { clock, seen, looks } = rig();
  looks.noteNew("a");
  clock.pass(LATER_MS - 1);
  assert.deepEqual(seen, []);
  clock.pass(1);
  assert.deepEqual(seen, ["a"]);
  assert.equal(clock.timerCount, 0);
});

test("many doubts are one look, and one timer serves all", () => {
  const { clock, seen, looks } = rig();
  for (let i = 0; i < 50; i++) {
    looks.noteDoubt(`${i % 5}`);
    clock.pass(1);
  }
  assert.equal(clock.timerCount, 1);
  clock.pass(SOON_MS);
  assert.deepEqual(seen, ["0", "1", "2", "3", "4"]);
  assert.equal(clock.timerCount, 1);
});

test("what is gone is not looked at any more, and says whether there was a doubt", () => {
  const { clock, seen, looks } = rig();
  looks.noteNew("new");
  looks.noteDoubt("doubtful");
  looks.noteDoubt("seen");
  clock.pass(SOON_MS);
  looks.noteDoubt("doubtful");
  seen.length = 0;
  assert.deepEqual(
    ["new", "doubtful", "seen", "unknown"].map((item) => looks.delete(item)),
    [false, true, false, false],
  );
  assert.equal(clock.timerCount, 0);
  clock.pass(60_000);
  assert.deepEqual(seen, []);
});

test("a thousand at once: the loop turns every 2 ms, and looks take a twentieth of the time", () => {
  const { clock, seen, looks } = rig(0.1);
  for (let i = 0; i < 1000; i++) looks.noteDoubt(`${i}`);
  clock.pass(SOON_MS);
  const firstCount = seen.length;
  assert.ok(firstCount > 0 && firstCount <= 21, `${firstCount} in the first turn`);
  const sinceMs = clock.nowMs;
  while (seen.length < 1000) assert.ok(clock.pass(10) <= 1);
  assert.ok(clock.nowMs - sinceMs > 1900, `${clock.nowMs - sinceMs} ms`);
});

test("at the end of the process doubts are looked into at once, for a moment at most; nothing else is", () => {
  const { clock, seen, looks } = rig();
  looks.noteNew("new");
  looks.noteDoubt("a");
  looks.flush();
  assert.deepEqual(seen, ["a", "a"]);
  looks.flush();
  assert.deepEqual(seen, ["a", "a"]);
  clock.pass(60_000);

  const slow = rig(10);
  for (let i = 0; i < 100; i++) slow.looks.noteDoubt(`${i}`);
  slow.looks.flush();
  assert.ok(slow.seen.length <= 7, `${slow.seen.length} looks of 10 ms`);
});
