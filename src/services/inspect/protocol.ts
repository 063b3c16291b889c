import type { Finding } from "../../core/finding.ts";
import type { FlowView, SocketView } from "../../core/socket-view.ts";
import type { DropReason } from "../../pipe/pipe.ts";

/**
 * What an inspector and its clients say to each other, over ZMTP on a private ipc endpoint. A client is a DEALER and sends
 * one frame of JSON, a `Request`. The answer has a `Head`, and behind it frames with an array of JSON each: one list that
 * was cut where the inspected process had to see to its own work.
 *
 *     client     { v, id, ask: "sockets" }
 *     inspector  { v, id, nowMs, ... }   [ socket, socket, ... ]   [ socket, ... ]
 *     inspector  { v, id, error: { code, message } }
 *
 * Fields may be added; `v` rises when one changes its meaning.
 */
export const INSPECT_VERSION = 1;

/** A request is not longer. */
export const REQUEST_SIZE_MAX = 4096;

/** What may be asked for, and what the list in the answer consists of. */
export interface Answers {
  /** One entry. */
  readonly info: ThreadInfo;
  readonly sockets: SocketReport;
  readonly counts: SocketCounts;
  readonly findings: Finding;
  /** Prometheus text, one entry for each context. */
  readonly metrics: string;
  readonly events: InspectionEvent;
}

/** What may be asked for. */
export type Ask = keyof Answers;

/** The frame that a client sends. */
export interface Request {
  readonly v: number;
  /** Comes back in the answer. */
  readonly id: number;
  readonly ask: Ask;
  /** For `events`: the `cursor` of the answer before; without it, what happens from now on. */
  readonly since?: number;
}

/** The first frame of an answer. */
export interface Head {
  readonly v: number;
  /** `null` in answer to what has none. */
  readonly id: number | null;
  /** The thread's monotonic clock: what rates are computed with. */
  readonly nowMs?: number;
  /** Entries that were left out because the answer would have become too long. */
  readonly omitted?: number;
  /** Of `events`: what to ask for next, and how many were missed since `since`. */
  readonly cursor?: number;
  readonly missed?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

/** A thread of a process that can be inspected. */
export interface ThreadInfo {
  readonly pid: number;
  readonly threadId: number;
  readonly isMainThread: boolean;
  /** The script that Node was started with, or the worker's; `null` where there is none (`node -e`). */
  readonly script: string | null;
  readonly title: string;
  readonly cwd: string;
  readonly node: string;
  readonly packageVersion: string;
  readonly platform: string;
  readonly uptimeMs: number;
  /** In octets. `rss` is the whole process's. */
  readonly memory: { readonly rss: number; readonly heapUsed: number; readonly external: number };
  /** Delays of the event loop since somebody asked last; `null` the first time. */
  readonly loop: {
    readonly meanMs: number;
    readonly maxMs: number;
    /** The part of the time in which the loop was busy, 0 to 1. */
    readonly utilization: number;
  } | null;
  readonly contexts: readonly ContextInfo[];
}

/** A context as one thread sees it. */
export interface ContextInfo {
  /** Counts from 1 in its thread. */
  readonly number: number;
  readonly isDefault: boolean;
  readonly ioMode: string;
  readonly socketCount: number;
  readonly closedCount: number;
}

/** A socket with all that is known of it. */
export interface SocketReport extends SocketView {
  /** `ContextInfo.number`. */
  readonly context: number;
}

/** A socket in a few numbers, for what is looked at every second. */
export interface SocketCounts {
  readonly id: number;
  readonly context: number;
  readonly type: string;
  readonly label: string;
  readonly endpoints: readonly string[];
  readonly peerCount: number;
  readonly liveCount: number;
  readonly sent: FlowView;
  readonly received: FlowView;
  /** The fullest queue of each direction. */
  readonly sendFill: Fill;
  readonly receiveFill: Fill;
  /** Calls that wait. */
  readonly waiting: { readonly sends: number; readonly receives: number };
}

/** Messages in a queue, and how many it may hold; `hwm` 0 is no limit. */
export interface Fill {
  readonly queued: number;
  readonly hwm: number;
}

/** Something that happened to a socket. */
export interface InspectionEvent {
  /** Counts up in its thread. */
  readonly number: number;
  readonly ageMs: number;
  readonly socket: { readonly id: number; readonly type: string; readonly label: string };
  /** As in `socket.events`, and `"open"` for a new socket. */
  readonly type: string;
  readonly address: string | null;
  readonly peer: string | null;
  readonly error: string | null;
  /** Of a `"loss"`. */
  readonly reason: DropReason | null;
  readonly direction: "sent" | "received" | null;
}

/** Asks that there are. */
export const ASKS: readonly Ask[] = ["info", "sockets", "counts", "findings", "metrics", "events"];

/** Reads a request. Answers a sentence where it is none. */
export function parseRequest(octets: Uint8Array): Request | string {
  const value = parseJson(octets);
  if (typeof value !== "object" || value === null) return "A request is one frame with an object in JSON.";
  const { v, id, ask, since } = value as Partial<Record<keyof Request, unknown>>;
  if (v !== INSPECT_VERSION)
    return `This process speaks version ${INSPECT_VERSION} of the inspection protocol, not ${showValue(v)}.`;
  if (!isCount(id)) return `The id of a request is a whole number, not ${showValue(id)}.`;
  if (!ASKS.includes(ask as Ask)) return `Ask for one of ${ASKS.join(", ")}, not ${showValue(ask)}.`;
  if (since !== undefined && !isCount(since)) return `since is a whole number, not ${showValue(since)}.`;
  return { v, id, ask: ask as Ask, ...(since !== undefined && { since }) };
}

/** The id of what may be no request, so that its sender can tell which it was. */
export function requestId(octets: Uint8Array): number | null {
  const id = (parseJson(octets) as { id?: unknown } | null | undefined)?.id;
  return isCount(id) ? id : null;
}

/** JSON, or `undefined`. */
export function parseJson(octets: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString("utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function toJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value), "utf8");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function showValue(value: unknown): string {
  return (JSON.stringify(value) ?? "undefined").slice(0, 40);
}
