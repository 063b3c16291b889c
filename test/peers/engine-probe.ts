import type { Message } from "../../src/base/message.ts";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import type { EngineFailure, EngineOptions, EnginePeer, EngineSink } from "../../src/engine/engine.ts";
import { ZmtpEngine } from "../../src/engine/zmtp-engine.ts";
import type { Mechanism } from "../../src/security/mechanism.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { decodeNaively, type NaiveFrame } from "../oracle/naive-decoder.ts";
import { messagesOfRun } from "../oracle/run-messages.ts";
import { greeting, LEGAL_PEER, ready } from "./octets.ts";

const NO_LIMITS = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: Number.POSITIVE_INFINITY };
const WITH_IDENTITY = ["REQ", "DEALER", "ROUTER"];

export interface ProbeOptions extends Partial<EngineOptions> {
  readonly routingId?: Uint8Array;
  /** Instead of NULL. */
  readonly mechanism?: Mechanism;
}

/** A ZMTP engine, with NULL if no other mechanism is given, and everything it said to its sink. */
export class EngineProbe implements EngineSink {
  readonly engine: ZmtpEngine;
  readonly messages: Message[];
  readonly peers: EnginePeer[];
  readonly failures: EngineFailure[];
  /** In the order of events: `ready`, `message`, `failed`. */
  readonly log: string[];
  /** Whether the sink takes the next message. */
  takes: () => boolean;
  /** All output taken so far. */
  #sent: Buffer;

  constructor(socketTypeName: SocketTypeName, options: ProbeOptions = {}) {
    this.messages = [];
    this.peers = [];
    this.failures = [];
    this.log = [];
    this.takes = () => true;
    this.#sent = Buffer.alloc(0);
    const routingId = options.routingId ?? new Uint8Array(0);
    const announcesIdentity = WITH_IDENTITY.includes(socketTypeName);
    this.engine = new ZmtpEngine(
      {
        maxMessageSize: -1,
        maxMultipartSize: -1,
        maxFramesPerMessage: 131_072,
        maxCommandSize: 65_536,
        maxHandshakeSize: 65_536,
        handshakeIntervalMs: 30_000,
        heartbeatIntervalMs: 0,
        heartbeatTimeoutMs: -1,
        heartbeatTtlMs: 0,
        ...options,
        routingId,
        socketTypeName,
      },
      options.mechanism ?? new NullMechanism({ socketTypeName, routingId, announcesIdentity }),
      this,
    );
  }

  /** An engine past its handshake with a legal peer, its own handshake octets taken. */
  static ready(socketTypeName: SocketTypeName, options: ProbeOptions = {}, peerMinor = 1): EngineProbe {
    const probe = new EngineProbe(socketTypeName, options);
    probe.engine.start(0);
    probe.receive(greeting({ minor: peerMinor }));
    probe.receive(ready(LEGAL_PEER[socketTypeName] as string));
    probe.takeSent();
    return probe;
  }

  onReady(peer: EnginePeer): void {
    this.peers.push(peer);
    this.log.push("ready");
  }

  onMessage(message: Message): boolean {
    if (!this.takes()) return false;
    this.messages.push(message);
    this.log.push("message");
    return true;
  }

  /** How many messages are taken at once, as they lie on the wire. */
  onRunMax = 0;

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.messages.push(...messagesOfRun(octets, from, to, count));
    this.log.push(`run of ${count}`);
  }

  onFailed(failure: EngineFailure): void {
    this.failures.push(failure);
    this.log.push("failed");
  }

  /** Gives the octets to the engine as one chunk of its own. */
  receive(chunk: Uint8Array, now = 0): void {
    if (chunk.length > 0) this.engine.receive(Uint8Array.from(chunk), now);
  }

  get failureCode(): string | undefined {
    const error = this.failures[0]?.error;
    return error === undefined ? undefined : "code" in error ? error.code : `AUTH_${error.status}`;
  }

  /** Messages as text, frames joined by `|`. */
  get texts(): string[] {
    return this.messages.map((frames) =>
      frames.map((body) => Buffer.from(body).toString("latin1")).join("|"),
    );
  }

  /** All output that waits, taken as a transport would take it. */
  takeSent(): Buffer {
    const taken: Uint8Array[] = [];
    while (this.engine.outputSize > 0) {
      for (const chunk of this.engine.takeOutput()) taken.push(chunk.slice());
      this.engine.recycleOutput();
    }
    const sent = Buffer.concat(taken);
    this.#sent = Buffer.concat([this.#sent, sent]);
    return sent;
  }

  /** The frames of the output since the handshake octets were taken. */
  takeFrames(): NaiveFrame[] {
    return decodeNaively(this.takeSent(), NO_LIMITS).frames;
  }

  /** Everything sent since the start. */
  get sent(): Buffer {
    this.takeSent();
    return this.#sent;
  }
}
