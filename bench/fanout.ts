/**
 * One PUB to many SUB in one other process over loopback TCP: deliveries a second. Nothing may be dropped.
 */

import type { Child } from "./harness/child.ts";
import type { Implementation } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { countName, ratio, short } from "./harness/stats.ts";
import { linePlot } from "./harness/svg.ts";

export interface PubSubContender {
  name: string;
  needs: Implementation[];
  implementation: Implementation;
  mode: "await" | "batch";
}

export const pubSubContenders: PubSubContender[] = [
  { name: "ours await", needs: ["ours"], implementation: "ours", mode: "await" },
  { name: "ours batch", needs: ["ours"], implementation: "ours", mode: "batch" },
  { name: "native", needs: ["native"], implementation: "native", mode: "await" },
  { name: "c", needs: ["c"], implementation: "c", mode: "await" },
];

/** Publishes probes until every subscriber has seen one: all subscriptions are in force. */
export async function synchronise(publisher: Child, subscriber: Child): Promise<void> {
  let synced = false;
  const done = subscriber.ask("sync", "synced", 90_000).finally(() => {
    synced = true;
  });
  // Handled here too, as nobody waits for it while probes are sent.
  done.catch(() => undefined);
  while (!synced) {
    await publisher.ask("probe", "probed", 90_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await done;
}

/**
 * Deliveries of `count` publications, each of which reaches `copies` subscribers, timed by the receiving
 * process.
 */
export async function publishRun(
  publisher: Child,
  subscriber: Child,
  count: number,
  copies: number,
): Promise<{ count: number; ns: number; sendCpu: number; receiveCpu: number }> {
  await subscriber.ask(`run ${count}`, "armed");
  publisher.tell(`run ${count}`);
  const result = await subscriber.expect("result", 60_000);
  const sent = await publisher.expect("sent");
  if (result.count !== count * copies) throw new Error(`${result.count} deliveries, not ${count * copies}`);
  return {
    count,
    ns: result.ns as number,
    sendCpu: sent.cpuUs as number,
    receiveCpu: result.cpuUs as number,
  };
}

const size = 100;

function measure(
  { implementation, mode }: PubSubContender,
  sockets: number,
  settings: Settings,
): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const publisher = crew.start(implementation, "pub", { size, mode, patient: implementation === "native" });
    const { endpoint } = await publisher.expect("ready");
    const subscriber = crew.start(implementation, "sub", {
      size,
      mode,
      sockets,
      endpoint: endpoint as string,
    });
    await subscriber.expect("ready");
    await synchronise(publisher, subscriber);
    const done = await paced(Math.max(20, Math.round(2000 / sockets)), settings.pace, (count) =>
      publishRun(publisher, subscriber, count, sockets),
    );
    return {
      value: perSecond(done) * sockets,
      extra: {
        sendCpuNs: (done.sendCpu / done.count / sockets) * 1000,
        receiveCpuNs: (done.receiveCpu / done.count / sockets) * 1000,
      },
    };
  });
}

export async function fanout(settings: Settings): Promise<void> {
  const contenders = fielded(pubSubContenders, settings);
  const names = contenders.map(({ name }) => name);
  const counts = settings.counts.length > 0 ? settings.counts : [1, 10, 100, 1000];
  const rows: Row[] = [];
  for (const sockets of counts) {
    const cells = await alternate(
      contenders,
      settings.rounds,
      (contender) => measure(contender, sockets, settings),
      ({ name }, round, { value }) =>
        progress(
          `fan-out to ${countName(sockets)}, round ${round + 1}: ${name} ${short(value)} deliveries/s`,
        ),
    );
    rows.push({ at: sockets, cells });
  }
  progress("");
  const hundred = rows.find(({ at }) => at === 100)?.cells;
  const bar = (name: string): Bar => ({
    what: `to 100 subscribers, ${name}, against C`,
    measured: cellMedian(hundred ?? [], name) / cellMedian(hundred ?? [], "c"),
    limit: 1,
    atLeast: true,
    unit: "x",
  });
  publish(
    {
      name: "fanout",
      title: `PUB to n SUB over TCP, ${size} B (deliveries/s in total)`,
      unit: "deliveries/s",
      atUnit: "subscribers",
      head: ["subscribers", ...names, "await/native", "await/C", "batch/C"],
      lines: rows.map(({ at, cells }) => {
        const rate = (name: string): number => cellMedian(cells, name);
        return [
          countName(at),
          ...names.map((name) => short(rate(name))),
          ratio(rate("ours await") / rate("native")),
          ratio(rate("ours await") / rate("c")),
          ratio(rate("ours batch") / rate("c")),
        ];
      }),
      rows,
      bars: hundred === undefined ? [] : [bar("ours await"), bar("ours batch")],
      notes: [],
      svg: linePlot({
        title: `One PUB to n SUB over TCP, ${size} B`,
        subtitle: subtitle(settings),
        valueLabel: "deliveries/s, all subscribers together",
        scaleLabel: "subscribers",
        names: counts.map(countName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
