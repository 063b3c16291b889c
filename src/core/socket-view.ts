import { hex } from "../base/bytes.ts";
import { platform } from "../base/platform.ts";
import type { SocketType } from "../base/socket-type.ts";
import { SOCKET_TYPE_NAMES } from "../base/socket-type.ts";
import type { DropCounts, DropReason, Pipe } from "../pipe/pipe.ts";
import { DROP_REASONS } from "../pipe/pipe.ts";
import type { Books } from "./books.ts";
import type { Lingering } from "./closing.ts";
import type { EndpointState, Endpoints } from "./endpoints.ts";
import type { Finding } from "./finding.ts";
import type { EndpointRecord, Journal } from "./journal.ts";
import type { FlowStats, SocketStats } from "./ledger.ts";
import { describeTraffic } from "./ledger.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { SocketOptionName } from "./options.ts";
import type { Pattern, PatternFacts } from "./pattern.ts";
import type { Receiving } from "./receiving.ts";
import type { SecurityView } from "./security-view.ts";
import { viewSecurity } from "./security-view.ts";
import type { Sending } from "./sending.ts";

/** Options that decide what becomes of messages. */
const SHOWN_OPTIONS = [
  "sendHighWaterMark",
  "receiveHighWaterMark",
  "linger",
  "immediate",
  "conflate",
  "sendTimeout",
  "receiveTimeout",
  "heartbeatInterval",
  "heartbeatTimeout",
  "reconnectInterval",
  "reconnectStop",
  "maxOrphans",
  "mandatory",
  "handover",
  "relaxed",
  "correlate",
  "noDrop",
  "invertMatching",
  "manual",
] as const satisfies readonly SocketOptionName[];

/** So many peers and events are shown, the rest is counted. */
const PEER_COUNT_MAX = 1000;

/** Messages in one direction: what is nought is left out of `dropped`. */
export interface FlowView {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<Partial<DropCounts>>;
}

/** An event of a socket: what it does not tell is `null`. */
export interface EventView {
  readonly type: string;
  readonly address: string | null;
  readonly peer: string | null;
  readonly error: string | null;
}

/** An endpoint of a socket. Ages are milliseconds before the view, or `null`: never. */
export interface EndpointView {
  readonly endpoint: string;
  readonly kind: "bind" | "connect";
  readonly attemptCount: number;
  readonly failureCount: number;
  readonly handshakeCount: number;
  readonly disconnectCount: number;
  readonly refusalCount: number;
  readonly briefCount: number;
  readonly ageMs: number;
  readonly handshakeAgeMs: number | null;
  readonly disconnectAgeMs: number | null;
  readonly lastError: { readonly code: string | null; readonly message: string } | null;
  readonly lastErrorAgeMs: number | null;
  readonly lastErrorPeer: string | null;
  /** Messages that wait for it. */
  readonly unsentCount: number;
}

/** A peer of a socket. */
export interface PeerView {
  readonly endpoint: string;
  readonly address: string;
  readonly type: string | null;
  /** In hexadecimal digits; empty if none. */
  readonly routingId: string;
  readonly outgoing: boolean;
  readonly live: boolean;
  readonly sent: FlowView;
  readonly received: FlowView;
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
  readonly attachedAgeMs: number;
  readonly liveAgeMs: number | null;
  readonly subscribedAgeMs: number | null;
  /** Since a message came from it, as far as somebody looked. */
  readonly heardAgeMs: number | null;
  /** What the socket's other peers had been given before it came. */
  readonly givenBefore: number | null;
  readonly facts: PatternFacts;
}

