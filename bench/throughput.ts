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

export interface Contender {
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

const mainPairs = [
  pair("ours await", "ours", "ours", "await"),
  pair("ours batch", "ours", "ours", "batch"),
  pair("native", "native", "native", "await"),
  pair("c", "c", "c", "await"),
];

/** Who is slow, the sender or the receiver? */
const crossPairs = [
  pair("ours to c", "ours", "c", "await"),
  pair("c to ours", "c", "ours", "await"),
  pair("ours batch to c", "ours", "c", "batch"),
  pair("c to ours batch", "c", "ours", "batch"),
  pair("native to c", "native", "c", "await"),
  pair("c to native", "c", "native", "await"),
];

const defaultSizes = [10, 100, 1024, 16_384, 65_536, 1_048_576];

/** With CURVE the receiver is the server. */
export function measure(
  contender: Contender,
  size: number,
  settings: Settings,
  isCurve = false,
): Promise<Sample> {
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

function bars(rows: Row[]): Bar[] {
  const found: Bar[] = [];
  const over = (size: number, over: string, under: string, limit: number, how: string): void => {
    const row = rows.find((each) => each.at === size);
    if (row === undefined) return;
    const measured = cellMedian(row.cells, over) / cellMedian(row.cells, under);
    found.push({ what: `${sizeName(size)}, ${how}`, measured, limit, atLeast: true, unit: "x" });
  };
  over(10, "ours await", "native", 8, "await, against native");
  over(10, "ours await", "c", 0.8, "await, against C");
  over(10, "ours batch", "c", 1.5, "batch, against C");
  over(1024, "ours await", "c", 1, "await, against C");
  over(65_536, "ours await", "c", 1, "await, against C");
  over(1_048_576, "ours await", "c", 0.9, "await, against C");
  return found;
}

export async function throughput(settings: Settings): Promise<void> {
  const contenders = fielded(settings.cross ? [...mainPairs, ...crossPairs] : mainPairs, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : defaultSizes;
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(`throughput ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} msg/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const line = (size: number, cells: Cell[]): string[] => {
    const rate = (name: string): number => cellMedian(cells, name);
    return [
      sizeName(size),
      ...names.map((name) => short(rate(name))),
      ratio(rate("ours await") / rate("native")),
      ratio(rate("ours await") / rate("c")),
      ratio(rate("ours batch") / rate("c")),
    ];
  };
  const cpu = table(
    ["processor time a message", ...names],
    rows.map(({ at, cells }) => [sizeName(at), ...names.map((name) => cpuText(cells, name))]),
  );
  publish(
    {
      name: "throughput",
      title: "PUSH to PULL over TCP on one machine, two processes (messages/s)",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["size", ...names, "await/native", "await/C", "batch/C"],
      lines: rows.map(({ at, cells }) => line(at, cells)),
      rows,
      bars: bars(rows),
      notes: [`${cpu}\n(sender + receiver, all threads of each)`],
      svg: linePlot({
        title: "PUSH to PULL over TCP, two processes",
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

export function cpuText(cells: Cell[], name: string): string {
  const send = cellMedian(cells, name, "sendCpuNs");
  const receive = cellMedian(cells, name, "receiveCpuNs");
  if (Number.isNaN(send)) return "-";
  const microseconds = send >= 10_000 || receive >= 10_000;
  const text = (ns: number): string => (microseconds ? (ns / 1000).toFixed(1) : ns.toFixed(0));
  return `${text(send)} + ${text(receive)} ${microseconds ? "us" : "ns"}`;
}
