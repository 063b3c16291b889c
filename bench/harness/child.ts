/** A peer process under control: commands in, answers out, and never left behind. */

import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Answer {
  event: string;
  endpoint?: string;
  count?: number;
  bytes?: number;
  ns?: number;
  cpuUs?: number;
  rss?: number;
  live?: number;
  p50?: number;
  p99?: number;
  max?: number;
  received?: number;
  duplicates?: number;
  disordered?: number;
  connects?: number;
  disconnects?: number;
  pid?: number;
}

const running = new Set<Child>();
let guarded = false;

/** Peers also leave by themselves when our end of their stdin closes; this is for those that are stuck. */
function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.on("exit", () => {
    for (const child of running) child.kill();
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => process.exit(signal === "SIGINT" ? 130 : 143));
  }
}

interface Waiting {
  event: string;
  resolve: (answer: Answer) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

export class Child {
  readonly label: string;
  #process: ChildProcessWithoutNullStreams;
  #answers: Answer[];
  #waiting: Waiting | undefined;
  #complaint: string;
  #ended: Promise<void>;
  #failure: Error | undefined;

  #onFailure: (error: Error) => void;

  /** `env` is added to the environment. */
  constructor(
    label: string,
    command: string,
    args: readonly string[],
    onFailure: (error: Error) => void,
    env: Readonly<Record<string, string>> = {},
  ) {
    guardExit();
    this.label = label;
    this.#onFailure = onFailure;
    this.#answers = [];
    this.#waiting = undefined;
    this.#complaint = "";
    this.#failure = undefined;
    this.#process = spawn(command, args, {
      stdio: ["pipe", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    running.add(this);
    this.#process.stdin.on("error", () => undefined);
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString()).slice(-2000);
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#onLine(line));
    this.#ended = new Promise((resolve) => {
      this.#process.on("error", (error) => {
        this.fail(error);
        running.delete(this);
        resolve();
      });
      this.#process.on("close", (code, signal) => {
        running.delete(this);
        this.fail(new Error(`${label} ended (${signal ?? code}) ${this.#complaint.trim()}`));
        resolve();
      });
    });
  }

  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** The next answer, which must be of this kind. */
  expect(event: string, timeoutMs = 60_000): Promise<Answer> {
    const found = this.#answers.findIndex((answer) => answer.event === event);
    if (found >= 0) return Promise.resolve(this.#answers.splice(found, 1)[0]);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting = undefined;
        reject(
          new Error(`${this.label}: no "${event}" within ${timeoutMs / 1000} s ${this.#complaint.trim()}`),
        );
      }, timeoutMs);
      this.#waiting = { event, resolve, reject, timer };
    });
  }

  ask(line: string, event: string, timeoutMs?: number): Promise<Answer> {
    this.tell(line);
    return this.expect(event, timeoutMs);
  }

  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async end(): Promise<void> {
    this.kill();
    await this.#ended;
  }

  #onLine(line: string): void {
    let answer: Answer;
    try {
      answer = JSON.parse(line) as Answer;
    } catch {
      this.#complaint = `${this.#complaint}${line}\n`.slice(-2000);
      return;
    }
    const waiting = this.#waiting;
    if (waiting === undefined || waiting.event !== answer.event) {
      this.#answers.push(answer);
      return;
    }
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.resolve(answer);
  }

  /** No more answers are to be expected, here or because another peer of the same measurement is gone. */
  fail(error: Error): void {
    if (this.#failure === undefined) {
      this.#failure = error;
      this.#onFailure(error);
    }
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    waiting.reject(this.#failure);
  }
}
