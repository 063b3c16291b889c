import { threadId } from "node:worker_threads";
import type { Finding } from "../../core/finding.ts";
import type { FlowStats } from "../../core/ledger.ts";
import { addFlow, describeTraffic } from "../../core/ledger.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";
import { typeOf } from "../../core/socket-view.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { DROP_REASONS } from "../../pipe/pipe.ts";
import type { SolverListener } from "../explain/context-solver.ts";
import type { ConnectionTotals, FlowPair } from "./closed-sockets.ts";
import { ClosedSockets, newFlowPair } from "./closed-sockets.ts";
import type { Metric, MetricLabels, MetricsOptions } from "./metric.ts";
import type { MetricName } from "./metric-set.ts";
import { MetricSet } from "./metric-set.ts";

/** Who knows the sockets and what is wrong with them. */
export interface MetricsHost {
  readonly sockets: readonly ViewedSocket[];
  explainAll(): readonly Finding[];
}

type Direction = "sent" | "received";

const SENDERS_ONLY: readonly string[] = ["PUSH", "PUB", "SCATTER", "RADIO"];
const RECEIVERS_ONLY: readonly string[] = ["PULL", "SUB", "GATHER", "DISH"];
const SENT: readonly Direction[] = ["sent"];
const RECEIVED: readonly Direction[] = ["received"];
const BOTH: readonly Direction[] = ["sent", "received"];

/** The directions that applications use with a type of socket. */
function directionsOf(type: string): readonly Direction[] {
  if (SENDERS_ONLY.includes(type)) return SENT;
  return RECEIVERS_ONLY.includes(type) ? RECEIVED : BOTH;
}

/** Measures the sockets of a context in this thread. Those that closed stay in the sums, one for each type. */
export class Metrics implements SolverListener {
  readonly #host: MetricsHost;
  readonly #closed: ClosedSockets;

  constructor(host: MetricsHost) {
    this.#host = host;
    this.#closed = new ClosedSockets();
  }

  measure(options: MetricsOptions = {}): Metric[] {
    const set = new MetricSet();
    const { sockets } = this.#host;
    const openCounts = new Map<string, number>();
    for (const socket of sockets) {
      openCounts.set(typeOf(socket), (openCounts.get(typeOf(socket)) ?? 0) + 1);
      addSocket(set, socket, options.peers === true);
    }
    for (const [type, count] of openCounts) set.add("zeromq_sockets", { type, thread: THREAD }, count);
    this.#addClosed(set);
    this.#addFindings(set);
    return set.toArray();
  }

  onOpened(): void {
    // Measured when asked for.
  }

  onLoss(): void {
    // In the counts.
  }

  onDoubt(): void {
    // Not for us.
  }

  onClosed(socket: ViewedSocket): void {
    this.#closed.add(socket);
  }

  #addClosed(set: MetricSet): void {
    for (const [type, totals] of this.#closed.read()) {
      set.add("zeromq_sockets_closed_total", { type, thread: THREAD }, totals.socketCount);
      const labels = { type, endpoint: "", id: "closed", thread: THREAD };
      for (const direction of directionsOf(type))
        measureFlow(set, MESSAGES, { ...labels, direction }, totals[direction]);
      addConnections(set, labels, totals);
    }
  }

  #addFindings(set: MetricSet): void {
    const counts = new Map<string, { readonly labels: MetricLabels; count: number }>();
    for (const { code, severity } of this.#host.explainAll()) {
      const key = `${code} ${severity}`;
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { labels: { code, severity, thread: THREAD }, count: 1 });
      else entry.count++;
    }
    for (const { labels, count } of counts.values()) set.add("zeromq_findings", labels, count);
  }
}

const THREAD = String(threadId);

interface FlowNames {
  readonly accepted: MetricName;
  readonly delivered: MetricName;
  readonly queued: MetricName;
  readonly dropped: MetricName;
}

