// A thread with sockets of behaviours of inproc. The other half is inproc-sides.ts.

import { parentPort } from "node:worker_threads";
import type { Answer, Question } from "./inproc-sides.ts";
import { Bench } from "./inproc-sides.ts";

const port = parentPort as NonNullable<typeof parentPort>;
const bench = new Bench(null);

async function answer({ turn, order }: Question): Promise<Answer> {
  try {
    return { turn, value: await bench.perform(order), error: null };
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return { turn, value: undefined, error: { code, message } };
  }
}

port.on("message", async (question: Question | null) => {
  if (question === null) process.exit(0);
  port.postMessage(await answer(question));
});
