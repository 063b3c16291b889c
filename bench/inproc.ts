/**
 * PUSH to PULL over inproc: ours and native within one thread, C between two threads, which is its best case.
 */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  implementation: Implementation;
  mode: "try" | "many" | "await";
}

const allContenders: Contender[] = [
  { name: "ours try", needs: ["ours"], implementation: "ours", mode: "try" },
  { name: "ours many", needs: ["ours"], implementation: "ours", mode: "many" },
  { name: "ours await", needs: ["ours"], implementation: "ours", mode: "await" },
  { name: "native", needs: ["native"], implementation: "native", mode: "await" },
  { name: "c", needs: ["c"], implementation: "c", mode: "await" },
];

function measure({ implementation, mode }: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const peer = crew.start(implementation, "inproc", { size, mode });
    await peer.expect("ready");
    const done = await paced(1000, settings.pace, async (count) => {
      const result = await peer.ask(`run ${count}`, "result");
      if (result.bytes !== count * size)
        throw new Error(`${result.bytes} bytes arrived, not ${count * size}`);
      return { count, ns: result.ns as number, cpu: result.cpuUs as number };
    });
    return { value: perSecond(done), extra: { cpuNs: (done.cpu / done.count) * 1000 } };
  });
}

export async function inproc(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : [10, 1024];
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(`inproc ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} messages/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const ten = rows.find(({ at }) => at === 10)?.cells;
  const bar = (name: string): Bar => ({
    what: `10 B, ${name}, against C between two threads`,
    measured: cellMedian(ten ?? [], name) / cellMedian(ten ?? [], "c"),
    limit: 1,
    atLeast: true,
    unit: "x",
  });
  publish(
    {
      name: "inproc",
      title: "PUSH to PULL over inproc (messages/s); C between two threads, the others in one",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["size", ...names, "try/C", "many/C", "await/C", "await/native"],
      lines: rows.map(({ at, cells }) => {
        const rate = (name: string): number => cellMedian(cells, name);
        return [
          sizeName(at),
          ...names.map((name) => short(rate(name))),
          ratio(rate("ours try") / rate("c")),
          ratio(rate("ours many") / rate("c")),
          ratio(rate("ours await") / rate("c")),
          ratio(rate("ours await") / rate("native")),
        ];
      }),
      rows,
      bars: ten === undefined ? [] : [bar("ours try"), bar("ours many")],
      notes: [],
      svg: barPlot({
        title: "PUSH to PULL over inproc",
        subtitle: subtitle(settings),
        valueLabel: "messages/s (C: between two threads)",
        scaleLabel: "",
        names: sizes.map(sizeName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
