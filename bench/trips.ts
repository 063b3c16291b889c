/** Round trips between two threads over inproc, 10 bytes. */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced } from "./harness/rounds.ts";
import { ratio, sizeName } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  implementation: Implementation;
  role: string;
  options: Record<string, string>;
}

const allContenders: Contender[] = [
  {
    name: "ours await",
    needs: ["ours"],
    implementation: "ours",
    role: "trips",
    options: { mode: "await", pattern: "pair" },
  },
  {
    name: "ours sync",
    needs: ["ours"],
    implementation: "ours",
    role: "trips",
    options: { mode: "sync", pattern: "pair" },
  },
  {
    name: "ours sync REQ/REP",
    needs: ["ours"],
    implementation: "ours",
    role: "trips",
    options: { mode: "sync", pattern: "reqrep" },
  },
  { name: "c", needs: ["c"], implementation: "c", role: "inproc-latency", options: { pattern: "reqrep" } },
  { name: "c PAIR", needs: ["c"], implementation: "c", role: "inproc-latency", options: { pattern: "pair" } },
  { name: "port", needs: [], implementation: "ours", role: "trips-port", options: {} },
  { name: "bare turn", needs: [], implementation: "ours", role: "trips-turn", options: {} },
];

/** Of the run that counts, however short. */
const tripsMin = 20_000;

function measure(contender: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const peer = crew.start(contender.implementation, contender.role, { size, ...contender.options });
    await peer.expect("ready");
    const run = async (count: number) => {
      const { ns, p50, p99, max } = await peer.ask(`run ${count}`, "result");
      return { count, ns: ns as number, p50: p50 as number, p99: p99 as number, max: max as number };
    };
    let done = await paced(1000, settings.pace, run);
    if (done.count < tripsMin) done = await run(tripsMin);
    return {
      value: done.p50 / 1000,
      extra: { p99: done.p99 / 1000, max: done.max / 1000, mean: done.ns / done.count / 1000 },
    };
  });
}

export async function trips(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : [10];
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value, extra }) =>
        progress(
          `trips, round ${round + 1}: ${name} p50 ${value.toFixed(1)} us, mean ${extra?.["mean"].toFixed(1)} us`,
        ),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const us = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(1));
  const ten = rows.find(({ at }) => at === 10)?.cells ?? [];
  const bar = (name: string, other: string, limit: number): Bar[] =>
    [undefined, "mean"].map((figure) => ({
      what: `${figure ?? "p50"} of ${name}, against ${other}`,
      measured: cellMedian(ten, name, figure) / cellMedian(ten, other, figure),
      limit,
      atLeast: false,
      unit: "x",
    }));
  publish(
    {
      name: "trips",
      title: "Round trip between two threads (microseconds)",
      unit: "us, p50",
      atUnit: "bytes",
      head: ["", "p50", "mean", "p99", "max", "mean/port", "mean/C"],
      lines: rows.flatMap(({ at, cells }) =>
        names.map((name) => [
          `${sizeName(at)} ${name}`,
          us(cellMedian(cells, name)),
          us(cellMedian(cells, name, "mean")),
          us(cellMedian(cells, name, "p99")),
          us(cellMedian(cells, name, "max")),
          ratio(cellMedian(cells, name, "mean") / cellMedian(cells, "port", "mean")),
          ratio(cellMedian(cells, name, "mean") / cellMedian(cells, "c", "mean")),
        ]),
      ),
      rows,
      bars: ten.length > 0 ? [...bar("ours await", "port", 1), ...bar("ours sync", "c", 0.5)] : [],
      notes: [],
      svg: barPlot({
        title: "Round trip between two threads",
        subtitle: subtitle(settings),
        valueLabel: "microseconds, p50 (less is better)",
        scaleLabel: "",
        names: sizes.map(sizeName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
