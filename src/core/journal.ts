import { showText } from "../base/bytes.ts";
import { platform } from "../base/platform.ts";
import { RingQueue } from "../base/ring-queue.ts";
import type { DropReason, Pipe } from "../pipe/pipe.ts";
import { DROP_REASONS } from "../pipe/pipe.ts";
import type { MonitorEvent } from "./monitor-event.ts";

/** Events that are kept. */
const EVENT_COUNT_MAX = 64;
/** Endpoints, losses and refusals that are kept. */
const RECORD_COUNT_MAX = 64;
/** With more peers nobody asks who had what when another came. */
const COMPARED_PEERS_MAX = 64;
/** So many attempts in vain are worth a look, and so many of which the peer ended each without a word. */
const DOUBTFUL_FAILURES = 5;
const GUESSED_FAILURES = 2;

/** The first loss of its kind. */
export interface Loss {
  readonly reason: DropReason;
  readonly direction: "sent" | "received";
  /** The endpoint that brought the peer; `null` where no peer is concerned. */
  readonly endpoint: string | null;
  readonly peer: string | null;
  readonly atMs: number;
  /** What it came to at this peer, as far as somebody looked; final once the pipe is gone. Without a peer: see the totals. */
  lostCount: number;
}

/** What happened at one endpoint. Times are those of `platform.now`, or -1. */
export interface EndpointRecord {
  readonly endpoint: string;
  readonly sinceMs: number;
  /** Attempts to connect. */
  attemptCount: number;
  /** Attempts and connections without a handshake, since the last handshake. */
  failureCount: number;
  handshakeCount: number;
  disconnectCount: number;
  /** Peers that were turned away: an identity that is taken, a limit. */
  refusalCount: number;
  handshakeMs: number;
  disconnectMs: number;
  lastError: Error | null;
  lastErrorMs: number;
  /** The last peer that was refused, or broke the protocol. */
  lastErrorPeer: string | null;
  /** Connections that ended within a moment of their handshake, one after the other. */
  briefCount: number;
}

/** What is remembered of a peer beyond its counts. */
export interface PeerRecord {
  readonly attachedMs: number;
  /** Messages that the socket's peers had been given when this one came; -1 where that was not counted. */
  readonly givenBefore: number;
  /** Its first handshake, or -1. */
  liveMs: number;
  /** Its first subscription, or -1. */
  subscribedMs: number;
  /** Messages received when last looked at, and when that was seen to change. */
  heardCount: number;
  heardMs: number;
  /** Losses that were told, by direction and reason. */
  readonly told: Map<string, Loss>;
}

/** A publisher's messages that nobody could get because there was no subscriber at all. */
export interface LonelyRecord {
  /** Before there was any, and at times when all had left. */
  lostCount: number;
  firstLostMs: number;
  /** The first subscription that followed, or -1. */
  endedMs: number;
  peer: string | null;
  /** The first subscription of all, or -1, and what was lost before it. */
  firstMs: number;
  beforeFirst: number;
}

/** An event, and when it happened. */
export interface TimedEvent {
  readonly atMs: number;
  readonly event: MonitorEvent;
}

/**
 * What a socket remembers: bounded, and written only when connections change or something is lost for the first time.
 * Sending and receiving do not touch it.
 */
export class Journal {
  readonly createdMs: number;
  readonly events: RingQueue<TimedEvent>;
  readonly endpoints: Map<string, EndpointRecord>;
  readonly losses: Loss[];
  /** Options set when it was too late for what was bound and connected. */
  readonly lateOptions: Map<string, number>;
  /** The id of the first message that could not be routed. */
  unroutableId: string | null;
  /** The topic of the first message that nobody had subscribed to. */
  unmatchedTopic: string | null;
  /** Calls that were out of step (EFSM), and the first and last. */
  outOfStepCount: number;
  outOfStepMs: number;
  /** The socket was about to be posted or copied. */
  postedCount: number;
  readonly lonely: LonelyRecord;
  readonly #peers: Map<Pipe, PeerRecord>;
  readonly #told: Map<string, Loss>;
  /** What was lost without a subscriber when the last one left; -1 while there is one. */
  #lonelyMark: number;

  constructor() {
    this.createdMs = platform.now();
    this.events = new RingQueue();
    this.endpoints = new Map();
    this.losses = [];
    this.lateOptions = new Map();
    this.unroutableId = null;
    this.unmatchedTopic = null;
    this.outOfStepCount = 0;
    this.outOfStepMs = -1;
    this.postedCount = 0;
    this.lonely = { lostCount: 0, firstLostMs: -1, endedMs: -1, peer: null, firstMs: -1, beforeFirst: 0 };
    this.#peers = new Map();
    this.#told = new Map();
    this.#lonelyMark = 0;
  }

