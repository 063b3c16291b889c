import { writeFile } from "node:fs/promises";
import { barChart } from "../bench/bar-chart.ts";
import type { Contender, Kind, Plan, Sample, Transport } from "../bench/exchange.ts";
import { Exchange } from "../bench/exchange.ts";
import { median, short, sizeName } from "../bench/figures.ts";
import { findLibzmq } from "../bench/library.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, UsageError } from "../command.ts";
import { Progress } from "../progress.ts";
import { table } from "../table.ts";

const BENCH_OPTIONS = {
  size: { kind: "size", multiple: true, min: 1, help: "octets of a message; 100 if not given" },
  transport: {
    kind: "text",
    initial: "tcp",
    value: "tcp|ipc|inproc",
    help: "between the two processes; inproc: in one",
  },
  mode: {
    kind: "text",
    initial: "both",
    value: "await|batch|both",
    help: "one call for a message, or for many",
  },
  mechanism: {
    kind: "text",
    initial: "NULL",
    value: "NULL|CURVE",
    help: "how the two processes speak; CURVE with keys made for the measurement",
  },
  rounds: { kind: "number", initial: 5, min: 1, help: "how often each is measured, in turn" },
  seconds: { kind: "number", initial: 1, help: "how long a round takes" },
  count: { kind: "number", short: "n", min: 2, help: "messages of a round, instead of --seconds" },
  peer: {
    kind: "text",
    value: "libzmq|zeromq|pyzmq",
    help: "measure libzmq as well, through the zeromq package or pyzmq, and show the ratio",
  },
  svg: { kind: "text", value: "FILE", help: "write a chart" },
} as const satisfies OptionTable;

type BenchCall = Call<typeof BENCH_OPTIONS>;

/** What was measured of one contender. */
interface Result extends Contender {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly p99: number;
  readonly samples: readonly number[];
}

/** All contenders at one task. */
interface Row extends Plan {
  readonly results: readonly Result[];
}

function oneOf<Word extends string>(option: string, given: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === given);
  if (found === undefined) throw new UsageError(`--${option} is one of ${words.join(", ")}, not "${given}".`);
  return found;
}

function toPlans({ values, positionals }: BenchCall): Plan[] {
  const kinds: readonly Kind[] =
    positionals.length === 0
      ? ["throughput", "latency"]
      : positionals.map((word) => oneOf<Kind>("KIND", word, ["throughput", "latency"]));
  const transport: Transport = oneOf("transport", values.transport, ["tcp", "ipc", "inproc"]);
  const sizes = values.size.length === 0 ? [100] : values.size;
  const mechanism = oneOf("mechanism", values.mechanism.toUpperCase(), ["NULL", "CURVE"]);
  if (transport === "inproc" && mechanism !== "NULL")
    throw new UsageError("--transport inproc has no connections: there is nothing that CURVE could seal.");
  const roundMs = values.seconds * 1_000;
  return kinds.flatMap((kind) =>
    sizes.map((size) => ({ kind, transport, size, mechanism, roundMs, count: values.count })),
  );
}

/** Who is measured at a task. */
function toContenders({ values }: BenchCall, { kind, transport }: Plan): Contender[] {
  const mode = oneOf("mode", values.mode, ["await", "batch", "both"]);
  const modes = (["await", "batch"] as const).filter((one) => mode === "both" || mode === one);
  const ours: Contender[] =
    kind === "latency"
      ? [{ name: "zeromq-ts", library: "zeromq-ts", mode: "await" }]
      : modes.map((one) => ({ name: `zeromq-ts, ${one}`, library: "zeromq-ts", mode: one }));
  if (values.peer === undefined) return ours;
  const wanted = oneOf("peer", values.peer, ["libzmq", "zeromq", "pyzmq"]);
  const library = findLibzmq(wanted);
  if (library === undefined || (library === "pyzmq" && transport === "inproc")) {
    const where = transport === "inproc" ? "inproc is measured with the package only, and " : "";
    throw new UsageError(
      `--peer ${wanted} is not here: ${where}neither "zeromq" can be loaded from this folder nor zmq in python3.`,
    );
  }
  const name = library === "zeromq" ? "libzmq (zeromq package)" : "libzmq (pyzmq)";
  return [...ours, { name, library, mode: "await" }];
}

