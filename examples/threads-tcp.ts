import { isMainThread, threadId, Worker, workerData } from "node:worker_threads";
import { Context, Reply, Request } from "../src/index.ts";

/**
 * Detached threads: each has a context of its own and knows nothing but an endpoint. What runs as threads today runs as
 * processes, or on other machines, tomorrow, without a changed line.
 */
const context = new Context();

if (isMainThread) {
  const questions = new Request({ context });
  await questions.bind("tcp://127.0.0.1:*");
  const workers = [1, 2].map(
    () => new Worker(new URL(import.meta.url), { workerData: questions.lastEndpoint }),
  );
  await questions.waitForPeers(workers.length);
  for (const number of [12, 34, 56, 78]) {
    await questions.send(number);
    const [answer, thread] = await questions.receive();
    console.log(`${number} squared is ${answer}, says thread ${thread}`);
  }
  // An empty question sends a thread home; they are asked in turn.
  for (const _ of workers) {
    await questions.send(null);
    await questions.receive();
  }
} else {
  const answers = new Reply({ context });
  answers.connect(workerData as string);
  for await (const [question] of answers) {
    await answers.send([`${Number(question) ** 2}`, threadId]);
    if (question.length === 0) break;
  }
}
await context.terminate();
