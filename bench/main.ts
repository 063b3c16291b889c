/** `node build/bench/main.js [program ...] [options]`: see bench/README.md. */
import { loadavg } from "node:os";
import { isAbsolute, join } from "node:path";
import { parseArgs } from "node:util";
import { background } from "./background.ts";
import { blocked } from "./blocked.ts";
import { connections } from "./connections.ts";
import { curve } from "./curve.ts";
import { curveBackground } from "./curve-background.ts";
import { curveHandshakes } from "./curve-handshakes.ts";
import { deaths } from "./deaths.ts";
import { fanout } from "./fanout.ts";
import { surveyField } from "./harness/contenders.ts";
import { root } from "./harness/places.ts";
import type { Settings } from "./harness/report.ts";
import { idle } from "./idle.ts";
import { inproc } from "./inproc.ts";
import { inspect } from "./inspect.ts";
import { latency } from "./latency.ts";
import { matching } from "./matching.ts";
import { solver } from "./solver.ts";
import { threads } from "./threads.ts";
import { throughput } from "./throughput.ts";
import { trips } from "./trips.ts";

const programs = {
  throughput,
  curve,
  "curve-background": curveBackground,
  "curve-handshakes": curveHandshakes,
  latency,
  fanout,
  matching,
  connections,
  inproc,
  threads,
  trips,
  background,
  idle,
  blocked,
  deaths,
  solver,
  inspect,
};
type ProgramName = keyof typeof programs;

const usage = `node build/bench/main.js [${Object.keys(programs).join("|")}|all ...]
  --quick           short runs, for a first look; written to bench/results/local
  --rounds n        alternations (default 5; quick 3)
  --sizes a,b       message sizes in bytes (throughput, curve, curve-background, latency, inproc, threads, trips, background)
  --counts a,b      subscribers, subscriptions, connections or threads (fanout, matching, connections, deaths, curve-handshakes)
  --seconds n       how long a thread is blocked or a process idle (blocked, idle)
  --only a,b        contenders, as the table names them: "ours await,c"
  --cross           between different implementations too (throughput, curve)
  BENCH_OURS=path   in the environment: another build of ours, such as a dist/index.js to compare with
  --out folder      for JSON and SVG (default bench/results)
`;

function numbers(text: string | undefined): number[] {
  if (text === undefined) return [];
  return text.split(",").map((part) => {
    const value = Number(part);
    if (!Number.isInteger(value) || value < 1) throw new Error(`not a positive whole number: ${part}`);
    return value;
  });
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      cross: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      rounds: { type: "string" },
      sizes: { type: "string" },
      counts: { type: "string" },
      seconds: { type: "string" },
      only: { type: "string" },
      out: { type: "string" },
    },
  });
  const wanted =
    positionals.length === 0 || positionals.includes("all") ? Object.keys(programs) : positionals;
  const unknown = wanted.find((name) => !(name in programs));
  if (values.help || unknown !== undefined) {
    process.stdout.write(usage);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  const field = surveyField();
  for (const [name, version] of field.available) process.stdout.write(`${name}: ${version}\n`);
  for (const [name, reason] of field.missing) process.stdout.write(`!! ${name} is SKIPPED: ${reason}\n`);
  if (field.available.size === 0) throw new Error("nothing to measure");
  const load = loadavg()[0];
  if (load > 0.5)
    process.stdout.write(`!! the machine is busy (load ${load.toFixed(1)}): figures will be noisy\n`);

  const out = values.out ?? (values.quick ? "bench/results/local" : "bench/results");
  const settings: Settings = {
    pace: values.quick ? { seconds: 0.3, warmSeconds: 0.2 } : { seconds: 1.5, warmSeconds: 0.5 },
    rounds: numbers(values.rounds)[0] ?? (values.quick ? 3 : 5),
    quick: values.quick,
    cross: values.cross,
    outFolder: isAbsolute(out) ? out : join(root, out),
    field,
    only: values.only?.split(",") ?? [],
    sizes: numbers(values.sizes),
    counts: numbers(values.counts),
    seconds: numbers(values.seconds)[0],
  };
  for (const name of wanted) await programs[name as ProgramName](settings);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
});
