// The order of findings, and what is said of them together.
import type { FindingState, PageState, ProcessState } from "../page-state.ts";
import { count, plain, words } from "./numbers.ts";

const SEVERITIES = ["error", "warning", "info"] as const;
export const SEVERITY_NAMES = { error: "Error", warning: "Warning", info: "Note" } as const;

/** A finding and whose it is. */
export interface Found {
  readonly key: string;
  readonly finding: FindingState;
  readonly process: ProcessState;
}

/** Worst first; of the same severity as they came. */
export function sortFindings({ processes }: PageState, seen: Map<string, number>): Found[] {
  const all = processes
    .filter(({ status }) => status !== "ended")
    .flatMap((process) =>
      process.findings.map((finding) => {
        const { code, socketId, endpoint, peer } = finding;
        return { key: [process.key, socketId, code, endpoint, peer].join(" "), finding, process };
      }),
    );
  const found = [...new Map(all.map((one) => [one.key, one])).values()];
  for (const { key } of found) if (!seen.has(key)) seen.set(key, seen.size);
  const rank = ({ finding }: Found): number => SEVERITIES.indexOf(finding.severity);
  return found.sort((a, b) => rank(a) - rank(b) || (seen.get(a.key) as number) - (seen.get(b.key) as number));
}

/** `2 errors, 1 warning` */
export function summary(found: readonly Found[], unsent: number): string {
  const parts = SEVERITIES.map((severity) => {
    const several = found.filter(({ finding }) => finding.severity === severity).length;
    return several === 0 ? "" : count(several, SEVERITY_NAMES[severity].toLowerCase());
  }).filter((text) => text !== "");
  if (unsent > 0) parts.push(`${unsent} not shown`);
  return parts.join(", ");
}

/** What a screen reader says of those that are new. */
export function announcement(news: readonly Found[], isFirst: boolean): string {
  const [first] = news as [Found];
  if (isFirst && news.length > 1) return `${count(news.length, "finding")}. The worst: ${first.finding.what}`;
  const more = news.length > 1 ? ` And ${news.length - 1} more.` : "";
  return `New ${SEVERITY_NAMES[first.finding.severity].toLowerCase()}: ${first.finding.what}${more}`;
}

/** Names and values that the sentence has not said already, and where to read on. */
export function evidenceOf({ evidence, peer, what, help }: FindingState): [name: string, value: string][] {
  const facts = Object.entries({ ...evidence, ...(peer !== null && { peer }) })
    .filter(([, value]) => value !== null && !(typeof value === "string" && what.includes(value)))
    .map(([name, value]): [string, string] => [words(name.replace(/Ms$/, "")), plain(name, value)]);
  return [...facts, ["read on", help]];
}
