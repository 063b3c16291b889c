/** The receiver's application thread is blocked for 30 s while 1,000 messages/s and heartbeats come: what gets lost? */

import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian } from "./harness/rounds.ts";
import { barPlot } from "./harness/svg.ts";

interface Contender {
  name: string;
  needs: Implementation[];
  sender: Implementation;
  ioMode: "loop" | "background";
}

const allContenders: Contender[] = [
  { name: "background from C", needs: ["ours", "c"], sender: "c", ioMode: "background" },
  { name: "background from native", needs: ["ours", "native"], sender: "native", ioMode: "background" },
  // What it is for: without an I/O thread the peer gives up.
  { name: "loop from C", needs: ["ours", "c"], sender: "c", ioMode: "loop" },
];

const rate = 1000;
const heartbeatMs = 500;

function measure(contender: Contender, seconds: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const patienceMs = seconds * 1000 + 60_000;
    const receiver = crew.start("ours", "blocked", {
      ioMode: contender.ioMode,
      heartbeat: heartbeatMs,
      blockMs: seconds * 1000,
    });
    const { endpoint } = await receiver.expect("ready");
    const sender = crew.start(contender.sender, "steady-push", {
      endpoint: endpoint as string,
      heartbeat: heartbeatMs,
      rate,
    });
    await sender.expect("ready");
    // A second longer than the block: it ends while messages still come.
    const count = rate * (seconds + 1);
    sender.tell(`run ${count}`);
    await receiver.expect("unblocked", patienceMs);
    const sent = await sender.expect("sent", patienceMs);
    const report = await receiver.ask(`report ${count}`, "report", patienceMs);
    if (sent.connects === 0) throw new Error("the peers never shook hands");
    const lost = count - ((report.received as number) - (report.duplicates as number));
    return {
      value: lost,
      extra: {
        sent: count,
        duplicates: report.duplicates as number,
        disordered: report.disordered as number,
        peersLost: Math.max(sent.disconnects as number, report.disconnects as number),
        sendSeconds: (sent.ns as number) / 1e9,
      },
    };
  });
}

export async function blocked(settings: Settings): Promise<void> {
  const contenders = fielded(allContenders, settings);
  const names = contenders.map(({ name }) => name);
  const seconds = settings.seconds ?? (settings.quick ? 3 : 30);
  const cells = await alternate(
    contenders,
    1,
    (contender) => measure(contender, seconds, settings),
    ({ name }, _, { value, extra }) =>
      progress(`blocked: ${name}: ${value} of ${extra?.["sent"]} lost, ${extra?.["peersLost"]} disconnects`),
  );
  progress("");
  const rows = [{ at: seconds, cells }];
  const bar = (name: string, what: string, figure?: string): Bar => ({
    what: `${name}: ${what}`,
    measured: cellMedian(cells, name, figure),
    limit: 0,
    atLeast: false,
    unit: "",
  });
  const whole = (value: number): string => (Number.isNaN(value) ? "-" : `${value}`);
  publish(
    {
      name: "blocked",
      title: `The receiver's thread blocked for ${seconds} s: ${rate} messages/s, heartbeats every ${heartbeatMs} ms`,
      unit: "messages lost",
      atUnit: "seconds",
      head: ["", "sent", "lost", "doubled", "disordered", "disconnects", "sent within"],
      lines: names.map((name) => [
        name,
        whole(cellMedian(cells, name, "sent")),
        whole(cellMedian(cells, name)),
        whole(cellMedian(cells, name, "duplicates")),
        whole(cellMedian(cells, name, "disordered")),
        whole(cellMedian(cells, name, "peersLost")),
        `${cellMedian(cells, name, "sendSeconds").toFixed(1)} s`,
      ]),
      rows,
      bars: names
        .filter((name) => name.startsWith("background"))
        .flatMap((name) => [bar(name, "messages lost"), bar(name, "peers lost", "peersLost")]),
      notes: [],
      svg: barPlot({
        title: `The receiver's thread blocked for ${seconds} s`,
        subtitle: subtitle({ ...settings, rounds: 1 }),
        valueLabel: "messages lost",
        scaleLabel: "",
        names: [`${seconds} s`],
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
