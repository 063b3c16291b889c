// A program in a process of its own whose main thread and workers block: one that never wakes holds up nothing else.

import assert from "node:assert/strict";
import type { ProgramBody, ProgramEnd } from "./program.ts";
import { run } from "./program.ts";
import type { ThreadBody } from "./thread.ts";
import { threadText } from "./thread.ts";

const PATIENCE_MS = 9000;

/** Runs a program whose main thread gets the texts of the threads that it may start; it must end well. */
export async function runThreads(
  main: ProgramBody<readonly [string, ...string[]]>,
  ...threads: readonly [ThreadBody<readonly never[]>, ...ThreadBody<readonly never[]>[]]
): Promise<ProgramEnd> {
  const texts = threads.map((thread) => threadText(thread)) as [string, ...string[]];
  const end = await run(main, texts, { patienceMs: PATIENCE_MS });
  assert.deepEqual([end.status, end.signal, end.stderr], [0, null, ""], end.lines.join("\n"));
  return end;
}

/** The number in the line that begins so. */
export function numberAfter(end: ProgramEnd, beginning: string): number {
  const line = end.lines.find((one) => one.startsWith(beginning));
  assert.notEqual(line, undefined, `${beginning}: ${end.lines.join("\n")}`);
  return Number((line as string).slice(beginning.length));
}
