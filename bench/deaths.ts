/** Two thousand threads that end at random instants under traffic, in six ways. */

import { withCrew } from "./harness/contenders.ts";
import type { Settings } from "./harness/report.ts";
import { progress, publish, subtitle, toSeries } from "./harness/report.ts";
import { barPlot } from "./harness/svg.ts";

const countFull = 2000;
const countQuick = 100;

/** Figures of one run, and the most that each may be. */
const limits = {
  torn: 0,
  doubled: 0,
  missing: 0,
  slowestMs: 1000,
  resources: 0,
  mebibytes: 16,
} as const;

const words: Record<keyof typeof limits, string> = {
  torn: "messages torn",
  doubled: "messages twice",
  missing: "holes in a sequence",
  slowestMs: "ms until an end was seen, at most",
  resources: "handles more than before",
  mebibytes: "MiB more than before",
};

export async function deaths(settings: Settings): Promise<void> {
  if (!settings.field.available.has("ours")) return;
  const count = settings.counts[0] ?? (settings.quick ? countQuick : countFull);
  const seed = Math.floor(Math.random() * 0x7fffffff);
  progress(`deaths: ${count} threads, seed ${seed}`);
  const result = await withCrew(settings.field, async (crew) => {
    const peer = crew.start("ours", "deaths", { count: String(count), seed: String(seed) });
    return await peer.expect("result", 60_000 + count * 500);
  });
  progress("");
  const names = Object.keys(limits) as (keyof typeof limits)[];
  const told = result as unknown as Record<string, number>;
  const figures = Object.fromEntries(names.map((name) => [name, Number(told[name])]));
  const extra = Object.fromEntries(names.map((name) => [name, [figures[name] as number]]));
  const rows = [{ at: count, cells: [{ contender: "ours", samples: [Number(told.received)], extra }] }];
  publish(
    {
      name: "deaths",
      title: `${count} threads that end at random instants under traffic; ${told.received} messages, ${Number(told.seconds).toFixed(0)} s`,
      unit: "",
      atUnit: "threads",
      head: ["", "measured", "at most"],
      lines: names.map((name) => [words[name], (figures[name] as number).toFixed(0), String(limits[name])]),
      rows,
      bars: names.map((name) => ({
        what: words[name],
        measured: figures[name] as number,
        limit: limits[name],
        atLeast: false,
        unit: "",
      })),
      notes: [`seed ${seed}`],
      svg: barPlot({
        title: `${count} threads that end under traffic`,
        subtitle: subtitle({ ...settings, rounds: 1 }),
        valueLabel: "messages received, all whole and in order",
        scaleLabel: "",
        names: [`${count} threads`],
        series: toSeries(rows, ["ours"]),
      }),
    },
    settings,
  );
}
