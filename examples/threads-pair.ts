import { isMainThread, threadId, Worker, workerData } from "node:worker_threads";
import { Pair } from "../src/index.ts";

/**
 * Attached threads: a relay of three, each waits for the signal of the one before it. All threads of a process share
 * the default context, so inproc names reach across them with nothing passed.
 */
const here = new URL(import.meta.url);
const step = isMainThread ? 3 : (workerData as number);
const report: string[] = [];

if (step > 1) {
  const before = new Pair();
  await before.bind(`inproc://step-${step}`);
  new Worker(here, { workerData: step - 1 });
  for (const line of await before.receive()) report.push(line.toString());
  await before.close();
}
report.push(`step ${step} is ready, in thread ${threadId}`);

if (step < 3) {
  const next = new Pair();
  next.connect(`inproc://step-${step + 1}`);
  await next.send(report);
  await next.close();
} else {
  for (const line of report) console.log(line);
}
