// Answers of inspected processes, made up.

import type { Finding, Severity, SocketCounts, ThreadAnswer } from "../../../../src/index.ts";

export function finding(severity: Severity, code: string, more: Partial<Finding> = {}): Finding {
  return {
    code,
    severity,
    socket: { id: 1, type: "PUSH", label: "Push tcp://127.0.0.1:5555" },
    endpoint: null,
    peer: null,
    what: `This is ${code}.`,
    remedy: "Do something.",
    evidence: {},
    sinceMs: null,
    help: `docs/guide/missing-messages.md#${code}`,
    ...more,
  };
}

const NOTHING = { accepted: 0, delivered: 0, queued: 0, dropped: {} };

export function counts(more: Partial<SocketCounts> = {}): SocketCounts {
  return {
    id: 1,
    context: 1,
    type: "PUSH",
    label: "Push tcp://127.0.0.1:5555",
    endpoints: ["tcp://127.0.0.1:5555"],
    peerCount: 1,
    liveCount: 1,
    sent: NOTHING,
    received: NOTHING,
    sendFill: { queued: 0, hwm: 1000 },
    receiveFill: { queued: 0, hwm: 1000 },
    waiting: { sends: 0, receives: 0 },
    ...more,
  };
}

export function answer<Entry>(nowMs: number, ...list: Entry[]): ThreadAnswer<Entry> {
  return { threadId: 0, nowMs, omitted: 0, list };
}

/** Messages of one direction. */
export function flow(delivered: number, dropped: Record<string, number> = {}): SocketCounts["sent"] {
  return { accepted: delivered, delivered, queued: 0, dropped };
}
