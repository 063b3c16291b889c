// A clock and timers that the test turns by hand.

import type { Timer } from "../../../../src/base/platform.ts";
import { installPlatform } from "../../../../src/base/platform.ts";

export class Clock {
  nowMs: number;
  /** Warnings: code and sentence. */
  readonly warnings: (readonly [string, string])[];
  readonly #timers: Map<object, { readonly atMs: number; readonly callback: () => void }>;
  readonly #ends: Set<() => void>;

  constructor() {
    this.nowMs = 1000;
    this.warnings = [];
    this.#timers = new Map();
    this.#ends = new Set();
    const watchEnd = (callback: () => void): (() => void) => {
      const watcher = (): void => callback();
      this.#ends.add(watcher);
      return () => this.#ends.delete(watcher);
    };
    installPlatform({
      now: () => this.nowMs,
      setTimer: (callback, delayMs) => {
        const timer = {};
        this.#timers.set(timer, { atMs: this.nowMs + delayMs, callback });
        return timer;
      },
      clearTimer: (timer: Timer) => void this.#timers.delete(timer as object),
      onBeforeExit: watchEnd,
      onExit: watchEnd,
      warn: (sentence, code) => this.warnings.push([code, sentence]),
    });
  }

  get timerCount(): number {
    return this.#timers.size;
  }

  get endWatcherCount(): number {
    return this.#ends.size;
  }

  /** The process ends. */
  end(): void {
    for (const callback of [...this.#ends]) callback();
  }

  /** Lets time pass, timer by timer; answers how many fired. */
  pass(durationMs: number): number {
    const untilMs = this.nowMs + durationMs;
    let firedCount = 0;
    for (;;) {
      const due = [...this.#timers].filter(([, { atMs }]) => atMs <= untilMs);
      const next = due.sort(([, a], [, b]) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      const [timer, { atMs, callback }] = next;
      this.#timers.delete(timer);
      this.nowMs = Math.max(this.nowMs, atMs);
      callback();
      firedCount++;
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
    return firedCount;
  }
}
