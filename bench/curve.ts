/** PUSH to PULL with CURVE over loopback TCP, two processes, by message size. */
import { createRequire } from "node:module";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell } from "./harness/rounds.ts";
import { alternate, cellMedian } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { linePlot } from "./harness/svg.ts";
import { table } from "./harness/table.ts";
import { cpuText, measure, pair } from "./throughput.ts";

const portable = { portable: true };

const pairs = [
  pair("ours await", "ours", "ours", "await", portable),
  pair("ours batch", "ours", "ours", "batch", portable),
  ...(hasSodiumNative() ? [pair("ours, sodium-native", "ours", "ours", "await")] : []),
  pair("native", "native", "native", "await"),
  pair("c", "c", "c", "await"),
];

/** Who is slow, the sender or the receiver? */
const crossPairs = [
  pair("ours to c", "ours", "c", "await", portable),
  pair("c to ours", "c", "ours", "await", portable),
];

/** What an application may install, and is taken then. */
function hasSodiumNative(): boolean {
  try {
    return createRequire(import.meta.url)("sodium-native") !== undefined;
  } catch {
    process.stdout.write("!! sodium-native is not installed: not measured\n");
    return false;
  }
}

const defaultSizes = [10, 100, 1024, 16_384, 65_536, 1_048_576];

function bars(rows: Row[]): Bar[] {
  const found: Bar[] = [];
  for (const [size, over, under, limit] of [
    [10, "ours await", "native", 2],
    [1024, "ours await", "native", 1],
    [65_536, "ours await", "native", 0.65],
    [65_536, "ours, sodium-native", "c", 1],
  ] as const) {
    const row = rows.find((each) => each.at === size);
    if (row === undefined) continue;
    const measured = cellMedian(row.cells, over) / cellMedian(row.cells, under);
    const what = `${sizeName(size)}, ${over}, against ${under}`;
    found.push({ what, measured, limit, atLeast: true, unit: "x" });
  }
  return found;
}

export async function curve(settings: Settings): Promise<void> {
  const contenders = fielded(settings.cross ? [...pairs, ...crossPairs] : pairs, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : defaultSizes;
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings, true),
      ({ name }, round, { value }) =>
        progress(`curve ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} msg/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const line = (size: number, cells: Cell[]): string[] => {
    const rate = (name: string): number => cellMedian(cells, name);
    return [
      sizeName(size),
      ...names.map((name) => short(rate(name))),
      ratio(rate("ours await") / rate("native")),
      ratio(rate("ours await") / rate("c")),
      ratio(rate("ours batch") / rate("c")),
      ratio(rate("ours, sodium-native") / rate("c")),
    ];
  };
  const cpu = table(
    ["processor time a message", ...names],
    rows.map(({ at, cells }) => [sizeName(at), ...names.map((name) => cpuText(cells, name))]),
  );
  publish(
    {
      name: "curve",
      title: "PUSH to PULL with CURVE over TCP on one machine, two processes (messages/s)",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["size", ...names, "await/native", "await/C", "batch/C", "sodium-native/C"],
      lines: rows.map(({ at, cells }) => line(at, cells)),
      rows,
      bars: bars(rows),
      notes: [`${cpu}\n(sender + receiver, all threads of each)`],
      svg: linePlot({
        title: "PUSH to PULL with CURVE over TCP, two processes",
        subtitle: subtitle(settings),
        valueLabel: "messages/s",
        scaleLabel: "message size",
        names: sizes.map(sizeName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
