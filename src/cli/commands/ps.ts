import type { Command } from "../command.ts";
import { defineCommand, EXIT } from "../command.ts";
import { paint } from "../console.ts";
import { Fleet, SWITCH_ON, toTarget } from "../inspecting/fleet.ts";
import { TIMEOUT_OPTION } from "../inspecting/options.ts";
import type { ProcessSummary } from "../inspecting/process-summary.ts";
import { durationText, summarize } from "../inspecting/process-summary.ts";
import { table } from "../table.ts";

const HEAD = ["script", "pid", "threads", "sockets", "peers", "errors", "warnings", "info", "memory", "up"];

export const ps: Command = defineCommand({
  usage: "[options]",
  details: `The processes of yours on this machine that can be inspected: those that were started with
ZEROMQ_TS_INSPECT=1 in their environment, or called context.inspect(). errors, warnings and info
are what the solver finds in them; zmq doctor PID shows it.`,
  options: TIMEOUT_OPTION,
  examples: ["zmq ps", "zmq ps --json", "ZEROMQ_TS_INSPECT=1 node server.js"],
  async run({ values, positionals, io, console }) {
    const fleet = new Fleet(toTarget(positionals), values.timeout, console);
    try {
      await fleet.refresh();
      const summaries = [...(await fleet.ask(summarize)).values()];
      if (summaries.length === 0) {
        console.note(SWITCH_ON);
      } else if (console.isJson) {
        for (const { findings: _listed, ...summary } of summaries) await console.printJson(summary);
      } else {
        const [head, rule, ...lines] = table(HEAD, summaries.map(cells)).split("\n");
        await console.print([paint(io.stdout, "bold", head as string), rule, ...lines].join("\n"));
      }
      for (const { pid, silentThreadIds } of summaries) {
        if (silentThreadIds.length > 0)
          console.warn(`process ${pid}: no answer from thread ${silentThreadIds.join(", ")}`);
      }
      return EXIT.ok;
    } finally {
      await fleet.close();
    }
  },
});

function cells(summary: ProcessSummary): string[] {
  const { error, warning, info } = summary.findingCounts;
  const { script, pid, threadCount, socketCount, peerCount, rss, uptimeMs } = summary;
  const figures = [pid, threadCount, socketCount, peerCount, error, warning, info].map(String);
  return [script, ...figures, `${Math.round(rss / 2 ** 20)} MB`, durationText(uptimeMs)];
}
