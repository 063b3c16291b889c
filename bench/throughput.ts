/** PUSH to PULL over loopback TCP, two processes, by message size. */

import type { Implementation, RoleOptions } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell, Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { linePlot } from "./harness/svg.ts";
import { table } from "./harness/table.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  sender: Implementation;
  receiver: Implementation;
  mode: "await" | "batch";
  /** More arguments of both peers. */
  more: RoleOptions;
}

export function pair(
  name: string,
  sender: Implementation,
  receiver: Implementation,
  mode: "await" | "batch",
  more: RoleOptions = {},
): Contender {
  return { name, needs: [sender, receiver], sender, receiver, mode, more };
}

/** What is measured with PUSH and PULL, and against what. */
export interface PushToPull {
  name: string;
  title: string;
  pairs: Contender[];
  /** Those of `--cross`: who is slow, the sender or the receiver? */
  crossPairs: Contender[];
  isCurve: boolean;
  /** Columns of the table: the rate of one contender over that of another. */
  ratios: [head: string, over: string, under: string][];
  /** Which such ratio must be reached at a size. */
  bars: [size: number, over: string, under: string, limit: number, how: string][];
}

const defaultSizes = [10, 100, 1024, 16_384, 65_536, 1_048_576];

/** With CURVE the receiver is the server. */
function measure(contender: Contender, size: number, settings: Settings, isCurve: boolean): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const options = { size, mode: contender.mode, ...contender.more };
    const receiver = crew.start(contender.receiver, "pull", { ...options, curve: isCurve ? "server" : "" });
    const { endpoint } = await receiver.expect("ready");
    const sender = crew.start(contender.sender, "push", {
      ...options,
      endpoint: endpoint as string,
      curve: isCurve ? "client" : "",
    });
    await sender.expect("ready");
    const done = await paced(size >= 65_536 ? 32 : 1000, settings.pace, async (count) => {
      await receiver.ask(`run ${count}`, "armed");
      sender.tell(`run ${count}`);
      const result = await receiver.expect("result");
      const sent = await sender.expect("sent");
      if (result.count !== count || result.bytes !== count * size) {
        throw new Error(
          `${result.count} messages with ${result.bytes} bytes arrived, not ${count} of ${size}`,
        );
      }
      return {
        count,
        ns: result.ns as number,
        sendCpu: sent.cpuUs as number,
        receiveCpu: result.cpuUs as number,
      };
    });
    return {
      value: perSecond(done),
      extra: {
        sendCpuNs: (done.sendCpu / done.count) * 1000,
        receiveCpuNs: (done.receiveCpu / done.count) * 1000,
      },
    };
  });
}

function reachedBars(bars: PushToPull["bars"], rows: Row[]): Bar[] {
  const found: Bar[] = [];
  for (const [size, over, under, limit, how] of bars) {
    const row = rows.find((each) => each.at === size);
    if (row === undefined) continue;
    const measured = cellMedian(row.cells, over) / cellMedian(row.cells, under);
    found.push({ what: `${sizeName(size)}, ${how}`, measured, limit, atLeast: true, unit: "x" });
  }
  return found;
}

/** The sizes of `--sizes`, or all. */
export async function pushToPull(what: PushToPull, settings: Settings): Promise<void> {
  const contenders = fielded(settings.cross ? [...what.pairs, ...what.crossPairs] : what.pairs, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : defaultSizes;
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings, what.isCurve),
      ({ name }, round, { value }) =>
        progress(`${what.name} ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} msg/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const line = (size: number, cells: Cell[]): string[] => {
    const rate = (name: string): number => cellMedian(cells, name);
    return [
      sizeName(size),
      ...names.map((name) => short(rate(name))),
      ...what.ratios.map(([, over, under]) => ratio(rate(over) / rate(under))),
    ];
  };
  const cpu = table(
    ["processor time a message", ...names],
    rows.map(({ at, cells }) => [sizeName(at), ...names.map((name) => cpuText(cells, name))]),
  );
  publish(
    {
      name: what.name,
      title: `${what.title} on one machine, two processes (messages/s)`,
      unit: "messages/s",
      atUnit: "bytes",
      head: ["size", ...names, ...what.ratios.map(([head]) => head)],
      lines: rows.map(({ at, cells }) => line(at, cells)),
      rows,
      bars: reachedBars(what.bars, rows),
      notes: [`${cpu}\n(sender + receiver, all threads of each)`],
      svg: linePlot({
        title: `${what.title}, two processes`,
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

function cpuText(cells: Cell[], name: string): string {
  const send = cellMedian(cells, name, "sendCpuNs");
  const receive = cellMedian(cells, name, "receiveCpuNs");
  if (Number.isNaN(send)) return "-";
  const microseconds = send >= 10_000 || receive >= 10_000;
  const text = (ns: number): string => (microseconds ? (ns / 1000).toFixed(1) : ns.toFixed(0));
  return `${text(send)} + ${text(receive)} ${microseconds ? "us" : "ns"}`;
}

/** In clear text. */
export function throughput(settings: Settings): Promise<void> {
  const clear: PushToPull = {
    name: "throughput",
    title: "PUSH to PULL over TCP",
    isCurve: false,
    pairs: [
      pair("ours await", "ours", "ours", "await"),
      pair("ours batch", "ours", "ours", "batch"),
      pair("native", "native", "native", "await"),
      pair("c", "c", "c", "await"),
    ],
    crossPairs: [
      pair("ours to c", "ours", "c", "await"),
      pair("c to ours", "c", "ours", "await"),
      pair("ours batch to c", "ours", "c", "batch"),
      pair("c to ours batch", "c", "ours", "batch"),
      pair("native to c", "native", "c", "await"),
      pair("c to native", "c", "native", "await"),
    ],
    ratios: [
      ["await/native", "ours await", "native"],
      ["await/C", "ours await", "c"],
      ["batch/C", "ours batch", "c"],
    ],
    bars: [
      [10, "ours await", "native", 8, "await, against native"],
      [10, "ours await", "c", 0.8, "await, against C"],
      [10, "ours batch", "c", 1.5, "batch, against C"],
      [1024, "ours await", "c", 1, "await, against C"],
      [65_536, "ours await", "c", 1, "await, against C"],
      [1_048_576, "ours await", "c", 0.9, "await, against C"],
    ],
  };
  return pushToPull(clear, settings);
}
