import { pid as ownPid } from "node:process";
import type { InspectedProcess } from "../../index.ts";
import { inspectProcess, listInspectable } from "../../index.ts";
import { UsageError } from "../command.ts";
import type { Console } from "../console.ts";

/** What to inspect: a process by its pid, a thread by its inspection endpoint, or, without it, all that can be. */
export type Target = number | string | undefined;

/** What a user wrote, if it names a process. */
export function toTarget(positionals: readonly string[]): Target {
  const [given, ...more] = positionals;
  if (more.length > 0) throw new UsageError("One process at a time, or none for all.");
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(given)) return Number(given);
  if (isInspectionEndpoint(given)) return given;
  throw new UsageError(`"${given}" is no process id.`);
}

/** Whether an endpoint is where an inspector answers, by the name of its file. */
export function isInspectionEndpoint(text: string): boolean {
  return /^ipc:\/\/.*\/\d+-\d+\.ipc$/.test(text);
}

export const SWITCH_ON =
  "No process of yours can be inspected. Start one with ZEROMQ_TS_INSPECT=1 in its environment, or call context.inspect() in it.";

/** The processes that are looked at: they come and go. */
export class Fleet {
  readonly #target: Target;
  readonly #timeoutMs: number;
  readonly #console: Console;
  readonly #processes: Map<number, InspectedProcess>;
  readonly #warned: Set<string>;
  #isFirst: boolean;

  constructor(target: Target, timeoutMs: number, console: Console) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    this.#console = console;
    this.#processes = new Map();
    this.#warned = new Set();
    this.#isFirst = true;
  }

  get size(): number {
    return this.#processes.size;
  }

  /** Finds processes that are new. Throws where the one that was asked for cannot be inspected. */
  async refresh(): Promise<void> {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (this.#target !== undefined) {
      if (isFirst) await this.#open(this.#target);
      return;
    }
    const found = await listInspectable((sentence) => this.#warn(sentence));
    for (const { pid } of found) {
      if (pid === ownPid || this.#processes.has(pid)) continue;
      // It may end between the list and the question.
      await this.#open(pid).catch((error: Error) => this.#console.note(error.message));
    }
  }

  /** Asks all. One that ended is left out from now on; one that is busy is left out this time. */
  async ask<T>(question: (process: InspectedProcess) => Promise<T>): Promise<Map<number, T>> {
    const answers = new Map<number, T>();
    await Promise.all(
      [...this.#processes].map(async ([pid, process]) => {
        try {
          answers.set(pid, await question(process));
        } catch (error) {
          await this.#onFailed(pid, process, error as Error & { readonly code?: string });
        }
      }),
    );
    return new Map([...answers].sort(([a], [b]) => a - b));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.close()));
    this.#processes.clear();
  }

  async #open(target: number | string): Promise<void> {
    const process = await inspectProcess(target, { timeoutMs: this.#timeoutMs });
    this.#processes.set(process.pid ?? 0, process);
  }

  async #onFailed(pid: number, process: InspectedProcess, error: Error & { readonly code?: string }) {
    if (error.code === "ETIMEDOUT") {
      this.#console.warn(
        `process ${pid} did not answer within ${this.#timeoutMs} ms: its thread is busy or blocked`,
        { pid },
      );
      return;
    }
    this.#processes.delete(pid);
    await process.close();
    this.#console.note(`process ${pid} ended`, { pid, ended: true });
  }

  #warn(sentence: string): void {
    if (this.#warned.has(sentence)) return;
    this.#warned.add(sentence);
    this.#console.warn(sentence);
  }
}