/** All that can be known of a socket from outside, as plain data: what the solver's rules, metrics and inspectors read. */
export interface SocketView {
  /** Unique in its thread. */
  readonly id: number;
  /** `PUSH`, `SUB`, ... */
  readonly type: string;
  /** Class and last endpoint. */
  readonly label: string;
  readonly isClosed: boolean;
  readonly ageMs: number;
  readonly ioMode: string;
  /** What it announces to peers, in hexadecimal digits; empty if nothing. */
  readonly routingId: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly security: SecurityView;
  readonly endpoints: readonly EndpointView[];
  readonly peers: readonly PeerView[];
  readonly peerCount: number;
  readonly sent: FlowView;
  readonly received: FlowView;
  /** Calls that wait. */
  readonly waiting: { readonly sends: number; readonly receives: number; readonly sendsAgeMs: number | null };
  /** What its type has to say. */
  readonly facts: PatternFacts;
  readonly losses: readonly {
    readonly reason: DropReason;
    readonly direction: "sent" | "received";
    readonly endpoint: string | null;
    readonly peer: string | null;
    readonly ageMs: number;
    /** What it came to at this peer; where no peer is concerned: see the totals. */
    readonly lostCount: number;
  }[];
  /** Of a publisher: messages sent while there was no subscriber at all. */
  readonly lonely: {
    readonly lostCount: number;
    readonly firstLostAgeMs: number | null;
    readonly endedAgeMs: number | null;
    readonly peer: string | null;
    /** The first subscription of all, and what was lost before it. */
    readonly firstAgeMs: number | null;
    readonly beforeFirst: number;
  };
  readonly lateOptions: readonly { readonly name: string; readonly ageMs: number }[];
  readonly unroutableId: string | null;
  readonly unmatchedTopic: string | null;
  readonly outOfStep: { readonly count: number; readonly ageMs: number | null };
  readonly postedCount: number;
  readonly events: readonly (EventView & { readonly ageMs: number })[];
}

/** What of a socket is looked at. */
export interface ViewedSocket extends Lingering {
  readonly id: number;
  readonly type: SocketType;
  readonly isClosed: boolean;
  readonly lastEndpoint: string | null;
  readonly context: { readonly ioMode: string };
  readonly books: Books;
  readonly pattern: Pattern;
  readonly sending: Pick<Sending, "pendingCount" | "pendingSinceMs">;
  readonly receiving: Pick<Receiving, "pendingCount">;
  readonly endpoints: Pick<Endpoints, "list">;
  stats(withPeers?: boolean): SocketStats;
  openPipes(): Pipe[];
  label(): string;
}

/** `PUSH`, `SUB`, ... */
export function typeOf(socket: Pick<ViewedSocket, "type">): string {
  return SOCKET_TYPE_NAMES[socket.type] as string;
}

/** Which socket it is, for whoever is told something of it. */
export function nameSocket(socket: ViewedSocket): Finding["socket"] {
  return { id: socket.id, type: typeOf(socket), label: socket.label() };
}

/** What a socket is like now. */
export function viewSocket(socket: ViewedSocket): SocketView {
  const nowMs = platform.now();
  const { options } = socket;
  const { journal } = socket.books;
  const stats = socket.stats(false);
  const peers: PeerView[] = [];
  let peerCount = 0;
  for (const pipe of socket.openPipes()) {
    if (peerCount++ < PEER_COUNT_MAX) peers.push(viewPeer(socket, pipe, nowMs));
  }
  const age = (atMs: number): number | null => (atMs < 0 ? null : nowMs - atMs);
  const { lonely } = journal;
  return {
    ...nameSocket(socket),
    isClosed: socket.isClosed,
    ageMs: nowMs - journal.createdMs,
    ioMode: socket.context.ioMode,
    routingId: hex(options.routingId),
    options: Object.fromEntries(SHOWN_OPTIONS.map((name) => [name, options[name]])),
    security: viewSecurity(options),
    endpoints: socket.endpoints
      .list()
      .map((state) => viewEndpoint(journal.endpoints.get(state.endpoint), state, nowMs)),
    peers,
    peerCount,
    sent: flowView(stats.sent),
    received: flowView(stats.received),
    waiting: {
      sends: socket.sending.pendingCount,
      receives: socket.receiving.pendingCount,
      sendsAgeMs: age(socket.sending.pendingSinceMs),
    },
    facts: socket.pattern.facts?.() ?? {},
    losses: journal.losses.map(({ reason, direction, endpoint, peer, atMs, lostCount }) => ({
      reason,
      direction,
      endpoint,
      peer,
      ageMs: nowMs - atMs,
      lostCount,
    })),
    lonely: {
      lostCount: journal.lonelyLost(stats.sent.dropped["no-subscriber"]),
      firstLostAgeMs: age(lonely.firstLostMs),
      endedAgeMs: age(lonely.endedMs),
      peer: lonely.peer,
      firstAgeMs: age(lonely.firstMs),
      beforeFirst: lonely.beforeFirst,
    },
    lateOptions: [...journal.lateOptions].map(([name, atMs]) => ({ name, ageMs: nowMs - atMs })),
    unroutableId: journal.unroutableId,
    unmatchedTopic: journal.unmatchedTopic,
    outOfStep: { count: journal.outOfStepCount, ageMs: age(journal.outOfStepMs) },
    postedCount: journal.postedCount,
    events: viewEvents(journal, nowMs),
  };
}

