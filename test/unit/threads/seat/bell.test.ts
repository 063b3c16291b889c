import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { chooseSeed } from "../../../../fuzz/random.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { Bell } from "../../../../src/threads/seat/bell.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import type { BellTask } from "./bell-thread.ts";

installPlatform(nodePlatform);

/** As in bell-thread.ts, which runs when it is imported. */
const SIDE = { PROGRESS: 128, IS_DONE: 129, LOOP_SLEEPS: 130, BLOCKS: 131, WORDS: 192 };
const never = () => false;

interface Sitter {
  readonly me: ThreadRef;
  readonly bell: Bell;
}

function sit(directory: Directory): Sitter {
  const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
  return { me, bell: new Bell(directory, me) };
}

function launch(t: TestContext, task: BellTask): Worker {
  const worker = new Worker(new URL("./bell-thread.js", import.meta.url), { workerData: task });
  t.after(() => worker.terminate());
  return worker;
}

async function said<T>(worker: Worker): Promise<T> {
  return (await once(worker, "message"))[0] as T;
}

/** The loop has its turns, some at least, until it is so; not for ever. */
async function turnUntil(isSo: () => boolean): Promise<void> {
  for (let turns = 0; turns < 5 || (turns < 100 && !isSo()); turns++) await turn();
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

test("drain calls the handlers of the bits that were rung, the news first, and once however often they were", () => {
  const directory = Directory.create();
  const [near, far] = [sit(directory), sit(directory)];
  const calls: string[] = [];
  far.bell.onNews = () => calls.push("news");
  const bits = Array.from({ length: 100 }, (_, index) => far.bell.register(() => calls.push(`${index}`)));
  assert.equal(new Set([0, ...bits]).size, 101);
  assert.equal(far.bell.drain(), false);
  for (const index of [70, 3, 31, 70, 30]) near.bell.ring(far.me, bits[index]!);
  near.bell.ringNews(far.me);
  assert.equal(far.bell.drain(), true);
  assert.deepEqual(calls, ["news", "3", "30", "31", "70"]);
  assert.equal(far.bell.drain(), false);
  assert.equal(near.bell.drain(), false);
});

test("ringAll is news for all that are present but ourselves", () => {
  const directory = Directory.create();
  const sitters = [sit(directory), sit(directory), sit(directory), sit(directory)];
  directory.remove(sitters[3]!.me);
  sitters[1]!.bell.ringAll();
  assert.deepEqual(
    sitters.map(({ bell }) => bell.drain()),
    [true, false, true, false],
  );
});

test("a thread that has left its seat is not rung, and who sits there now is not either", () => {
  const directory = Directory.create();
  const [near, far] = [sit(directory), sit(directory)];
  directory.remove(far.me);
  near.bell.ring(far.me, 1);
  const next = sit(directory);
  assert.equal(next.me.seat, far.me.seat);
  near.bell.ring(far.me, 1);
  near.bell.markNews(far.me);
  assert.equal(next.bell.drain(), false);
});

test("a handler may register, unregister, ring and drain", () => {
  const directory = Directory.create();
  const { bell, me } = sit(directory);
  const calls: string[] = [];
  const late = () => calls.push("late");
  const unwanted = () => calls.push("unwanted");
  const first = bell.register(() => {
    calls.push("first");
    bell.unregister(unwantedBit, unwanted);
    bell.ring(me, bell.register(late));
    assert.equal(bell.drain(), true);
    calls.push("drained");
  });
  const unwantedBit = bell.register(unwanted);
  const last = bell.register(() => calls.push("last"));
  for (const bit of [first, unwantedBit, last]) bell.ring(me, bit);
  assert.equal(bell.drain(), true);
  assert.deepEqual(calls, ["first", "late", "last", "drained"]);
  assert.equal(bell.drain(), false);
});

test("what a handler throws becomes an uncaught error, and the others are called", async (t) => {
  const { memory } = Directory.create();
  const worker = launch(t, { name: "throws", memory, counts: new SharedArrayBuffer(4) });
  const calls = ["called first", "called second", "called third"];
  assert.deepEqual(await said(worker), [...calls, "news", "first", "second"]);
});

test("a handler cannot block", () => {
  const directory = Directory.create();
  const { bell, me } = sit(directory);
  let isRefused = false;
  assert.equal(bell.isDraining, false);
  const bit = bell.register(() => {
    assert.equal(bell.isDraining, true);
    assert.throws(() => bell.block(0, never), /invariant/);
    isRefused = true;
  });
  bell.ring(me, bit);
  bell.drain();
  assert.ok(isRefused);
});

test("a started bell drains from the loop, also what was rung before it was started, and stops", async () => {
  const directory = Directory.create();
  const { bell, me } = sit(directory);
  let count = 0;
  const bit = bell.register(() => count++);
  bell.ring(me, bit);
  bell.start();
  bell.start();
  assert.equal(count, 0);
  for (let round = 1; round < 10; round++) {
    await turnUntil(() => count === round);
    assert.equal(count, round);
    bell.ring(me, bit);
    assert.equal(count, round);
  }
  bell.stop();
  await turnUntil(() => count === 10);
  assert.equal(count, 9);
  bell.start();
  bell.stop();
  bell.start();
  await turnUntil(() => count === 10);
  assert.equal(count, 10);
  bell.stop();
});

test("a bell that rings itself again and again leaves the loop its turn", async (t) => {
  const directory = Directory.create();
  const { bell, me } = sit(directory);
  t.after(() => bell.stop());
  let count = 0;
  const bit = bell.register(() => {
    count++;
    bell.ring(me, bit);
  });
  bell.ring(me, bit);
  bell.start();
  await wait(20);
  assert.ok(count > 20, `${count}`);
});

test("block returns at once for what is there, waits no longer than it may, and looks around", () => {
  const directory = Directory.create();
  const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
  const bell = new Bell(directory, me, 20);
  const bit = bell.register(() => undefined);
  bell.ring(me, bit);
  assert.equal(bell.block(-1, never), true);
  assert.equal(bell.block(0, never), false);
  let sliceCount = 0;
  const began = performance.now();
  assert.equal(
    bell.block(90, () => {
      sliceCount++;
      return false;
    }),
    false,
  );
  const tookMs = performance.now() - began;
  assert.ok(tookMs >= 90 && tookMs < 5_000, `${tookMs} ms`);
  assert.ok(sliceCount >= 3 && sliceCount <= 6, `${sliceCount} slices`);
  assert.equal(
    bell.block(-1, () => true),
    true,
  );
});

test("who blocks again and again, and always finds something, looks around all the same", () => {
  const directory = Directory.create();
  const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
  const bell = new Bell(directory, me, 10);
  const bit = bell.register(() => undefined);
  let sliceCount = 0;
  for (const began = performance.now(); performance.now() - began < 200; ) {
    bell.ring(me, bit);
    bell.block(-1, () => ++sliceCount < 0);
  }
  assert.ok(sliceCount >= 3 && sliceCount <= 21, `${sliceCount} slices`);
});

test("a million random rings between two threads that sleep in both ways, and no wake-up is lost", async (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const { memory } = Directory.create();
  const buffer = new SharedArrayBuffer(4 * 2 * SIDE.WORDS);
  const counts = new Int32Array(buffer);
  const sides = [0, 1].map((side) =>
    launch(t, { name: "ringAtRandom", memory, counts: buffer, seed, side, ringCount: 500_000 }),
  );
  const threads = await Promise.all(sides.map((worker) => said<ThreadRef>(worker)));
  for (const [side, worker] of sides.entries()) {
    worker.postMessage({ about: "other", thread: threads[1 - side] });
  }
  const read = (word: number) => [0, 1].map((side) => Atomics.load(counts, SIDE.WORDS * side + word));
  let last = "";
  let stillMs = 0;
  while (read(SIDE.IS_DONE).join() !== "1,1") {
    await wait(100);
    const progress = read(SIDE.PROGRESS).join();
    stillMs = progress === last ? stillMs + 100 : 0;
    last = progress;
    assert.ok(stillMs < 3000, `lost after ${progress} wakes, SEED=${seed}`);
  }
  const [loops, blocks] = [read(SIDE.LOOP_SLEEPS), read(SIDE.BLOCKS)];
  t.diagnostic(`waits in the loop ${loops}, in blocking calls ${blocks}`);
  for (const count of [...loops, ...blocks]) assert.ok(count > 1000, `${loops} ${blocks}`);
});

test("two threads that block wake each other", async (t) => {
  const directory = Directory.create();
  const { bell } = sit(directory);
  let isAnswered = false;
  bell.register(() => {
    isAnswered = true;
  });
  const counts = new SharedArrayBuffer(4);
  const echo = launch(t, { name: "echoBlocked", memory: directory.memory, counts });
  const other = await said<ThreadRef>(echo);
  const trip = () => {
    isAnswered = false;
    bell.ring(other, 1);
    while (!isAnswered) assert.ok(bell.block(2000, never), "lost");
  };
  for (let count = 0; count < 1000; count++) trip();
  const began = performance.now();
  for (let count = 0; count < 10_000; count++) trip();
  t.diagnostic(`${((performance.now() - began) / 10).toFixed(2)} us a round trip`);
  Atomics.store(new Int32Array(counts), 0, 1);
  bell.ring(other, 1);
  await once(echo, "exit");
});

for (const how of ["loop", "blocking call"]) {
  test(`a thread that sleeps in its ${how} is woken in good time`, async (t) => {
    const directory = Directory.create();
    const { bell } = sit(directory);
    t.after(() => bell.stop());
    const buffer = new SharedArrayBuffer(8);
    const counts = new Int32Array(buffer);
    const delays: number[] = [];
    bell.register(() => {
      const now = Number((process.hrtime.bigint() / 1000n) & 0x7fffffffn);
      delays.push(now - Atomics.load(counts, 0));
    });
    if (how === "loop") bell.start();
    const { memory } = directory;
    const worker = launch(t, { name: "ringSlowly", memory, counts: buffer, ringCount: 100 });
    // Two rings may be heard as one.
    if (how !== "loop") while (Atomics.load(counts, 1) < 100) assert.ok(bell.block(5000, never));
    await once(worker, "exit");
    await turnUntil(() => false);
    assert.ok(delays.length > 50, `${delays.length}`);
    const typical = median(delays);
    t.diagnostic(`median ${typical} us`);
    assert.ok(typical < 2000, `${typical} us`);
  });
}
