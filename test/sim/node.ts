import { strict as assert } from "node:assert";
import type { Message } from "../../src/base/message.ts";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import type { EngineFailure, EngineOptions, EnginePeer, EngineSink } from "../../src/engine/engine.ts";
import { ZmtpEngine } from "../../src/engine/zmtp-engine.ts";
import { NullMechanism } from "../../src/security/null.ts";
import { messagesOfRun } from "../oracle/run-messages.ts";
import { giveOctets, READINGS, type Reading } from "../peers/reading.ts";
import type { WireEnd, WireReader } from "./wire.ts";
import type { World } from "./world.ts";

export interface NodeOptions {
  readonly type: SocketTypeName;
  readonly engine: Omit<EngineOptions, "socketTypeName" | "routingId">;
  /** How often the application is too slow, and for how long. */
  readonly stopChance: number;
  readonly stopMaxMs: number;
  /** How late timers may be. */
  readonly timerLateMaxMs: number;
}

export interface NodeEvents {
  onReady(): void;
  onDelivered(message: Message): void;
  /** The connection is over for this side, once: `failure` if its engine ended it. */
  onOver(failure: EngineFailure | undefined): void;
}

const OUTPUT_MAX = 65_536;

/** One side of one connection: the engine, and what a session does around it. */
export class SimNode implements EngineSink, WireReader {
  readonly #world: World;
  readonly #options: NodeOptions;
  readonly #events: NodeEvents;
  readonly #engine: ZmtpEngine;
  #wire: WireEnd | null;
  readonly #inbox: Uint8Array[];
  readonly #reading: Reading;
  #isReady: boolean;
  #isOver: boolean;
  #timerAt: number;
  #isAnswering: boolean;
  /** What the application wants to send, in order, and how much of it the engine has taken. */
  readonly outbox: Message[];
  encodedCount: number;
  /** Octets sent, all of them, and how many of them before `onReady`. */
  readonly sent: Uint8Array[];
  sentBeforeReady: number;
  /** When PINGs and failures are due is judged by these. */
  lastArrivalAt: number;
  startedAt: number;

  constructor(world: World, options: NodeOptions, events: NodeEvents) {
    this.#world = world;
    this.#options = options;
    this.#events = events;
    const identity = { socketTypeName: options.type, routingId: new Uint8Array(0), announcesIdentity: true };
    this.#engine = new ZmtpEngine(
      { ...options.engine, socketTypeName: options.type, routingId: identity.routingId },
      new NullMechanism(identity),
      this,
    );
    this.#wire = null;
    this.#inbox = [];
    this.#reading = world.random.pick(READINGS);
    this.#isReady = false;
    this.#isOver = false;
    this.#timerAt = Number.POSITIVE_INFINITY;
    this.#isAnswering = false;
    this.outbox = [];
    this.encodedCount = 0;
    this.sent = [];
    this.sentBeforeReady = 0;
    this.lastArrivalAt = world.now;
    this.startedAt = world.now;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  start(wire: WireEnd): void {
    this.#wire = wire;
    if (this.#isOver) {
      wire.end(false);
      return;
    }
    this.lastArrivalAt = this.startedAt = this.#world.now;
    this.#engine.start(this.#world.now);
    this.#read();
    this.pump();
  }

