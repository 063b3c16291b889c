/** Ten open sockets in four threads, all waiting, nothing to do: processor time of the process. */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian } from "./harness/rounds.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  role: string;
  ioMode: string;
}

const allContenders: Contender[] = [
  { name: "ours", needs: ["ours"], role: "idle", ioMode: "loop" },
  { name: "ours background", needs: ["ours"], role: "idle", ioMode: "background" },
  { name: "no sockets", needs: [], role: "idle-bare", ioMode: "loop" },
];

const sockets = 10;
/** The engine collects what the start needed some seconds after it, for up to a quarter of a second of processor time. */
const settleMs = 20_000;

/** All connections must work before and after: a process that lost them is idle too. */
async function check(
  peer: ReturnType<Parameters<Parameters<typeof withCrew>[1]>[0]["start"]>,
): Promise<void> {
  const { count } = await peer.ask("check", "checked");
  if (count !== 5) throw new Error(`${count} messages arrived, not 5`);
}

function measure(contender: Contender, seconds: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const peer = crew.start("ours", contender.role, { ioMode: contender.ioMode });
    await peer.expect("ready");
    await check(peer);
    await new Promise((resolve) => setTimeout(resolve, settleMs));
    const { ns, cpuUs } = await peer.ask(`measure ${seconds * 1000}`, "result", seconds * 1000 + 30_000);
    await check(peer);
    return { value: (100 * (cpuUs as number) * 1000) / (ns as number) };
  });
}

export async function idle(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const seconds = settings.seconds ?? (settings.quick ? 3 : 10);
  const cells = await alternate(
    contenders,
    Math.min(settings.rounds, 3),
    (contender) => measure(contender, seconds, settings),
    ({ name }, round, { value }) =>
      progress(`idle, round ${round + 1}: ${name} ${value.toFixed(2)} % of a core`),
  );
  progress("");
  const rows = [{ at: sockets, cells }];
  const percent = (value: number): string => (Number.isNaN(value) ? "-" : `${value.toFixed(2)} %`);
  publish(
    {
      name: "idle",
      title: `Processor time of an idle process: 10 open sockets in 4 threads, over ${seconds} s`,
      unit: "% of one core",
      atUnit: "sockets",
      head: ["", "of one core"],
      lines: names.map((name) => [name, percent(cellMedian(cells, name))]),
      rows,
      bars: ["ours", "ours background"].map((name) => ({
        what: name,
        measured: cellMedian(cells, name),
        limit: 1,
        atLeast: false,
        unit: "%",
      })),
      notes: [],
      svg: barPlot({
        title: "An idle process: 10 open sockets in 4 threads",
        subtitle: subtitle({ ...settings, rounds: Math.min(settings.rounds, 3) }),
        valueLabel: "% of one core (less is better)",
        scaleLabel: "",
        names: ["10 sockets"],
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
