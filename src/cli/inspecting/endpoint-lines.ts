import type { EndpointReport } from "../../index.ts";
import { paint } from "../console.ts";
import { wrap } from "../help.ts";
import type { Sink } from "../io.ts";

/** What the user means to connect with. */
export interface Intent {
  /** A socket type: `SUB`. */
  readonly type: string | undefined;
  readonly mechanism: string;
}

/** Why the endpoint is not fit for what the user means to do, or `null`. */
export function misfit({ state, what, mechanism, socketType, peerTypes }: EndpointReport, intent: Intent) {
  if (state !== "zmtp") return what;
  if (mechanism !== null && mechanism !== intent.mechanism)
    return `Its mechanism is ${mechanism}, not ${intent.mechanism}: a ${intent.mechanism} socket gets no connection.`;
  if (intent.type !== undefined && socketType !== null && !peerTypes.includes(intent.type))
    return `A ${intent.type} socket cannot talk to a ${socketType} socket; ${peerTypes.join(", ")} can.`;
  return null;
}

/** A report in lines. */
export function endpointLines(sink: Sink, report: EndpointReport, trouble: string | null): string {
  const width = Math.min(sink.columns, 100) - 2;
  const facts: [string, string | null][] = [
    ["address", report.address],
    ["protocol", report.protocol === null ? report.speaks : `ZMTP ${report.protocol}`],
    ["mechanism", report.mechanism],
    ["socket type", report.socketType],
    ["routing id", report.routingId === "" ? null : `0x${report.routingId}`],
    ...Object.entries(report.properties),
    ["connected in", ms(report.connectMs)],
    ["greeting in", ms(report.greetingMs)],
    ["handshake in", ms(report.handshakeMs)],
    ["PING to PONG", ms(report.pongMs)],
  ];
  const known = facts.filter((fact): fact is [string, string] => fact[1] !== null);
  const label = Math.max(...known.map(([name]) => name.length), 0) + 2;
  const head = trouble === null ? paint(sink, "green", "up") : paint(sink, "red", "trouble");
  const sentences = trouble === null || trouble === report.what ? report.what : `${report.what} ${trouble}`;
  return [
    `${head} ${paint(sink, "bold", report.endpoint)}`,
    ...wrap(sentences, width).map((line) => `  ${line}`),
    ...wrap(report.remedy, width - 2).map((line, at) => `  ${at === 0 ? "> " : "  "}${line}`),
    ...known.map(([name, value]) => paint(sink, "dim", `  ${name.padEnd(label)}${value}`)),
  ].join("\n");
}

function ms(value: number | null): string | null {
  return value === null ? null : `${value.toFixed(1)} ms`;
}
