import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Command, Reply } from "./driver.ts";
import type { Answer } from "./replies.ts";
import { Replies } from "./replies.ts";

/** A child process that obeys commands. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #replies: Replies;
  readonly #exited: Promise<void>;

  constructor(command: string, args: readonly string[]) {
    this.#replies = new Replies();
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#exited = new Promise((resolve) => {
      const finish = (reason: string): void => {
        this.#replies.end(`${command} ${args.join(" ")}: ${reason}`);
        resolve();
      };
      this.#child.on("error", (error) => finish(error.message));
      this.#child.on("exit", (code, signal) =>
        finish(signal === null ? `exit code ${code}` : `ended by ${signal}`),
      );
    });
    // A write to a peer that has just died fails here too; its exit already tells the waiters why.
    this.#child.stdin?.on("error", (error) => this.#replies.end(error.message));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => {
        this.#replies.onAnswer(JSON.parse(line) as Answer);
      });
    }
  }

  get alive(): boolean {
    return !this.#replies.hasEnded;
  }

  run(command: Command): Promise<Reply> {
    return this.#replies.expect((id) => this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`));
  }

  /**
   * Its commands end, so the process leaves by itself, as any program does at its end, with its sockets open; one that does
   * not leave is killed.
   */
  async leave(timeoutMs = 2000): Promise<void> {
    this.#child.stdin?.end();
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** As a crash or a power cut would end it: no socket is closed in an orderly way. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  /** The process hangs: its connections stay open and nothing comes from them. */
  freeze(): void {
    this.#child.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child.kill("SIGCONT");
  }
}

/** Finds a file that the compiler does not copy: beside this module, or in the source tree when this one is compiled. */
export function sourcePath(name: string): string {
  const beside = fileURLToPath(new URL(name, import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL(`../../../test/interop/${name}`, import.meta.url));
}
