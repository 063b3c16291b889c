// A socket in miniature for the tests of patterns: it attaches, identifies, detaches and counts as a socket does, and
// has neither transports nor promises. Frames are written as text, one character an octet.

import type { Message } from "../../../src/base/message.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import type { SocketType } from "../../../src/base/socket-type.ts";
import type { SocketOptionValues } from "../../../src/core/option-values.ts";
import type { Pattern, PatternHost } from "../../../src/core/pattern.ts";
import { createLocalPipe, type LocalPipe } from "../../../src/pipe/local-pipe.ts";
import {
  type DropReason,
  noDrops,
  type PeerInfo,
  type Pipe,
  type PipeEvents,
} from "../../../src/pipe/pipe.ts";

installPlatform({
  view: (buffer, offset, length) => Buffer.from(buffer as ArrayBuffer, offset, length),
  allocate: (size) => Buffer.allocUnsafe(size),
  random: () => 0.5,
  // A real clock: other tests of the same file may have threads, which wait by it.
  now: () => performance.now(),
});

/** The first id that a pattern generates when `platform.random` gives 0.5. */
export const FIRST_GENERATED = "\0\x80\0\0\0";

export function frames(...texts: string[]): Message {
  return texts.map((text) => Buffer.from(text, "latin1"));
}

export function texts(message: Message | undefined): string[] | undefined {
  return message?.map((frame) => Buffer.from(frame).toString("latin1"));
}

export interface PeerSettings {
  /** High-water mark towards the peer; 0 is unlimited. */
  readonly outHwm?: number;
  /** High-water mark from the peer. */
  readonly inHwm?: number;
  /** The identity that the peer announces. */
  readonly routingId?: string;
  readonly outgoing?: boolean;
}

export function peerInfo(settings: PeerSettings = {}): PeerInfo {
  return {
    endpoint: "test://endpoint",
    address: "test://peer",
    socketType: undefined,
    routingId: Buffer.from(settings.routingId ?? "", "latin1"),
    outgoing: settings.outgoing ?? false,
    properties: undefined,
  };
}

/** A peer that the test plays by hand: `near` belongs to the socket, `far` to the test. */
export class Peer {
  readonly near: LocalPipe;
  readonly far: LocalPipe;

  constructor(near: LocalPipe, far: LocalPipe) {
    this.near = near;
    this.far = far;
  }

  send(...texts: string[]): boolean {
    return this.far.tryWrite(frames(...texts), false);
  }

  receive(): string[] | undefined {
    return texts(this.far.tryRead());
  }

  receiveAll(): string[][] {
    const all: string[][] = [];
    for (let message = this.receive(); message !== undefined; message = this.receive()) all.push(message);
    return all;
  }
}

/** A peer's end, and both. */
export function createPeer(settings: PeerSettings = {}): Peer {
  const hwms = {
    firstToSecondHwm: settings.outHwm ?? 0,
    secondToFirstHwm: settings.inHwm ?? 0,
    conflate: false,
  };
  const [near, far] = createLocalPipe(hwms, peerInfo(settings), peerInfo());
  return new Peer(near, far);
}

/** Events of an end, of which a test needs some. */
export function pipeEvents(events: Partial<PipeEvents>): PipeEvents {
  const ignore = () => undefined;
  return { onReadable: ignore, onWritable: ignore, onPeerClosed: ignore, onDrained: ignore, ...events };
}

export interface Disconnection {
  readonly pipe: Pipe;
  readonly why: string;
  readonly reconnect: boolean;
}

export class Rig<P extends Pattern> implements PatternHost, PipeEvents {
  readonly options: SocketOptionValues;
  readonly pattern: P;
  /** Messages that no pipe took. */
  readonly dropped: Record<DropReason, number>;
  readonly receivedDrops: DropReason[];
  readonly disconnections: Disconnection[];
  /** Peers with a subscription, each time that their number changed. */
  readonly subscriberCounts: number[];
  outOfStepCount: number;
  readableCount: number;
  writableCount: number;

  constructor(create: (host: PatternHost) => P, options: Partial<SocketOptionValues> = {}) {
    this.options = { ...DEFAULTS, ...options } as SocketOptionValues;
    this.dropped = noDrops();
    this.receivedDrops = [];
    this.disconnections = [];
    this.subscriberCounts = [];
    this.outOfStepCount = 0;
    this.readableCount = 0;
    this.writableCount = 0;
    this.pattern = create(this);
  }

