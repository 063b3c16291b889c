import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Command, Reply } from "./driver.ts";

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** A child process that obeys commands. When it dies, every command that still waits is rejected with the reason. */
export class PeerProcess {
  readonly #child: ChildProcess;
  readonly #waiters: Map<number, Waiter>;
  readonly #exited: Promise<void>;
  #lastId: number;
  #end: string | undefined;

  constructor(command: string, args: readonly string[]) {
    this.#waiters = new Map();
    this.#lastId = 0;
    this.#end = undefined;
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#exited = new Promise((resolve) => {
      const finish = (reason: string): void => {
        this.#finish(`${command} ${args.join(" ")}: ${reason}`);
        resolve();
      };
      this.#child.on("error", (error) => finish(error.message));
      this.#child.on("exit", (code, signal) =>
        finish(signal === null ? `exit code ${code}` : `ended by ${signal}`),
      );
    });
    // A write to a peer that has just died fails here too; its exit already tells the waiters why.
    this.#child.stdin?.on("error", (error) => this.#finish(error.message));
    if (this.#child.stdout !== null) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#onLine(line));
    }
  }

  get alive(): boolean {
    return this.#end === undefined;
  }

  run(command: Command): Promise<Reply> {
    if (this.#end !== undefined) return Promise.reject(new Error(this.#end));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiters.set(id, { resolve, reject });
      this.#child.stdin?.write(`${JSON.stringify({ id, ...command })}\n`);
    });
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

  #onLine(line: string): void {
    const { id, error, ...reply } = JSON.parse(line) as Reply & {
      id: number;
      error?: { code: string; message: string };
    };
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (error === undefined) waiter?.resolve(reply);
    else waiter?.reject(Object.assign(new Error(`the peer says: ${error.message}`), { code: error.code }));
  }

  #finish(reason: string): void {
    this.#end ??= reason;
    for (const waiter of this.#waiters.values()) waiter.reject(new Error(this.#end));
    this.#waiters.clear();
  }
}

/** Finds a file that the compiler does not copy: beside this module, or in the source tree when this one is compiled. */
export function sourcePath(name: string): string {
  const beside = fileURLToPath(new URL(name, import.meta.url));
  return existsSync(beside)
    ? beside
    : fileURLToPath(new URL(`../../../test/interop/${name}`, import.meta.url));
}
