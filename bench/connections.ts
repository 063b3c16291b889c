/** A server with many idle, handshaken connections: memory for each, and how fast they were accepted. */
import { execFileSync } from "node:child_process";
import type { Child } from "./harness/child.ts";
import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian } from "./harness/rounds.ts";
import { countName, ratio, short } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: Implementation;
  needs: Implementation[];
}

const allContenders: Contender[] = [
  { name: "ours", needs: ["ours"] },
  { name: "native", needs: ["native"] },
  { name: "c", needs: ["c"] },
];

/** Connections that come and go before the baseline is taken: code is compiled, pools are filled. */
const warmUp = 200;

function openFileLimit(): number {
  try {
    const text = execFileSync("sh", ["-c", "ulimit -n"], { encoding: "utf8" }).trim();
    return text === "unlimited" ? Number.POSITIVE_INFINITY : Number(text);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function measure({ name }: Contender, count: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const server = crew.start(name, "server", { gc: true });
    const { endpoint } = await server.expect("ready");
    const port = (endpoint as string).slice((endpoint as string).lastIndexOf(":") + 1);
    // The clients are the same bare sockets for every server; two processes, so that they are not the
    // bottleneck.
    const crowd: Child[] = [crew.start("ours", "clients", { port }), crew.start("ours", "clients", { port })];
    for (const clients of crowd) {
      await clients.expect("ready");
      await clients.ask(`run ${warmUp}`, "result");
      await clients.ask("close", "closed");
    }
    await pause(300);
    const before = await server.ask("memory", "memory");
    const halves = [Math.ceil(count / 2), Math.floor(count / 2)];
    const results = await Promise.all(
      crowd.map((clients, at) => clients.ask(`run ${halves[at]}`, "result", 120_000)),
    );
    const connected = results.reduce((sum, result) => sum + (result.count as number), 0);
    if (connected !== count) throw new Error(`${connected} connections, not ${count}`);
    await pause(500);
    const after = await server.ask("memory", "memory");
    const seconds = Math.max(...results.map((result) => result.ns as number)) / 1e9;
    const extra: Record<string, number> = {
      perSecond: count / seconds,
      cpuUs: ((after.cpuUs as number) - (before.cpuUs as number)) / count,
    };
    if (name === "ours") extra["liveBytes"] = ((after.live as number) - (before.live as number)) / count;
    return { value: ((after.rss as number) - (before.rss as number)) / count, extra };
  });
}

export async function connections(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const limit = openFileLimit() - 100;
  const wanted = settings.counts.length > 0 ? settings.counts : [settings.quick ? 2000 : 10_000];
  const counts = [...new Set(wanted.map((count) => Math.min(count, limit)))];
  for (const count of wanted) {
    if (count > limit)
      process.stdout.write(`!! ${count} connections need more open files: measuring ${limit}\n`);
  }
  const rows: Row[] = [];
  for (const count of counts) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, count, settings),
      ({ name }, round, { value, extra }) =>
        progress(
          `connections ${countName(count)}, round ${round + 1}: ${name} ${(value / 1024).toFixed(1)} KB each, ` +
            `${short(extra?.["perSecond"] ?? Number.NaN)} accepted/s`,
        ),
    );
    rows.push({ at: count, cells });
  }
  progress("");
  const kilobytes = (value: number): string =>
    Number.isNaN(value) ? "-" : `${(value / 1024).toFixed(1)} KB`;
  const microseconds = (value: number): string => (Number.isNaN(value) ? "-" : `${value.toFixed(0)} us`);
  const lines = rows.flatMap(({ at, cells }) =>
    names.map((name) => [
      `${countName(at)} ${name}`,
      kilobytes(cellMedian(cells, name)),
      kilobytes(cellMedian(cells, name, "liveBytes")),
      ratio(cellMedian(cells, name) / cellMedian(cells, "c")),
      short(cellMedian(cells, name, "perSecond")),
      ratio(cellMedian(cells, name, "perSecond") / cellMedian(cells, "c", "perSecond")),
      microseconds(cellMedian(cells, name, "cpuUs")),
    ]),
  );
  const ten = rows.find(({ at }) => at === 10_000)?.cells;
  publish(
    {
      name: "connections",
      title: "Idle handshaken connections to one ROUTER over TCP",
      unit: "bytes of RSS a connection",
      atUnit: "connections",
      head: ["", "RSS each", "live each", "RSS/C", "accepted/s", "accepted/C", "CPU each"],
      lines,
      rows,
      bars:
        ten === undefined
          ? []
          : [
              {
                what: "10 k idle connections, RSS each",
                measured: cellMedian(ten, "ours") / 1024,
                limit: 24,
                atLeast: false,
                unit: "KB",
              },
            ],
      notes: [],
      svg: barPlot({
        title: "Memory of an idle connection",
        subtitle: subtitle(settings),
        valueLabel: "KB of resident memory of the server process for each connection (less is better)",
        scaleLabel: "",
        names: counts.map((count) => `${countName(count)} connections`),
        series: toSeries(rows, names).map(({ name, points }) => ({
          name,
          points: points.map(({ at, median, low, high }) => ({
            at,
            median: median / 1024,
            low: low / 1024,
            high: high / 1024,
          })),
        })),
      }),
    },
    settings,
  );
}
