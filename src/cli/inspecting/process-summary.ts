import { basename } from "node:path";
import type { Finding, InspectedProcess, Severity } from "../../index.ts";
import type { PlacedFinding } from "./finding-lines.ts";
import { countBySeverity, worstFirst } from "./finding-lines.ts";

/** A process in a few words and figures. */
export interface ProcessSummary {
  readonly pid: number;
  readonly script: string;
  readonly cwd: string;
  readonly node: string;
  readonly packageVersion: string;
  readonly threadCount: number;
  /** Threads that did not answer. */
  readonly silentThreadIds: readonly number[];
  readonly socketCount: number;
  readonly peerCount: number;
  readonly uptimeMs: number;
  readonly rss: number;
  readonly findingCounts: Readonly<Record<Severity, number>>;
  readonly findings: readonly PlacedFinding[];
}

/** Asks a process for its summary. */
export async function summarize(process: InspectedProcess): Promise<ProcessSummary> {
  const [info, counts, found] = await Promise.all([process.info(), process.counts(), process.findings()]);
  const pid = process.pid ?? info[0]?.list[0]?.pid ?? 0;
  const main = (info.find(({ list }) => list[0]?.isMainThread) ?? info[0])?.list[0];
  const sockets = counts.flatMap(({ list }) => list);
  const findings = placed(pid, found);
  return {
    pid,
    script: main?.script == null ? (main?.title ?? "?") : basename(main.script),
    cwd: main?.cwd ?? "",
    node: main?.node ?? "",
    packageVersion: main?.packageVersion ?? "",
    threadCount: process.threadIds.length,
    silentThreadIds: process.silentThreadIds,
    socketCount: sockets.length,
    peerCount: sockets.reduce((total, { liveCount }) => total + liveCount, 0),
    uptimeMs: main?.uptimeMs ?? 0,
    rss: main?.memory.rss ?? 0,
    findingCounts: countBySeverity(findings),
    findings,
  };
}

/** Findings of all threads, worst first. */
export function placed(
  pid: number,
  answers: readonly { readonly threadId: number; readonly list: readonly Finding[] }[],
): PlacedFinding[] {
  return worstFirst(
    answers.flatMap(({ threadId, list }) => list.map((finding) => ({ pid, threadId, ...finding }))),
  );
}

/** A time in words: `850 ms`, `12 s`, `3 min 5 s`, `2 h 3 min`, `4 d 1 h`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = Math.floor(ms / 1000);
  const [minutes, hours, days] = [
    Math.floor(seconds / 60),
    Math.floor(seconds / 3600),
    Math.floor(seconds / 86_400),
  ];
  if (days > 0) return `${days} d ${hours % 24} h`;
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
