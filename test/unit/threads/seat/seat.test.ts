import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { installPlatform } from "../../../../src/base/platform.ts";
import { SEAT, seatWord } from "../../../../src/threads/layout.ts";
import type { SharedEnd, ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { Seat } from "../../../../src/threads/seat/seat.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import type { SeatTask } from "./seat-thread.ts";

installPlatform(nodePlatform);

class FakeEnd implements SharedEnd {
  peerThread: ThreadRef | null;
  bellCount: number;
  goneCount: number;
  /** Index and first octet of what was given. */
  readonly memories: number[][];

  constructor(peerThread: ThreadRef | null = null) {
    this.peerThread = peerThread;
    this.bellCount = 0;
    this.goneCount = 0;
    this.memories = [];
  }

  onBell(): void {
    this.bellCount++;
  }

  onMemory(index: number, memory: SharedArrayBuffer): void {
    this.memories.push([index, new Uint8Array(memory)[0]!]);
  }

  onPeerGone(): void {
    this.goneCount++;
  }
}

function take(t: TestContext, directory: Directory, role?: number): Seat {
  const seat = Seat.take(directory, role);
  t.after(() => seat.vacate());
  return seat;
}

function memoryOf(octet: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4);
  new Uint8Array(memory)[0] = octet;
  return memory;
}

function launch(t: TestContext, task: SeatTask): Worker {
  const worker = new Worker(new URL("./seat-thread.js", import.meta.url), { workerData: task });
  t.after(() => worker.terminate());
  return worker;
}

async function said<T>(worker: Worker): Promise<T> {
  return (await once(worker, "message"))[0] as T;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 1000; tries++) await wait(2);
  assert.ok(isSo());
}

test("who takes a seat is present, with its role and its number in the system", (t) => {
  const directory = Directory.create();
  const seat = take(t, directory, 3);
  assert.deepEqual(directory.threads(), [seat.me]);
  const word = (name: keyof typeof SEAT) => directory.words[seatWord(seat.me.seat, SEAT[name])];
  assert.equal(word("ROLE"), 3);
  if (process.platform === "linux") assert.equal(word("SYSTEM_ID"), process.pid);
  assert.equal(directory.hasEnded(seat.me), false);
});

test("an end hears its bell, from the loop, until it leaves", async (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const [end, other] = [new FakeEnd(), new FakeEnd()];
  const bit = far.enter("a/B", end);
  far.enter("b/B", other);
  assert.throws(() => far.enter("a/B", other), /invariant/);
  near.ring(far.me, bit);
  await until(() => end.bellCount === 1);
  far.leave("a/B", other);
  near.ring(far.me, bit);
  await until(() => end.bellCount === 2);
  far.leave("a/B", end);
  far.leave("a/B", end);
  near.ring(far.me, bit);
  await turn();
  await turn();
  assert.deepEqual([end.bellCount, other.bellCount], [2, 0]);
});

test("an end rings another of the same thread", async (t) => {
  const seat = take(t, Directory.create());
  const end = new FakeEnd();
  seat.ring(seat.me, seat.enter("a/A", end));
  await until(() => end.bellCount === 1);
});

test("memory is there when collect returns", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const end = new FakeEnd(near.me);
  far.enter("a/B", end);
  for (const index of [1, 2, -1]) near.give(far.me, "a/B", index, memoryOf(index + 1));
  far.collect();
  assert.deepEqual(end.memories, [
    [1, 2],
    [2, 3],
    [-1, 0],
  ]);
});

test("memory is there when collect returns even while mail is being handled", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const end = new FakeEnd(near.me);
  far.mail.on("offer", () => {
    far.enter("a/B", end);
    far.collect();
    assert.deepEqual(end.memories, [[1, 5]]);
  });
  near.mail.post(far.me, "offer", null);
  near.give(far.me, "a/B", 1, memoryOf(5));
  far.mail.poll();
  assert.deepEqual(end.memories, [[1, 5]]);
});

test("collect handles nothing but memory: what else has come waits for its turn", async (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const end = new FakeEnd(near.me);
  far.enter("a/B", end);
  const letters: unknown[] = [];
  far.mail.on("letter", (value) => letters.push(value));
  near.mail.post(far.me, "letter", "first");
  near.give(far.me, "a/B", 1, memoryOf(5));
  far.collect();
  assert.deepEqual([end.memories, letters], [[[1, 5]], []]);
  near.mail.post(far.me, "letter", "second");
  await until(() => letters.length === 2);
  assert.deepEqual(letters, ["first", "second"]);
  // Without a turn of the loop: a thread that blocks.
  near.mail.post(far.me, "letter", "third");
  far.collect();
  far.bell.drain();
  assert.equal(letters.length, 3);
});

