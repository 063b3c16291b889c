import { platform } from "../../base/platform.ts";

/** A frame is about so long. */
const FRAME_SIZE = 64 * 1024;
/** An answer is not much longer. */
const LIST_SIZE_MAX = 6 * 1024 * 1024;
/** The inspected process has its turn after so long. */
const SLICE_MS = 2;

/** A long list in JSON, made in the pauses of a process that has other work. */
export class JsonList {
  readonly frames: Uint8Array[];
  /** Entries for which there was no room. */
  omitted: number;
  #entries: string[];
  #entriesSize: number;
  #size: number;
  #sliceMs: number;

  constructor() {
    this.frames = [];
    this.omitted = 0;
    this.#entries = [];
    this.#entriesSize = 0;
    this.#size = 0;
    this.#sliceMs = platform.now();
  }

  /** Adds what `list` makes of each item, one after the other; the loop turns when that took a while. */
  async addAll<Item>(items: Iterable<Item>, list: (item: Item) => readonly unknown[]): Promise<void> {
    for (const item of items) {
      if (platform.now() - this.#sliceMs >= SLICE_MS) await this.#pause();
      for (const entry of list(item)) this.#add(entry);
    }
  }

  end(): void {
    if (this.#entries.length > 0) this.#cut();
  }

  #add(entry: unknown): void {
    if (this.#size >= LIST_SIZE_MAX) {
      this.omitted++;
      return;
    }
    const text = JSON.stringify(entry);
    this.#entries.push(text);
    this.#entriesSize += text.length;
    this.#size += text.length;
    if (this.#entriesSize >= FRAME_SIZE) this.#cut();
  }

  #cut(): void {
    this.frames.push(platform.encodeText(`[${this.#entries.join(",")}]`));
    this.#entries = [];
    this.#entriesSize = 0;
  }

  async #pause(): Promise<void> {
    await new Promise<void>((resolve) => platform.yieldTurn(resolve));
    this.#sliceMs = platform.now();
  }
}
