/**
 * What it costs to be inspected: `zmq doctor` on a process of 1,000 sockets, how soon it answers and how long that process's
 * loop is held up; and throughput of processes that can be inspected, but are not.
 */

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import type { Crew } from "./harness/contenders.ts";
import { withCrew } from "./harness/contenders.ts";
import { ourIndex } from "./harness/places.ts";
import type { Row, Settings } from "./harness/report.ts";
import { progress, publish, subtitle, toSeries } from "./harness/report.ts";
import { alternate, cellMedian, paced, perSecond } from "./harness/rounds.ts";
import { median, ratio, short } from "./harness/stats.ts";
import { barPlot } from "./harness/svg.ts";

const size = 10;

/** As a user calls it, from the start of its process to its end. */
async function callDoctor(pid: number): Promise<number> {
  const startMs = performance.now();
  const main = join(dirname(ourIndex), "cli", "main.js");
  const child = spawn(process.execPath, [main, "doctor", String(pid), "--json"], { stdio: "ignore" });
  await new Promise((resolve) => child.on("close", resolve));
  return performance.now() - startMs;
}

async function doctorTimes(count: number, rounds: number, settings: Settings) {
  return withCrew(settings.field, async (crew) => {
    const peer = crew.start("ours", "inspected", { count, inspect: "on" });
    const { pid } = await peer.expect("ready", 120_000);
    const tookMs: number[] = [];
    const delayedMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      await peer.ask("reset", "armed");
      tookMs.push(await callDoctor(pid as number));
      delayedMs.push((await peer.ask("delay", "delay")).max as number);
      progress(`inspect, round ${round + 1}: ${tookMs.at(-1)?.toFixed(0)} ms`);
    }
    return { tookMs, delayedMs };
  });
}

/** PUSH to PULL, two processes. */
async function exchange(crew: Crew, inspect: string, settings: Settings) {
  const receiver = crew.start("ours", "pull", { size, mode: "batch", inspect });
  const { endpoint } = await receiver.expect("ready");
  const sender = crew.start("ours", "push", { size, mode: "batch", inspect, endpoint: endpoint as string });
  await sender.expect("ready");
  return paced(1000, settings.pace, async (count) => {
    await receiver.ask(`run ${count}`, "armed");
    sender.tell(`run ${count}`);
    const { ns } = await receiver.expect("result");
    await sender.expect("sent");
    return { count, ns: ns as number };
  });
}

export async function inspect(settings: Settings): Promise<void> {
  if (!settings.field.available.has("ours")) return;
  const count = settings.counts[0] ?? 1000;
  const { tookMs, delayedMs } = await doctorTimes(count, settings.rounds, settings);
  const contenders = [{ name: "on" }, { name: "off" }];
  const cells = await alternate(
    contenders,
    settings.rounds,
    async ({ name }) => ({
      value: perSecond(await withCrew(settings.field, (crew) => exchange(crew, name, settings))),
    }),
    ({ name }, round, { value }) =>
      progress(`inspect, round ${round + 1}: switched ${name} ${short(value)} msg/s`),
  );
  progress("");
  const rows: Row[] = [{ at: size, cells }];
  const share = cellMedian(cells, "on") / cellMedian(cells, "off");
  const ms = (values: readonly number[]): string => `${median([...values]).toFixed(0)} ms`;
  publish(
    {
      name: "inspect",
      title: `Inspection: zmq doctor on ${count} sockets, and 10 B throughput while nobody looks`,
      unit: "messages/s",
      atUnit: "B",
      head: ["", "measured"],
      lines: [
        ["zmq doctor, from its start to its end", ms(tookMs)],
        ["the process's loop delayed at most meanwhile", ms(delayedMs)],
        ["throughput switched on", short(cellMedian(cells, "on"))],
        ["throughput switched off", short(cellMedian(cells, "off"))],
        ["on/off", ratio(share)],
      ],
      rows,
      bars: [
        { what: "zmq doctor", measured: median([...tookMs]), limit: 1000, atLeast: false, unit: " ms" },
        {
          what: "the loop's delay",
          measured: median([...delayedMs]),
          limit: 20,
          atLeast: false,
          unit: " ms",
        },
        { what: "throughput switched on", measured: share, limit: 0.98, atLeast: true, unit: "x" },
      ],
      notes: [
        `doctor ${tookMs.map((value) => value.toFixed(0)).join(", ")} ms; delays ${delayedMs.map((value) => value.toFixed(1)).join(", ")} ms`,
      ],
      svg: barPlot({
        title: "What it costs to be open to inspection",
        subtitle: subtitle(settings),
        valueLabel: "messages/s",
        scaleLabel: "",
        names: ["PUSH to PULL, batch, 10 B"],
        series: toSeries(rows, ["on", "off"]),
      }),
    },
    settings,
  );
}
