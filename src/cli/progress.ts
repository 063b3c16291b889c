import { paint } from "./console.ts";
import type { Sink } from "./io.ts";

const BAR_WIDTH = 24;

/** A bar in one line of a terminal; elsewhere nothing. */
export class Progress {
  readonly #sink: Sink;
  readonly #total: number;
  #done: number;

  constructor(sink: Sink, total: number) {
    this.#sink = sink;
    this.#total = total;
    this.#done = 0;
  }

  /** A step is done, and what comes next. */
  async step(label: string): Promise<void> {
    await this.show(this.#done, label);
    this.#done++;
  }

  async show(done: number, label: string): Promise<void> {
    if (!this.#sink.isTerminal) return;
    const share = Math.min(1, done / this.#total);
    const full = Math.round(share * BAR_WIDTH);
    const bar = `${paint(this.#sink, "green", "█".repeat(full))}${paint(this.#sink, "dim", "░".repeat(BAR_WIDTH - full))}`;
    const percent = `${Math.round(share * 100)}`.padStart(3);
    // A line that breaks could not be overwritten.
    const room = Math.max(0, this.#sink.columns - BAR_WIDTH - 8);
    await this.#sink.write(`\r\x1b[K${bar} ${percent} % ${label.slice(0, room)}`);
  }

  async clear(): Promise<void> {
    if (this.#sink.isTerminal) await this.#sink.write("\r\x1b[K");
  }
}