  subscribersChanged(count: number): void {
    this.subscriberCounts.push(count);
  }

  noteOutOfStep(): void {
    this.outOfStepCount++;
  }

  get type(): SocketType {
    return this.pattern.type;
  }

  /** A peer whose handshake is done. */
  join(settings: PeerSettings = {}): Peer {
    const peer = createPeer(settings);
    if (!this.adopt(peer.near)) throw new Error(`refused: ${this.pattern.refusal}`);
    return peer;
  }

  /** An endpoint that was connected to, before any connection stands. */
  connect(settings: PeerSettings = {}): Peer {
    const peer = createPeer({ outgoing: true, ...settings });
    peer.near.events = this;
    if (!this.pattern.attach(peer.near)) throw new Error(`refused: ${this.pattern.refusal}`);
    return peer;
  }

  /** Attaches and identifies a pipe; a refused one is closed. */
  adopt(pipe: LocalPipe): boolean {
    pipe.events = this;
    if (this.pattern.attach(pipe) && this.identify(pipe)) return true;
    pipe.close("peer-gone");
    this.pattern.detach(pipe);
    return false;
  }

  identify(pipe: LocalPipe): boolean {
    pipe.live = true;
    return this.pattern.identified(pipe);
  }

  send(...texts: string[]): boolean {
    return this.pattern.send(frames(...texts));
  }

  receive(): string[] | undefined {
    return texts(this.pattern.receive());
  }

  receiveAll(): string[][] {
    const all: string[][] = [];
    for (let message = this.receive(); message !== undefined; message = this.receive()) all.push(message);
    return all;
  }

  onReadable(pipe: Pipe): void {
    this.pattern.onReadable(pipe);
  }

  onWritable(pipe: Pipe): void {
    this.pattern.onWritable(pipe);
  }

  onPeerClosed(pipe: Pipe): void {
    this.pattern.detachWriter(pipe);
    if (pipe.unreadCount === 0) this.onDrained(pipe);
  }

  onDrained(pipe: Pipe): void {
    this.pattern.detach(pipe);
    pipe.close("orphaned");
  }

  countDrop(reason: DropReason): void {
    this.dropped[reason]++;
  }

  countReceivedDrop(pipe: Pipe, reason: DropReason): void {
    this.receivedDrops.push(reason);
    pipe.retract(1, reason);
  }

  disconnectPeer(pipe: Pipe, why: string, reconnect: boolean): void {
    this.disconnections.push({ pipe, why, reconnect });
    if (reconnect && pipe.peer.outgoing) return;
    this.pattern.detachWriter(pipe);
    this.pattern.detach(pipe);
    pipe.close("peer-gone");
  }

  becameReadable(): void {
    this.readableCount++;
  }

  becameWritable(): void {
    this.writableCount++;
  }
}

/** Joins two rigs by a pipe, the first having connected to the second. */
export function link(
  first: Rig<Pattern>,
  second: Rig<Pattern>,
  hwm = 0,
  firstId = "",
  secondId = "",
): [LocalPipe, LocalPipe] {
  const hwms = { firstToSecondHwm: hwm, secondToFirstHwm: hwm, conflate: false };
  const ofSecond = peerInfo({ routingId: secondId, outgoing: true });
  const ends = createLocalPipe(hwms, ofSecond, peerInfo({ routingId: firstId }));
  if (!first.adopt(ends[0]) || !second.adopt(ends[1])) throw new Error("refused");
  return ends;
}

/** Written and gone one way or another, by the law of the counters. */
export function assertConserved(...pipes: Pipe[]): void {
  for (const { written } of pipes) {
    let lost = 0;
    for (const count of Object.values(written.dropped)) lost += count;
    if (written.accepted !== written.delivered + written.queued + lost) {
      throw new Error(
        `accepted ${written.accepted} <> delivered ${written.delivered} + queued ${written.queued} + dropped ${lost}`,
      );
    }
  }
}

const DEFAULTS: Partial<SocketOptionValues> = {
  routingId: Buffer.alloc(0),
  probeRouter: false,
  correlate: false,
  relaxed: false,
  mandatory: false,
  handover: false,
  notify: true,
  routerNotify: 0,
  disconnectMessage: null,
};
