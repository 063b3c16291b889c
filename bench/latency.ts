/** REQ to REP over loopback TCP, two processes, 1 byte: the time of one round trip. */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell, Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced } from "./harness/rounds.ts";
import { ratio, sizeName } from "./harness/stats.ts";
import type { Point } from "./harness/svg.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  implementation: Implementation;
  /** Milliseconds after the last traffic. */
  busyPoll: number;
}

const allContenders: Contender[] = [
  { name: "ours", needs: ["ours"], implementation: "ours", busyPoll: 0 },
  { name: "ours busyPoll", needs: ["ours"], implementation: "ours", busyPoll: 100 },
  { name: "native", needs: ["native"], implementation: "native", busyPoll: 0 },
  { name: "c", needs: ["c"], implementation: "c", busyPoll: 0 },
];

function measure(contender: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const options = { size, busyPoll: contender.busyPoll };
    const server = crew.start(contender.implementation, "rep", options);
    const { endpoint } = await server.expect("ready");
    const client = crew.start(contender.implementation, "req", { ...options, endpoint: endpoint as string });
    await client.expect("ready");
    const done = await paced(100, settings.pace, async (count) => {
      const { ns, p50, p99, max } = await client.ask(`run ${count}`, "result");
      return { count, ns: ns as number, p50: p50 as number, p99: p99 as number, max: max as number };
    });
    return {
      value: done.p50 / 1000,
      extra: { p99: done.p99 / 1000, max: done.max / 1000, mean: done.ns / done.count / 1000 },
    };
  });
}

export async function latency(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : [1];
  const rows: Array<{ at: number; cells: Cell[] }> = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(`latency, round ${round + 1}: ${name} p50 ${value.toFixed(1)} us`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const us = (value: number): string => (Number.isNaN(value) ? "-" : value.toFixed(1));
  const lines = rows.flatMap(({ at, cells }) =>
    names.map((name) => [
      `${sizeName(at)} ${name}`,
      us(cellMedian(cells, name)),
      us(cellMedian(cells, name, "p99")),
      us(cellMedian(cells, name, "mean")),
      us(cellMedian(cells, name, "max")),
      ratio(cellMedian(cells, name) / cellMedian(cells, "native")),
      ratio(cellMedian(cells, name) / cellMedian(cells, "c")),
    ]),
  );
  const one = rows.find(({ at }) => at === 1)?.cells ?? [];
  const bar = (name: string, other: string, limit: number): Bar => ({
    what: `p50 of ${name}, against ${other}`,
    measured: cellMedian(one, name) / cellMedian(one, other),
    limit,
    atLeast: false,
    unit: "x",
  });
  publish(
    {
      name: "latency",
      title: "REQ/REP round trip over TCP on one machine, two processes (microseconds)",
      unit: "us, p50",
      atUnit: "bytes",
      head: ["", "p50", "p99", "mean", "max", "p50/native", "p50/C"],
      lines,
      rows,
      bars:
        one.length > 0
          ? [bar("ours", "native", 1), bar("ours", "c", 1.1), bar("ours busyPoll", "c", 0.4)]
          : [],
      notes: [],
      svg: barPlot({
        title: "REQ/REP round trip over TCP, two processes",
        subtitle: subtitle(settings),
        valueLabel: "microseconds (less is better)",
        scaleLabel: "",
        names: sizes.flatMap((size) => [`${sizeName(size)}, p50`, `${sizeName(size)}, p99`]),
        series: names.map((name) => ({ name, points: points(rows, name) })),
      }),
    },
    settings,
  );
}

function points(rows: Array<{ at: number; cells: Cell[] }>, name: string): Point[] {
  const [half] = toSeries(rows, [name]);
  const [most] = toSeries(rows, [name], "p99");
  return [
    ...half.points.map((point) => ({ ...point, at: point.at * 2 })),
    ...most.points.map((point) => ({ ...point, at: point.at * 2 + 1 })),
  ];
}
