import { parseArguments, STANDARD_OPTIONS } from "./arguments.ts";
import type { CommandEntry } from "./command.ts";
import { EXIT, exitCodeOf, Interruption, UsageError } from "./command.ts";
import { Console } from "./console.ts";
import { commandHelp, generalHelp } from "./help.ts";
import type { Io } from "./io.ts";

/** Runs one command line, without the program's name, and answers the exit code. */
export async function dispatch(
  args: readonly string[],
  io: Io,
  entries: readonly CommandEntry[],
): Promise<number> {
  const [name, ...rest] = args;
  const console = new Console(io, { json: rest.includes("--json"), quiet: false });
  try {
    if (name === undefined) {
      await io.stderr.write(generalHelp(io.stderr, entries));
      return EXIT.usage;
    }
    if (name === "--help" || name === "-h") {
      await io.stdout.write(generalHelp(io.stdout, entries));
      return EXIT.ok;
    }
    const wanted = name === "--version" || name === "-V" ? "version" : name;
    const entry = entries.find((one) => one.name === wanted);
    if (entry === undefined) {
      console.fail("zmq", unknownCommand(name, entries));
      return EXIT.usage;
    }
    return await runEntry(entry, rest, io, entries);
  } catch (error) {
    return tell(error, name ?? "", io, console);
  } finally {
    await console.flushed();
  }
}

async function runEntry(
  entry: CommandEntry,
  args: readonly string[],
  io: Io,
  commands: readonly CommandEntry[],
): Promise<number> {
  const command = await entry.load();
  const table = { ...command.options, ...STANDARD_OPTIONS };
  const { values, positionals } = parseArguments(table, args);
  if (values.help) {
    await io.stdout.write(commandHelp(io.stdout, entry, command));
    return EXIT.ok;
  }
  const console = new Console(io, values as { readonly json: boolean; readonly quiet: boolean });
  try {
    return await command.run({ values, positionals, io, console, commands });
  } finally {
    await console.flushed();
  }
}

/** Says why a command failed, and answers the exit code. */
function tell(error: unknown, name: string, io: Io, console: Console): number {
  if (error instanceof Interruption) return error.exitCode;
  const who = `zmq ${name}`;
  if (error instanceof UsageError) {
    console.fail(who, `${error.message} See: ${who} --help`);
    return EXIT.usage;
  }
  const { code, message } = error as { readonly code?: unknown; readonly message?: string };
  // What the command waited for was given up because it was interrupted.
  if (io.signal.aborted && (code === "ABORT_ERR" || error === io.signal.reason)) return exitCodeOf(io.signal);
  if (typeof code === "string") console.fail(who, message ?? "", code);
  else console.fail(who, error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.failure;
}

function unknownCommand(name: string, entries: readonly CommandEntry[]): string {
  const near = entries.filter((one) => one.isHidden !== true && distance(one.name, name) <= 2);
  const hint = near.length === 0 ? "" : ` Did you mean ${near.map((one) => one.name).join(" or ")}?`;
  return `there is no command "${name}".${hint} See: zmq --help`;
}

/** How many letters must change, come or go. */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(swap, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
    above = row;
  }
  return above[b.length] as number;
}
