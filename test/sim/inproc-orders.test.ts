// inproc under a seeded scheduler (hostile input J07): bind, unbind, connect, disconnect, send and close in any order and
// out of the middle of each other. Nothing may be lost, doubled or out of order, nobody may wait for a wake-up that never
// comes, and only a name that is taken may throw.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../src/base/errors.ts";
import { installPlatform } from "../../src/base/platform.ts";
import { SocketType } from "../../src/base/socket-type.ts";
import { createContextOptions } from "../../src/core/context-options.ts";
import type { SocketOptionValues } from "../../src/core/options.ts";
import { createSocketOptions } from "../../src/core/options.ts";
import type { PipeHost, PipeLink } from "../../src/core/transport.ts";
import type { PeerInfo, Pipe, PipeEvents } from "../../src/pipe/pipe.ts";
import { DROP_REASONS } from "../../src/pipe/pipe.ts";
import { InprocTransport } from "../../src/transports/inproc.ts";
import { nodePlatform } from "../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const NAMES = ["a", "b", "c"];
const SEQUENCE_COUNT = 1500;
const STEP_COUNT = 40;
const DEFAULTS = createSocketOptions(SocketType.Dealer, createContextOptions());

/** Numbers in [0, 1) from a seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** What went through one pipe end. */
interface Traffic {
  sentCount: number;
  readCount: number;
  lastRead: number;
}

/** A socket that reads only when it is told. */
class Actor implements PipeHost, PipeEvents {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  readonly traffic = new Map<Pipe, Traffic>();
  readonly identified = new Set<Pipe>();
  readonly links: PipeLink[] = [];
  readonly #interrupt: () => void;
  isClosed = false;
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
    this.traffic.set(pipe, { sentCount: 0, readCount: 0, lastRead: -1 });
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
    if (!pipe.tryWrite([Buffer.from(String(number))], true)) traffic.sentCount--;
  }

  close(transport: InprocTransport): void {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const link of this.links) link.disconnect();
    transport.release(this);
    for (const pipe of this.traffic.keys()) pipe.close("orphaned");
  }

  #read(pipe: Pipe): void {
    const traffic = this.traffic.get(pipe) as Traffic;
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      const number = Number(Buffer.from(message[0] as Uint8Array).toString());
      assert.equal(number, traffic.lastRead + 1, "in order, none doubled");
      traffic.lastRead = number;
      traffic.readCount++;
    }
  }
}

function run(seed: number): void {
  const random = randomFrom(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const transport = new InprocTransport();
  const history: string[] = [];
  let depth = 0;
  let isLastAct = false;

  const act = (): void => {
    const actor = pick(actors);
    const name = pick(NAMES);
    const chance = random();
    history.push(`${actor.typeName} ${chance.toFixed(3)} ${name}`);
    if (chance < 0.15) {
      if (actor.isClosed) return;
      try {
        transport.bind(name, actor);
      } catch (error) {
        if (!(error instanceof ZmqError && error.code === "EADDRINUSE")) throw error;
      }
    } else if (chance < 0.25) transport.unbind(name, actor);
    else if (chance < 0.45) {
      if (!actor.isClosed) actor.links.push(transport.connect(name, actor, null));
    } else if (chance < 0.52) actor.links.at(Math.floor(random() * actor.links.length))?.disconnect();
    else if (chance < 0.95) {
      const pipes = [...actor.traffic.keys()];
      if (pipes.length > 0) actor.send(pick(pipes));
    } else if (chance < 0.97) actor.close(transport);
    else {
      actor.options.sendHighWaterMark = Math.floor(random() * 4);
      for (const pipe of actor.traffic.keys()) transport.optionsChanged(actor, pipe);
    }
  };

  const interrupt = (): void => {
    if (isLastAct || depth >= 3 || random() > 0.2) return;
    depth++;
    act();
    depth--;
  };

  const actors = Array.from({ length: 4 }, (_, i) => new Actor(`actor ${i}`, i, interrupt));
  try {
    for (let i = 0; i < STEP_COUNT; i++) act();
    // The last act: a socket that binds every name and closes nothing takes what still waits.
    isLastAct = true;
    const heir = new Actor("heir", 0, () => undefined);
    for (const actor of actors) transport.release(actor);
    for (const name of NAMES) transport.bind(name, heir);
    for (const actor of [...actors, heir]) check(actor);
  } catch (error) {
    throw new Error(`seed ${seed}: ${history.slice(-12).join("; ")}`, { cause: error });
  }
}

function check(actor: Actor): void {
  for (const [pipe, traffic] of actor.traffic) {
    const { accepted, delivered, queued, dropped } = pipe.received;
    const lost = DROP_REASONS.reduce((sum, reason) => sum + dropped[reason], 0);
    assert.equal(delivered, traffic.readCount);
    assert.equal(accepted, traffic.readCount + queued + lost);
    assert.equal(queued, 0, "everyone who was told has read");
    if (pipe.isClosed) continue;
    assert.ok(actor.identified.has(pipe), "every name found its binder");
    assert.equal(pipe.live, !pipe.isEnded);
    assert.ok(!pipe.isEnded, "who was told that the peer left has closed");
  }
}

test(`inproc holds in ${SEQUENCE_COUNT} random orders (J07)`, (t) => {
  const given = process.env.INPROC_SEED;
  const first = given === undefined ? Math.floor(Math.random() * 0x7fffffff) : Number(given);
  const count = given === undefined ? Number(process.env.INPROC_ORDERS ?? SEQUENCE_COUNT) : 1;
  t.diagnostic(`seeds ${first} to ${first + count - 1}; INPROC_SEED runs one, INPROC_ORDERS that many`);
  for (let i = 0; i < count; i++) run(first + i);
});
