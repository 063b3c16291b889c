import type { ChildProcessByStdio } from "node:child_process";
import { spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { splitLines } from "../messaging/input.ts";
import { pythonCommand } from "./library.ts";
import type { Part, Said } from "./part.ts";
import { SECRET_KEY_VARIABLE } from "./part.ts";
import { PYTHON_PLAYER } from "./python-player.ts";

const MAIN = fileURLToPath(new URL(`../main${import.meta.url.slice(-3)}`, import.meta.url));
const COMPLAINT_MAX = 2_000;

/** A process that plays its part. */
export class Child {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #said: AsyncGenerator<Buffer[]>;
  readonly #timeoutMs: number;
  #lines: Buffer[];
  #complaint: string;

  /** `secretKey`: with CURVE. */
  constructor(part: Part, timeoutMs: number, secretKey?: string) {
    const [command, ...args] =
      part.library === "pyzmq"
        ? [pythonCommand() ?? "python3", "-c", PYTHON_PLAYER]
        : [process.execPath, MAIN, "bench-player"];
    this.#process = spawn(command as string, [...args, JSON.stringify(part)], {
      stdio: ["pipe", "pipe", "pipe"],
      env: secretKey === undefined ? process.env : { ...process.env, [SECRET_KEY_VARIABLE]: secretKey },
    });
    this.#said = splitLines(this.#process.stdout, "\n");
    this.#timeoutMs = timeoutMs;
    this.#lines = [];
    this.#complaint = "";
    const complain = (text: string): void => {
      this.#complaint = (this.#complaint + text).slice(-COMPLAINT_MAX);
    };
    this.#process.on("error", (error) => complain(error.message));
    // What is told to one that has ended is told to nobody; `expect` says so.
    this.#process.stdin.on("error", (error) => complain(error.message));
    this.#process.stderr.setEncoding("utf8").on("data", complain);
  }

  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** What it says next, which must be of this kind. */
  async expect<Event extends Said["event"]>(event: Event): Promise<Extract<Said, { event: Event }>> {
    const timer = setTimeout(() => this.end(), this.#timeoutMs);
    try {
      while (this.#lines.length === 0) {
        const { value, done } = await this.#said.next();
        if (done === true) throw new Error(`A process of the measurement ended. ${this.#complaint.trim()}`);
        this.#lines = value;
      }
      const [line, ...rest] = this.#lines as [Buffer, ...Buffer[]];
      this.#lines = rest;
      const said = JSON.parse(line.toString()) as Said;
      if (said.event !== event) throw new Error(`A process said ${said.event} instead of ${event}.`);
      return said as Extract<Said, { event: Event }>;
    } finally {
      clearTimeout(timer);
    }
  }

  end(): void {
    this.#process.kill("SIGKILL");
  }
}
