import { basename } from "node:path";
import type { Finding, InspectedProcess, SocketReport, ThreadAnswer, ThreadInfo } from "../../index.ts";
import type { ProcessState } from "./page-state.ts";
import { toContent } from "./to-state.ts";

/** What is asked of an inspected process here: a part of `InspectedProcess`. */
export type Inspected = Pick<InspectedProcess, "info" | "sockets" | "findings" | "silentThreadIds" | "close">;

/** One process as it was when it last answered. */
export class WatchedProcess {
  readonly pid: number;
  /** When it was found to have ended; `null` while it lives. */
  endedMs: number | null;
  readonly #now: () => number;
  /** By thread: when its clock was 0, on ours. The least that was seen is the nearest to the truth. */
  readonly #clocks: Map<number, number>;
  #inspected: Inspected | null;
  #sockets: readonly ThreadAnswer<SocketReport>[];
  #findings: readonly ThreadAnswer<Finding>[];
  #state: ProcessState;

  constructor(key: string, pid: number, inspected: Inspected, now: () => number) {
    this.pid = pid;
    this.endedMs = null;
    this.#now = now;
    this.#clocks = new Map();
    this.#inspected = inspected;
    this.#sockets = [];
    this.#findings = [];
    this.#state = {
      key,
      pid,
      title: "",
      status: "silent",
      atMs: now(),
      sockets: [],
      socketCount: 0,
      findings: [],
      findingCount: 0,
    };
  }

  get state(): ProcessState {
    return this.#state;
  }

  /** Asks it. What it does not answer stays as it was. */
  async look(isAlive: (pid: number) => boolean): Promise<void> {
    const inspected = this.#inspected;
    if (inspected === null) return;
    try {
      if (this.#state.title === "") {
        const threads = (await inspected.info()).flatMap(({ list }) => list);
        this.#state = { ...this.#state, title: titleOf(threads) ?? `process ${this.pid}` };
      }
      const [sockets, findings] = await Promise.all([inspected.sockets(), inspected.findings()]);
      const answeredMs = this.#now();
      for (const { threadId, nowMs } of sockets) {
        const clock = Math.min(this.#clocks.get(threadId) ?? Infinity, answeredMs - nowMs);
        this.#clocks.set(threadId, clock);
      }
      this.#sockets = withSilent(sockets, this.#sockets, inspected.silentThreadIds);
      this.#findings = withSilent(findings, this.#findings, inspected.silentThreadIds);
      const content = toContent({
        sockets: this.#sockets,
        findings: this.#findings,
        clockOf: (threadId) => this.#clocks.get(threadId) ?? 0,
      });
      this.#state = { ...this.#state, status: "live", ...content };
    } catch {
      // Too busy to answer, or gone: which of them, the system knows.
      if (isAlive(this.pid)) this.#state = { ...this.#state, status: "silent" };
      else await this.#end();
    }
  }

  async close(): Promise<void> {
    const inspected = this.#inspected;
    this.#inspected = null;
    await inspected?.close();
  }

  async #end(): Promise<void> {
    this.endedMs = this.#now();
    this.#state = { ...this.#state, status: "ended", title: this.#state.title || `process ${this.pid}` };
    await this.close();
  }
}

/** With what threads said before that are there and do not answer now: their sockets have not gone. */
function withSilent<Entry>(
  now: readonly ThreadAnswer<Entry>[],
  before: readonly ThreadAnswer<Entry>[],
  silentIds: readonly number[],
): readonly ThreadAnswer<Entry>[] {
  const isMissing = ({ threadId }: ThreadAnswer<Entry>): boolean =>
    silentIds.includes(threadId) && !now.some((one) => one.threadId === threadId);
  return [...now, ...before.filter(isMissing)].sort((a, b) => a.threadId - b.threadId);
}

/** The script of the main thread. */
function titleOf(threads: readonly ThreadInfo[]): string | undefined {
  const main = threads.find(({ isMainThread }) => isMainThread) ?? threads[0];
  if (main === undefined) return undefined;
  return main.script === null ? main.title : basename(main.script);
}