/** Rounds of all in turn, so that what else the machine does meets them all. */
async function measure(
  plan: Plan,
  contenders: readonly Contender[],
  call: BenchCall,
  progress: Progress,
): Promise<Row> {
  const { io, values } = call;
  const exchanges: Exchange[] = [];
  const end = (): void => {
    for (const exchange of exchanges) exchange.end();
  };
  io.signal.addEventListener("abort", end, { once: true });
  try {
    const samples: Sample[][] = contenders.map(() => []);
    for (const contender of contenders) exchanges.push(await Exchange.start(plan, contender));
    for (let round = 0; round < values.rounds; round++) {
      for (const [at, { name }] of contenders.entries()) {
        if (io.signal.aborted) throw io.signal.reason;
        await progress.step(`${titleOf(plan)}, round ${round + 1}: ${name}`);
        samples[at]?.push(await (exchanges[at] as Exchange).run());
      }
    }
    return {
      ...plan,
      results: contenders.map((contender, at) => toResult(contender, samples[at] as Sample[])),
    };
  } catch (error) {
    throw io.signal.aborted ? io.signal.reason : error;
  } finally {
    io.signal.removeEventListener("abort", end);
    end();
  }
}

function toResult(contender: Contender, samples: readonly Sample[]): Result {
  const all = samples.map(({ value }) => value);
  return {
    ...contender,
    median: median(all),
    low: Math.min(...all),
    high: Math.max(...all),
    p99: median(samples.map(({ p99 = Number.NaN }) => p99)),
    samples: all,
  };
}

function titleOf({ kind, transport, mechanism, size }: Plan): string {
  const how = mechanism === "NULL" ? transport : `${transport}, ${mechanism}`;
  return `${kind}, ${how}, ${sizeName(size)}`;
}

function unitOf({ kind }: Plan): string {
  return kind === "throughput" ? "messages/s" : "us a round trip";
}

/** How many times as fast as libzmq it is, in the same run. */
function ratioOf(row: Row, { median: value }: Result): number | undefined {
  const peer = row.results.find(({ library }) => library !== "zeromq-ts");
  if (peer === undefined) return undefined;
  return row.kind === "throughput" ? value / peer.median : peer.median / value;
}

function toText(row: Row): string {
  const hasPeer = row.results.some(({ library }) => library !== "zeromq-ts");
  const isLatency = row.kind === "latency";
  const head = [
    `${titleOf(row)} (${unitOf(row)})`,
    "median",
    "lowest",
    "highest",
    ...(isLatency ? ["p99"] : []),
    ...(hasPeer ? ["times libzmq"] : []),
  ];
  const lines = row.results.map((result) => [
    result.name,
    ...[result.median, result.low, result.high].map(short),
    ...(isLatency ? [short(result.p99)] : []),
    ...(hasPeer ? [(ratioOf(row, result) ?? Number.NaN).toFixed(2)] : []),
  ]);
  return `${table(head, lines)}\n`;
}

function toValue(row: Row): object {
  const { kind, transport, mechanism, size, results } = row;
  const unit = unitOf(row);
  return {
    kind,
    transport,
    mechanism,
    size,
    unit,
    results: results.map((result) => ({
      ...result,
      p99: result.p99 || undefined,
      ratio: ratioOf(row, result),
    })),
  };
}

async function run(call: BenchCall): Promise<number> {
  const { io, console, values } = call;
  const tasks = toPlans(call).map((plan) => ({ plan, contenders: toContenders(call, plan) }));
  const steps = tasks.reduce((sum, { contenders }) => sum + contenders.length * values.rounds, 0);
  const progress = new Progress(io.stderr, steps);
  const rows: Row[] = [];
  try {
    for (const { plan, contenders } of tasks) {
      const row = await measure(plan, contenders, call, progress);
      rows.push(row);
      await progress.clear();
      await console.result(toValue(row), toText(row));
    }
  } finally {
    await progress.clear();
  }
  if (values.svg === undefined) return EXIT.ok;
  const where = values.transport === "inproc" ? "in one process" : "between two processes";
  const groups = rows.map((row) => ({ title: titleOf(row), unit: unitOf(row), bars: row.results }));
  await writeFile(values.svg, barChart(`ZeroMQ on this machine, ${where}`, groups));
  console.note(`${values.svg} is written`, { svg: values.svg });
  return EXIT.ok;
}

export const bench: Command = defineCommand({
  usage: "[options] [throughput|latency...]",
  details: `Measures PUSH to PULL (messages per second, from the first that arrives to the last) and REQ to REP
(round trips) between two processes on this machine. Rounds of all contenders alternate; shown are
the median of the rounds and their range. Compare what was measured in one run only.`,
  options: BENCH_OPTIONS,
  examples: [
    "zmq bench",
    "zmq bench throughput --size 10 --size 1k --transport ipc",
    "zmq bench --peer libzmq --svg bench.svg",
    "zmq bench throughput --mechanism CURVE --size 64k --peer libzmq",
    "zmq bench latency --count 10k --rounds 3 --json",
  ],
  run,
});
