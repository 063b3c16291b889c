// Threads with mail, for mail.test.ts.

import assert from "node:assert/strict";
import { once } from "node:events";
import type { TestContext } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { installPlatform } from "../../../../src/base/platform.ts";
import type { ThreadRef } from "../../../../src/threads/pipe-thread.ts";
import { Bell } from "../../../../src/threads/seat/bell.ts";
import type { Directory } from "../../../../src/threads/seat/directory.ts";
import { Mail } from "../../../../src/threads/seat/mail.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";
import type { MailTask } from "./mail-thread.ts";

installPlatform(nodePlatform);

/** A thread; several of them may be played by this one. */
export interface Citizen {
  readonly me: ThreadRef;
  readonly bell: Bell;
  readonly mail: Mail;
  /** What came about "number". */
  readonly numbers: unknown[];
  readonly senders: ThreadRef[];
}

export function join(directory: Directory): ThreadRef {
  return directory.join({ systemId: 0, threadId: 0, role: 0 });
}

export function settle(t: TestContext, directory: Directory, me: ThreadRef = join(directory)): Citizen {
  const bell = new Bell(directory, me);
  const mail = new Mail(directory, me, bell);
  bell.onNews = () => mail.poll();
  t.after(() => {
    bell.stop();
    mail.close();
  });
  const numbers: unknown[] = [];
  const senders: ThreadRef[] = [];
  mail.on("number", (value, from) => {
    numbers.push(value);
    senders.push(from);
  });
  return { me, bell, mail, numbers, senders };
}

export function launch(t: TestContext, task: MailTask): Worker {
  const worker = new Worker(new URL("./mail-thread.js", import.meta.url), { workerData: task });
  t.after(() => worker.terminate());
  return worker;
}

export async function said<T>(worker: Worker): Promise<T> {
  return (await once(worker, "message"))[0] as T;
}

export async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 1000; tries++) await wait(2);
  assert.ok(isSo());
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
