import { availableParallelism } from "node:os";
import { isMainThread, Worker } from "node:worker_threads";
import { Pull, Push } from "../src/index.ts";

/**
 * Work for every processor: tasks go to the threads that are free, their results come together in one place. A thread
 * that does nothing else may block: `receiveSync` and `sendSync` are the cheapest way to wait for another thread.
 */
const limit = 2_000_000;
const step = 100_000;

function countPrimes(from: number, to: number): number {
  let count = 0;
  for (let number = Math.max(2, from); number < to; number++) {
    let isPrime = true;
    for (let divisor = 2; isPrime && divisor * divisor <= number; divisor++) isPrime = number % divisor !== 0;
    if (isPrime) count++;
  }
  return count;
}

if (isMainThread) {
  // Low marks: a task waits here, where any thread can have it, and not in the queue of one that is busy.
  const tasks = new Push({ sendHighWaterMark: 1 });
  const results = new Pull();
  await tasks.bind("inproc://tasks");
  await results.bind("inproc://results");
  const threadCount = Math.min(4, availableParallelism());
  const threads = Array.from({ length: threadCount }, () => new Worker(new URL(import.meta.url)));

  const taskCount = limit / step;
  const sending = (async () => {
    for (let index = 0; index < taskCount; index++) await tasks.send([index * step, (index + 1) * step]);
  })();
  let sum = 0;
  for (let count = 0; count < taskCount; count++) sum += Number(await results.receive());
  await sending;
  console.log(`${sum} primes below ${limit}, found in ${taskCount} tasks`);

  // A thread may be ended at any time, in a blocking call too: its sockets close, their peers see it.
  await Promise.all(threads.map((thread) => thread.terminate()));
  console.log(`${threads.length > 1 ? "several threads" : "one thread"} did it, and ended`);
  await tasks.close();
  await results.close();
} else {
  const tasks = new Pull({ receiveHighWaterMark: 1 });
  const results = new Push();
  tasks.connect("inproc://tasks");
  results.connect("inproc://results");
  for (;;) {
    const [from, to] = tasks.receiveSync();
    results.sendSync(countPrimes(Number(from), Number(to)));
  }
}