  /** Answers whether the event may mean trouble. */
  noteEvent(event: MonitorEvent): boolean {
    const atMs = platform.now();
    if (this.events.length >= EVENT_COUNT_MAX) this.events.take();
    this.events.push({ atMs, event });
    return "address" in event && this.#noteAt(this.#record(event.address, atMs), event, atMs);
  }

  noteAttached(pipe: Pipe, others: Iterable<Pipe>, otherCount: number): void {
    let givenBefore = otherCount > COMPARED_PEERS_MAX ? -1 : 0;
    if (givenBefore === 0) for (const other of others) givenBefore += other.written.accepted;
    const attachedMs = platform.now();
    this.#peers.set(pipe, {
      attachedMs,
      givenBefore,
      liveMs: -1,
      subscribedMs: -1,
      heardCount: 0,
      heardMs: -1,
      told: new Map(),
    });
  }

  noteLive(pipe: Pipe): void {
    const record = this.#peers.get(pipe);
    if (record !== undefined && record.liveMs < 0) record.liveMs = platform.now();
  }

  /** Looks whether the peer was heard of since. */
  sample(pipe: Pipe, nowMs: number): PeerRecord | undefined {
    const record = this.#peers.get(pipe);
    if (record === undefined) return undefined;
    const heardCount = pipe.received.accepted;
    if (heardCount !== record.heardCount) {
      record.heardCount = heardCount;
      record.heardMs = nowMs;
    }
    countLosses(record, pipe);
    return record;
  }

  /** A peer has its first topic, or lost its last: `count` have one now, and `lostCount` messages had no subscriber so far. */
  noteSubscribers(count: number, lostCount: number, pipe: Pipe | null): void {
    const record = pipe === null ? undefined : this.#peers.get(pipe);
    if (record !== undefined && record.subscribedMs < 0) record.subscribedMs = platform.now();
    if (count === 0) {
      if (this.#lonelyMark < 0) this.#lonelyMark = lostCount;
      return;
    }
    if (this.#lonelyMark < 0) return;
    const { lonely } = this;
    const nowMs = platform.now();
    lonely.lostCount += lostCount - this.#lonelyMark;
    this.#lonelyMark = -1;
    if (lonely.firstMs < 0) {
      lonely.firstMs = nowMs;
      lonely.beforeFirst = lonely.lostCount;
    }
    if (lonely.lostCount === 0 || lonely.endedMs >= 0) return;
    lonely.endedMs = nowMs;
    lonely.peer = pipe === null ? null : pipe.peer.address;
  }

  /** Messages without any subscriber, up to now. */
  lonelyLost(lostCount: number): number {
    return this.lonely.lostCount + (this.#lonelyMark < 0 ? 0 : lostCount - this.#lonelyMark);
  }

  /** A message reached no pipe, for the first time for this reason. */
  noteDrop(reason: DropReason, id: Uint8Array | undefined): Loss | null {
    if (reason === "no-subscriber" && this.lonely.firstLostMs < 0 && this.#lonelyMark >= 0)
      this.lonely.firstLostMs = platform.now();
    if (id !== undefined && reason === "no-subscriber") this.unmatchedTopic ??= showText(id);
    else if (id !== undefined) this.unroutableId ??= showText(id);
    return this.#noteLoss(this.#told, reason, "sent", null);
  }

  /** The first drop at a pipe for this reason; `null` if it was told, or is what was asked for. */
  notePeerDrop(pipe: Pipe, reason: DropReason, direction: "sent" | "received"): Loss | null {
    // A subscriber drops what it did not ask for.
    if (reason === "conflated" || (reason === "no-subscriber" && direction === "received")) return null;
    const told = this.#peers.get(pipe)?.told;
    return told === undefined ? null : this.#noteLoss(told, reason, direction, pipe);
  }

  /** What was dropped at a pipe and not told yet: of a connection that ended, or of a pipe that does. */
  audit(pipe: Pipe): Loss[] {
    const found: Loss[] = [];
    for (const direction of DIRECTIONS) {
      for (const reason of DROP_REASONS) {
        const loss =
          lossesAt(pipe, direction, reason) === 0 ? null : this.notePeerDrop(pipe, reason, direction);
        if (loss !== null) found.push(loss);
      }
    }
    return found;
  }

  forget(pipe: Pipe): void {
    const record = this.#peers.get(pipe);
    if (record !== undefined) countLosses(record, pipe);
    this.#peers.delete(pipe);
  }

  /** Answers whether it is the first time. */
  noteOutOfStep(): boolean {
    if (this.outOfStepCount++ === 0) this.outOfStepMs = platform.now();
    return this.outOfStepCount === 1;
  }

  noteLateOption(name: string): void {
    this.lateOptions.set(name, platform.now());
  }

  #noteLoss(
    told: Map<string, Loss>,
    reason: DropReason,
    direction: "sent" | "received",
    pipe: Pipe | null,
  ): Loss | null {
    const key = `${direction} ${reason}`;
    if (told.has(key)) return null;
    const endpoint = pipe === null ? null : pipe.peer.endpoint;
    const peer = pipe === null ? null : pipe.peer.address;
    const lostCount = pipe === null ? 0 : lossesAt(pipe, direction, reason);
    const loss: Loss = { reason, direction, endpoint, peer, atMs: platform.now(), lostCount };
    told.set(key, loss);
    if (this.losses.length < RECORD_COUNT_MAX) this.losses.push(loss);
    return loss;
  }

  #record(endpoint: string, atMs: number): EndpointRecord {
    let record = this.endpoints.get(endpoint);
    if (record === undefined) {
      record = newRecord(endpoint, atMs);
      if (this.endpoints.size < RECORD_COUNT_MAX) this.endpoints.set(endpoint, record);
    }
    return record;
  }

  #noteAt(record: EndpointRecord, event: MonitorEvent, atMs: number): boolean {
    switch (event.type) {
      case "connect:delay":
        record.attemptCount++;
        return false;
      case "close":
        if (event.error === undefined) return false;
        noteError(record, event.error, null, atMs);
        record.failureCount++;
        return isDoubtful(record);
      case "handshake":
        record.handshakeCount++;
        record.handshakeMs = atMs;
        record.failureCount = 0;
        return true;
      case "disconnect": {
        const isBrief = record.disconnectMs < record.handshakeMs && atMs - record.handshakeMs < BRIEF_MS;
        record.disconnectCount++;
        record.disconnectMs = atMs;
        record.briefCount = isBrief ? record.briefCount + 1 : 0;
        if (event.error !== undefined) noteError(record, event.error, event.peer, atMs);
        return record.briefCount === DOUBTFUL_FAILURES;
      }
      case "accept:error":
        record.refusalCount++;
        noteError(record, event.error, null, atMs);
        return true;
      case "handshake:error:protocol":
      case "handshake:error:auth":
      case "handshake:error:other":
        record.failureCount++;
        noteError(record, event.error, event.peer, atMs);
        return isTelling(event) || record.failureCount === GUESSED_FAILURES || isDoubtful(record);
      default:
        return false;
    }
  }
}

