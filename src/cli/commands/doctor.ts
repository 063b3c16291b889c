import { probeEndpoint, type SocketType } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT, exitCodeOf, UsageError } from "../command.ts";
import { paint } from "../console.ts";
import { endpointLines, misfit } from "../inspecting/endpoint-lines.ts";
import { findingKey, findingLines, severityText } from "../inspecting/finding-lines.ts";
import { Fleet, isInspectionEndpoint, SWITCH_ON, toTarget } from "../inspecting/fleet.ts";
import { TIMEOUT_OPTION } from "../inspecting/options.ts";
import type { ProcessSummary } from "../inspecting/process-summary.ts";
import { durationText, summarize } from "../inspecting/process-summary.ts";
import { asUsage } from "../messaging/life.ts";
import { CLIENT_OPTIONS, toSecurity } from "../messaging/security.ts";
import { pause } from "../pause.ts";

const OPTIONS = {
  watch: { kind: "flag", short: "w", help: "go on looking, and tell what is new and what is over" },
  interval: { kind: "duration", value: "MS", initial: 2000, min: 100, help: "how often, with --watch" },
  as: {
    kind: "text",
    value: "TYPE",
    help: "of an endpoint: tell whether a socket of this type can talk to it",
  },
  mechanism: {
    kind: "text",
    value: "NAME",
    help: "of an endpoint: the mechanism to be used; that of the credentials, else NULL",
  },
  ...CLIENT_OPTIONS,
  ...TIMEOUT_OPTION,
} as const satisfies OptionTable;

type ClientOption = keyof typeof CLIENT_OPTIONS;
type DoctorCall = Call<typeof OPTIONS>;

const TYPE_NAMES: Readonly<Record<keyof typeof SocketType, string>> = {
  Pair: "PAIR",
  Publisher: "PUB",
  Subscriber: "SUB",
  Request: "REQ",
  Reply: "REP",
  Dealer: "DEALER",
  Router: "ROUTER",
  Pull: "PULL",
  Push: "PUSH",
  XPublisher: "XPUB",
  XSubscriber: "XSUB",
  Stream: "STREAM",
  Server: "SERVER",
  Client: "CLIENT",
  Radio: "RADIO",
  Dish: "DISH",
  Gather: "GATHER",
  Scatter: "SCATTER",
  Datagram: "DGRAM",
  Peer: "PEER",
  Channel: "CHANNEL",
};

export const doctor: Command = defineCommand({
  usage: "[options] [PID | ENDPOINT]",
  details: `With a process id, or for all processes that can be inspected (see zmq ps): what is wrong with their
sockets, the worst first, and what to do about it. Ends with 1 if there are errors.

With an endpoint, tcp://host:port or ipc://path: who is there, whether it speaks ZeroMQ's protocol, as
which socket type and with which mechanism. It sends no message and takes none. Ends with 1 if nobody
is there, or the mechanism or the type (--as) does not fit. A server with CURVE or PLAIN tells its type
to those alone whose credentials it accepts: --curve-server-key and --curve-cert, --plain-username and
--plain-password.`,
  options: OPTIONS,
  examples: [
    "zmq doctor",
    "zmq doctor 4711 --watch",
    "zmq doctor tcp://10.0.0.7:5555",
    "zmq doctor tcp://10.0.0.7:5555 --as sub --json",
    "zmq doctor tcp://10.0.0.7:5555 --curve-server-key server.cert --curve-cert alice",
  ],
  async run(call) {
    const [given, ...more] = call.positionals;
    if (given?.includes("://") && !isInspectionEndpoint(given)) {
      if (more.length > 0) throw new UsageError("One endpoint at a time.");
      return examineEndpoint(call, given);
    }
    const useless = Object.keys(CLIENT_OPTIONS).find(
      (name) => call.values[name as ClientOption] !== undefined,
    );
    if (useless !== undefined) throw new UsageError(`--${useless} is for an endpoint.`);
    return examineProcesses(call);
  },
});