function viewPeer(socket: ViewedSocket, pipe: Pipe, nowMs: number): PeerView {
  const stats = describeTraffic(pipe);
  const record = socket.books.journal.sample(pipe, nowMs);
  const age = (atMs: number | undefined): number | null =>
    atMs === undefined || atMs < 0 ? null : nowMs - atMs;
  return {
    endpoint: stats.endpoint,
    address: stats.address,
    type: stats.socketType ?? null,
    routingId: hex(socket.pattern.routingIdOf?.(pipe) ?? stats.routingId),
    outgoing: stats.outgoing,
    live: stats.live,
    sent: flowView(stats.sent),
    received: flowView(stats.received),
    sendHighWaterMark: stats.sendHighWaterMark,
    receiveHighWaterMark: stats.receiveHighWaterMark,
    attachedAgeMs: age(record?.attachedMs) ?? 0,
    liveAgeMs: age(record?.liveMs),
    subscribedAgeMs: age(record?.subscribedMs),
    heardAgeMs: age(record?.heardMs),
    givenBefore: record === undefined || record.givenBefore < 0 ? null : record.givenBefore,
    facts: socket.pattern.peerFacts?.(pipe) ?? {},
  };
}

function viewEndpoint(
  record: EndpointRecord | undefined,
  { endpoint, kind, unsentCount, lastError }: EndpointState,
  nowMs: number,
): EndpointView {
  const age = (atMs: number | undefined): number | null =>
    atMs === undefined || atMs < 0 ? null : nowMs - atMs;
  const error = record?.lastError ?? lastError;
  return {
    endpoint,
    kind,
    attemptCount: record?.attemptCount ?? 0,
    failureCount: record?.failureCount ?? 0,
    handshakeCount: record?.handshakeCount ?? 0,
    disconnectCount: record?.disconnectCount ?? 0,
    refusalCount: record?.refusalCount ?? 0,
    briefCount: record?.briefCount ?? 0,
    ageMs: age(record?.sinceMs) ?? 0,
    handshakeAgeMs: age(record?.handshakeMs),
    disconnectAgeMs: age(record?.disconnectMs),
    lastError: error === null ? null : { code: codeOf(error), message: error.message },
    lastErrorAgeMs: age(record?.lastErrorMs),
    lastErrorPeer: record?.lastErrorPeer ?? null,
    unsentCount,
  };
}

function viewEvents(journal: Journal, nowMs: number): SocketView["events"] {
  const events: SocketView["events"][number][] = [];
  journal.events.forEach(({ atMs, event }) => {
    events.push({ ...viewEvent(event), ageMs: nowMs - atMs });
  });
  return events;
}

/** What every kind of event may tell, as plain data. */
export function viewEvent(event: MonitorEvent | { readonly type: "open" }): EventView {
  return {
    type: event.type,
    address: "address" in event ? event.address : null,
    peer: ("peer" in event ? event.peer : null) ?? null,
    error: ("error" in event ? event.error?.message : null) ?? null,
  };
}

function codeOf(error: Error): string | null {
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : null;
}

/** Counts as plain data. */
export function flowView({ accepted, delivered, queued, dropped }: FlowStats): FlowView {
  const some: Partial<DropCounts> = {};
  for (const reason of DROP_REASONS) if (dropped[reason] > 0) some[reason] = dropped[reason];
  return { accepted, delivered, queued, dropped: some };
}
