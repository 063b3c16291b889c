import { SOCKET_TYPE_NAMES } from "../base/socket-type.ts";
import type { DropCounts, DropReason, PeerInfo, Pipe, PipeCounters } from "../pipe/pipe.ts";
import { DROP_REASONS, noDrops } from "../pipe/pipe.ts";

/** Messages in one direction. Law: accepted = delivered + queued + the sum of dropped, at every moment. */
export interface FlowStats {
  /** Messages that the library took; for fan-out, copies. */
  readonly accepted: number;
  /** Sent: handed to the kernel or to an inproc peer. Received: handed to the application. */
  readonly delivered: number;
  /** Waiting in the library now. */
  readonly queued: number;
  /** Lost, by reason. */
  readonly dropped: Readonly<DropCounts>;
}

/** One peer's part. */
export interface PeerStats {
  /** The endpoint that was bound or connected. */
  readonly endpoint: string;
  /** The peer's own address. */
  readonly address: string;
  /** `PUSH`, `SUB`, ... or `undefined` before the handshake. */
  readonly socketType: string | undefined;
  /** The identity that the peer announced; empty if none. */
  readonly routingId: Uint8Array;
  /**
   * What else the peer told of itself in its handshake, by name: what it was given as `metadata` (`X-...`). Nobody vouches
   * for it, unless the mechanism or an authenticator vouches for the peer. Empty over inproc.
   */
  readonly properties: ReadonlyMap<string, Uint8Array>;
  /** Whom an authenticator (ZAP) took the peer for; `undefined` where none was asked. */
  readonly userId: string | undefined;
  /** What else the authenticator told of the peer, by name. */
  readonly metadata: ReadonlyMap<string, Uint8Array>;
  /** Whether this socket connected to the peer. */
  readonly outgoing: boolean;
  /** Whether the peer is reachable now. */
  readonly live: boolean;
  readonly sent: FlowStats;
  readonly received: FlowStats;
  /** High-water marks of this pipe, in messages; 0 is unlimited. */
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
}

/** Without what is made anew for each description. */
export type PeerTraffic = Omit<PeerStats, "properties" | "userId" | "metadata">;

/** What became of every message of a socket. */
export interface SocketStats {
  readonly sent: FlowStats;
  readonly received: FlowStats;
  /** Present peers; those that left are in the totals. */
  readonly peers: readonly PeerStats[];
}

/** Messages in one direction, to be added up. */
export interface FlowTotals {
  accepted: number;
  delivered: number;
  queued: number;
  dropped: DropCounts;
}

/** Totals of one socket: what closed pipes counted, and what never reached a pipe. Read as a snapshot. */
export class Ledger {
  readonly #sent: FlowTotals;
  readonly #received: FlowTotals;
  /** Of closed pipes over inproc, whose other end has yet to read what was written: their counts still move. */
  readonly #unread: Set<PipeCounters>;

  constructor() {
    this.#sent = emptyFlow();
    this.#received = emptyFlow();
    this.#unread = new Set();
  }

  /** A message that was taken from the application and reached no pipe. Answers how many did for that reason. */
  countSentDrop(reason: DropReason): number {
    this.#sent.accepted++;
    return ++this.#sent.dropped[reason];
  }

  /** How many messages reached no pipe for that reason. */
  sentDrops(reason: DropReason): number {
    return this.#sent.dropped[reason];
  }

  /** A pipe is gone: its counts stay in the totals. */
  retire(pipe: Pipe): void {
    for (const written of this.#unread) if (written.queued === 0) this.#settle(written);
    addFlow(this.#received, pipe.received);
    if (pipe.written.queued > 0) this.#unread.add(pipe.written);
    else addFlow(this.#sent, pipe.written);
  }

  /** `withPeers` false leaves `peers` empty. */
  snapshot(pipes: Iterable<Pipe>, withPeers = true): SocketStats {
    const sent = emptyFlow();
    const received = emptyFlow();
    addFlow(sent, this.#sent);
    addFlow(received, this.#received);
    for (const written of this.#unread) addFlow(sent, written);
    const peers: PeerStats[] = [];
    for (const pipe of pipes) {
      addFlow(sent, pipe.written);
      addFlow(received, pipe.received);
      if (withPeers) peers.push(describePeer(pipe));
    }
    return { sent, received, peers };
  }

  #settle(written: PipeCounters): void {
    this.#unread.delete(written);
    addFlow(this.#sent, written);
  }
}

/** Messages lost in one direction, all reasons together. */
export function totalDropped(dropped: Readonly<DropCounts>): number {
  let total = 0;
  for (const reason of DROP_REASONS) total += dropped[reason];
  return total;
}

export function describePeer(pipe: Pipe): PeerStats {
  const { peer } = pipe;
  return {
    ...describeTraffic(pipe),
    properties: ownPropertiesOf(peer),
    userId: peer.userId,
    metadata: peer.metadata === undefined ? new Map() : peer.metadata.toMap(),
  };
}

/** For those who ask often, and only for where the peer is and what went to and fro. */
export function describeTraffic(pipe: Pipe): PeerTraffic {
  const { peer } = pipe;
  const sent = emptyFlow();
  const received = emptyFlow();
  addFlow(sent, pipe.written);
  addFlow(received, pipe.received);
  return {
    endpoint: peer.endpoint,
    address: peer.address,
    socketType: peer.socketType === undefined ? undefined : SOCKET_TYPE_NAMES[peer.socketType],
    routingId: peer.routingId,
    outgoing: peer.outgoing,
    live: pipe.live,
    sent,
    received,
    sendHighWaterMark: pipe.written.hwm,
    receiveHighWaterMark: pipe.received.hwm,
  };
}

/** Those that have no place of their own in the description of a peer. */
function ownPropertiesOf({ properties }: PeerInfo): ReadonlyMap<string, Uint8Array> {
  const all = properties?.toMap() ?? new Map<string, Uint8Array>();
  for (const name of [...all.keys()]) if (/^(socket-type|identity)$/i.test(name)) all.delete(name);
  return all;
}

export function emptyFlow(): FlowTotals {
  return { accepted: 0, delivered: 0, queued: 0, dropped: noDrops() };
}

export function addFlow(total: FlowTotals, counters: FlowStats | PipeCounters): void {
  const part = "snapshot" in counters && counters.snapshot !== undefined ? counters.snapshot() : counters;
  total.accepted += part.accepted;
  total.delivered += part.delivered;
  total.queued += part.queued;
  for (const reason of DROP_REASONS) total.dropped[reason] += part.dropped[reason];
}
