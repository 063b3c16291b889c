import type { Message } from "../base/message.ts";
import type { Run } from "../base/run.ts";
import type { SocketType } from "../base/socket-type.ts";

/**
 * CONTRACT. A pipe is two bounded queues between a socket and one peer; `Pipe` is one end of it. A socket sees only
 * pipes: it cannot tell a TCP peer from an inproc peer or a peer in another thread.
 *
 * - Who calls: the owner of this end, from one thread. Events come back synchronously, out of calls on the other end.
 * - Ownership: frames given to `tryWrite` are lent for the call unless `owned` is true; a pipe that keeps them copies
 *   small bodies and holds large ones by reference. What `tryRead` gives belongs to the reader.
 * - Full and empty are returned values, never exceptions.
 * - Edges: `onReadable` fires once after `tryRead` gave `undefined`, `onWritable` once after `tryWrite` gave `false`.
 * - Credit: the writer learns of reads in steps of the low-water mark, (hwm + 1) / 2, as in libzmq: a full pipe of
 *   1,000 opens again after 500 reads. The high-water mark is never exceeded.
 * - End: after `close` on one end the other may read what was written before, and nothing can be written any more.
 */
export interface Pipe {
  /** The owner of this end. */
  events: PipeEvents;
  /** What is known of the peer; complete once `live`. */
  peer: PeerInfo;
  /** True while the peer is reachable: its handshake succeeded and its connection stands. */
  live: boolean;
  /** The other end is, or may come to be, served by another thread: a blocking call may wait for it. */
  readonly crossesThreads: boolean;
  /** False when full or closed. `owned`: the frames will never change and may be shared, so nothing is copied. */
  tryWrite(message: Message, owned: boolean): boolean;
  /** Subscriptions and the like: never refused, not counted, in order with the messages. */
  writeControl(message: Message): void;
  /** A new connection: control messages that were not read are void, these come instead and before all messages. */
  restartControl(messages: readonly Message[]): void;
  /** Whether the next `tryWrite` can succeed; `false` asks for `onWritable`. */
  checkWritable(): boolean;
  /** The next message, or `undefined` and `onReadable` later. */
  tryRead(): Message | undefined;
  /** Where messages may go through as they lie on the wire; `null` where they are never octets. */
  readonly runs: PipeRuns | null;
  /** Up to `countMax` messages that wait, at least one; `undefined` if that must be asked one by one with `tryRead`. */
  tryReadMany(countMax: number): Message[] | undefined;
  /** Whether a message waits; `false` asks for `onReadable`. */
  checkReadable(): boolean;
  /** Messages that wait here to be read. */
  readonly unreadCount: number;
  /** The other end is closed. What is unread may still be read. */
  readonly isEnded: boolean;
  /** This end is closed. */
  readonly isClosed: boolean;
  /** Takes messages as they are written, past the queue, for as long as it answers `true`. */
  setSink(sink: PipeSink | null): void;
  /** The sink holds less than before: a writer that waits is told if there is room now. */
  noteRoom(): void;
  /** Closes this end: what is unread here is dropped for `reason`, the other end may read what was written. */
  close(reason: DropReason): void;
  /** Drops the oldest unread messages of this end for `reason`. */
  discard(count: number, reason: DropReason): void;
  /** Counts a message that the writer could not hand over, e.g. `hwm` on a publisher. */
  countDrop(reason: DropReason): void;
  /** The reader read `count` messages that will not be delivered after all. */
  retract(count: number, reason: DropReason): void;
  /** New high-water marks for what this end writes and reads; 0 is unlimited. Nothing queued is dropped. */
  setHighWaterMarks(writeHwm: number, readHwm: number): void;
  /** What this end wrote. */
  readonly written: PipeCounters;
  /** What this end may read. */
  readonly received: PipeCounters;
}

