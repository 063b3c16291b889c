import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, it } from "node:test";
import { Worker } from "node:worker_threads";
import { CONTEXT_STATE, HEADER, SEAT, SEAT_COUNT, SEAT_STATE } from "../../../../src/threads/layout.ts";
import type { JoinDetails, ThreadRef } from "../../../../src/threads/seat/directory.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { ownSystemThread } from "../../../../src/threads/seat/system-thread.ts";
import { ownerWords, strayPlaces } from "../places.ts";
import { dieAt } from "./mortal.ts";
import { race } from "./name-racer.ts";

const skip = existsSync("/proc/thread-self") ? false : "the operating system does not tell of threads";
const CHURNER = new URL("./churner.js", import.meta.url);

let lastSystemId = 0;
const dead = new Set<number>();
/** Knows who of the threads that the tests make up is dead. */
const isAlive = (systemId: number): boolean => !dead.has(systemId);

function details(role = 0): JoinDetails {
  return { systemId: ++lastSystemId, startTime: 7, threadId: lastSystemId, role };
}

function open(memory = Directory.create().memory): Directory {
  return new Directory(memory, isAlive);
}

/** Places of the table that are not empty. */
function usedPlaces(directory: Directory): number {
  return ownerWords(directory).filter((owner) => owner !== 0).length;
}

/** What lies about that nobody needs: seats that were not cleared, vacant places. */
function litter(directory: Directory): string[] {
  const seats = Array.from({ length: 8 }, (_, seat) => {
    const [state, uid] = [SEAT.STATE, SEAT.UID].map(
      (word) => directory.words[directory.seatWord(seat, word)],
    );
    const isLitter = state === SEAT_STATE.DEAD || (state === SEAT_STATE.FREE && uid !== 0);
    return isLitter ? [`seat ${seat}: state ${state}, uid ${uid}`] : [];
  });
  const stray = strayPlaces(directory);
  return [...seats.flat(), ...(stray > 0 ? [`${stray} vacant places`] : [])];
}

describe("a directory", () => {
  it("is known by its id wherever it is opened", () => {
    const one = Directory.create();
    assert.match(one.id, /^[0-9a-f]{16}$/);
    assert.equal(new Directory(one.memory).id, one.id);
    assert.notEqual(Directory.create().id, one.id);
  });

  it("refuses memory that is no directory", () => {
    const { memory } = Directory.create();
    const changed = new SharedArrayBuffer(memory.byteLength);
    new Int32Array(changed).set(new Int32Array(memory));
    new Int32Array(changed)[HEADER.MAGIC]--;
    for (const wrong of [
      new SharedArrayBuffer(64),
      changed,
      new ArrayBuffer(memory.byteLength),
      {},
      undefined,
    ]) {
      assert.throws(() => new Directory(wrong as SharedArrayBuffer), { code: "EINVAL" });
    }
  });

  it("is terminated or superseded once", () => {
    const one = Directory.create();
    assert.equal(one.state, CONTEXT_STATE.LIVE);
    assert.deepEqual([one.terminate(), open(one.memory).terminate(), one.supersede()], [true, false, false]);
    assert.equal(open(one.memory).state, CONTEXT_STATE.TERMINATED);
    const other = Directory.create();
    assert.deepEqual(
      [other.supersede(), other.supersede(), other.state],
      [true, false, CONTEXT_STATE.SUPERSEDED],
    );
  });

  it("is elder than those that were made later, and of two made at once one is the elder", () => {
    const made = Array.from({ length: 50 }, () => Directory.create());
    for (const [i, first] of made.entries()) {
      assert.equal(first.isElderThan(first), false);
      for (const second of made.slice(i + 1))
        assert.notEqual(first.isElderThan(second), second.isElderThan(first));
    }
    const [first, second] = [made[0] as Directory, made[1] as Directory];
    for (const [ours, theirs] of [
      [0x7fffffff, -1],
      [1, 2],
      [-2, -1],
    ] as const) {
      first.words[HEADER.BORN] = ours;
      second.words[HEADER.BORN] = theirs;
      assert.deepEqual([first.isElderThan(second), second.isElderThan(first)], [true, false]);
    }
  });

  it("has options that all threads see", () => {
    const one = Directory.create({ maxSockets: 1023, blocky: 1 });
    const same = new Directory(one.memory);
    assert.deepEqual([same.option("maxSockets"), same.option("blocky"), same.option("ipv6")], [1023, 1, 0]);
    same.setOption("ipv6", 1);
    same.setOption("maxMessageSize", -1);
    assert.deepEqual(
      [one.option("ipv6"), one.option("maxMessageSize"), one.option("maxSockets")],
      [1, -1, 1023],
    );
  });
});

