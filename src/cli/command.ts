import type { Console } from "./console.ts";
import type { Io } from "./io.ts";

/**
 * CONTRACT. A command of `zmq`: what it takes, from which its arguments are parsed and its help is printed, and what it
 * does. It is loaded when it is called; its name and summary stand in the list of commands (commands/index.ts).
 *
 * - It talks through the `Call` alone: no `process`, no `console`. So it runs in a test as it runs in a shell.
 * - It answers its exit code. What it throws is told to the user: `UsageError` with exit code 2, all else with 1.
 * - When `io.signal` is aborted it closes what it opened, soon, and answers `exitCodeOf(io.signal)`, or 0 if it was made to
 *   run until then.
 */
export interface Command<Table extends OptionTable = OptionTable> {
  /** What follows the name: `[options] ENDPOINT [MESSAGE...]`. */
  readonly usage: string;
  /** What there is to know beyond the summary: paragraphs, divided by empty lines. */
  readonly details?: string;
  readonly options: Table;
  /** Whole lines, as typed. */
  readonly examples: readonly string[];
  run(call: Call<Table>): Promise<number>;
}

/** A command whose `values` have the types of its table. */
export function defineCommand<const Table extends OptionTable>(command: Command<Table>): Command<Table> {
  return command;
}

/** A command in the list of commands. */
export interface CommandEntry {
  readonly name: string;
  /** Half a line. */
  readonly summary: string;
  /** Not in the list that users see. */
  readonly isHidden?: boolean;
  load(): Promise<Command>;
}

/** One call of a command. `--help`, `--json` and `--quiet` are every command's; the console knows the latter two. */
export interface Call<Table extends OptionTable = OptionTable> {
  readonly values: ValuesOf<Table>;
  readonly positionals: readonly string[];
  readonly io: Io;
  readonly console: Console;
  /** All commands, for `help`. */
  readonly commands: readonly CommandEntry[];
}

/** What an option takes. `duration` is in milliseconds (`250`, `5s`, `2m`), `size` in octets (`512`, `64k`). */
export type OptionKind = "flag" | "text" | "number" | "duration" | "size";

/** One option of a command. */
export interface Option {
  readonly kind: OptionKind;
  /** One letter. */
  readonly short?: string;
  /** What stands for the value in the help: `ENDPOINT`. */
  readonly value?: string;
  readonly help: string;
  /** Takes a key in Z85, which may begin with a dash. */
  readonly takesKey?: boolean;
  /** May be given again; the value is an array. */
  readonly multiple?: boolean;
  /** The value if it is not given. */
  readonly initial?: string | number;
  /** The least number; 0 if absent. */
  readonly min?: number;
}

/** Options by their long names. */
export type OptionTable = Readonly<Record<string, Option>>;

type Single<O extends Option> = O["kind"] extends "flag"
  ? boolean
  : O["kind"] extends "text"
    ? string
    : number;

type ValueOf<O extends Option> = O extends { readonly multiple: true }
  ? readonly Single<O>[]
  : O extends { readonly kind: "flag" } | { readonly initial: string | number }
    ? Single<O>
    : Single<O> | undefined;

/** The parsed options of a table. */
export type ValuesOf<Table extends OptionTable> = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

export const EXIT = { ok: 0, failure: 1, usage: 2, nothing: 3, interrupted: 130, terminated: 143 } as const;

/** The user called the command wrongly. The sentence says what is wrong. */
export class UsageError extends Error {}

/** Why `io.signal` was aborted. */
export class Interruption extends Error {
  readonly exitCode: number;

  constructor(sentence: string, exitCode: number) {
    super(sentence);
    this.exitCode = exitCode;
  }
}

/** The exit code of a command that was interrupted before it had done what it was to do. */
export function exitCodeOf(signal: AbortSignal): number {
  return signal.reason instanceof Interruption ? signal.reason.exitCode : EXIT.interrupted;
}
