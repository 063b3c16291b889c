import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { NAME_COUNT, SEAT, SEAT_STATE } from "../../../../src/threads/layout.ts";
import type { ThreadRef } from "../../../../src/threads/seat/directory.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownerWords, strayPlaces } from "../places.ts";

function table(threads: number): { directory: Directory; owners: ThreadRef[] } {
  const directory = Directory.create();
  const owners = Array.from({ length: threads }, (_, threadId) =>
    directory.join({ systemId: 0, threadId, role: 0 }),
  );
  return { directory, owners };
}

describe("the table of names", () => {
  it("does what a map does, whoever claims, releases and leaves", () => {
    const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`SEED=${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const { directory, owners } = table(8);
    const model = new Map<string, ThreadRef>();
    for (let step = 0; step < 40_000; step++) {
      const name = `name ${random(12_000)}`;
      const who = random(owners.length);
      const owner = owners[who] as ThreadRef;
      const action = random(100);
      if (action < 55) {
        assert.equal(directory.claim(name, owner), !model.has(name), `claim, step ${step}`);
        if (!model.has(name)) model.set(name, owner);
      } else if (action < 90) {
        assert.equal(directory.release(name, owner), model.get(name) === owner, `release, step ${step}`);
        if (model.get(name) === owner) model.delete(name);
      } else {
        assert.deepEqual(directory.find(name), model.get(name) ?? null, `find, step ${step}`);
      }
      if (random(2_000) > 0) continue;
      directory.remove(owner);
      for (const [taken, by] of model) if (by === owner) model.delete(taken);
      owners[who] = directory.join({ systemId: 0, threadId: who, role: 0 });
    }
    for (let i = 0; i < 12_000; i++) {
      const name = `name ${i}`;
      assert.deepEqual(directory.find(name), model.get(name) ?? null, name);
    }
    assert.equal(ownerWords(directory).filter((owner) => owner > 0).length, model.size);
    assert.equal(strayPlaces(directory), 0);
    for (const owner of owners) directory.remove(owner);
    assert.ok(ownerWords(directory).every((owner) => owner === 0));
  });

  it("is as empty and as fast after 100,000 names as before", () => {
    const { directory, owners } = table(1);
    const [owner] = owners as [ThreadRef];
    for (let i = 0; i < 200; i++) directory.claim(`stays ${i}`, owner);
    const cycle = (from: number): number => {
      const start = performance.now();
      for (let i = from; i < from + 5_000; i++) {
        if (!directory.claim(`passes ${i}`, owner) || !directory.release(`passes ${i}`, owner))
          assert.fail(`${i}`);
      }
      return performance.now() - start;
    };
    const times = Array.from({ length: 20 }, (_, i) => cycle(5_000 * i));
    assert.ok(
      Math.min(...times.slice(10)) < 3 * Math.min(...times.slice(0, 10)),
      `${times.map(Math.round)} ms`,
    );
    assert.equal(ownerWords(directory).filter((word) => word > 0).length, 200);
    assert.ok(
      ownerWords(directory).filter((word) => word === -1).length < 20,
      "passed on the way to one of the 200",
    );
    assert.equal(strayPlaces(directory), 0);
  });

  it("takes 16,383 names, refuses one more, and is usable when they are gone", () => {
    const { directory, owners } = table(2);
    const [first, second] = owners as [ThreadRef, ThreadRef];
    for (let i = 0; i < NAME_COUNT - 1; i++) assert.ok(directory.claim(`${i}`, i % 2 === 0 ? first : second));
    assert.throws(() => directory.claim("one more", first), { code: "EMFILE" });
    assert.deepEqual([directory.find("one more"), directory.find("77")], [null, second]);
    assert.equal(directory.claim("77", first), false);
    assert.ok(directory.release("77", second) && directory.claim("one more", first));
    directory.remove(first);
    for (let i = 1; i < 2000; i += 2) assert.equal(directory.release(`${i}`, second), i !== 77);
    assert.equal(strayPlaces(directory), 0);
    directory.remove(second);
    assert.ok(ownerWords(directory).every((owner) => owner === 0));
  });

  it("gives a name away whose owner left without cleaning up", () => {
    const { directory, owners } = table(3);
    const [leaver, second, third] = owners as [ThreadRef, ThreadRef, ThreadRef];
    directory.claim("name", leaver);
    directory.words[directory.seatWord(leaver.seat, SEAT.STATE)] = SEAT_STATE.DEAD;
    assert.equal(directory.find("name"), null);
    assert.deepEqual([directory.claim("name", second), directory.claim("name", third)], [true, false]);
    assert.deepEqual(
      [directory.find("name"), directory.remove(leaver), directory.find("name")],
      [second, true, second],
    );
  });

  it("knows any text", () => {
    const { directory, owners } = table(1);
    const [owner] = owners as [ThreadRef];
    const names = ["", "a", "A", "a ", "\0", "ä", "a\u0308", "\u{1f40e}", "x".repeat(100_000)];
    for (const name of names) assert.ok(directory.claim(name, owner));
    for (const name of names) assert.deepEqual(directory.find(name), owner);
    for (const name of names) assert.ok(directory.release(name, owner));
  });
});
