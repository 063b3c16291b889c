import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";

const PERIOD_MS = 10_000;
/** The loop turns after so long, and goes on with its own for a while. */
const SLICE_MS = 2;
const PAUSE_MS = 20;

/**
 * Notes every ten seconds which peers were heard of, so that it is known when one fell silent. Its timer keeps nothing
 * alive, and there is none while there are no sockets.
 */
export class Sampler {
  readonly #sockets: () => readonly ViewedSocket[];
  #timer: Timer | null;

  constructor(sockets: () => readonly ViewedSocket[]) {
    this.#sockets = sockets;
    this.#timer = null;
  }

  start(): void {
    this.#timer ??= platform.setTimer(() => this.#walk(this.#sockets(), 0), PERIOD_MS);
  }

  stop(): void {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
  }

  #walk(sockets: readonly ViewedSocket[], from: number): void {
    const sinceMs = platform.now();
    let nowMs = sinceMs;
    let at = from;
    for (; at < sockets.length && nowMs - sinceMs < SLICE_MS; at++) {
      const socket = sockets[at]!;
      const { journal } = socket.books;
      for (const pipe of socket.openPipes()) journal.sample(pipe, nowMs);
      nowMs = platform.now();
    }
    this.#timer =
      at < sockets.length
        ? platform.setTimer(() => this.#walk(sockets, at), PAUSE_MS)
        : platform.setTimer(() => this.#walk(this.#sockets(), 0), PERIOD_MS);
  }
}