async function examineEndpoint(call: DoctorCall, endpoint: string): Promise<number> {
  const { values, io, console } = call;
  const type = values.as?.toUpperCase();
  if (type !== undefined && !Object.values(TYPE_NAMES).includes(type))
    throw new UsageError(`--as takes one of ${Object.values(TYPE_NAMES).join(", ")}, not "${values.as}".`);
  const { client } = await toSecurity(values, { environment: io.environment, console });
  const shown = client === null ? "NULL" : client.curveServerKey === undefined ? "PLAIN" : "CURVE";
  const mechanism = values.mechanism?.toUpperCase() ?? shown;
  if (client !== null && mechanism !== shown)
    throw new UsageError(`--mechanism ${values.mechanism} and credentials for ${shown} exclude each other.`);
  const intent = { type, mechanism };
  const credentials = client ?? undefined;
  let before = "";
  for (;;) {
    const report = await asUsage(() =>
      probeEndpoint(endpoint, { timeoutMs: values.timeout, signal: io.signal, credentials }),
    );
    const trouble = misfit(report, intent);
    const state = `${report.state} ${report.what} ${trouble}`.replaceAll(/\d+\.\d+ ms/g, "");
    if (state !== before)
      await console.result({ ...report, trouble }, endpointLines(io.stdout, report, trouble));
    before = state;
    if (!values.watch) return trouble === null ? EXIT.ok : EXIT.failure;
    if (!(await pause(call.values.interval, call.io.signal))) return EXIT.ok;
  }
}

async function examineProcesses(call: DoctorCall): Promise<number> {
  const { values, positionals, console } = call;
  const fleet = new Fleet(toTarget(positionals), values.timeout, console);
  try {
    await fleet.refresh();
    if (values.watch) return await watch(call, fleet);
    const summaries = [...(await fleet.ask(summarize)).values()];
    if (call.io.signal.aborted) return exitCodeOf(call.io.signal);
    if (summaries.length === 0) {
      if (positionals.length === 0) console.note(SWITCH_ON);
      return positionals.length === 0 ? EXIT.nothing : EXIT.failure;
    }
    for (const summary of summaries) await console.result(summary, summaryLines(call, summary));
    return summaries.some(({ findingCounts }) => findingCounts.error > 0) ? EXIT.failure : EXIT.ok;
  } finally {
    await fleet.close();
  }
}

function summaryLines({ io }: DoctorCall, summary: ProcessSummary): string {
  const { pid, script, socketCount, peerCount, uptimeMs, findingCounts, findings, silentThreadIds } = summary;
  const counts = `${socketCount} sockets, ${peerCount} peers, up ${durationText(uptimeMs)}`;
  const verdict =
    findings.length === 0 ? paint(io.stdout, "green", "all is well") : severityText(findingCounts);
  const silent = silentThreadIds.map((id) => `\n  thread ${id} did not answer: it is busy or blocked`);
  return [
    `${paint(io.stdout, "bold", `${script} (${pid})`)}: ${counts}: ${verdict}${silent.join("")}`,
    ...findings.map((finding) => findingLines(io.stdout, finding)),
  ].join("\n");
}

/** Tells what is new and what is over, until Ctrl-C or the end of the process that was named. */
async function watch(call: DoctorCall, fleet: Fleet): Promise<number> {
  const { io, console, positionals } = call;
  const known = new Map<string, string>();
  for (;;) {
    const summaries = await fleet.ask(summarize);
    const seen = new Set<string>();
    for (const { findings } of summaries.values()) {
      for (const finding of findings) {
        const key = findingKey(finding);
        seen.add(key);
        if (known.has(key)) continue;
        known.set(key, `${finding.code}  ${finding.socket.label} (${finding.pid})`);
        await console.result(
          { state: "new", ...finding },
          `${finding.pid}\n${findingLines(io.stdout, finding)}`,
        );
      }
    }
    for (const [key, text] of [...known]) {
      if (seen.has(key)) continue;
      known.delete(key);
      await console.result({ state: "over", what: text }, `${paint(io.stdout, "green", "over")} ${text}`);
    }
    if (positionals.length > 0 && fleet.size === 0) return EXIT.ok;
    if (!(await pause(call.values.interval, call.io.signal))) return EXIT.ok;
    await fleet.refresh();
  }
}
