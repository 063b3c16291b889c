import type { Io, Sink } from "./io.ts";

/** How a text is shown where there are colours. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "blue" | "cyan" | "inverse";

const CODES: Readonly<Record<Style, readonly [on: number, off: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  cyan: [36, 39],
  inverse: [7, 27],
};

export function paint(sink: Sink, style: Style, text: string): string {
  if (!sink.isColoured) return text;
  const [on, off] = CODES[style];
  return `\x1b[${on}m${text}\x1b[${off}m`;
}

/**
 * What a command says. Results go to stdout, and with `--json` they are values, one a line; notes, warnings and errors go
 * to stderr, with `--json` as objects.
 */
export class Console {
  readonly isJson: boolean;
  readonly isQuiet: boolean;
  readonly #io: Pick<Io, "stdout" | "stderr">;
  /** Said before anything was heard by: `main` waits for it before it ends. */
  #pending: Promise<void>;

  constructor(
    io: Pick<Io, "stdout" | "stderr">,
    settings: { readonly json?: boolean; readonly quiet?: boolean } = {},
  ) {
    this.#io = io;
    this.isJson = settings.json ?? false;
    this.isQuiet = settings.quiet ?? false;
    this.#pending = Promise.resolve();
  }

  /** As it is, to stdout. */
  write(data: string | Uint8Array): Promise<void> {
    return this.#io.stdout.write(data);
  }

  /** A line, to stdout. */
  print(line: string): Promise<void> {
    return this.#io.stdout.write(`${line}\n`);
  }

  /** A value as one line of JSON, to stdout. */
  printJson(value: unknown): Promise<void> {
    return this.#io.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A result: the value with `--json`, else the text. */
  result(value: unknown, text: string): Promise<void> {
    return this.isJson ? this.printJson(value) : this.print(text);
  }

  /** What is good to know; not with `--quiet`. `facts` are for `--json`. */
  note(sentence: string, facts: object = {}): void {
    if (this.isQuiet) return;
    this.#say({ note: sentence, ...facts }, paint(this.#io.stderr, "dim", sentence));
  }

  /** What the user must know: a loss, for example. */
  warn(sentence: string, facts: object = {}): void {
    this.#say({ warning: sentence, ...facts }, `${paint(this.#io.stderr, "yellow", "warning:")} ${sentence}`);
  }

  /** Why the command failed. */
  fail(who: string, sentence: string, code?: string): void {
    const text = code === undefined ? sentence : `${code}: ${sentence}`;
    this.#say({ error: sentence, code }, `${paint(this.#io.stderr, "red", `${who}:`)} ${text}`);
  }

  /** Resolves when all that was said is written. */
  flushed(): Promise<void> {
    return this.#pending;
  }

  #say(value: object, text: string): void {
    const line = `${this.isJson ? JSON.stringify(value) : text}\n`;
    // Where nobody reads stderr there is nobody to tell.
    const written = this.#io.stderr.write(line).catch(() => undefined);
    this.#pending = this.#pending.then(() => written);
  }
}
