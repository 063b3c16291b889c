/** PUSH in one thread to PULL in another over inproc, and what else passes messages between threads. */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell, Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { linePlot } from "./harness/svg.ts";
import { markPeriod } from "./peer/marks.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  implementation: Implementation;
  role: string;
  mode: string;
  /** Takes part from this size on. */
  from: number;
}

const large = 65_536;

function ours(name: string, mode: string, from = 0): Contender {
  return { name, needs: ["ours"], implementation: "ours", role: "threads", mode, from };
}

/** Roles on bare Node: they need no library, so they take part whatever is missing. */
function node(name: string, role: string, mode: string, from = 0): Contender {
  return { name, needs: [], implementation: "ours", role, mode, from };
}

function c(name: string, mode: string): Contender {
  return { name, needs: ["c"], implementation: "c", role: "threads", mode, from: 0 };
}

const allContenders: Contender[] = [
  ours("ours await", "await"),
  ours("ours batch", "batch"),
  ours("ours shared", "shared", large),
  ours("ours shared filled", "shared filled", large),
  c("c", "blank"),
  c("c filled", "filled"),
  node("port", "threads-port", "copy"),
  node("port transfer", "threads-port", "transfer", large),
  node("port transfer filled", "threads-port", "transfer filled", large),
  node("bare ring", "threads-ring", "copy"),
];

const defaultSizes = [10, 1024, 65_536, 1_048_576];

/** The default, but at most 16 MiB on each side: bodies of 1 MB by reference would fill the machine's memory. */
function highWaterMark(size: number): number {
  return size < large ? 1000 : Math.max(8, Math.floor(16_777_216 / size));
}

function measure(contender: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const hwm = highWaterMark(size);
    const { implementation, role, mode } = contender;
    const own =
      implementation === "c"
        ? { filled: mode === "filled" ? 1 : 0, period: markPeriod(size) }
        : { mode, window: 2 * hwm };
    const peer = crew.start(implementation, role, { size, hwm, ...own });
    await peer.expect("ready");
    const done = await paced(size >= large ? 64 : 1000, settings.pace, async (count) => {
      await peer.ask(`run ${count}`, "armed");
      const result = await peer.expect("result");
      if (result.count !== count || result.bytes !== count * size) {
        throw new Error(
          `${result.count} messages with ${result.bytes} bytes arrived, not ${count} of ${size}`,
        );
      }
      return { count, ns: result.ns as number, cpu: result.cpuUs as number };
    });
    return { value: (done.count / done.ns) * 1e9, extra: { cpuNs: (done.cpu / done.count) * 1000 } };
  });
}

function bars(rows: readonly Row[]): Bar[] {
  const found: Bar[] = [];
  const over = (size: number, over: string, under: string, limit: number, how: string): void => {
    const row = rows.find((each) => each.at === size);
    if (row === undefined) return;
    const measured = cellMedian(row.cells, over) / cellMedian(row.cells, under);
    found.push({ what: `${sizeName(size)}, ${how}`, measured, limit, atLeast: true, unit: "x" });
  };
  over(10, "ours batch", "c", 1.5, "batch, against C");
  over(10, "ours await", "c", 0.5, "await, against C");
  over(1024, "ours batch", "c", 0.6, "batch, against C, which passes pointers");
  over(1024, "ours batch", "port", 3, "batch, against MessagePort");
  over(large, "ours batch", "bare ring", 0.8, "batch, against a bare ring");
  over(large, "ours batch", "port", 1, "batch, against MessagePort");
  over(large, "ours batch", "port transfer", 1, "batch, against MessagePort with blank bodies to transfer");
  over(large, "ours shared", "ours batch", 3, "by reference, against copying");
  over(1_048_576, "ours shared", "ours batch", 3, "by reference, against copying");
  return found;
}

export async function threads(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : defaultSizes;
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders.filter(({ from }) => size >= from),
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(`threads ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} messages/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const line = (name: string): string[] => {
    const rate = ({ cells }: { cells: Cell[] }, of: string): number => cellMedian(cells, of);
    return [
      name,
      ...rows.flatMap((row) => [short(rate(row, name)), ratio(rate(row, name) / rate(row, "c"))]),
    ];
  };
  publish(
    {
      name: "threads",
      title: "PUSH to PULL over inproc between two threads, and others who pass messages (messages/s)",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["", ...sizes.flatMap((size) => [sizeName(size), "/C"])],
      lines: names.map(line),
      rows,
      bars: bars(rows),
      notes: [
        "C and `shared` pass pointers; `await`, `batch`, `port` and `bare ring` copy every octet twice.",
      ],
      svg: linePlot({
        title: "Between two threads: PUSH to PULL over inproc",
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