/** Short messages in bulk: as `tryWrite` and `tryRead` of each of them. */
export interface PipeRuns {
  /** How many messages `writeRun` takes now; 0 while it takes none. */
  readonly writeRunMax: number;
  /** `count` messages from `from` to `to`; they are copied. */
  writeRun(octets: Uint8Array, from: number, to: number, count: number): void;
  /** Messages that wait, at most `countMax`; `undefined` if what comes next must be read with `tryRead`. */
  readRun(countMax: number): Run | undefined;
}

export interface PipeEvents {
  onReadable(pipe: Pipe): void;
  onWritable(pipe: Pipe): void;
  /** The other end closed. Unread messages may still be read; the owner must `close` its end in its time. */
  onPeerClosed(pipe: Pipe): void;
  /** The last message of a pipe was read whose other end is closed. Called out of `tryRead` or `discard`. */
  onDrained(pipe: Pipe): void;
  /** `countDrop` was called for the first time with that reason. */
  onFirstDrop?(pipe: Pipe, reason: DropReason): void;
}

export interface PipeSink {
  /** Takes the message now, or answers `false` and leaves it to the queue. */
  take(message: Message, owned: boolean): boolean;
  /** How many messages `takeRun` takes now; 0 while it takes none. */
  readonly takeRunMax: number;
  /** As `take` of each of them. */
  takeRun(run: Run): void;
  /** Messages taken or read that are still in our hands: they count as queued, and against the high-water mark. */
  readonly heldCount: number;
}

/** Why a message was not delivered: a closed set. */
export const DROP_REASONS = [
  "hwm",
  "no-subscriber",
  "unroutable",
  "peer-gone",
  "linger",
  "conflated",
  "orphaned",
  "protocol",
] as const;

/** One of `DROP_REASONS`. */
export type DropReason = (typeof DROP_REASONS)[number];

/** Messages lost, a number for each reason. */
export type DropCounts = Record<DropReason, number>;

export function noDrops(): DropCounts {
  return {
    hwm: 0,
    "no-subscriber": 0,
    unroutable: 0,
    "peer-gone": 0,
    linger: 0,
    conflated: 0,
    orphaned: 0,
    protocol: 0,
  };
}

/** One direction of a pipe. Law: accepted = delivered + queued + sum of dropped, at every moment. */
export interface PipeCounters {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  readonly dropped: Readonly<DropCounts>;
  /** The high-water mark of this direction; 0 is unlimited. */
  readonly hwm: number;
  /** Where another thread counts too: all counts at one moment. Read one by one they may break the law. */
  snapshot?(): FlowCounts;
}

/** The counts of a direction, fixed. */
export type FlowCounts = Pick<PipeCounters, "accepted" | "delivered" | "queued" | "dropped">;

/** What a socket may know of a peer. */
export interface PeerInfo {
  /** The endpoint that brought the peer: bound or connected, as given. */
  endpoint: string;
  /** The peer's own address, where the transport tells: `tcp://127.0.0.1:51324`. */
  address: string;
  /** The peer's socket type, or `undefined` before the handshake or where the peer did not say. */
  socketType: SocketType | undefined;
  /** The identity that the peer announced; empty if none. */
  routingId: Uint8Array;
  /** True when we connected, false when the peer did. */
  outgoing: boolean;
  /** Messages go out, or come in, as datagrams: without connection and handshake, of limited size, from or to anybody. */
  readonly isDatagram?: boolean;
  /** Properties of the peer's READY; `undefined` where there is no handshake (inproc, STREAM) or not yet. */
  properties: PeerProperties | undefined;
  /** Whom an authenticator took it for, and what else it told of it; absent where none was asked. */
  userId?: string | undefined;
  metadata?: PeerProperties | undefined;
  /** So many messages had come before this connection: they are of an earlier one, maybe of somebody else. */
  vouchedFrom?: number | undefined;
}

/** Properties by name. */
export interface PeerProperties {
  /** The value of a property; upper and lower case are equal. */
  find(name: string): Uint8Array | undefined;
  toMap(): Map<string, Uint8Array>;
}