describe("seats", () => {
  it("are taken by threads that are found until they are removed", () => {
    const one = open();
    const [first, second] = [one.join(details()), open(one.memory).join({ ...details(2), threadId: 9 })];
    assert.deepEqual(one.threads(), [first, second]);
    assert.notEqual(first.uid, second.uid);
    const words = [SEAT.THREAD_ID, SEAT.ROLE, SEAT.START_TIME].map(
      (word) => one.words[one.seatWord(second.seat, word)],
    );
    assert.deepEqual(words, [9, 2, 7]);
    assert.ok(one.isPresent(first) && one.isPresent(second));
    assert.deepEqual(
      [one.remove(first), one.remove(first), open(one.memory).remove(first)],
      [true, false, false],
    );
    assert.deepEqual([one.isPresent(first), one.threads()], [false, [second]]);
    assert.equal(one.words[one.seatWord(first.seat, SEAT.UID)], 0);
  });

  it("are used again, with another uid and nothing of the last thread", () => {
    const one = open();
    const first = one.join(details());
    for (let word = SEAT.SLEEP; word <= SEAT.LOAD; word++) one.words[one.seatWord(first.seat, word)] = 77;
    one.remove(first);
    const second = one.join({ systemId: 5, threadId: 6, role: 0 });
    assert.equal(second.seat, first.seat);
    assert.notEqual(second.uid, first.uid);
    for (let word = SEAT.SLEEP; word <= SEAT.START_TIME; word++) {
      assert.equal(one.words[one.seatWord(second.seat, word)], 0, `word ${word}`);
    }
    assert.deepEqual([one.isPresent(first), one.remove(first), one.isPresent(second)], [false, false, true]);
  });

  it("count the sockets of those who are there", () => {
    const one = open();
    const [first, second] = [one.join(details()), one.join(details())];
    Atomics.add(one.words, one.seatWord(first.seat, SEAT.SOCKETS), 3);
    Atomics.add(one.words, one.seatWord(second.seat, SEAT.SOCKETS), 4);
    assert.equal(one.socketCount(), 7);
    one.remove(first);
    assert.equal(one.socketCount(), 4);
  });

  it("are 1024; a dead thread's is given away before one more is refused", () => {
    const one = open();
    const all = Array.from({ length: SEAT_COUNT }, () => one.join(details()));
    assert.equal(new Set(all.map(({ seat }) => seat)).size, SEAT_COUNT);
    assert.equal(new Set(all.map(({ uid }) => uid)).size, SEAT_COUNT);
    assert.equal(one.threads().length, SEAT_COUNT);
    assert.throws(() => one.join(details()), { code: "EMFILE" });
    const gone = all[500] as ThreadRef;
    one.claim("of the dead", gone);
    dead.add(one.words[one.seatWord(gone.seat, SEAT.SYSTEM_ID)] as number);
    assert.deepEqual([one.hasEnded(gone), one.hasEnded(all[501] as ThreadRef)], [true, false]);
    const heir = one.join(details());
    assert.deepEqual([heir.seat, one.isPresent(gone), one.find("of the dead")], [gone.seat, false, null]);
    assert.throws(() => one.join(details()), { code: "EMFILE" });
    for (const thread of one.threads()) assert.equal(one.remove(thread), true);
    assert.deepEqual([one.threads(), one.join(details()).seat], [[], 0]);
  });
});

