import { createInterface } from "node:readline";
import { parentPort } from "node:worker_threads";
import type { Command } from "./driver.ts";
import { Driver } from "./driver.ts";
import type { LibraryName } from "./libraries.ts";
import { loadLibrary } from "./libraries.ts";
import type { Answer } from "./replies.ts";

/**
 * A peer. As a process: one JSON command per line on the standard input, one JSON answer per line on the standard output.
 * As a thread: messages of its parent. Commands run at the same time, so that one socket can wait for a message while
 * another one sends it.
 */
interface Order extends Command {
  readonly id: number;
}

const driver = new Driver(await loadLibrary((process.argv[2] ?? "zeromq") as LibraryName));

async function obey({ id, ...command }: Order): Promise<Answer> {
  try {
    return { id, ...(await driver.run(command)) };
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    return { id, error: { code, message } };
  }
}

if (parentPort === null) {
  const lines = createInterface({ input: process.stdin, terminal: false });
  lines.on("line", async (line) => {
    process.stdout.write(`${JSON.stringify(await obey(JSON.parse(line) as Order))}\n`);
  });
} else {
  const port = parentPort;
  port.on("message", async (order: Order | null) => {
    if (order === null) port.close();
    else port.postMessage(await obey(order));
  });
}
