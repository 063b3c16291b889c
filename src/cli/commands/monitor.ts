import type { InspectionEvent } from "../../index.ts";
import type { Call, Command, OptionTable } from "../command.ts";
import { defineCommand, EXIT } from "../command.ts";
import type { Style } from "../console.ts";
import { paint } from "../console.ts";
import type { PlacedFinding } from "../inspecting/finding-lines.ts";
import { findingKey } from "../inspecting/finding-lines.ts";
import { Fleet, SWITCH_ON, toTarget } from "../inspecting/fleet.ts";
import { TIMEOUT_OPTION } from "../inspecting/options.ts";
import { placed } from "../inspecting/process-summary.ts";
import type { Sink } from "../io.ts";
import { pause } from "../pause.ts";

/** How often events are fetched, and after how many times the solver looks and new processes are found. */
const PERIOD_MS = 200;
const PERIODS_PER_LOOK = 10;

const OPTIONS = {
  all: { kind: "flag", short: "a", help: "every attempt to connect, too, and not only what changes" },
  count: { kind: "number", short: "n", value: "N", min: 1, help: "end after N lines" },
  ...TIMEOUT_OPTION,
} as const satisfies OptionTable;

type MonitorCall = Call<typeof OPTIONS>;

export const monitor: Command = defineCommand({
  usage: "[options] [PID]",
  details: `What happens to the sockets of a process, or of all that can be inspected (see zmq ps), as it happens:
connections that come and go, handshakes, first losses, and what the solver begins or ceases to find.
An endpoint that fails time and again is told once, unless --all is given. It ends with Ctrl-C, or with the process that was named.`,
  options: OPTIONS,
  examples: ["zmq monitor", "zmq monitor 4711 --json", "zmq monitor 4711 --count 1"],
  async run(call) {
    const { values, positionals, io, console } = call;
    const fleet = new Fleet(toTarget(positionals), values.timeout, console);
    const watching = new Watching(call, fleet);
    try {
      for (let round = 0; !io.signal.aborted && !watching.isDone; round++) {
        if (round % PERIODS_PER_LOOK === 0) {
          await fleet.refresh();
          if (round === 0 && fleet.size === 0) console.note(SWITCH_ON);
        }
        if (positionals.length > 0 && fleet.size === 0) break;
        await watching.tellEvents();
        if (round % PERIODS_PER_LOOK === 0) await watching.tellFindings();
        await pause(PERIOD_MS, io.signal);
      }
      return EXIT.ok;
    } finally {
      await fleet.close();
    }
  },
});

interface PlacedEvent extends InspectionEvent {
  readonly pid: number;
  readonly threadId: number;
}

/** Prints what is new. */
class Watching {
  readonly #call: MonitorCall;
  readonly #fleet: Fleet;
  readonly #found: Map<string, PlacedFinding>;
  /** The last failure of each endpoint that goes on failing. */
  readonly #failures: Map<string, string>;
  #lineCount: number;

  constructor(call: MonitorCall, fleet: Fleet) {
    this.#call = call;
    this.#fleet = fleet;
    this.#found = new Map();
    this.#failures = new Map();
    this.#lineCount = 0;
  }

  get isDone(): boolean {
    return this.#lineCount >= (this.#call.values.count ?? Number.POSITIVE_INFINITY);
  }

  async tellEvents(): Promise<void> {
    const { io, console } = this.#call;
    const events: PlacedEvent[] = [];
    for (const [pid, answers] of await this.#fleet.ask((process) => process.events())) {
      for (const { threadId, list, omitted } of answers) {
        if (omitted > 0)
          console.warn(`process ${pid}: ${omitted} events were missed`, { pid, threadId, missed: omitted });
        for (const event of list) events.push({ ...event, pid, threadId });
      }
    }
    for (const event of events.sort((a, b) => b.ageMs - a.ageMs)) {
      if (!this.#isNews(event)) continue;
      const atMs = wallClockMs() - event.ageMs;
      const { ageMs: _age, number: _number, ...facts } = event;
      await this.#tell({ atMs: Math.round(atMs), ...facts }, eventLine(io.stdout, atMs, event));
    }
  }

  /** An endpoint that fails as it did before is no news, nor is that it tries again. */
  #isNews({ pid, threadId, socket, type, address, error }: PlacedEvent): boolean {
    if (this.#call.values.all) return true;
    if (type === "connect:delay" || type === "connect:retry") return false;
    const key = `${pid} ${threadId} ${socket.id} ${address}`;
    if (error === null) {
      this.#failures.delete(key);
      return true;
    }
    const isNews = this.#failures.get(key) !== `${type} ${error}`;
    this.#failures.set(key, `${type} ${error}`);
    return isNews;
  }

  async tellFindings(): Promise<void> {
    const { io } = this.#call;
    const answers = await this.#fleet.ask((process) => process.findings());
    const atMs = wallClockMs();
    const seen = new Set<string>();
    for (const finding of [...answers].flatMap(([pid, found]) => placed(pid, found))) {
      const key = findingKey(finding);
      seen.add(key);
      if (this.#found.has(key)) continue;
      this.#found.set(key, finding);
      await this.#tell(
        { atMs: Math.round(atMs), type: "finding", ...finding },
        findingLine(io.stdout, atMs, "finding", finding),
      );
    }
    for (const [key, finding] of [...this.#found]) {
      if (seen.has(key)) continue;
      this.#found.delete(key);
      await this.#tell(
        { atMs: Math.round(atMs), type: "finding:over", ...finding },
        findingLine(io.stdout, atMs, "over", finding),
      );
    }
  }

  async #tell(value: object, line: string): Promise<void> {
    if (this.isDone) return;
    this.#lineCount++;
    await this.#call.console.result(value, line);
  }
}

function eventLine(sink: Sink, atMs: number, event: PlacedEvent): string {
  const { pid, socket, type, address, peer, error, reason, direction } = event;
  const facts = [
    address === null || socket.label.endsWith(address) ? null : address,
    peer === null || peer === address ? null : `peer ${peer}`,
    reason === null ? null : `${direction} ${reason}`,
    error,
  ].filter((fact) => fact !== null);
  return lineOf(sink, atMs, pid, socket.label, paint(sink, styleOf(type), type), facts.join(", "));
}

function findingLine(sink: Sink, atMs: number, what: string, finding: PlacedFinding): string {
  const style: Style = what === "over" ? "green" : finding.severity === "error" ? "red" : "yellow";
  const name = paint(sink, style, what === "over" ? `${finding.code} is over` : finding.code);
  return lineOf(sink, atMs, finding.pid, finding.socket.label, name, what === "over" ? "" : finding.what);
}

function lineOf(sink: Sink, atMs: number, pid: number, label: string, what: string, facts: string): string {
  return `${paint(sink, "dim", TIME_OF_DAY.format(atMs))}  ${pid}  ${label}  ${what}  ${facts}`.trimEnd();
}

/** Enough for who watches. */
const TIME_OF_DAY = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}

function styleOf(type: string): Style {
  if (type.includes("error") || type === "loss") return "red";
  return type === "disconnect" || type === "close" || type === "connect:retry" ? "yellow" : "green";
}