describe("names", () => {
  it("belong to one thread until it releases them", () => {
    const one = open();
    const [first, second] = [one.join(details()), one.join(details())];
    const epoch = one.namesEpoch;
    assert.deepEqual(
      [one.claim("a", first), one.claim("a", second), one.claim("a", first)],
      [true, false, false],
    );
    assert.notEqual(one.namesEpoch, epoch);
    assert.deepEqual([one.find("a"), one.find("b")], [first, null]);
    assert.deepEqual(
      [one.release("a", second), one.release("b", first), one.release("a", first)],
      [false, false, true],
    );
    assert.deepEqual([one.find("a"), one.release("a", first), one.claim("a", second)], [null, false, true]);
  });

  it("of a thread that is gone are free", () => {
    const one = open();
    const [first, second] = [one.join(details()), one.join(details())];
    for (let i = 0; i < 100; i++) assert.ok(one.claim(`${i}`, i % 2 === 0 ? first : second));
    one.remove(first);
    for (let i = 0; i < 100; i++) assert.deepEqual(one.find(`${i}`), i % 2 === 0 ? null : second);
    for (let i = 0; i < 100; i++) assert.equal(one.claim(`${i}`, second), i % 2 === 0);
    one.remove(second);
    assert.equal(usedPlaces(one), 0);
  });

  it("have one winner each when two threads race for 10,000 of them", async () => {
    const rounds = 10_000;
    const { memory } = Directory.create();
    const results = new Uint8Array(new SharedArrayBuffer(2 * rounds));
    const line = new Int32Array(new SharedArrayBuffer(4));
    const run = { memory, line, results, rounds };
    const worker = new Worker(new URL("./name-racer.js", import.meta.url), { workerData: { race: run } });
    const ended = once(worker, "exit");
    await once(worker, "online");
    race(run, 0);
    assert.deepEqual(await ended, [0]);
    const wins = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const pair = [results[2 * round] as number, results[2 * round + 1] as number];
      assert.deepEqual([...pair].sort(), [0, 7], `round ${round}`);
      wins[pair[0] === 7 ? 0 : 1]++;
    }
    assert.ok(Math.min(...wins) > rounds / 100, `a race that the same thread wins is none: ${wins}`);
  });
});

/** What a thread with seats and names may be doing when it dies. */
const deeds: Record<string, (directory: Directory, me: ThreadRef, other: ThreadRef) => unknown> = {
  join: (directory) => directory.join(details()),
  claim: (directory, me) => directory.claim("wanted", me),
  "claim of a name whose owner left": (directory, me) => directory.claim("left", me),
  release: (directory, me) => directory.release("mine 3", me),
  find: (directory) => directory.find("mine 3"),
  "removal of another": (directory, _me, other) => directory.remove(other),
  "removal of itself": (directory, me) => directory.remove(me),
};

describe("a thread that dies at any store", () => {
  for (const [title, deed] of Object.entries(deeds)) {
    it(`leaves all in order: ${title}`, () => {
      let deaths = 0;
      while (diesInOrder(deed, deaths)) deaths++;
      assert.ok(deaths >= 3, `${deaths} deaths`);
    });
  }
});

