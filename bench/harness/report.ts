/** What a program found: a table on stdout, JSON and a plot in a folder. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release } from "node:os";
import { join } from "node:path";
import type { Field, Implementation } from "./contenders.ts";
import { root } from "./places.ts";
import type { Cell, Pace } from "./rounds.ts";
import { median } from "./stats.ts";
import type { Series } from "./svg.ts";
import { table } from "./table.ts";

export interface Settings {
  pace: Pace;
  rounds: number;
  quick: boolean;
  /** Adds pairs of different implementations. */
  cross: boolean;
  outFolder: string;
  field: Field;
  /** Contenders to run, all if empty. */
  only: string[];
  sizes: number[];
  counts: number[];
  /** For how long a thread is blocked or a process idle; undefined: as the program has it. */
  seconds: number | undefined;
}

/** A promise of the project, as a figure. */
export interface Bar {
  what: string;
  /** NaN when a contender is missing. */
  measured: number;
  limit: number;
  atLeast: boolean;
  unit: string;
}

export interface Row {
  at: number;
  cells: Cell[];
}

export interface Report {
  name: string;
  title: string;
  unit: string;
  atUnit: string;
  head: string[];
  lines: string[][];
  rows: Row[];
  bars: Bar[];
  notes: string[];
  svg: string;
}

function environment(field: Field): Record<string, unknown> {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  return {
    date: new Date().toISOString(),
    packageVersion: version,
    node: process.version,
    v8: process.versions["v8"],
    platform: `${platform()} ${release()} ${arch()}`,
    cpu: cpus()[0]?.model.trim(),
    cores: cpus().length,
    load1: loadavg()[0],
    implementations: Object.fromEntries(field.available),
    missing: Object.fromEntries(field.missing),
  };
}

function barLine(bar: Bar): string[] {
  const met = bar.atLeast ? bar.measured >= bar.limit : bar.measured <= bar.limit;
  const verdict = Number.isNaN(bar.measured) ? "not measured" : met ? "pass" : "FAIL";
  const measured = Number.isNaN(bar.measured) ? "-" : `${bar.measured.toPrecision(3)} ${bar.unit}`;
  return [bar.what, `${bar.atLeast ? ">=" : "<="} ${bar.limit} ${bar.unit}`, measured, verdict];
}

function summary(cell: Cell): Record<string, unknown> {
  return {
    contender: cell.contender,
    median: cell.samples.length > 0 ? median(cell.samples) : null,
    min: cell.samples.length > 0 ? Math.min(...cell.samples) : null,
    max: cell.samples.length > 0 ? Math.max(...cell.samples) : null,
    samples: cell.samples,
    extra: Object.fromEntries(Object.entries(cell.extra).map(([key, values]) => [key, median(values)])),
    ...(cell.failure === undefined ? {} : { failure: cell.failure }),
  };
}

function failures(rows: readonly Row[]): string[] {
  return rows.flatMap(({ at, cells }) =>
    cells.flatMap(({ contender, samples, failure }) =>
      failure === undefined
        ? []
        : [`${contender} at ${at} FAILED after ${samples.length} good rounds: ${failure.split("\n")[0]}`],
    ),
  );
}

export function publish(report: Report, settings: Settings): void {
  const { name, title, unit, atUnit, head, lines, rows, bars, notes, svg } = report;
  if (failures(rows).length > 0) process.exitCode = 1;
  process.stdout.write(`\n${title}\n\n${table(head, lines)}\n`);
  if (bars.length > 0) {
    process.stdout.write(`\n${table(["bar", "wanted", "measured", ""], bars.map(barLine))}\n`);
  }
  for (const line of failures(rows)) process.stdout.write(`\n!! ${line}\n`);
  for (const note of notes) process.stdout.write(`\n${note}\n`);
  mkdirSync(settings.outFolder, { recursive: true });
  const json = {
    name,
    title,
    unit,
    atUnit,
    environment: environment(settings.field),
    settings: { ...settings.pace, rounds: settings.rounds, quick: settings.quick },
    rows: rows.map((row) => ({ at: row.at, cells: row.cells.map(summary) })),
    bars: bars.map((bar) => ({
      ...bar,
      measured: Number.isNaN(bar.measured) ? null : bar.measured,
      verdict: barLine(bar)[3],
    })),
    notes,
  };
  const path = join(settings.outFolder, name);
  writeFileSync(`${path}.json`, `${JSON.stringify(json, undefined, 2)}\n`);
  writeFileSync(`${path}.svg`, svg);
  process.stdout.write(`\nwritten: ${path}.json, ${path}.svg\n`);
}

/** Contenders whose implementations are all here and which were asked for. */
export function fielded<C extends { name: string; needs: readonly Implementation[] }>(
  contenders: readonly C[],
  { field, only }: Settings,
): C[] {
  return contenders.filter(
    (contender) =>
      contender.needs.every((each) => field.available.has(each)) &&
      (only.length === 0 || only.includes(contender.name)),
  );
}

export function progress(text: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
}

/** The cells of a report as plot series, one for each contender. */
export function toSeries(rows: readonly Row[], contenders: readonly string[], extra?: string): Series[] {
  return contenders.map((name) => ({
    name,
    points: rows.flatMap((row, at) => {
      const cell = row.cells.find((each) => each.contender === name);
      const samples = (extra === undefined ? cell?.samples : cell?.extra[extra]) ?? [];
      if (samples.length === 0) return [];
      return [{ at, median: median(samples), low: Math.min(...samples), high: Math.max(...samples) }];
    }),
  }));
}

export function subtitle({ rounds, quick }: Settings): string {
  const cpu = cpus()[0]?.model.trim() ?? "unknown processor";
  const method = `median and range of ${rounds} alternating rounds${quick ? ", quick" : ""}`;
  return `${method}; ${cpus().length} x ${cpu}, Node ${process.version}`;
}
