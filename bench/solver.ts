/** What ledger, journal and solver cost: throughput with them and without, and while somebody looks on. */

import type { Crew } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell, Run, Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { ratio, short } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  readonly name: string;
  readonly needs: ["ours"];
  readonly books: "on" | "off";
}

const contenders: readonly Contender[] = [
  { name: "with", needs: ["ours"], books: "on" },
  { name: "without", needs: ["ours"], books: "off" },
];

const size = 10;

interface CpuRun extends Run {
  /** Of both sides. */
  readonly cpuUs: number;
}

/** PUSH to PULL, two processes. */
async function exchange(crew: Crew, books: string, mode: string, settings: Settings): Promise<CpuRun> {
  const receiver = crew.start("ours", "pull", { size, mode, books });
  const { endpoint } = await receiver.expect("ready");
  const sender = crew.start("ours", "push", { size, mode, books, endpoint: endpoint as string });
  await sender.expect("ready");
  return paced(1000, settings.pace, async (count) => {
    await receiver.ask(`run ${count}`, "armed");
    sender.tell(`run ${count}`);
    const result = await receiver.expect("result");
    const sent = await sender.expect("sent");
    return { count, ns: result.ns as number, cpuUs: (sent.cpuUs as number) + (result.cpuUs as number) };
  });
}

/** A publisher that nobody listens to. */
async function alone(crew: Crew, books: string, settings: Settings): Promise<CpuRun> {
  const publisher = crew.start("ours", "pub-alone", { books });
  await publisher.expect("ready");
  return paced(1000, settings.pace, async (count) => {
    const { ns, cpuUs } = await publisher.ask(`run ${count}`, "result");
    return { count, ns: ns as number, cpuUs: cpuUs as number };
  });
}

const kinds = ["PUSH to PULL, await", "PUSH to PULL, batch", "PUB to nobody"] as const;

function measure(kind: string, { books }: Contender, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const run =
      kind === "PUB to nobody"
        ? await alone(crew, books, settings)
        : await exchange(crew, books, kind === "PUSH to PULL, await" ? "await" : "batch", settings);
    return { value: perSecond(run), extra: { cpuNs: (run.cpuUs / run.count) * 1000 } };
  });
}

export async function solver(settings: Settings): Promise<void> {
  const taking = fielded(contenders, settings);
  const names = taking.map(({ name }) => name);
  const rows: Row[] = [];
  for (const [at, kind] of kinds.entries()) {
    const cells = await alternate(
      taking,
      settings.rounds,
      (contender) => measure(kind, contender, settings),
      ({ name }, round, { value }) =>
        progress(`solver ${kind}, round ${round + 1}: ${name} ${short(value)} msg/s`),
    );
    rows.push({ at, cells });
  }
  progress("");
  const share = (cells: Cell[]): number => cellMedian(cells, "with") / cellMedian(cells, "without");
  const cpu = (cells: Cell[], name: string): number => cellMedian(cells, name, "cpuNs");
  const cpuShare = (cells: Cell[]): number => cpu(cells, "with") / cpu(cells, "without");
  // What is exchanged; a publisher to nobody does nothing but count.
  const bars: Bar[] = rows.slice(0, 2).map(({ at, cells }) => ({
    what: `10 B, ${kinds[at]}, with the books against without`,
    measured: share(cells),
    limit: 0.98,
    atLeast: true,
    unit: "x",
  }));
  publish(
    {
      name: "solver",
      title: "What ledger, journal and solver cost, 10 B (messages/s)",
      unit: "messages/s",
      atUnit: "kind",
      head: ["", ...names, "with/without", ...names.map((name) => `CPU ${name}`), "with/without"],
      lines: rows.map(({ at, cells }) => [
        kinds[at] as string,
        ...names.map((name) => short(cellMedian(cells, name))),
        ratio(share(cells)),
        ...names.map((name) => `${cpu(cells, name).toFixed(1)} ns`),
        ratio(cpuShare(cells)),
      ]),
      rows,
      bars,
      notes: [
        "Without: what a socket writes into its books is silenced, and nothing looks at it. What a pipe counts up is its credit, too, and stays.",
      ],
      svg: barPlot({
        title: "What the solver costs",
        subtitle: subtitle(settings),
        valueLabel: "messages/s",
        scaleLabel: "",
        names: [...kinds],
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
