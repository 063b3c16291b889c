import { createInterface } from "node:readline";
import type { Command } from "./driver.ts";
import { Driver } from "./driver.ts";
import type { LibraryName } from "./libraries.ts";
import { loadLibrary } from "./libraries.ts";

/**
 * A peer process: one JSON command per line on the standard input, one JSON answer per line on the standard output.
 * Commands run at the same time, so that one socket can wait for a message while another one sends it.
 */
const driver = new Driver(await loadLibrary((process.argv[2] ?? "zeromq") as LibraryName));

async function answer(line: string): Promise<void> {
  const { id, ...command } = JSON.parse(line) as Command & { id: number };
  try {
    write({ id, ...(await driver.run(command)) });
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    write({ id, error: { code, message } });
  }
}

function write(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

createInterface({ input: process.stdin, terminal: false }).on("line", (line) => void answer(line));
