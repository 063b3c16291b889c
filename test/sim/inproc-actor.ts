// Sockets for random orders of inproc: they read only when they are told, and check what they read.

import assert from "node:assert/strict";
import { SocketType } from "../../src/base/socket-type.ts";
import { createContextOptions } from "../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../src/core/options.ts";
import { createSocketOptions } from "../../src/core/options.ts";
import type { PipeHost, PipeLink } from "../../src/core/transport.ts";
import type { PeerInfo, Pipe, PipeEvents } from "../../src/pipe/pipe.ts";
import { DROP_REASONS } from "../../src/pipe/pipe.ts";
import type { InprocTransport } from "../../src/transports/inproc.ts";

const DEFAULTS = createSocketOptions(SocketType.Dealer, createContextOptions());

/** Numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What went through one pipe end. */
export interface Traffic {
  /** Stands in every message. */
  readonly writer: number;
  sentCount: number;
  /** The writer of what was read; -1 before. */
  reads: number;
  readCount: number;
  lastRead: number;
}

let writerCount = 0;

/** A socket that reads only when it is told. */
export class Actor implements PipeHost, PipeEvents {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  readonly traffic = new Map<Pipe, Traffic>();
  readonly identified = new Set<Pipe>();
  readonly links: PipeLink[] = [];
  readonly #interrupt: () => void;
  isClosed = false;
  /** Some messages are so much longer. */
  padding = "";
  /** Pipes that are being attached. */
  readonly #attaching = new Set<Pipe>();

  constructor(typeName: string, hwm: number, interrupt: () => void) {
    this.typeName = typeName;
    this.options = { ...DEFAULTS, sendHighWaterMark: hwm, receiveHighWaterMark: hwm };
    this.#interrupt = interrupt;
  }

  describe(endpoint: string): PeerInfo {
    const told = { socketType: SocketType.Dealer, routingId: new Uint8Array(0), properties: undefined };
    return { endpoint, address: this.typeName, outgoing: false, ...told };
  }

  attachPipe(pipe: Pipe): boolean {
    if (this.isClosed) return false;
    pipe.events = this;
    this.traffic.set(pipe, { writer: ++writerCount, sentCount: 0, reads: -1, readCount: 0, lastRead: -1 });
    this.#attaching.add(pipe);
    this.#interrupt();
    this.#attaching.delete(pipe);
    return true;
  }

  identifyPipe(pipe: Pipe): boolean {
    assert.ok(!this.identified.has(pipe) && this.traffic.has(pipe));
    this.identified.add(pipe);
    this.#interrupt();
    return true;
  }

  onReadable(pipe: Pipe): void {
    if (!this.identified.has(pipe)) {
      // Out of the middle of our own attachPipe: it is told again once the peer is known.
      assert.ok(this.#attaching.has(pipe), "a message before its peer is known");
      return;
    }
    this.#read(pipe);
    this.#interrupt();
  }

  onWritable(_pipe: Pipe): void {
    this.#interrupt();
  }

  onPeerClosed(pipe: Pipe): void {
    this.#interrupt();
    if (!pipe.checkReadable()) pipe.close("peer-gone");
  }

  onDrained(pipe: Pipe): void {
    pipe.close("peer-gone");
  }

  send(pipe: Pipe): void {
    const traffic = this.traffic.get(pipe) as Traffic;
    // Counted before, because the reader may make us send again out of this very call.
    const number = traffic.sentCount++;
    const text = `${traffic.writer} ${number}${number % 7 === 3 ? ` ${this.padding}` : ""}`;
    if (!pipe.tryWrite([Buffer.from(text)], true)) traffic.sentCount--;
  }

  close(transport: InprocTransport): void {
    if (this.isClosed) return;
    this.isClosed = true;
    transport.release(this);
    for (const link of this.links) link.disconnect();
    for (const pipe of this.traffic.keys()) pipe.close("orphaned");
  }

  /** At the end, when everybody was told of everything. */
  check(): void {
    for (const [pipe, traffic] of this.traffic) {
      const { accepted, delivered, queued, dropped } = pipe.received;
      const lost = DROP_REASONS.reduce((sum, reason) => sum + dropped[reason], 0);
      assert.equal(delivered, traffic.readCount);
      assert.equal(accepted, traffic.readCount + queued + lost);
      assert.equal(queued, 0, "everyone who was told has read");
      if (pipe.isClosed) continue;
      assert.ok(this.identified.has(pipe), "every name found its binder");
      assert.equal(pipe.live, !pipe.isEnded);
      assert.ok(!pipe.isEnded, "who was told that the peer left has closed");
    }
  }

  #read(pipe: Pipe): void {
    const traffic = this.traffic.get(pipe) as Traffic;
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      const [writer = 0, number] = Buffer.from(message[0] as Uint8Array)
        .toString()
        .split(" ")
        .map(Number);
      assert.equal(number, traffic.lastRead + 1, "in order, none doubled");
      assert.ok(traffic.reads === writer || traffic.reads === -1, "from one peer");
      traffic.reads = writer;
      traffic.lastRead = number;
      traffic.readCount++;
    }
  }
}
