// The other threads of seat.test.ts: each does the task that it is given.

import { parentPort, workerData } from "node:worker_threads";
import { installPlatform } from "../../../../src/base/platform.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { Seat } from "../../../../src/threads/seat/seat.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";

/** What a thread is made with. */
export interface SeatTask {
  readonly name: keyof typeof TASKS;
  readonly memory: SharedArrayBuffer;
}

installPlatform(nodePlatform);
const task = workerData as SeatTask;
const seat = Seat.take(new Directory(task.memory));
const [first] = seat.directory.threads();

function say(value: unknown): void {
  parentPort?.postMessage(value);
}

/** Stays until it is told, or made, to end. */
function stays(): void {
  parentPort?.on("message", () => process.exit());
  say(seat.me);
}

/** Offers an end to the first thread, gives memory to it and to another, and is gone. */
function gives(): void {
  seat.mail.post(first!, "offer", "a/A");
  for (const index of [1, 2]) {
    const memory = new SharedArrayBuffer(4);
    new Uint8Array(memory)[0] = 10 * index;
    seat.give(first!, "a/A", index, memory);
    seat.give(first!, "b/A", index, memory);
  }
}

/** Blocks until it has heard that the thread named in a letter is gone; says how long it took since the letter. */
function blocksUntilGone(): void {
  let goneAt = Number.NaN;
  let toldAt = Number.NaN;
  seat.mail.on("told", () => {
    toldAt = performance.now();
  });
  seat.onGone(() => {
    goneAt = performance.now();
  });
  say(seat.me);
  while (Number.isNaN(goneAt)) seat.block(-1);
  say(goneAt - toldAt);
}

/** Nothing to do, but everything begun: it ends by itself. */
function endsByItself(): void {
  seat.addNewsListener(() => undefined);
  seat.onGone(() => undefined);
  seat.enter("b/A", {
    peerThread: first!,
    onBell: () => undefined,
    onMemory: () => undefined,
    onPeerGone: () => undefined,
  });
  say(seat.me);
}

const TASKS = { stays, gives, blocksUntilGone, endsByItself };

TASKS[task.name]();
