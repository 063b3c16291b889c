// The other threads of bell.test.ts: each does the task that it is given.

import { parentPort, workerData } from "node:worker_threads";
import { Random } from "../../../../fuzz/random.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { Bell } from "../../../../src/threads/seat/bell.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";

/** What a thread is made with. */
export interface BellTask {
  readonly name: keyof typeof TASKS;
  readonly memory: SharedArrayBuffer;
  readonly counts: SharedArrayBuffer;
  readonly seed?: number;
  readonly side?: number;
  readonly ringCount?: number;
}

/** A lost wake-up must not be made good by the next slice. */
const NEVER_MS = 2 ** 31;
export const BIT_COUNT = 40;

/** Words of the random ringers' memory, for each of the two sides. */
export const SIDE = {
  RUNG: 0,
  HEARD: 64,
  PROGRESS: 128,
  IS_DONE: 129,
  LOOP_SLEEPS: 130,
  BLOCKS: 131,
  WORDS: 192,
};

installPlatform(nodePlatform);
const task = workerData as BellTask;
const directory = new Directory(task.memory);
const counts = new Int32Array(task.counts);
const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
const bell = new Bell(directory, me, NEVER_MS);
const never = () => false;

function stayAlive(): void {
  parentPort?.on("message", () => undefined);
}

function say(value: unknown): void {
  parentPort?.postMessage(value);
}

function heard(message: string): Promise<unknown> {
  return new Promise((resolve) => {
    parentPort?.on("message", (value) => {
      if (value.about === message) resolve(value.thread);
    });
  });
}

/** Rings random bits of the other side, and waits now and then, in either way, until all were heard. */
async function ringAtRandom(): Promise<void> {
  const random = new Random(task.seed! + task.side!);
  const mine = SIDE.WORDS * task.side!;
  const theirs = SIDE.WORDS * (1 - task.side!);
  let wakeLoop: (() => void) | null = null;
  let other: ThreadRef;
  const handlers = Array.from({ length: BIT_COUNT }, (_, index) => () => {
    Atomics.store(counts, mine + SIDE.HEARD + index, Atomics.load(counts, mine + SIDE.RUNG + index));
    bell.ring(other, BIT_COUNT + 1);
  });
  for (const handler of handlers) bell.register(handler);
  bell.register(() => wakeLoop?.());
  say(me);
  other = (await heard("other")) as ThreadRef;
  bell.start();
  const isAllHeard = () => {
    for (let index = 0; index < BIT_COUNT; index++) {
      const rung = Atomics.load(counts, theirs + SIDE.RUNG + index);
      if (rung !== Atomics.load(counts, theirs + SIDE.HEARD + index)) return false;
    }
    return true;
  };
  for (let rung = 0; rung < task.ringCount!; ) {
    // Long enough now and then for the other side to fall asleep.
    for (const untilMs = performance.now() + (random.chance(0.2) ? 0.1 : 0); performance.now() < untilMs; );
    for (let burst = random.between(1, 60); burst > 0; burst--, rung++) {
      const index = random.below(BIT_COUNT);
      Atomics.add(counts, theirs + SIDE.RUNG + index, 1);
      bell.ring(other, index + 1);
      for (let pause = random.chance(0.2) ? random.below(300) : 0; pause > 0; pause--)
        Atomics.load(counts, 0);
    }
    while (!isAllHeard()) {
      if (random.chance(0.5)) {
        counts[mine + SIDE.BLOCKS]!++;
        bell.block(-1, never);
      } else {
        counts[mine + SIDE.LOOP_SLEEPS]!++;
        await new Promise<void>((resolve) => {
          wakeLoop = resolve;
        });
      }
      Atomics.add(counts, mine + SIDE.PROGRESS, 1);
    }
    if (random.chance(0.02)) await new Promise((resolve) => setImmediate(resolve));
  }
  Atomics.store(counts, mine + SIDE.IS_DONE, 1);
}

/** Rings back whoever is in seat 0, blocked in between. */
function echoBlocked(): void {
  const asker = directory.threads()[0]!;
  bell.register(() => bell.ring(asker, 1));
  say(me);
  while (Atomics.load(counts, 0) === 0) bell.block(-1, never);
}

/** Rings seat 0 after it has had time to fall asleep. */
function ringSlowly(): void {
  const asker = directory.threads()[0]!;
  const nap = new Int32Array(new SharedArrayBuffer(4));
  for (let count = task.ringCount!; count > 0; count--) {
    Atomics.wait(nap, 0, 0, 2);
    Atomics.store(counts, 0, Number((process.hrtime.bigint() / 1000n) & 0x7fffffffn));
    Atomics.add(counts, 1, 1);
    bell.ring(asker, 1);
  }
}

function liesInLoop(): void {
  stayAlive();
  bell.start();
  say(me);
}

function liesBlocked(): void {
  bell.start();
  say(me);
  for (;;) bell.block(-1, never);
}

/** Nothing is left to do, but the bell is started: the thread ends by itself. */
function endsByItself(): void {
  bell.register(() => undefined);
  bell.start();
}

function throws(): void {
  const caught: string[] = [];
  process.on("uncaughtException", ({ message }) => caught.push(message));
  const bits = ["first", "second", "third"].map((text) =>
    bell.register(() => {
      caught.push(`called ${text}`);
      if (text !== "third") throw new Error(text);
    }),
  );
  bell.onNews = () => {
    throw new Error("news");
  };
  for (const bit of [0, ...bits]) bell.ring(me, bit);
  bell.drain();
  setTimeout(() => say(caught), 10);
}

const TASKS = {
  ringAtRandom,
  echoBlocked,
  ringSlowly,
  liesInLoop,
  liesBlocked,
  endsByItself,
  throws,
};

void TASKS[task.name]();