/** A survivor, the mortal, and another that is dead already; the mortal dies before its change number `count`. */
function diesInOrder(deed: (typeof deeds)[string], count: number): boolean {
  const survivor = open();
  const me = survivor.join(details());
  const [mortal, other] = [open(survivor.memory), open(survivor.memory)];
  const [dying, gone] = [mortal.join(details()), other.join(details())];
  for (let i = 0; i < 5; i++) {
    assert.ok(
      survivor.claim(`kept ${i}`, me) && mortal.claim(`mine ${i}`, dying) && other.claim(`his ${i}`, gone),
    );
  }
  // A name of a thread that left without any cleaning.
  const leaver = survivor.join(details());
  survivor.claim("left", leaver);
  survivor.words[survivor.seatWord(leaver.seat, SEAT.STATE)] = SEAT_STATE.FREE;
  const died = dieAt(count, () => deed(mortal, dying, gone));
  for (const { seat } of [dying, gone])
    dead.add(survivor.words[survivor.seatWord(seat, SEAT.SYSTEM_ID)] as number);
  // A thread that was joining when it died has no seat.
  dead.add(lastSystemId);

  const start = performance.now();
  const wasLocked = survivor.words[HEADER.LOCK] !== 0;
  for (let i = 0; i < 5; i++) assert.deepEqual(survivor.find(`kept ${i}`), me);
  if (wasLocked) assert.deepEqual(litter(survivor), [], "who robs the lock clears up");
  assert.ok(performance.now() - start < 500, "the lock of the dead held us up");
  survivor.remove(dying);
  survivor.remove(gone);
  for (const thread of survivor.threads()) if (thread.uid !== me.uid) assert.ok(survivor.remove(thread));
  assert.deepEqual(survivor.threads(), [me]);
  for (let seat = 1; seat < 8; seat++) {
    assert.equal(survivor.words[survivor.seatWord(seat, SEAT.STATE)], SEAT_STATE.FREE, `seat ${seat}`);
  }
  const names = ["wanted", "left", ...[0, 1, 2, 3, 4].flatMap((i) => [`mine ${i}`, `his ${i}`])];
  for (const name of names) {
    assert.equal(survivor.find(name), null, name);
    assert.ok(survivor.claim(name, me), name);
  }
  for (let i = 0; i < 5; i++) assert.deepEqual(survivor.find(`kept ${i}`), me);
  for (const name of names) assert.ok(survivor.release(name, me));
  assert.equal(usedPlaces(survivor), 5, "the names that are kept");
  assert.equal(survivor.join(details()).seat, 1);
  return died;
}

describe("a real thread", () => {
  it("that is terminated at any instant leaves all in order", { skip }, async () => {
    const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`SEED=${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const directory = Directory.create();
    const me = directory.join({ ...ownSystemThread(), role: 0 });
    for (let i = 0; i < 100; i++) assert.ok(directory.claim(`kept ${i}`, me));
    let slowestMs = 0;
    for (let wave = 0; wave < 8; wave++) {
      const workers = [0, 1].map(() => new Worker(CHURNER, { workerData: { churn: directory.memory } }));
      await Promise.all(workers.map((worker) => once(worker, "message")));
      await new Promise((resolve) => setTimeout(resolve, random(20)));
      const ends = workers.map((worker) => worker.terminate());
      for (let i = 0; i < 200; i++) {
        const start = performance.now();
        assert.deepEqual(directory.find(`kept ${i % 100}`), me);
        if (directory.claim(`fought for ${i % 20}`, me)) directory.release(`fought for ${i % 20}`, me);
        slowestMs = Math.max(slowestMs, performance.now() - start);
      }
      await Promise.all(ends);
      for (const thread of directory.threads()) if (directory.hasEnded(thread)) directory.remove(thread);
      assert.deepEqual(directory.threads(), [me]);
      assert.equal(ownerWords(directory).filter((owner) => owner > 0).length, 100);
    }
    assert.ok(slowestMs < 5000, `a dead thread held the lock for ${slowestMs} ms`);
    for (let i = 0; i < 100; i++) assert.ok(directory.release(`kept ${i}`, me));
    directory.remove(me);
  });

  it("has a system id where the system tells, and is not ended while it runs", () => {
    const directory = Directory.create();
    const me = directory.join({ ...ownSystemThread(), role: 0 });
    assert.equal(directory.hasEnded(me), false);
  });
});
