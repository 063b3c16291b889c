// The other threads of mail.test.ts: each does the task that it is given.

import { parentPort, workerData } from "node:worker_threads";
import { Random } from "../../../../fuzz/random.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import { Bell } from "../../../../src/threads/seat/bell.ts";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { Mail } from "../../../../src/threads/seat/mail.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";

/** What a thread is made with. */
export interface MailTask {
  readonly name: keyof typeof TASKS;
  readonly memory: SharedArrayBuffer;
  readonly seed?: number;
  readonly count?: number;
}

installPlatform(nodePlatform);
const task = workerData as MailTask;
const directory = new Directory(task.memory);
const peer = directory.threads()[0]!;
const me = directory.join({ systemId: 0, threadId: 0, role: 0 });
const bell = new Bell(directory, me);
const mail = new Mail(directory, me, bell);
bell.onNews = () => mail.poll();

function stayAlive(): void {
  parentPort?.on("message", () => undefined);
}

/** Each side posts numbers to the other, and takes mail from the loop, in blocking calls and by polling, at random. */
async function exchange(): Promise<void> {
  const random = new Random(task.seed!);
  let takenCount = 0;
  let problem: string | null = null;
  mail.on("number", (value) => {
    if (value !== takenCount) problem ??= `${value} came instead of ${takenCount}`;
    takenCount++;
  });
  bell.start();
  stayAlive();
  for (let sentCount = 0; sentCount < task.count! || takenCount < task.count!; ) {
    for (let burst = random.below(20); burst > 0 && sentCount < task.count!; burst--) {
      mail.post(peer, "number", sentCount++);
    }
    const way = random.below(4);
    if (way === 0) mail.poll();
    else if (way === 1) bell.block(random.below(3), () => false);
    else if (way === 2) await new Promise((resolve) => setImmediate(resolve));
  }
  parentPort?.postMessage(problem ?? "in order");
}

/** Does not let its loop turn for a while. */
function isBusy(): void {
  const values: unknown[] = [];
  mail.on("number", (value) => {
    values.push(value);
    if (values.length < task.count!) return;
    parentPort?.postMessage(values);
    process.exit();
  });
  stayAlive();
  parentPort?.postMessage(me);
  const nap = new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(nap, 0, 0, 300);
}

/** Blocks until it is told to stop. */
function isBlocked(): void {
  let isTold = false;
  mail.on("stop", () => {
    isTold = true;
    mail.post(peer, "stopped", null);
  });
  parentPort?.postMessage(me);
  while (!isTold) bell.block(-1, () => false);
  mail.close();
}

/** Posts and ends at once, without a farewell. */
function postsAndEnds(): void {
  for (let number = 0; number < task.count!; number++) mail.post(peer, "number", number);
  parentPort?.postMessage(me);
  process.exit();
}

function throws(): void {
  const caught: string[] = [];
  process.on("uncaughtException", ({ message }) => caught.push(message));
  mail.on("number", (value) => {
    caught.push(`called ${value}`);
    throw new Error(`thrown ${value}`);
  });
  for (const number of [1, 2]) mail.post(me, "number", number);
  setTimeout(() => parentPort?.postMessage(caught), 10);
}

/** It has mail with another, a started bell, and nothing to do. */
function endsByItself(): void {
  bell.start();
  mail.on("number", () => undefined);
  mail.post(peer, "number", 1);
}

const TASKS = { exchange, isBusy, isBlocked, postsAndEnds, throws, endsByItself };

void TASKS[task.name]();
