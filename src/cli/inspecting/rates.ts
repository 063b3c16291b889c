import type { FlowView, SocketCounts, ThreadAnswer } from "../../index.ts";

/** A socket as one line of the live table. Rates are messages per second; `null` when it is seen for the first time. */
export interface SocketRow {
  readonly pid: number;
  readonly threadId: number;
  readonly id: number;
  readonly type: string;
  readonly endpoints: readonly string[];
  readonly peerCount: number;
  readonly inRate: number | null;
  readonly outRate: number | null;
  /** Of the fullest queue, and its limit; 0 is none. */
  readonly queued: number;
  readonly hwm: number;
  /** Messages lost since the socket was made, by reason. */
  readonly drops: Readonly<Record<string, number>>;
  readonly dropCount: number;
  readonly waiting: number;
}

interface Sample {
  readonly nowMs: number;
  readonly inCount: number;
  readonly outCount: number;
}

/** Turns counts into rates: it remembers the counts of the look before. */
export class Rates {
  #before: Map<string, Sample>;

  constructor() {
    this.#before = new Map();
  }

  /** The sockets of all processes, with their rates since the last call. */
  rows(answers: ReadonlyMap<number, readonly ThreadAnswer<SocketCounts>[]>): SocketRow[] {
    const samples = new Map<string, Sample>();
    const rows: SocketRow[] = [];
    for (const [pid, threads] of answers) {
      for (const { threadId, nowMs, list } of threads) {
        for (const counts of list) {
          const key = `${pid} ${threadId} ${counts.id}`;
          const sample = { nowMs, inCount: counts.received.delivered, outCount: counts.sent.delivered };
          samples.set(key, sample);
          rows.push(rowOf(pid, threadId, counts, sample, this.#before.get(key)));
        }
      }
    }
    this.#before = samples;
    return rows;
  }
}

function rowOf(
  pid: number,
  threadId: number,
  counts: SocketCounts,
  now: Sample,
  before: Sample | undefined,
): SocketRow {
  const perSecond = (name: "inCount" | "outCount"): number | null =>
    before === undefined || now.nowMs <= before.nowMs
      ? null
      : ((now[name] - before[name]) * 1000) / (now.nowMs - before.nowMs);
  const drops = dropsOf(counts.sent, counts.received);
  const fill =
    fullness(counts.sendFill) >= fullness(counts.receiveFill) ? counts.sendFill : counts.receiveFill;
  const { id, type, endpoints, liveCount, waiting } = counts;
  return {
    pid,
    threadId,
    id,
    type,
    endpoints,
    peerCount: liveCount,
    inRate: perSecond("inCount"),
    outRate: perSecond("outCount"),
    queued: fill.queued,
    hwm: fill.hwm,
    drops,
    dropCount: Object.values(drops).reduce((total, count) => total + count, 0),
    waiting: waiting.sends,
  };
}

/** How full a queue is, 0 to 1; without a limit, as if it were 1,000. */
export function fullness({ queued, hwm }: { readonly queued: number; readonly hwm: number }): number {
  return Math.min(1, queued / (hwm === 0 ? 1000 : hwm));
}

/** What was lost: not what a subscriber did not ask for, nor what `conflate` makes way for. */
function dropsOf(sent: FlowView, received: FlowView): Record<string, number> {
  const drops: Record<string, number> = {};
  for (const { dropped } of [sent, received]) {
    for (const [reason, count] of Object.entries(dropped)) {
      if (reason === "conflated" || (reason === "no-subscriber" && dropped === received.dropped)) continue;
      drops[reason] = (drops[reason] ?? 0) + count;
    }
  }
  return drops;
}

export const SORT_KEYS = ["rate", "queue", "drops", "peers", "id"] as const;

export type SortKey = (typeof SORT_KEYS)[number];

const WEIGHTS: Readonly<Record<SortKey, (row: SocketRow) => number>> = {
  rate: ({ inRate, outRate }) => (inRate ?? 0) + (outRate ?? 0),
  queue: (row) => fullness(row),
  drops: ({ dropCount }) => dropCount,
  peers: ({ peerCount }) => peerCount,
  id: () => 0,
};

/** The most first; what is equal in the order of pid, thread and id. */
export function sortRows(rows: readonly SocketRow[], by: SortKey): SocketRow[] {
  const weight = WEIGHTS[by];
  return [...rows].sort(
    (a, b) => weight(b) - weight(a) || a.pid - b.pid || a.threadId - b.threadId || a.id - b.id,
  );
}
