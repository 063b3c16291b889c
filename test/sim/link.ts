import { strict as assert } from "node:assert";
import type { Message } from "../../src/base/message.ts";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import type { EngineFailure } from "../../src/engine/engine.ts";
import { decodeNaively } from "../oracle/naive-decoder.ts";
import { type NodeOptions, SimNode } from "./node.ts";
import type { Profile } from "./profile.ts";
import { Wire } from "./wire.ts";
import type { World } from "./world.ts";

const GREETING_SIZE = 64;
const NO_LIMITS = { frameSizeMax: 0xffffffff, commandSizeMax: 0xffffffff };

/** One side of a link over all its connections: what it sent and what became of it. */
class Side {
  readonly type: SocketTypeName;
  node: SimNode;
  /** Sent on the present connection, in order; the engine has taken the first `node.encodedCount`. */
  sentHere: Message[];
  /** How many of them the other side has. */
  deliveredHere: number;
  isOver: boolean;
  accepted: number;
  delivered: number;
  lost: number;

  constructor(type: SocketTypeName, node: SimNode) {
    this.type = type;
    this.node = node;
    this.sentHere = [];
    this.deliveredHere = 0;
    this.isOver = false;
    this.accepted = 0;
    this.delivered = 0;
    this.lost = 0;
  }
}

/** Two sockets that talk, lose their connection and make it again, and the laws that hold meanwhile. */
export class Link {
  readonly #world: World;
  readonly #profile: Profile;
  readonly sides: readonly [Side, Side];
  #wire: Wire;
  readonly failures: EngineFailure[];
  connectionCount: number;
  readyCount: number;
  /** Faults are over: everything must get through. */
  isHealing: boolean;
  silencedAt: number;