  /** The application closes: everything encoded goes out, then FIN. */
  close(isReset: boolean): void {
    if (this.#isOver) return;
    if (!isReset) this.pump();
    this.#finish(undefined, isReset);
  }

  onReady(_peer: EnginePeer): void {
    assert.ok(!this.#isReady, "I11: ready twice");
    this.#isReady = true;
    this.#world.note("ready");
    this.#events.onReady();
  }

  get onRunMax(): number {
    return this.#world.random.chance(0.3) ? this.#world.random.below(5) : 0;
  }

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    assert.ok(
      this.#isReady && !this.#isOver && !this.#engine.isStopped,
      "I4, I6, I11: a run at the wrong time",
    );
    for (const message of messagesOfRun(octets, from, to, count)) {
      this.#world.note("message", message.length);
      this.#events.onDelivered(message);
    }
  }

  onMessage(message: Message): boolean {
    assert.ok(this.#isReady, "I6: a message before the handshake");
    assert.ok(!this.#isOver, "I11: a message after the end");
    assert.ok(
      !this.#engine.isStopped || this.#isAnswering,
      "I4: a message while the application had it stopped",
    );
    this.#isAnswering = false;
    const { random } = this.#world;
    if (random.chance(this.#options.stopChance)) {
      this.#world.after(random.below(this.#options.stopMaxMs + 1), () => this.#resume());
      return false;
    }
    this.#world.note("message", message.length);
    this.#events.onDelivered(message);
    return true;
  }

  onFailed(failure: EngineFailure): void {
    assert.ok(!this.#isOver, "I11: failed after the end");
    this.#world.note("failed", failure.kind, failure.error.message);
    this.#flush();
    this.#finish(failure, false);
  }

  onOctets(piece: Uint8Array): void {
    if (this.#isOver) return;
    this.#inbox.push(piece);
    this.#read();
    this.pump();
  }

  onEnd(isReset: boolean): void {
    if (this.#isOver) return;
    this.#world.note("end", isReset ? "reset" : "fin");
    this.#finish(undefined, isReset);
  }

  onDrain(): void {
    this.pump();
  }

  /** Sends what there is as long as the wire takes it, and sets the timer. */
  pump(): void {
    while (!this.#isOver && this.#wire !== null && !this.#wire.isFull) {
      while (this.#isReady && this.outbox.length > 0 && this.#engine.outputSize < OUTPUT_MAX) {
        this.#engine.send(this.outbox.shift() as Message);
        this.encodedCount++;
      }
      if (this.#engine.outputSize === 0) break;
      this.#flush();
    }
    this.#setTimer();
  }

  #flush(): void {
    for (const chunk of this.#engine.takeOutput()) {
      const octets = Uint8Array.from(chunk);
      this.sent.push(octets);
      if (!this.#isReady) this.sentBeforeReady += octets.length;
      this.#wire?.write(octets);
    }
    this.#engine.recycleOutput();
  }

  #read(): void {
    // Before the start octets may be there already: nobody listens yet.
    if (this.#wire === null) return;
    while (this.#inbox.length > 0 && !this.#engine.isStopped && !this.#isOver) {
      this.lastArrivalAt = this.#world.now;
      const piece = this.#inbox.shift() as Uint8Array;
      const taken = giveOctets(this.#engine, piece, this.#reading, this.#world.now);
      if (taken < piece.length) this.#inbox.unshift(piece.subarray(taken));
    }
  }

  #resume(): void {
    if (this.#isOver) return;
    this.#isAnswering = true;
    this.#engine.resume(this.#world.now);
    this.#isAnswering = false;
    this.#read();
    this.pump();
  }

  #setTimer(): void {
    const deadline = this.#engine.nextDeadline();
    if (this.#isOver || deadline === this.#timerAt) return;
    this.#timerAt = deadline;
    if (deadline === Number.POSITIVE_INFINITY) return;
    const lateMs = this.#world.random.chance(0.2)
      ? this.#world.random.below(this.#options.timerLateMaxMs + 1)
      : 0;
    this.#world.after(deadline - this.#world.now + lateMs, () => {
      if (this.#isOver || this.#timerAt !== deadline) return;
      this.#timerAt = Number.NaN;
      this.#engine.handleDeadline(this.#world.now, !this.#engine.isStopped);
      this.pump();
    });
  }

  #finish(failure: EngineFailure | undefined, isReset: boolean): void {
    this.#isOver = true;
    this.#engine.close();
    assert.equal(this.#engine.nextDeadline(), Number.POSITIVE_INFINITY, "I8: a timer after the end");
    this.#wire?.end(isReset);
    this.#events.onOver(failure);
  }
}
