/**
 * The protocol between the driver and a peer process, the same for every implementation (bench/c/control.c):
 * arguments are `role key=value ...`, commands are words on stdin (`run 1000`), answers are JSON lines on
 * stdout.
 */
import { createInterface } from "node:readline";

const options = new Map<string, string>();

/** Takes the `key=value` arguments of this process. */
export function readOptions(args: readonly string[]): void {
  for (const arg of args) {
    const at = arg.indexOf("=");
    if (at > 0) options.set(arg.slice(0, at), arg.slice(at + 1));
  }
}

export function option(key: string, fallback: string): string {
  return options.get(key) ?? fallback;
}

export function optionNumber(key: string, fallback: number): number {
  const text = options.get(key);
  return text === undefined ? fallback : Number(text);
}

export function answer(event: string, fields: Record<string, unknown> = {}): void {
  process.stdout.write(`${JSON.stringify({ event, ...fields })}\n`);
}

export function fail(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}

export type Handler = (count: number) => void | Promise<void>;

/**
 * Runs the handler of each command, one after the other; the process ends when the driver closes our stdin.
 */
export function serve(handlers: Record<string, Handler>): void {
  let last: Promise<void> = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const [verb, number] = line.split(" ");
    const handler = handlers[verb];
    if (handler === undefined) fail(new Error(`no command ${verb}`));
    last = last.then(() => handler(Number(number ?? 0))).catch(fail);
  });
  lines.on("close", () => process.exit(0));
}

/** Processor time of this process so far, all threads, in microseconds. */
export function cpuUs(): number {
  const usage = process.cpuUsage();
  return usage.user + usage.system;
}

/** Live memory (after full collections, if the driver allowed them) and resident set. */
export async function answerMemory(): Promise<void> {
  const collect = (globalThis as { gc?: () => void }).gc;
  for (let i = 0; i < 3; i++) {
    collect?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  answer("memory", { rss, live: heapUsed + external, cpuUs: cpuUs() });
}

/**
 * Times a run from its first message to its last, whatever number of sockets they come from; or from the go to the
 * last, where a whole run may come in one batch.
 */
export class Meter {
  #target: number;
  #seen: number;
  #bytes: number;
  #startMs: number;
  #startCpu: number;
  #isFromGo: boolean;

  constructor(isFromGo = false) {
    this.#target = 0;
    this.#seen = 0;
    this.#bytes = 0;
    this.#startMs = 0;
    this.#startCpu = 0;
    this.#isFromGo = isFromGo;
  }

  /** Expects so many messages from now on, and tells the driver that the sender may start. */
  arm(target: number): void {
    this.#target = target;
    this.#seen = 0;
    this.#bytes = 0;
    answer("armed");
    if (this.#isFromGo) this.#start();
  }

  take(bytes: number): void {
    if (this.#seen === 0 && !this.#isFromGo) this.#start();
    this.#bytes += bytes;
    if (++this.#seen === this.#target) this.#report();
  }

  #start(): void {
    this.#startCpu = cpuUs();
    this.#startMs = performance.now();
  }

  #report(): void {
    const ns = Math.round((performance.now() - this.#startMs) * 1e6);
    answer("result", { count: this.#seen, bytes: this.#bytes, ns, cpuUs: cpuUs() - this.#startCpu });
  }
}
