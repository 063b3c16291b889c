/**
 * PUSH to PULL over loopback TCP, two processes, 10 B: connections served by the application's thread or by an I/O thread.
 * A thousand such messages, all that a pipe holds by default, are sixty microseconds of work, and waking the other thread
 * for the next thousand takes as long: so the same again with ten thousand.
 */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { ratio, short, sizeName } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

type IoMode = "loop" | "background";

interface Contender {
  name: string;
  needs: Implementation[];
  sender: IoMode;
  receiver: IoMode;
  role: "pull" | "busy-pull";
  /** Both sockets' high-water mark. */
  hwm: number;
}

const highHwm = 10_000;
const high = `, marks ${highHwm}`;

function contendersOf(hwm: number, suffix: string): Contender[] {
  const pair = (name: string, sender: IoMode, receiver: IoMode, role: Contender["role"]): Contender => ({
    name: name + suffix,
    needs: ["ours"],
    sender,
    receiver,
    role,
    hwm,
  });
  return [
    pair("loop", "loop", "loop", "pull"),
    pair("background sender", "background", "loop", "pull"),
    pair("background receiver", "loop", "background", "pull"),
    pair("background", "background", "background", "pull"),
    pair("busy loop", "loop", "loop", "busy-pull"),
    pair("busy background", "loop", "background", "busy-pull"),
  ];
}

const allContenders: Contender[] = [...contendersOf(1000, ""), ...contendersOf(highHwm, high)];

function measure(contender: Contender, size: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const options = { size, mode: "batch", hwm: contender.hwm };
    const receiver = crew.start("ours", contender.role, { ...options, ioMode: contender.receiver });
    const { endpoint } = await receiver.expect("ready");
    const sender = crew.start("ours", "push", {
      ...options,
      ioMode: contender.sender,
      endpoint: endpoint as string,
    });
    await sender.expect("ready");
    const done = await paced(1000, settings.pace, async (count) => {
      await receiver.ask(`run ${count}`, "armed");
      sender.tell(`run ${count}`);
      const result = await receiver.expect("result");
      await sender.expect("sent");
      if (result.count !== count || result.bytes !== count * size) {
        throw new Error(
          `${result.count} messages with ${result.bytes} bytes arrived, not ${count} of ${size}`,
        );
      }
      return { count, ns: result.ns as number, cpu: result.cpuUs as number };
    });
    return { value: perSecond(done), extra: { receiveCpuNs: (done.cpu / done.count) * 1000 } };
  });
}

export async function background(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const sizes = settings.sizes.length > 0 ? settings.sizes : [10];
  const rows: Row[] = [];
  for (const size of sizes) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, size, settings),
      ({ name }, round, { value }) =>
        progress(`background ${sizeName(size)}, round ${round + 1}: ${name} ${short(value)} messages/s`),
    );
    rows.push({ at: size, cells });
  }
  progress("");
  const ten = rows.find(({ at }) => at === 10)?.cells;
  const bar = (what: string, name: string, other: string, limit: number): Bar => ({
    what: `10 B, ${what}`,
    measured: cellMedian(ten ?? [], name) / cellMedian(ten ?? [], other),
    limit,
    atLeast: true,
    unit: "x",
  });
  publish(
    {
      name: "background",
      title:
        "PUSH to PULL over TCP, two processes, batch: connections in the application's thread or in an I/O thread",
      unit: "messages/s",
      atUnit: "bytes",
      head: ["", "messages/s", "/loop", "/busy loop", "CPU of the receiver"],
      lines: rows.flatMap(({ at, cells }) =>
        names.map((name) => [
          `${sizeName(at)} ${name}`,
          short(cellMedian(cells, name)),
          ratio(cellMedian(cells, name) / cellMedian(cells, "loop")),
          ratio(cellMedian(cells, name) / cellMedian(cells, "busy loop")),
          `${cellMedian(cells, name, "receiveCpuNs").toFixed(0)} ns`,
        ]),
      ),
      rows,
      bars:
        ten === undefined
          ? []
          : [
              ...["", high].flatMap((marks) => [
                bar(
                  `background on both sides, against loop${marks}`,
                  `background${marks}`,
                  `loop${marks}`,
                  0.7,
                ),
                bar(
                  `receiver busy half of the time, background against loop${marks}`,
                  `busy background${marks}`,
                  `busy loop${marks}`,
                  1.3,
                ),
              ]),
            ],
      notes: [],
      svg: barPlot({
        title: "Background I/O: PUSH to PULL over TCP, two processes",
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
