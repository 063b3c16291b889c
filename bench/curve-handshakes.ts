/** CURVE handshakes: how many a second one server takes, and what its event loop does while 5,000 say HELLO at once. */
import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian } from "./harness/rounds.ts";
import { ratio, short } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: Implementation;
  needs: Implementation[];
}

/** The clients are ours, whoever the server is. */
const allContenders: Contender[] = [
  { name: "ours", needs: ["ours"] },
  { name: "native", needs: ["native", "ours"] },
];

const floodCount = 5000;

function measure({ name }: Contender, count: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const server = crew.start(name, "curve-server", { portable: true });
    const { endpoint } = await server.expect("ready");
    const clients = crew.start("ours", "curve-clients", { endpoint: endpoint as string, portable: true });
    await clients.expect("ready");
    await clients.ask("run 2000", "result");
    await server.ask("watch", "watching");
    const { ns } = await clients.ask(`run ${count}`, "result");
    const { cpuUs } = await server.ask("report", "report");
    return {
      value: (count / (ns as number)) * 1e9,
      extra: { cpuUs: (cpuUs as number) / count, ...(await flood(name, settings)) },
    };
  });
}

function flood(name: Implementation, settings: Settings): Promise<Record<string, number>> {
  return withCrew(settings.field, async (crew) => {
    const pending = name === "ours" ? 2 * floodCount : 0;
    const server = crew.start(name, "curve-server", { pending, portable: true });
    const { endpoint } = await server.expect("ready");
    const port = (endpoint as string).slice((endpoint as string).lastIndexOf(":") + 1);
    const crowd = crew.start("ours", "hello-flood", { port });
    await crowd.expect("ready");
    await crowd.ask(`join ${floodCount}`, "joined", 120_000);
    await server.ask("watch", "watching");
    const { ns } = await crowd.ask(`run ${floodCount}`, "result", 120_000);
    const { p99, max } = await server.ask("report", "report");
    return { floodMs: (ns as number) / 1e6, p99Ms: p99 as number, maxMs: max as number };
  });
}

export async function curveHandshakes(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const count = settings.counts[0] ?? (settings.quick ? 1000 : 5000);
  const cells = await alternate(
    contenders,
    settings.rounds,
    (contender) => measure(contender, count, settings),
    ({ name }, round, { value, extra }) =>
      progress(
        `curve-handshakes, round ${round + 1}: ${name} ${short(value)}/s, flood p99 ${extra?.["p99Ms"]?.toFixed(1)} ms`,
      ),
  );
  progress("");
  const rows: Row[] = [{ at: count, cells }];
  const milliseconds = (name: string, extra: string): string =>
    `${cellMedian(cells, name, extra).toFixed(1)} ms`;
  publish(
    {
      name: "curve-handshakes",
      title: "CURVE handshakes with one server, clients in another process",
      unit: "handshakes/s",
      atUnit: "handshakes",
      head: [
        "",
        "handshakes/s",
        "/native",
        "CPU of the server",
        "a core's worth",
        "5,000 HELLOs",
        "delay p99",
        "delay max",
      ],
      lines: names.map((name) => [
        name,
        short(cellMedian(cells, name)),
        ratio(cellMedian(cells, name) / cellMedian(cells, "native")),
        `${cellMedian(cells, name, "cpuUs").toFixed(0)} us`,
        `${short(1e6 / cellMedian(cells, name, "cpuUs"))}/s`,
        milliseconds(name, "floodMs"),
        milliseconds(name, "p99Ms"),
        milliseconds(name, "maxMs"),
      ]),
      rows,
      bars: [
        {
          what: "handshakes a second that a core is good for",
          measured: 1e6 / cellMedian(cells, "ours", "cpuUs"),
          limit: 1000,
          atLeast: true,
          unit: "/s",
        },
        {
          what: "event-loop delay p99 while 5,000 say HELLO",
          measured: cellMedian(cells, "ours", "p99Ms"),
          limit: 50,
          atLeast: false,
          unit: "ms",
        },
      ],
      notes: ["(native: its handshakes are its I/O thread's, so the delays of its event loop say nothing)"],
      svg: barPlot({
        title: "CURVE handshakes with one server",
        subtitle: subtitle(settings),
        valueLabel: "handshakes/s",
        scaleLabel: "",
        names: [`${count} handshakes`],
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
