/**
 * CURVE with background I/O: 64 KB messages on two connections whose four ends are in one process, by PUSH and PULL. In
 * loop mode one thread encrypts and decrypts everything; in the background each of two I/O threads has a connection to
 * listen at and one to send by. (With the peers in processes of their own two cores are busy already.)
 */
import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  ioMode: "loop" | "background";
}

const allContenders: Contender[] = [
  { name: "loop", needs: ["ours"], ioMode: "loop" },
  { name: "background", needs: ["ours"], ioMode: "background" },
];

function measure({ ioMode }: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const both = crew.start("ours", "curve-both-ends", { size, ioMode, portable: true });
    await both.expect("ready");
    const done = await paced(64, settings.pace, async (count) => {
      both.tell(`run ${count}`);
      const result = await both.expect("result");
      if (result.count !== count || result.bytes !== count * size) {
        throw new Error(
          `${result.count} messages with ${result.bytes} bytes arrived, not ${count} of ${size}`,
        );
      }
      return { count, ns: result.ns as number, cpu: result.cpuUs as number };
    });
    return { value: perSecond(done), extra: { cpuUs: done.cpu / done.count } };
  });
}

export async function curveBackground(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : [65_536];
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(
          `curve-background ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} messages/s`,
        ),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  publish(
    {
      name: "curve-background",
      title: "CURVE, both ends of two connections in one process: in its thread, or in two I/O threads",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["", "messages/s", "/loop", "CPU a message"],
      lines: rows.flatMap(({ at, cells }) =>
        names.map((name) => [
          `${sizeName(at)} ${name}`,
          short(cellMedian(cells, name)),
          ratio(cellMedian(cells, name) / cellMedian(cells, "loop")),
          `${cellMedian(cells, name, "cpuUs").toFixed(0)} us`,
        ]),
      ),
      rows,
      bars: rows
        .filter(({ at }) => at === 65_536)
        .map(({ cells }) => ({
          what: "64 KB on two connections, background against loop",
          measured: cellMedian(cells, "background") / cellMedian(cells, "loop"),
          limit: 1.3,
          atLeast: true,
          unit: "x",
        })),
      notes: [],
      svg: barPlot({
        title: "CURVE: background I/O on two connections",
        subtitle: subtitle(settings),
        valueLabel: "messages/s",
        scaleLabel: "",
        names: sizes.map(sizeName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