test("memory for ourselves is there at once", (t) => {
  const seat = take(t, Directory.create());
  const [first, second] = [new FakeEnd(seat.me), new FakeEnd(seat.me)];
  seat.enter("a/A", first);
  seat.give(seat.me, "a/B", 1, memoryOf(5));
  seat.enter("a/B", second);
  seat.give(seat.me, "a/B", 2, memoryOf(6));
  assert.deepEqual(first.memories, []);
  assert.deepEqual(second.memories, [
    [1, 5],
    [2, 6],
  ]);
});

test("memory that comes before its end is kept for it; what comes after it is not", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  near.give(far.me, "a/B", 1, memoryOf(5));
  far.collect();
  const end = new FakeEnd(near.me);
  far.enter("a/B", end);
  assert.deepEqual(end.memories, [[1, 5]]);
  far.leave("a/B", end);
  near.give(far.me, "a/B", 2, memoryOf(6));
  far.collect();
  const next = new FakeEnd(near.me);
  far.enter("a/B", next);
  near.give(far.me, "a/B", 3, memoryOf(7));
  far.collect();
  assert.deepEqual([end.memories, next.memories], [[[1, 5]], [[3, 7]]]);
});

test("memory that is discarded does not come, and what is given afterwards does", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  near.give(far.me, "a/B", 1, memoryOf(5));
  far.collect();
  far.discard("a/B");
  near.give(far.me, "a/B", 2, memoryOf(6));
  far.collect();
  const end = new FakeEnd();
  far.enter("a/B", end);
  assert.deepEqual(end.memories, [[2, 6]]);
});

test("memory of a thread that was gone before it came is let go", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  far.give(near.me, "a/A", 1, memoryOf(5));
  far.vacate();
  near.collect();
  near.watch.poll();
  const end = new FakeEnd();
  near.enter("a/A", end);
  assert.deepEqual(end.memories, []);
});

test("the ends that left are remembered for a while, not for ever", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const end = new FakeEnd();
  assert.equal(far.isIdle, true);
  for (let count = 0; count <= 256; count++) {
    far.enter(`${count}/B`, end);
    assert.equal(far.isIdle, false);
    far.leave(`${count}/B`, end);
  }
  assert.equal(far.isIdle, true);
  for (const count of [0, 1]) near.give(far.me, `${count}/B`, 1, memoryOf(10 + count));
  far.collect();
  for (const count of [0, 1]) far.enter(`${count}/B`, end);
  assert.deepEqual(end.memories, [[1, 10]]);
});

test("what a thread gave before it ended is there, and what nobody took is let go", async (t) => {
  const directory = Directory.create();
  const seat = take(t, directory);
  const order: string[] = [];
  seat.onGone(() => order.push("gone"));
  seat.mail.on("offer", (key, from) => {
    const end = new FakeEnd(from);
    end.onMemory = (index) => order.push(`memory ${index}`);
    end.onPeerGone = () => order.push("peer gone");
    seat.enter(key as string, end);
  });
  const worker = launch(t, { name: "gives", memory: directory.memory });
  await once(worker, "exit");
  await until(() => order.length === 4);
  assert.deepEqual(order, ["memory 1", "memory 2", "peer gone", "gone"]);
  const late = new FakeEnd();
  seat.enter("b/A", late);
  assert.deepEqual(late.memories, []);
});

for (const how of ["is terminated", "exits"] as const) {
  test(`when a thread ${how}, the ends that have it as a peer hear of it once, then who listens`, async (t) => {
    const directory = Directory.create();
    const seat = take(t, directory);
    const worker = launch(t, { name: "stays", memory: directory.memory });
    const thread = await said<ThreadRef>(worker);
    const ends = [new FakeEnd(thread), new FakeEnd(seat.me), new FakeEnd(), new FakeEnd(thread)];
    for (const [index, end] of ends.entries()) seat.enter(`${index}/A`, end);
    seat.leave("3/A", ends[3]!);
    const gone: (readonly [ThreadRef, number])[] = [];
    seat.onGone((who) => gone.push([who, ends[0]!.goneCount]));
    const silence = seat.onGone(() => assert.fail());
    silence();
    const began = performance.now();
    if (how === "exits") worker.postMessage(null);
    else void worker.terminate();
    await until(() => gone.length === 1);
    const tookMs = performance.now() - began;
    t.diagnostic(`${tookMs.toFixed(1)} ms`);
    assert.ok(tookMs < 5000);
    assert.deepEqual(gone, [[thread, 1]]);
    assert.deepEqual(
      ends.map(({ goneCount }) => goneCount),
      [1, 0, 0, 0],
    );
    assert.deepEqual(directory.threads(), [seat.me]);
  });
}

