// The command as users call it: a process of its own, with its streams and signals.

import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../../src/cli/main.js", import.meta.url));
const PATIENCE_MS = 15_000;

export interface CommandEnd {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export class CommandProcess {
  readonly ended: Promise<CommandEnd>;
  readonly stdin: Writable;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiters: Set<() => void>;
  #stdout: Buffer;
  #stderr: string;

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "" },
    });
    this.stdin = this.#process.stdin;
    this.stdin.on("error", () => undefined);
    this.#waiters = new Set();
    this.#stdout = Buffer.alloc(0);
    this.#stderr = "";
    const wakeAll = (): void => {
      for (const wake of this.#waiters) wake();
    };
    this.#process.stdout.on("data", (chunk: Buffer) => {
      this.#stdout = Buffer.concat([this.#stdout, chunk]);
      wakeAll();
    });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      wakeAll();
    });
    const timer = setTimeout(() => this.kill("SIGKILL"), PATIENCE_MS);
    this.ended = new Promise((resolve, reject) => {
      this.#process.on("error", reject);
      this.#process.on("close", (status, signal) => {
        clearTimeout(timer);
        resolve({ status, signal, stdout: this.#stdout, stderr: this.#stderr });
        wakeAll();
      });
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** What matched in what it said, on either stream, when it has said it. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stderr) ?? pattern.exec(this.#stdout.toString());
      if (found !== null) return found;
      if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
        throw new Error(`it ended and never said ${pattern}: ${(await this.ended).stderr}`);
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

  async endpoint(): Promise<string> {
    return (await this.said(/listening at ([^"\s]+)/))[1] as string;
  }
}

/** Starts `zmq` with these arguments. */
export function zmq(t: TestContext, ...args: string[]): CommandProcess {
  return start(t, process.execPath, [MAIN, ...args]);
}

/** Starts a line of the shell, in which `zmq` is the command. */
export function shell(t: TestContext, line: string): CommandProcess {
  return start(t, "sh", ["-c", line.replaceAll(/\bzmq\b/g, `"${process.execPath}" "${MAIN}"`)]);
}

/** Starts a process; the test leaves none behind. */
export function start(t: TestContext, command: string, args: readonly string[]): CommandProcess {
  const started = new CommandProcess(command, args);
  t.after(async () => {
    started.kill("SIGKILL");
    await started.ended;
  });
  return started;
}
