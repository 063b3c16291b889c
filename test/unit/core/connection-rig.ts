// A connection between a stream, an owner, a clock and a loop that the test plays, with the real engine and pipe.

import { installPlatform } from "../../../src/base/platform.ts";
import { Connection } from "../../../src/core/connection.ts";
import type { ConnectionEnd } from "../../../src/core/connection-end.ts";
import type { ByteStream, StreamEvents } from "../../../src/core/transport.ts";
import { ZmtpEngine } from "../../../src/engine/zmtp-engine.ts";
import { createLocalPipe, type LocalPipe } from "../../../src/pipe/local-pipe.ts";
import type { PeerInfo } from "../../../src/pipe/pipe.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { decodeNaively } from "../../oracle/naive-decoder.ts";
import { greeting, ready } from "../../peers/octets.ts";
import { textOf } from "../../peers/sockets.ts";

interface ArmedTimer {
  readonly callback: () => void;
  readonly at: number;
}

/** The clock, the timers and what is deferred are the test's. */
export const host = {
  now: 0,
  deferred: [] as (() => void)[],
  timers: new Set<ArmedTimer>(),
  turns: [] as (() => void)[],
};

installPlatform({
  ...nodePlatform,
  now: () => host.now,
  defer: (callback) => void host.deferred.push(callback),
  yieldTurn: (callback) => void host.turns.push(callback),
  setTimer: (callback, delayMs) => {
    const timer = { callback, at: host.now + delayMs };
    host.timers.add(timer);
    return timer;
  },
  clearTimer: (timer) => void host.timers.delete(timer as ArmedTimer),
});

export function runDeferred(): void {
  for (const callback of host.deferred.splice(0)) callback();
}

export function passTime(ms: number): void {
  host.now += ms;
  for (const timer of [...host.timers]) {
    if (timer.at > host.now) continue;
    host.timers.delete(timer);
    timer.callback();
  }
  for (const callback of host.turns.splice(0)) callback();
  runDeferred();
}

class FakeStream implements ByteStream {
  readonly localEndpoint = "tcp://127.0.0.1:1";
  readonly remoteEndpoint = "tcp://127.0.0.1:2";
  /** Octets that the kernel takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  waitingSize = 0;
  writeCount = 0;
  isReading = true;
  ended: "" | "end" | "destroy" = "";
  #written: Buffer[] = [];

  start(_events: StreamEvents): void {
    this.isReading = true;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    this.writeCount++;
    for (const chunk of chunks) {
      this.#written.push(Buffer.from(chunk));
      const taken = Math.min(this.room, chunk.length);
      this.room -= taken;
      this.waitingSize += chunk.length - taken;
    }
    return this.waitingSize === 0;
  }

  pauseReading(): void {
    this.isReading = false;
  }

  resumeReading(): void {
    this.isReading = true;
  }

  end(): void {
    this.ended ||= "end";
  }

  destroy(): void {
    this.ended = "destroy";
  }

  /** Everything written since the last call. */
  take(): Buffer {
    return Buffer.concat(this.#written.splice(0));
  }
}

const PEER: PeerInfo = {
  endpoint: "tcp://127.0.0.1:2",
  address: "tcp://127.0.0.1:2",
  socketType: undefined,
  routingId: new Uint8Array(0),
  outgoing: true,
  properties: undefined,
};

interface Settings {
  readonly hwm?: number;
  readonly heartbeatIntervalMs?: number;
  readonly refuses?: boolean;
}

export class Rig {
  readonly stream = new FakeStream();
  readonly connection: Connection;
  /** The socket's end. */
  readonly pipe: LocalPipe;
  readonly ends: ConnectionEnd[] = [];

  constructor({ hwm = 0, heartbeatIntervalMs = 0, refuses = false }: Settings = {}) {
    Object.assign(host, { now: 1000, deferred: [], turns: [], timers: new Set() });
    const marks = { firstToSecondHwm: hwm, secondToFirstHwm: hwm, conflate: false };
    const [socketEnd, ourEnd] = createLocalPipe(marks, PEER, PEER);
    this.pipe = socketEnd;
    this.connection = new Connection(
      this.stream,
      {
        openPipe: () => (refuses ? null : ourEnd),
        onConnectionEnded: (_connection, end) => void this.ends.push(end),
      },
      0,
    );
    const socketTypeName = "DEALER";
    const routingId = new Uint8Array(0);
    const limits = {
      maxMessageSize: -1,
      maxMultipartSize: -1,
      maxFramesPerMessage: 10,
      maxCommandSize: 1000,
    };
    const engine = new ZmtpEngine(
      {
        ...limits,
        socketTypeName,
        routingId,
        maxHandshakeSize: 1000,
        handshakeIntervalMs: 500,
        heartbeatIntervalMs,
        heartbeatTimeoutMs: -1,
        heartbeatTtlMs: 0,
      },
      new NullMechanism({ socketTypeName, routingId, announcesIdentity: true }),
      this.connection,
    );
    this.connection.start(engine, (now) => engine.start(now));
  }

  /** Past the handshake, whose octets are taken. */
  static ready(settings: Settings = {}): Rig {
    const rig = new Rig(settings);
    rig.receive(greeting(), ready("DEALER"));
    runDeferred();
    rig.stream.take();
    rig.stream.writeCount = 0;
    return rig;
  }

  receive(...octets: Buffer[]): void {
    this.connection.onOctets(Buffer.concat(octets), false);
  }

  send(text: string): boolean {
    return this.pipe.tryWrite([Buffer.from(text)], false);
  }

  /** Messages written to the stream since the last call. */
  get sent(): string[] {
    const limits = { frameSizeMax: 1e9, commandSizeMax: 1e9 };
    return decodeNaively(this.stream.take(), limits).frames.map(({ body }) => Buffer.from(body).toString());
  }

  /** What the socket received since the last call. */
  get received(): (string | undefined)[] {
    const texts: (string | undefined)[] = [];
    for (let one = this.pipe.tryRead(); one !== undefined; one = this.pipe.tryRead()) texts.push(textOf(one));
    return texts;
  }
}
