import type { InspectableProcess } from "../../index.ts";
import { inspectProcess, listInspectable } from "../../index.ts";
import type { StateSource } from "./feed.ts";
import type { PageState } from "./page-state.ts";
import type { Inspected } from "./watched-process.ts";
import { WatchedProcess } from "./watched-process.ts";

/** New processes are looked for so often. */
const SEARCH_MS = 2000;
/** A process that answers later is shown as silent, and holds up the others no longer. */
const ANSWER_MS = 900;
/** What has ended is shown for a while. */
const ENDED_MS = 300_000;
const ENDED_COUNT_MAX = 16;
const PROCESS_COUNT_MAX = 64;
/** Those who ask at the same time get the same answer. */
const FRESH_MS = 100;

/** What the watch needs of the system. */
export interface Surroundings {
  now(): number;
  list(): Promise<readonly Pick<InspectableProcess, "pid">[]>;
  open(pid: number): Promise<Inspected>;
  isAlive(pid: number): boolean;
}

/** The processes that are looked into: those that were named, or all that can be. */
export class ProcessWatch implements StateSource {
  readonly #pids: readonly number[];
  readonly #around: Surroundings;
  readonly #watched: Map<number, WatchedProcess>;
  readonly #ended: WatchedProcess[];
  #searchedMs: number;
  #processCount: number;
  #sequence: number;
  #reading: Promise<PageState> | null;
  #last: PageState | null;

  /** No `pids`: all. */
  constructor(pids: readonly number[] = [], around: Surroundings = SYSTEM) {
    this.#pids = pids;
    this.#around = around;
    this.#watched = new Map();
    this.#ended = [];
    this.#searchedMs = -Infinity;
    this.#processCount = 0;
    this.#sequence = 0;
    this.#reading = null;
    this.#last = null;
  }

  async read(): Promise<PageState> {
    if (this.#last !== null && this.#around.now() - this.#last.atMs < FRESH_MS) return this.#last;
    this.#reading ??= this.#look().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async close(): Promise<void> {
    await this.#reading?.catch(() => undefined);
    await Promise.all([...this.#watched.values()].map((one) => one.close()));
    this.#watched.clear();
  }

  async #look(): Promise<PageState> {
    const nowMs = this.#around.now();
    if (nowMs - this.#searchedMs >= SEARCH_MS) {
      this.#searchedMs = nowMs;
      await this.#search();
    }
    await Promise.all([...this.#watched.values()].map((one) => one.look((pid) => this.#around.isAlive(pid))));
    this.#sortOut();
    const processes = [...this.#watched.values(), ...this.#ended];
    this.#last = {
      sequence: ++this.#sequence,
      atMs: this.#around.now(),
      // One that has just been found and never answered has nothing to show yet.
      processes: processes.filter(({ state }) => state.title !== "").map(({ state }) => state),
    };
    return this.#last;
  }

  async #search(): Promise<void> {
    const found = this.#pids.length > 0 ? this.#pids : (await this.#around.list()).map(({ pid }) => pid);
    for (const pid of found) {
      if (this.#watched.has(pid) || this.#watched.size >= PROCESS_COUNT_MAX) continue;
      // One that was named may not be there yet, or not any more.
      const inspected = await this.#around.open(pid).catch(() => null);
      if (inspected === null) continue;
      const key = `p${String(++this.#processCount).padStart(6, "0")}`;
      this.#watched.set(pid, new WatchedProcess(key, pid, inspected, () => this.#around.now()));
    }
  }

  #sortOut(): void {
    const nowMs = this.#around.now();
    for (const one of this.#watched.values()) {
      if (one.endedMs === null) continue;
      this.#watched.delete(one.pid);
      this.#ended.push(one);
    }
    while (
      this.#ended.length > ENDED_COUNT_MAX ||
      (this.#ended.length > 0 && nowMs - ((this.#ended[0] as WatchedProcess).endedMs as number) > ENDED_MS)
    )
      this.#ended.splice(0, 1);
  }
}

const SYSTEM: Surroundings = {
  now: () => performance.now(),
  async list() {
    return (await listInspectable()).filter(({ pid }) => pid !== process.pid);
  },
  open: (pid) => inspectProcess(pid, { timeoutMs: ANSWER_MS }),
  isAlive(pid) {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
};
