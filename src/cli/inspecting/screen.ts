import type { Readable } from "node:stream";
import type { Io } from "../io.ts";

const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const END_OF_LINE = "\x1b[K";
const END_OF_SCREEN = "\x1b[J";
const CTRL_C = "\x03";

type Keyboard = Readable & { setRawMode?(isRaw: boolean): unknown };

/** The terminal's other screen, on which a table changes in place, and its keys. What was there comes back with `leave`. */
export class Screen {
  readonly #io: Io;
  readonly #keyboard: Keyboard | null;
  readonly #onData: (data: Buffer | string) => void;

  constructor(io: Io, onKey: (key: string) => void) {
    this.#io = io;
    this.#keyboard = io.isInputTerminal ? io.stdin : null;
    this.#onData = (data) => {
      // In raw mode Ctrl-C is a key like others.
      for (const key of data.toString()) onKey(key === CTRL_C ? "q" : key);
    };
  }

  async enter(): Promise<void> {
    this.#keyboard?.setRawMode?.(true);
    this.#keyboard?.on("data", this.#onData);
    await this.#io.stdout.write(ENTER);
  }

  /** Shows what fits. */
  async show(lines: readonly string[]): Promise<void> {
    const { rows = 24 } = this.#io.stdout;
    const shown =
      lines.length <= rows ? lines : [...lines.slice(0, rows - 1), `... ${lines.length - rows + 1} more`];
    await this.#io.stdout.write(
      `${HOME}${shown.map((line) => line + END_OF_LINE).join("\n")}${END_OF_SCREEN}`,
    );
  }

  async leave(): Promise<void> {
    this.#keyboard?.off("data", this.#onData);
    this.#keyboard?.setRawMode?.(false);
    this.#keyboard?.pause();
    await this.#io.stdout.write(LEAVE);
  }
}
