import type { ServerResponse } from "node:http";
import type { PageState } from "./page-state.ts";

/** Where the states come from. It is asked only while somebody looks. */
export interface StateSource {
  read(): Promise<PageState>;
}

/** A state for each page that listens, each period; nothing is read when none does. */
export class Feed {
  readonly #source: StateSource;
  readonly #periodMs: number;
  readonly #pages: Set<ServerResponse>;
  #timer: NodeJS.Timeout | null;
  #isReading: boolean;
  #isClosed: boolean;

  constructor(source: StateSource, periodMs: number) {
    this.#source = source;
    this.#periodMs = periodMs;
    this.#pages = new Set();
    this.#timer = null;
    this.#isReading = false;
    this.#isClosed = false;
  }

  get pageCount(): number {
    return this.#pages.size;
  }

  /** A page that listens until it goes. Its headers are sent. */
  add(page: ServerResponse): void {
    this.#pages.add(page);
    page.on("close", () => {
      this.#pages.delete(page);
      if (this.#pages.size === 0) this.#rest();
    });
    page.write("retry: 1000\n\n");
    // The others get one more, which does no harm.
    this.#rest();
    void this.#turn();
  }

  close(): void {
    this.#isClosed = true;
    this.#rest();
    for (const page of this.#pages) page.destroy();
    this.#pages.clear();
  }

  #rest(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  async #turn(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const startedMs = performance.now();
    let text: string;
    try {
      text = `event: state\ndata: ${JSON.stringify(await this.#source.read())}\n\n`;
    } catch (error) {
      text = `event: trouble\ndata: ${JSON.stringify((error as Error).message)}\n\n`;
    }
    this.#isReading = false;
    // A page that does not keep up gets the next one: states do not pile up.
    for (const page of this.#pages) if (!page.writableNeedDrain) page.write(text);
    if (this.#isClosed || this.#pages.size === 0) return;
    const spentMs = performance.now() - startedMs;
    this.#timer = setTimeout(() => void this.#turn(), Math.max(this.#periodMs / 4, this.#periodMs - spentMs));
  }
}