test("a thread that blocks hears within a second that another is gone", async (t) => {
  const directory = Directory.create();
  // It is not this thread's watch that finds out.
  const seat = take(t, directory);
  seat.watch.stop();
  const blocked = launch(t, { name: "blocksUntilGone", memory: directory.memory });
  const listener = await said<ThreadRef>(blocked);
  const victim = launch(t, { name: "stays", memory: directory.memory });
  await said<ThreadRef>(victim);
  // Known for as long as a look takes.
  await wait(300);
  seat.mail.post(listener, "told", null);
  await victim.terminate();
  const tookMs = await said<number>(blocked);
  t.diagnostic(`${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 5000, `${tookMs} ms`);
});

test("who listens for news hears of what is not for a pipe", async (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  let newsCount = 0;
  const silence = far.addNewsListener(() => newsCount++);
  near.bell.ringNews(far.me);
  await until(() => newsCount === 1);
  silence();
  near.bell.ringNews(far.me);
  await turn();
  await turn();
  assert.equal(newsCount, 1);
});

test("block returns for mail, for a bell and for the end of a thread", (t) => {
  const directory = Directory.create();
  const [near, far, other] = [take(t, directory), take(t, directory), take(t, directory)];
  assert.equal(far.block(1), false);
  const values: unknown[] = [];
  far.mail.on("number", (value) => values.push(value));
  near.mail.post(far.me, "number", 1);
  assert.equal(far.block(1000), true);
  assert.deepEqual(values, [1]);
  const end = new FakeEnd();
  near.ring(far.me, far.enter("a/A", end));
  assert.equal(far.block(1000), true);
  assert.equal(end.bellCount, 1);
  const gone: ThreadRef[] = [];
  far.onGone((thread) => gone.push(thread));
  other.vacate();
  assert.equal(far.block(1000), true);
  assert.deepEqual(gone, [other.me]);
});

test("who vacates is gone for all at once, and may be called what it was called before", (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const end = new FakeEnd(far.me);
  near.enter("a/A", end);
  far.give(near.me, "a/A", 1, memoryOf(1));
  near.collect();
  far.vacate();
  far.vacate();
  assert.equal(directory.isPresent(far.me), false);
  assert.equal(near.bell.drain(), true);
  assert.equal(end.goneCount, 1);
  const late = new FakeEnd(near.me);
  far.ring(near.me, far.enter("b/B", late));
  far.give(near.me, "a/A", 1, memoryOf(1));
  far.collect();
  far.leave("b/B", late);
  assert.equal(far.block(1), false);
  // Not even one who speaks in its name is heard.
  const spy = new BroadcastChannel(`zeromq-ts/${directory.id}/${near.me.uid}-${far.me.uid}`);
  spy.postMessage([far.me.seat, far.me.uid, 1, "memory", ["a/A", 2, memoryOf(1)]]);
  near.collect();
  spy.close();
  assert.deepEqual(end.memories, [[1, 1]]);
});

test("what a listener throws does not keep the others from hearing", async (t) => {
  const directory = Directory.create();
  const [near, far] = [take(t, directory), take(t, directory)];
  const uncaught: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error.message));
  t.after(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  });
  const ends = [new FakeEnd(far.me), new FakeEnd(far.me)];
  ends[0]!.onPeerGone = () => {
    throw new Error("first");
  };
  for (const [index, end] of ends.entries()) near.enter(`${index}/A`, end);
  near.onGone(() => {
    throw new Error("second");
  });
  let goneCount = 0;
  near.onGone(() => goneCount++);
  far.vacate();
  near.bell.drain();
  assert.deepEqual([ends[1]!.goneCount, goneCount], [1, 1]);
  await wait(5);
  assert.deepEqual(uncaught, ["first", "second"]);
});

test("a seat keeps no thread alive, and is left when its thread ends", async (t) => {
  const directory = Directory.create();
  const seat = take(t, directory);
  const worker = launch(t, { name: "endsByItself", memory: directory.memory });
  assert.deepEqual(await once(worker, "exit"), [0]);
  assert.deepEqual(directory.threads(), [seat.me]);
});
