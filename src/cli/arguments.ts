import type { ParseArgsConfig } from "node:util";
import { parseArgs } from "node:util";
import type { Option, OptionTable, ValuesOf } from "./command.ts";
import { UsageError } from "./command.ts";

/** What every command takes. */
export const STANDARD_OPTIONS = {
  json: { kind: "flag", short: "j", help: "JSON, one value a line, for messages and for all that is said" },
  quiet: { kind: "flag", short: "q", help: "say nothing but errors and losses" },
  help: { kind: "flag", short: "h", help: "show this" },
} as const satisfies OptionTable;

export interface Parsed<Table extends OptionTable> {
  readonly values: ValuesOf<Table>;
  readonly positionals: readonly string[];
}

/** The arguments by a table. Throws `UsageError`. */
export function parseArguments<Table extends OptionTable>(
  table: Table,
  args: readonly string[],
): Parsed<Table> {
  const config = {
    args: joinNegative(table, args),
    options: toConfig(table),
    allowPositionals: true,
    strict: true,
  } satisfies ParseArgsConfig;
  let parsed: ReturnType<typeof parseArgs<typeof config>>;
  try {
    parsed = parseArgs(config);
  } catch (error) {
    throw new UsageError(toSentence(error as Error));
  }
  const given: Readonly<Record<string, unknown>> = parsed.values;
  const values = Object.fromEntries(
    Object.entries(table).map(([name, option]) => [name, convert(name, option, given[name])]),
  );
  return { values: values as ValuesOf<Table>, positionals: parsed.positionals };
}

function toConfig(table: OptionTable): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(table).map(([name, { kind, short, multiple = false }]) => [
      name,
      { type: kind === "flag" ? "boolean" : "string", multiple, ...(short === undefined ? {} : { short }) },
    ]),
  );
}

/** Of a key in Z85, one in 85 of which begins with a dash. */
const KEY_LENGTH = 40;

/** `--linger -1`, which the parser would take for an option without its value and another option; keys likewise. */
function joinNegative(table: OptionTable, args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1);
    const isNumber = /^-\d/.test(arg) && takesNumber(table, before);
    const isKey = arg.length === KEY_LENGTH && arg.startsWith("-") && takesKey(table, before);
    if (before !== undefined && !joined.includes("--") && (isNumber || isKey)) {
      joined[joined.length - 1] = before.startsWith("--") ? `${before}=${arg}` : `${before}${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

function takesKey(table: OptionTable, arg: string | undefined): boolean {
  return Object.entries(table).some(([name, option]) => option.takesKey === true && arg === `--${name}`);
}

function takesNumber(table: OptionTable, arg: string | undefined): boolean {
  return Object.entries(table).some(
    ([name, { kind, short }]) =>
      kind !== "flag" &&
      kind !== "text" &&
      (arg === `--${name}` || (short !== undefined && arg === `-${short}`)),
  );
}

function toSentence(error: Error): string {
  // The parser's second sentence is about arguments that begin with a dash.
  const sentence = error.message.split(/(?<=[^.])\. (?=To specify|If)/)[0] as string;
  return `${sentence.replace(/\.?$/, "")}.`;
}

function convert(name: string, option: Option, given: unknown): unknown {
  if (option.multiple === true)
    return ((given as string[] | undefined) ?? []).map((text) => convertOne(name, option, text));
  if (option.kind === "flag") return given === true;
  if (given === undefined) return option.initial;
  return convertOne(name, option, given as string);
}

function convertOne(name: string, option: Option, text: string): string | number {
  if (option.kind === "text") return text;
  const number = parseAmount(text, UNITS[option.kind as "number"]);
  const { min = 0 } = option;
  if (number === undefined || number < min) {
    throw new UsageError(`--${name} takes ${TAKES[option.kind as "number"]} from ${min}, not "${text}".`);
  }
  return number;
}

const THOUSANDS = { k: 1e3, M: 1e6, G: 1e9 };

const UNITS: Readonly<Record<"number" | "duration" | "size", Readonly<Record<string, number>>>> = {
  number: THOUSANDS,
  duration: { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 },
  size: { B: 1, k: 1024, kB: 1024, K: 1024, KB: 1024, M: 1 << 20, MB: 1 << 20, G: 1 << 30, GB: 1 << 30 },
};

const TAKES = {
  number: "a number",
  duration: "a time in ms (250, 5s, 2m)",
  size: "a number of octets (512, 64k, 1M)",
};

/** A number with or without a unit. */
export function parseAmount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const found = /^(-?\d+(?:\.\d+)?)\s*([a-zA-Z]*)$/.exec(text);
  if (found === null) return undefined;
  const [, digits, unit] = found as unknown as [string, string, string];
  if (unit === "") return Number(digits);
  return Object.hasOwn(units, unit) ? Number(digits) * (units[unit] as number) : undefined;
}
