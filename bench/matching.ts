/**
 * Subscription matching: one subscriber with n distinct subscriptions, one publisher that sends on their
 * topics. Each message matches exactly one subscription. Memory is that of the publisher's process, which has
 * to hold them all.
 */

import type { PubSubContender } from "./fanout.ts";
import { publishRun, pubSubContenders, synchronise } from "./fanout.ts";
import { withCrew } from "./harness/contenders.ts";
import type { Bar, Row, Settings } from "./harness/report.ts";
import { fielded, progress, publish, subtitle, toSeries } from "./harness/report.ts";
import type { Cell, Sample } from "./harness/rounds.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { countName, ratio, short } from "./harness/stats.ts";
import { linePlot } from "./harness/svg.ts";

/** Below this, what the process takes for itself hides what a subscription takes. */
const leastForMemory = 10_000;

function measure(
  { implementation, mode }: PubSubContender,
  topics: number,
  settings: Settings,
): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const patient = implementation === "native";
    const publisher = crew.start(implementation, "pub", { topics, mode, patient, gc: true });
    const { endpoint } = await publisher.expect("ready");
    const before = await publisher.ask("memory", "memory");
    const startMs = performance.now();
    const subscriber = crew.start(implementation, "sub", { topics, mode, endpoint: endpoint as string });
    await subscriber.expect("ready", 300_000);
    await synchronise(publisher, subscriber);
    const seconds = (performance.now() - startMs) / 1000;
    const after = await publisher.ask("memory", "memory");
    const done = await paced(1000, settings.pace, (count) => publishRun(publisher, subscriber, count, 1));
    const extra: Record<string, number> = { subscribeSeconds: seconds };
    if (topics >= leastForMemory) {
      extra["rssBytes"] = ((after.rss as number) - (before.rss as number)) / topics;
      // The addon's memory is outside of what V8 knows.
      if (implementation === "ours")
        extra["liveBytes"] = ((after.live as number) - (before.live as number)) / topics;
    }
    return { value: perSecond(done), extra };
  });
}

/** The structure without sockets. */
interface TrieContender {
  name: "trie";
}

function measureTrie(topics: number, settings: Settings): Promise<Sample> {
  return withCrew(settings.field, async (crew) => {
    const trie = crew.start("ours", "trie", { topics, gc: true });
    await trie.expect("ready", 120_000);
    const before = await trie.ask("memory", "memory");
    const built = await trie.ask("build", "built", 120_000);
    const after = await trie.ask("memory", "memory");
    const done = await paced(1000, settings.pace, async (count) => {
      const { ns } = await trie.ask(`run ${count}`, "result");
      return { count, ns: ns as number };
    });
    return {
      value: perSecond(done),
      extra: {
        addNs: (built.ns as number) / topics,
        liveBytes: ((after.live as number) - (before.live as number)) / topics,
      },
    };
  });
}

function bars(rows: Row[]): Bar[] {
  const cells = rows.find(({ at }) => at === 1_000_000)?.cells;
  if (cells === undefined) return [];
  const rate = (name: string): Bar => ({
    what: `1 M subscriptions, ${name}`,
    measured: cellMedian(cells, name) / 1000,
    limit: 200,
    atLeast: true,
    unit: "k messages/s",
  });
  return [
    rate("ours await"),
    rate("ours batch"),
    {
      what: "memory a subscription, publisher, live",
      measured: cellMedian(cells, "ours await", "liveBytes"),
      limit: 250,
      atLeast: false,
      unit: "B",
    },
  ];
}

export async function matching(settings: Settings): Promise<void> {
  const contenders = fielded(pubSubContenders, settings);
  const names = contenders.map(({ name }) => name);
  const trieToo = settings.field.available.has("ours") && settings.only.length === 0;
  const counts = settings.counts.length > 0 ? settings.counts : [1, 1000, 10_000, 100_000, 1_000_000];
  const rows: Row[] = [];
  for (const topics of counts) {
    const note = ({ name }: { name: string }, round: number, { value }: Sample): void =>
      progress(`matching ${countName(topics)}, round ${round + 1}: ${name} ${short(value)} messages/s`);
    const cells = await alternate(
      contenders,
      settings.rounds,
      (each) => measure(each, topics, settings),
      note,
    );
    if (trieToo) {
      const alone: TrieContender[] = [{ name: "trie" }];
      cells.push(...(await alternate(alone, settings.rounds, () => measureTrie(topics, settings), note)));
    }
    rows.push({ at: topics, cells });
  }
  progress("");
  const line = (at: number, cells: Cell[]): string[] => {
    const rate = (name: string): number => cellMedian(cells, name);
    const bytes = (name: string, which: string): string => {
      const value = cellMedian(cells, name, which);
      return Number.isNaN(value) || at < leastForMemory ? "-" : `${value.toFixed(0)} B`;
    };
    return [
      countName(at),
      ...names.map((name) => short(rate(name))),
      ...(trieToo ? [short(rate("trie")), bytes("trie", "liveBytes")] : []),
      ratio(rate("ours await") / rate("native")),
      ratio(rate("ours await") / rate("c")),
      bytes("ours await", "liveBytes"),
      bytes("ours await", "rssBytes"),
      bytes("native", "rssBytes"),
      bytes("c", "rssBytes"),
    ];
  };
  const memoryHead = ["ours live", "ours RSS", "native RSS", "C RSS"];
  publish(
    {
      name: "matching",
      title:
        "PUB to one SUB with n distinct subscriptions (messages/s, bytes a subscription in the publisher)",
      unit: "messages/s",
      atUnit: "subscriptions",
      head: [
        "subscriptions",
        ...names,
        ...(trieToo ? ["trie alone", "trie"] : []),
        "await/native",
        "await/C",
        ...memoryHead,
      ],
      lines: rows.map(({ at, cells }) => line(at, cells)),
      rows,
      bars: bars(rows),
      notes: [],
      svg: linePlot({
        title: "PUB to one SUB with n distinct subscriptions",
        subtitle: subtitle(settings),
        valueLabel: "messages/s, each matching one subscription",
        scaleLabel: "subscriptions",
        names: counts.map(countName),
        series: toSeries(rows, names),
      }),
    },
    settings,
  );
}
