import type { IntervalHistogram } from "node:perf_hooks";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { isMainThread, threadId } from "node:worker_threads";
import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import { defaultContext } from "../../core/context.ts";
import type { ContextSolver } from "../explain/context-solver.ts";
import { solversHere } from "../explain/context-solver.ts";
import type { ContextInfo, ThreadInfo } from "./protocol.ts";

/** Delays of the loop are measured as finely. */
const RESOLUTION_MS = 10;
/** Measuring ends when nobody asked for so long. */
const IDLE_MS = 30_000;

/** Tells what the thread is and how its event loop fares, while somebody asks. */
export class ThreadReport {
  readonly #packageVersion: string;
  #delays: IntervalHistogram | null;
  #utilization: ReturnType<typeof performance.eventLoopUtilization> | null;
  #timer: Timer | null;

  constructor(packageVersion: string) {
    this.#packageVersion = packageVersion;
    this.#delays = null;
    this.#utilization = null;
    this.#timer = null;
  }

  take(): ThreadInfo {
    const { rss, heapUsed, external } = process.memoryUsage();
    return {
      pid: process.pid,
      threadId,
      isMainThread,
      script: process.argv[1] ?? null,
      title: process.title,
      cwd: process.cwd(),
      node: process.versions.node,
      packageVersion: this.#packageVersion,
      platform: `${process.platform} ${process.arch}`,
      uptimeMs: Math.round((isMainThread ? process.uptime() : performance.now() / 1000) * 1000),
      memory: { rss, heapUsed, external },
      loop: this.#takeLoop(),
      contexts: [...solversHere.numbers].map(([solver, number]) => describe(solver, number)),
    };
  }

  close(): void {
    this.#delays?.disable();
    this.#delays = null;
    this.#utilization = null;
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
  }

  #takeLoop(): ThreadInfo["loop"] {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = platform.setTimer(() => this.close(), IDLE_MS);
    const since = this.#utilization;
    this.#utilization = performance.eventLoopUtilization();
    if (this.#delays === null || since === null) {
      this.#delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#delays.enable();
      return null;
    }
    const { utilization } = performance.eventLoopUtilization(this.#utilization, since);
    // Nanoseconds between two looks, of which the loop owes `RESOLUTION_MS` to nobody.
    const delayOf = (ns: number): number => Math.max(0, Number.isFinite(ns) ? ns / 1e6 - RESOLUTION_MS : 0);
    const loop = { meanMs: delayOf(this.#delays.mean), maxMs: delayOf(this.#delays.max), utilization };
    this.#delays.reset();
    return loop;
  }
}

function describe(solver: ContextSolver, number: number): ContextInfo {
  return {
    number,
    isDefault: solver.context === defaultContext(),
    ioMode: solver.context.ioMode,
    socketCount: solver.context.members.size,
    closedCount: solver.closedViews.length,
  };
}