  constructor(world: World, profile: Profile, types: readonly [SocketTypeName, SocketTypeName]) {
    this.#world = world;
    this.#profile = profile;
    this.failures = [];
    this.connectionCount = 0;
    this.readyCount = 0;
    this.isHealing = false;
    this.silencedAt = Number.POSITIVE_INFINITY;
    this.#wire = new Wire(world, profile.wire);
    this.sides = [new Side(types[0], this.#node(0, types[0])), new Side(types[1], this.#node(1, types[1]))];
    this.#connect();
  }

  send(sideIndex: 0 | 1, message: Message): void {
    const side = this.sides[sideIndex];
    side.accepted++;
    side.sentHere.push(message);
    side.node.outbox.push(message);
    side.node.pump();
  }

  /** A fault of the profile hits the connection. */
  fault(kind: "reset" | "fin" | "silence"): void {
    if (this.isHealing || this.sides[0].isOver || this.sides[1].isOver) return;
    this.#world.note("fault", kind);
    if (kind === "reset") this.#wire.reset();
    else if (kind === "fin") this.sides[this.#world.random.below(2) as 0 | 1].node.close(false);
    else {
      this.silencedAt = this.#world.now;
      this.#wire.silence();
    }
  }

  /** I3 at any moment: accepted = delivered + lost + what is queued or under way. */
  checkConservation(): void {
    for (const side of this.sides) {
      const open = side.sentHere.length - side.deliveredHere;
      assert.equal(side.accepted, side.delivered + side.lost + open, "I3: conservation");
      assert.ok(open >= 0, "I1: more was delivered than sent");
    }
  }

  #node(index: 0 | 1, type: SocketTypeName): SimNode {
    const options: NodeOptions = { type, ...this.#profile.node };
    return new SimNode(this.#world, options, {
      onReady: () => this.readyCount++,
      onDelivered: (message) => this.#onDelivered(this.sides[index === 0 ? 1 : 0], message),
      onOver: (failure) => this.#onOver(this.sides[index], failure),
    });
  }

  #onDelivered(sender: Side, message: Message): void {
    if (this.#profile.isCorrupting) return;
    assert.ok(
      sender.deliveredHere < sender.node.encodedCount,
      "I1: a message was delivered that was never sent",
    );
    const expected = sender.sentHere[sender.deliveredHere] as Message;
    assert.equal(message.length, expected.length, "I5: another number of frames, or I2: another message");
    for (let i = 0; i < message.length; i++) {
      assert.ok(
        Buffer.from(expected[i] as Uint8Array).equals(message[i] as Uint8Array),
        "I2 or I5: other octets",
      );
    }
    sender.deliveredHere++;
    sender.delivered++;
    this.checkConservation();
  }

  #onOver(side: Side, failure: EngineFailure | undefined): void {
    assert.ok(!side.isOver, "I11: over twice");
    side.isOver = true;
    if (failure !== undefined) this.#checkFailure(side, failure);
    this.#checkSent(side.node);
    if (!this.sides[0].isOver || !this.sides[1].isOver) return;
    for (const each of this.sides) {
      // What the engine took and the other side has not is lost with the connection; the rest waits for the next.
      const { encodedCount } = each.node;
      each.lost += encodedCount - Math.min(encodedCount, each.deliveredHere);
      each.sentHere = each.sentHere.slice(encodedCount);
      each.deliveredHere = 0;
    }
    this.checkConservation();
    this.#world.after(this.#world.delay(50, 500), () => this.#reconnect());
  }

  #checkFailure(side: Side, failure: EngineFailure): void {
    this.failures.push(failure);
    if (this.#profile.isCorrupting) return;
    assert.equal(failure.kind, "timeout", `I7: an honest peer was refused: ${failure.error.message}`);
    assert.ok(!this.#profile.isHealthy, `I9: a healthy peer was given up: ${failure.error.message}`);
    const { engine, timerLateMaxMs } = this.#profile.node;
    const waitedMs = this.#world.now - (failure.wasReady ? side.node.lastArrivalAt : side.node.startedAt);
    const patienceMs = failure.wasReady
      ? Math.min(engine.heartbeatTimeoutMs, engine.heartbeatTtlMs || Number.POSITIVE_INFINITY)
      : engine.handshakeIntervalMs;
    const longest = failure.wasReady ? engine.heartbeatIntervalMs + engine.heartbeatTimeoutMs : patienceMs;
    assert.ok(waitedMs >= patienceMs - 1e-3, `I9: given up after ${waitedMs} ms, before ${patienceMs}`);
    if (this.#profile.node.stopChance > 0 && failure.wasReady) return;
    assert.ok(waitedMs <= longest + 2 * timerLateMaxMs + 1e-3, `I9: given up only after ${waitedMs} ms`);
  }

  /** I6: before both READYs nothing but greeting and handshake; and all of it is ZMTP. */
  #checkSent(node: SimNode): void {
    const sent = Buffer.concat(node.sent);
    if (sent.length < GREETING_SIZE) return;
    const { frames, errorCode } = decodeNaively(sent.subarray(GREETING_SIZE), NO_LIMITS);
    assert.equal(errorCode, undefined, "we sent what is no ZMTP");
    if (frames.length > 0)
      assert.ok(Buffer.from(frames[0]?.body as Uint8Array).includes("READY"), "I6: READY is not first");
    const early = decodeNaively(
      sent.subarray(GREETING_SIZE, Math.max(GREETING_SIZE, node.sentBeforeReady)),
      NO_LIMITS,
    );
    assert.ok(
      early.frames.length <= (this.#profile.isCorrupting ? 2 : 1),
      "I6: traffic before the peer's READY",
    );
    assert.ok(
      early.frames.every(({ flags }) => (flags & 4) !== 0),
      "I6: a message before the peer's READY",
    );
  }

  #reconnect(): void {
    for (const index of [0, 1] as const) {
      const side = this.sides[index];
      const waiting = side.node.outbox;
      side.node = this.#node(index, side.type);
      side.node.outbox.push(...waiting);
      side.isOver = false;
    }
    this.silencedAt = Number.POSITIVE_INFINITY;
    this.#connect();
  }

  #connect(): void {
    this.connectionCount++;
    this.#world.note("connect");
    this.#wire = new Wire(this.#world, this.#profile.wire);
    const [first, second] = this.#wire.join(this.sides[0].node, this.sides[1].node);
    this.sides[0].node.start(first);
    // The other side learns of the connection a little later.
    const late = this.sides[1].node;
    this.#world.after(this.#world.delay(1, 10), () => late.start(second));
  }
}