const MESSAGES: FlowNames = {
  accepted: "zeromq_messages_accepted_total",
  delivered: "zeromq_messages_delivered_total",
  queued: "zeromq_messages_queued",
  dropped: "zeromq_messages_dropped_total",
};

const PEER_MESSAGES: FlowNames = {
  accepted: "zeromq_peer_messages_accepted_total",
  delivered: "zeromq_peer_messages_delivered_total",
  queued: "zeromq_peer_messages_queued",
  dropped: "zeromq_peer_messages_dropped_total",
};

function addSocket(set: MetricSet, socket: ViewedSocket, withPeers: boolean): void {
  const type = typeOf(socket);
  const id = String(socket.id);
  const labels = { type, endpoint: socket.lastEndpoint ?? "", id, thread: THREAD };
  const stats = socket.stats(false);
  const { sendHighWaterMark, receiveHighWaterMark } = socket.options;
  for (const direction of directionsOf(type)) {
    const one = { ...labels, direction };
    const isSent = direction === "sent";
    const waitingCount = isSent ? socket.sending.pendingCount : socket.receiving.pendingCount;
    measureFlow(set, MESSAGES, one, stats[direction]);
    set.add("zeromq_high_water_mark_messages", one, isSent ? sendHighWaterMark : receiveHighWaterMark);
    set.add("zeromq_waiting_calls", { ...labels, call: isSent ? "send" : "receive" }, waitingCount);
  }
  const pipes = socket.openPipes();
  const liveCount = pipes.filter((pipe) => pipe.live).length;
  set.add("zeromq_peers", { ...labels, live: "true" }, liveCount);
  set.add("zeromq_peers", { ...labels, live: "false" }, pipes.length - liveCount);
  for (const record of socket.books.journal.endpoints.values()) {
    const place = { ...labels, endpoint: record.endpoint };
    addConnections(set, place, record);
    set.add("zeromq_connect_failures", place, record.failureCount);
  }
  if (!withPeers) return;
  for (const { endpoint, peer, totals } of peersOf(pipes)) {
    const of = { ...labels, endpoint, peer };
    for (const direction of directionsOf(type))
      measureFlow(set, PEER_MESSAGES, { ...of, direction }, totals[direction]);
  }
}

interface PeerTotals {
  readonly endpoint: string;
  readonly peer: string;
  readonly totals: FlowPair;
}

/** Peers over inproc have one address: they are one series. */
function peersOf(pipes: readonly Pipe[]): Iterable<PeerTotals> {
  const peers = new Map<string, PeerTotals>();
  for (const pipe of pipes) {
    const { endpoint, address: peer, sent, received } = describeTraffic(pipe);
    const key = `${endpoint} ${peer}`;
    let entry = peers.get(key);
    if (entry === undefined) peers.set(key, (entry = { endpoint, peer, totals: newFlowPair() }));
    addFlow(entry.totals.sent, sent);
    addFlow(entry.totals.received, received);
  }
  return peers.values();
}

/** Drops for reasons that there were: most never are. */
function measureFlow(set: MetricSet, names: FlowNames, labels: MetricLabels, flow: FlowStats): void {
  set.add(names.accepted, labels, flow.accepted);
  set.add(names.delivered, labels, flow.delivered);
  set.add(names.queued, labels, flow.queued);
  for (const reason of DROP_REASONS) {
    if (flow.dropped[reason] > 0) set.add(names.dropped, { ...labels, reason }, flow.dropped[reason]);
  }
}

function addConnections(set: MetricSet, labels: MetricLabels, totals: ConnectionTotals): void {
  set.add("zeromq_connect_attempts_total", labels, totals.attemptCount);
  set.add("zeromq_handshakes_total", labels, totals.handshakeCount);
  set.add("zeromq_disconnects_total", labels, totals.disconnectCount);
  set.add("zeromq_refusals_total", labels, totals.refusalCount);
}
