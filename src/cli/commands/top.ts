import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import type { PlacedFinding } from "../inspecting/finding-lines.ts";
import { Fleet, SWITCH_ON, toTarget } from "../inspecting/fleet.ts";
import type { Look } from "../inspecting/live-table.ts";
import { tableLines } from "../inspecting/live-table.ts";
import { TIMEOUT_OPTION } from "../inspecting/options.ts";
import { placed } from "../inspecting/process-summary.ts";
import type { SortKey } from "../inspecting/rates.ts";
import { Rates, SORT_KEYS, sortRows } from "../inspecting/rates.ts";
import { Screen } from "../inspecting/screen.ts";
import { pause } from "../pause.ts";

/** The solver looks less often than the table changes. */
const LOOKS_PER_FINDING = 3;

const OPTIONS = {
  count: { kind: "number", short: "n", value: "N", help: "print N tables, one below the other, and end" },
  interval: { kind: "duration", value: "MS", initial: 1000, min: 100, help: "how often" },
  sort: { kind: "text", short: "s", value: "KEY", initial: "rate", help: `by ${SORT_KEYS.join(", ")}` },
  ...TIMEOUT_OPTION,
} as const satisfies OptionTable;

type TopCall = Call<typeof OPTIONS>;

export const top: Command = defineCommand({
  usage: "[options] [PID]",
  details: `The sockets of a process, or of all that can be inspected (see zmq ps): peers, messages per second, the
fullest queue against its high-water mark, what was dropped and why, and what the solver finds.

On a terminal the table changes in place; s sorts by another column, q ends. Elsewhere, or with
--count, tables are printed one after the other: one, if no count is given; 0 goes on until Ctrl-C.`,
  options: OPTIONS,
  examples: ["zmq top", "zmq top 4711 --sort queue", "zmq top --count 1 --json"],
  async run(call) {
    const { values, positionals, io, console } = call;
    if (!SORT_KEYS.includes(values.sort as SortKey))
      throw new UsageError(`--sort takes one of ${SORT_KEYS.join(", ")}, not "${values.sort}".`);
    const fleet = new Fleet(toTarget(positionals), values.timeout, console);
    try {
      await fleet.refresh();
      if (fleet.size === 0 && positionals.length === 0) console.note(SWITCH_ON);
      const isLive = io.stdout.isTerminal && !console.isJson && values.count === undefined;
      return isLive ? await showLive(call, fleet) : await printTables(call, fleet);
    } finally {
      await fleet.close();
    }
  },
});

/** Looks at all sockets, time and again. */
class Watcher {
  readonly #fleet: Fleet;
  readonly #rates: Rates;
  #lookCount: number;
  #findings: PlacedFinding[];

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
    this.#rates = new Rates();
    this.#lookCount = 0;
    this.#findings = [];
  }

  async look(sortKey: SortKey): Promise<Look> {
    await this.#fleet.refresh();
    const counts = await this.#fleet.ask((process) => process.counts());
    if (this.#lookCount++ % LOOKS_PER_FINDING === 0) {
      const found = await this.#fleet.ask((process) => process.findings());
      this.#findings = [...found].flatMap(([pid, answers]) => placed(pid, answers));
    }
    const rows = sortRows(this.#rates.rows(counts), sortKey);
    return { processCount: counts.size, rows, findings: this.#findings };
  }
}

async function printTables(call: TopCall, fleet: Fleet): Promise<number> {
  const { values, io, console } = call;
  const count = values.count ?? 1;
  const watcher = new Watcher(fleet);
  const sortKey = values.sort as SortKey;
  // The first look has no rates yet.
  await watcher.look(sortKey);
  for (let done = 0; count === 0 || done < count; done++) {
    if (!(await pause(values.interval, io.signal)) || isOver(call, fleet)) break;
    const look = await watcher.look(sortKey);
    if (console.isJson) await console.printJson(look);
    else await console.print(`${done === 0 ? "" : "\n"}${tableLines(io.stdout, look, sortKey).join("\n")}`);
  }
  return isOver(call, fleet) && count > 0 ? EXIT.failure : EXIT.ok;
}

async function showLive(call: TopCall, fleet: Fleet): Promise<number> {
  const { values, io } = call;
  const watcher = new Watcher(fleet);
  const ended = new AbortController();
  const signal = AbortSignal.any([io.signal, ended.signal]);
  let sortKey = values.sort as SortKey;
  let wake = new AbortController();
  const screen = new Screen(io, (key) => {
    if (key === "q") ended.abort();
    if (key !== "s") return;
    sortKey = SORT_KEYS[(SORT_KEYS.indexOf(sortKey) + 1) % SORT_KEYS.length] as SortKey;
    wake.abort();
  });
  await screen.enter();
  try {
    while (!signal.aborted && !isOver(call, fleet)) {
      wake = new AbortController();
      const lines = tableLines(io.stdout, await watcher.look(sortKey), sortKey);
      await screen.show([`${lines[0]}; s sorts, q ends`, ...lines.slice(1)]);
      await pause(values.interval, AbortSignal.any([signal, wake.signal]));
    }
  } finally {
    await screen.leave();
  }
  return EXIT.ok;
}

/** The process that was asked for is gone. */
function isOver({ positionals }: TopCall, fleet: Fleet): boolean {
  return positionals.length > 0 && fleet.size === 0;
}