const DIRECTIONS = ["sent", "received"] as const;
/** A peer that goes so soon after the handshake was not content with it. */
const BRIEF_MS = 100;

function isDoubtful({ failureCount }: EndpointRecord): boolean {
  return failureCount === DOUBTFUL_FAILURES;
}

/** Whether a handshake that failed had a reason which is known. */
function isTelling(event: Extract<MonitorEvent, { type: `handshake:${string}` }>): boolean {
  if (event.type !== "handshake:error:other") return true;
  const { code } = event.error;
  return code === "EFAULT" || code === "ETIMEDOUT";
}

function newRecord(endpoint: string, sinceMs: number): EndpointRecord {
  return {
    endpoint,
    sinceMs,
    attemptCount: 0,
    failureCount: 0,
    handshakeCount: 0,
    disconnectCount: 0,
    refusalCount: 0,
    handshakeMs: -1,
    disconnectMs: -1,
    lastError: null,
    lastErrorMs: -1,
    lastErrorPeer: null,
    briefCount: 0,
  };
}

function lossesAt(pipe: Pipe, direction: Loss["direction"], reason: DropReason): number {
  return (direction === "sent" ? pipe.written : pipe.received).dropped[reason];
}

function countLosses({ told }: PeerRecord, pipe: Pipe): void {
  for (const loss of told.values()) loss.lostCount = lossesAt(pipe, loss.direction, loss.reason);
}

function noteError(record: EndpointRecord, error: Error, peer: string | null, atMs: number): void {
  record.lastError = error;
  record.lastErrorPeer = peer;
  record.lastErrorMs = atMs;
}
