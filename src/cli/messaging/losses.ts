import type { DropReason, FlowStats, SocketStats } from "../../index.ts";
import type { Console } from "../console.ts";

type Direction = "sent" | "received";

/** Why messages were lost, in the user's words. */
const REASONS: Readonly<Record<DropReason, string>> = {
  hwm: "a peer's queue was full: raise --hwm, send more slowly, or read faster there",
  "no-subscriber": "nobody had subscribed",
  unroutable: "no peer has the routing id in the first frame",
  "peer-gone": "the peer left first",
  linger: "the command ended first: see --linger",
  conflated: "a newer one came",
  orphaned: "the peer that sent them has left",
  protocol: "the peer broke the protocol",
};

/** Losses that make a command fail. */
const FAILURES: readonly DropReason[] = ["unroutable", "peer-gone", "linger", "protocol"];
/** A publisher owes nothing to those who leave. */
const PUBLISHER_FAILURES: readonly DropReason[] = ["linger", "protocol"];

function drops({ dropped }: FlowStats): [DropReason, number][] {
  return (Object.entries(dropped) as [DropReason, number][]).filter(([, count]) => count > 0);
}

/** A line for each reason for which messages were lost. */
export function tellLosses(stats: SocketStats, console: Console, unreadIsNews: boolean): void {
  for (const [reason, count] of drops(stats.sent)) {
    const what = count === 1 ? "1 message was" : `${count} messages were`;
    console.warn(`${what} lost: ${REASONS[reason]}`, {
      lost: count,
      reason,
      direction: "sent" satisfies Direction,
    });
  }
  for (const [reason, count] of drops(stats.received)) {
    const facts = { lost: count, reason, direction: "received" satisfies Direction };
    const sentence = `${count === 1 ? "1 message had" : `${count} messages had`} come and were not taken`;
    if (unreadIsNews) console.warn(`${sentence}: the command ended before`, facts);
    else console.note(sentence, facts);
  }
}

/** Whether messages were lost that should have reached somebody. */
export function hasFailed({ sent }: SocketStats, isPublisher: boolean): boolean {
  const failures = isPublisher ? PUBLISHER_FAILURES : FAILURES;
  return drops(sent).some(([reason]) => failures.includes(reason));
}

/** What Ctrl-C leaves: how much was done. */
export function tellSummary(
  sentCount: number,
  receivedCount: number,
  stats: SocketStats,
  console: Console,
): void {
  const dropped = Object.fromEntries([...drops(stats.sent), ...drops(stats.received)]);
  const lost = Object.entries(dropped).map(([reason, count]) => `${reason} ${count}`);
  const parts = [
    `sent ${sentCount}`,
    `received ${receivedCount}`,
    `dropped ${lost.length === 0 ? 0 : lost.join(", ")}`,
  ];
  console.note(parts.join("; "), { sent: sentCount, received: receivedCount, dropped });
}
