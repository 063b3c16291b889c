// A program in a process of its own: what keeps it alive, when it ends and what it says then.

import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";

export type Zmq = typeof import("../../src/index.ts");
export type Say = (text: string) => void;

/** Written as a function, run as text: it sees its arguments alone. */
export type ProgramBody<Args extends readonly unknown[]> = (zmq: Zmq, say: Say, ...args: Args) => unknown;

export interface ProgramEnd {
  /** `null`: it was ended by force, because it did not end by itself. */
  readonly status: number | null;
  readonly signal: string | null;
  /** What it said. */
  readonly lines: readonly string[];
  readonly stderr: string;
  /** Milliseconds from its beginning to its exit event, on its own clock; NaN if there was none. */
  readonly tookMs: number;
}

export interface ProgramSettings {
  readonly nodeOptions?: readonly string[];
  /** After so long it is ended by force. */
  readonly patienceMs?: number;
  /** Warnings of the solver, which are off in tests. */
  readonly warnings?: boolean;
}

const INDEX = new URL("../../src/index.js", import.meta.url).href;
const PATIENCE_MS = 10_000;

export class Program {
  readonly ended: Promise<ProgramEnd>;
  readonly #child: ChildProcess;
  readonly #lines: string[];
  readonly #waiters: Set<() => void>;

  constructor(child: ChildProcess, patienceMs: number) {
    this.#child = child;
    this.#lines = [];
    this.#waiters = new Set();
    let rest = "";
    let stderr = "";
    let tookMs = Number.NaN;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) {
        if (line.startsWith("exit after ")) tookMs = Number(line.slice("exit after ".length));
        else this.#lines.push(line);
      }
      for (const wake of this.#waiters) wake();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), patienceMs);
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (status, signal) => {
        clearTimeout(timer);
        resolve({ status, signal, lines: this.#lines, stderr, tookMs });
        for (const wake of this.#waiters) wake();
      });
    });
  }

  /** The first line that begins so, without its beginning. */
  async said(beginning: string): Promise<string> {
    for (;;) {
      const line = this.#lines.find((one) => one.startsWith(beginning));
      if (line !== undefined) return line.slice(beginning.length);
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        throw new Error(`the program ended and never said ${beginning}: ${(await this.ended).stderr}`);
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          resolve();
        };
        this.#waiters.add(wake);
      });
    }
  }

  kill(signal: NodeJS.Signals = "SIGKILL"): void {
    this.#child.kill(signal);
  }
}

/** Starts a program. Its arguments must be JSON. */
export function launch<Args extends readonly unknown[]>(
  body: ProgramBody<Args>,
  args: Args,
  settings: ProgramSettings = {},
): Program {
  const text = `
    import { writeSync } from "node:fs";
    const zmq = await import(${JSON.stringify(INDEX)});
    const beganAt = performance.now();
    const say = (text) => void writeSync(1, text + "\\n");
    process.on("exit", () => say("exit after " + (performance.now() - beganAt)));
    void (${body})(zmq, say, ...${JSON.stringify(args)});
  `;
  return start(text, settings);
}

/** As `launch`, for a program that imports the package when it likes, by `load`, or in threads, from `index`. */
export function launchBare<Args extends readonly unknown[]>(
  body: (load: () => Promise<Zmq>, say: Say, index: string, ...args: Args) => unknown,
  args: Args,
  settings: ProgramSettings = {},
): Program {
  const text = `
    import { writeSync } from "node:fs";
    const beganAt = performance.now();
    const say = (text) => void writeSync(1, text + "\\n");
    process.on("exit", () => say("exit after " + (performance.now() - beganAt)));
    const index = ${JSON.stringify(INDEX)};
    void (${body})(() => import(index), say, index, ...${JSON.stringify(args)});
  `;
  return start(text, settings);
}

function start(text: string, settings: ProgramSettings): Program {
  const { nodeOptions = [], patienceMs = PATIENCE_MS, warnings = false } = settings;
  const child = spawn(process.execPath, [...nodeOptions, "--input-type=module", "-e", text], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ZEROMQ_TS_WARNINGS: warnings ? undefined : "0" },
  });
  return new Program(child, patienceMs);
}

/** Runs a program to its end. */
export function run<Args extends readonly unknown[]>(
  body: ProgramBody<Args>,
  args: Args,
  settings?: ProgramSettings,
): Promise<ProgramEnd> {
  return launch(body, args, settings).ended;
}
