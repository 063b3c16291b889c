import type { Finding, Severity } from "../../index.ts";
import type { Style } from "../console.ts";
import { paint } from "../console.ts";
import { wrap } from "../help.ts";
import type { Sink } from "../io.ts";

/** A finding, and where it was made. */
export interface PlacedFinding extends Finding {
  readonly pid: number;
  readonly threadId: number;
}

const SEVERITIES: readonly Severity[] = ["error", "warning", "info"];
const STYLES: Readonly<Record<Severity, Style>> = { error: "red", warning: "yellow", info: "cyan" };
const INDENT = "    ";

/** Worst first; what is equally bad stays in its order. */
export function worstFirst<F extends { readonly severity: Severity }>(findings: readonly F[]): F[] {
  const rank = ({ severity }: F): number => SEVERITIES.indexOf(severity);
  return [...findings].sort((a, b) => rank(a) - rank(b));
}

/** How many there are of each severity. */
export function countBySeverity(findings: readonly Finding[]): Record<Severity, number> {
  const counts: Record<Severity, number> = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return counts;
}

/** `2 errors, 1 warning`; empty if there is nothing. */
export function severityText(counts: Readonly<Record<Severity, number>>): string {
  return SEVERITIES.filter((severity) => counts[severity] > 0)
    .map((severity) => {
      const plural = counts[severity] === 1 || severity === "info" ? "" : "s";
      return `${counts[severity]} ${severity}${plural}`;
    })
    .join(", ");
}

/** What makes two looks at one trouble the same finding. */
export function findingKey({ pid, threadId, socket, code, endpoint, peer }: PlacedFinding): string {
  return JSON.stringify([pid, threadId, socket.id, code, endpoint, peer]);
}

/** All that is to say of a finding. */
export function findingLines(sink: Sink, finding: PlacedFinding): string {
  const { severity, code, socket, peer, what, remedy, evidence, help } = finding;
  const width = Math.min(sink.columns, 100) - INDENT.length;
  const head = `${paint(sink, STYLES[severity], severity)} ${paint(sink, "bold", code)}  ${socket.label}`;
  const facts = Object.entries(evidence).map(([name, value]) => `${name} ${shown(value)}`);
  const lines = [
    `  ${head}${peer === null ? "" : `, peer ${peer}`}`,
    ...wrap(what, width).map((line) => INDENT + line),
    ...wrap(remedy, width - 2).map((line, at) => `${INDENT}${at === 0 ? "> " : "  "}${line}`),
    ...(facts.length === 0 ? [] : wrap(facts.join("; "), width).map((line) => dim(sink, INDENT + line))),
    dim(sink, `${INDENT}${help}`),
  ];
  return lines.join("\n");
}

function dim(sink: Sink, line: string): string {
  return paint(sink, "dim", line);
}

function shown(value: number | string | boolean | null): string {
  return typeof value === "number" && !Number.isInteger(value) ? value.toFixed(1) : String(value);
}
