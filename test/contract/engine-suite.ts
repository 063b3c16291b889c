// The contract of an engine (src/engine/engine.ts). Every implementation runs this suite: see engine-streams.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cut } from "../../fuzz/mutate.ts";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import type { Message } from "../../src/base/message.ts";
import type { Engine, EngineFailure, EnginePeer, EngineSink } from "../../src/engine/engine.ts";
import { messagesOfRun } from "../oracle/run-messages.ts";

const seed = chooseSeed(process.env.SEED);

/** How an implementation is brought into the suite. */
export interface EngineMaker {
  /** An engine that has not started, and what starts it. */
  make(sink: EngineSink): { readonly engine: Engine; start(now: number): void };
  /** What a peer says to make the engine ready. */
  readonly opening: Uint8Array;
  /** The octets by which a peer sends a message. */
  encode(message: Message): Uint8Array;
  /** The messages in the engine's output behind its own opening. */
  decode(output: Uint8Array): Message[];
  /** The message that the engine must make of it. Octet streams have no borders: all in one then. */
  readonly hasBorders: boolean;
}

const takesAll = (): boolean => true;

/** An engine, and all that it said. */
class EngineRig implements EngineSink {
  readonly engine: Engine;
  readonly messages: Message[];
  readonly peers: EnginePeer[];
  readonly failures: EngineFailure[];
  /** Whether the sink takes the message; each offer is counted. */
  takes: () => boolean;
  offerCount: number;
  #turn: number;
  readonly #maker: EngineMaker;

  constructor(maker: EngineMaker) {
    this.messages = [];
    this.peers = [];
    this.failures = [];
    this.takes = takesAll;
    this.offerCount = 0;
    this.#turn = 0;
    this.#maker = maker;
    const { engine, start } = maker.make(this);
    this.engine = engine;
    start(0);
    this.receive(maker.opening);
    this.output();
  }

  onReady(peer: EnginePeer): void {
    this.peers.push(peer);
  }

  onMessage(message: Message): boolean {
    this.offerCount++;
    if (!this.takes()) return false;
    this.messages.push(message.map((frame) => Uint8Array.from(frame)));
    return true;
  }

  /** Now and then, if the sink takes whatever comes. */
  get onRunMax(): number {
    this.#turn = (this.#turn + 1) % 4;
    return this.takes === takesAll ? this.#turn : 0;
  }

  onRun(octets: Uint8Array, from: number, to: number, count: number): void {
    this.offerCount += count;
    this.messages.push(...messagesOfRun(octets, from, to, count));
  }

  onFailed(failure: EngineFailure): void {
    this.failures.push(failure);
  }

  receive(octets: Uint8Array, now = 0): void {
    // The chunk belongs to the engine.
    if (octets.length > 0) this.engine.receive(Uint8Array.from(octets), now);
  }

  /** Gives the octets in pieces, as an owner does: for keeps, lent or read into the target, none while it is stopped. */
  receivePieces(random: Random, pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        at += this.#receiveSome(random, piece.subarray(at));
        for (let tries = 0; this.engine.isStopped; tries++) {
          assert.ok(tries < 10_000, "the engine stays stopped");
          this.engine.resume(0);
        }
      }
    }
  }

  /** Gives how many octets the engine got. */
  #receiveSome(random: Random, octets: Uint8Array): number {
    const { target } = this.engine;
    if (target !== null && random.chance(0.7)) {
      const count = Math.min(octets.length, target.length);
      assert.ok(count > 0, "a target has room");
      target.set(octets.subarray(0, count));
      this.engine.receiveTarget(count, 0);
      return count;
    }
    const chunk = Uint8Array.from(octets);
    const isLent = random.chance(0.5);
    this.engine.receive(chunk, 0, isLent);
    // The owner reads the next octets into the same memory.
    if (isLent) chunk.fill(0xee);
    return octets.length;
  }

  output(): Buffer {
    const taken = Buffer.concat(this.engine.takeOutput().map((chunk) => Uint8Array.from(chunk)));
    this.engine.recycleOutput();
    return taken;
  }

  /** What was received, in the form in which it can be compared. */
  get text(): string {
    return describeMessages(this.#maker, this.messages);
  }
}

function describeMessages(maker: EngineMaker, messages: readonly Message[]): string {
  const texts = messages.map((message) => message.map((frame) => Buffer.from(frame).toString("latin1")));
  return maker.hasBorders ? JSON.stringify(texts) : texts.flat().join("");
}

function randomMessage(random: Random, maker: EngineMaker): Message {
  const count = maker.hasBorders && random.chance(0.3) ? random.between(2, 5) : 1;
  return Array.from({ length: count }, () => random.octets(random.size()));
}

export function describeEngine(name: string, maker: EngineMaker): void {
  const some = (text: string): Message => [Buffer.from(text)];

  describe(`${name}: octets in`, () => {
    it("make the engine ready once, with its peer", () => {
      const rig = new EngineRig(maker);
      assert.equal(rig.peers.length, 1);
      assert.deepEqual(rig.failures, []);
      assert.equal(rig.engine.isInMessage, false);
    });

    it("give the same messages, in order, however the stream is cut and the sink stops", (t) => {
      t.diagnostic(`SEED=${seed}`);
      for (let round = 0; round < 60; round++) {
        const random = new Random(seed + round);
        const messages = Array.from({ length: random.between(1, 30) }, () => randomMessage(random, maker));
        const stream = Buffer.concat(messages.map((message) => maker.encode(message)));
        const rig = new EngineRig(maker);
        const refusing = random.pick([0, 0.3, 0.9]);
        rig.takes = () => !random.chance(refusing);
        rig.receivePieces(random, cut(random, stream));
        assert.equal(rig.text, describeMessages(maker, messages), `SEED=${seed + round}`);
        assert.deepEqual(rig.failures, []);
        assert.equal(rig.engine.isInMessage, false);
      }
    });

    it("stop at the first message that the sink refuses; it is offered again by resume and nothing else before", () => {
      const rig = new EngineRig(maker);
      rig.receive(maker.encode(some("taken")));
      rig.takes = () => false;
      rig.offerCount = 0;
      rig.receive(Buffer.concat([maker.encode(some("refused")), maker.encode(some("behind it"))]));
      assert.equal(rig.engine.isStopped, true);
      assert.equal(rig.offerCount, 1);
      rig.engine.resume(0);
      assert.equal(rig.engine.isStopped, true);
      assert.equal(rig.offerCount, 2);
      assert.equal(rig.text, describeMessages(maker, [some("taken")]));
      rig.takes = () => true;
      rig.engine.resume(0);
      assert.equal(rig.engine.isStopped, false);
      assert.equal(rig.text, describeMessages(maker, [some("taken"), some("refused"), some("behind it")]));
    });

    it("that were lent are not needed when the call is over, also where the sink refused them", () => {
      const rig = new EngineRig(maker);
      rig.takes = () => false;
      const chunk = Buffer.concat([maker.encode(some("refused")), maker.encode(some("behind it"))]);
      rig.engine.receive(chunk, 0, true);
      chunk.fill(0xee);
      rig.takes = () => true;
      rig.engine.resume(0);
      assert.equal(rig.text, describeMessages(maker, [some("refused"), some("behind it")]));
    });

    it("go on after a resume that was not needed", () => {
      const rig = new EngineRig(maker);
      rig.engine.resume(0);
      rig.receive(maker.encode(some("a")));
      rig.engine.resume(0);
      rig.receive(maker.encode(some("b")));
      assert.equal(rig.text, describeMessages(maker, [some("a"), some("b")]));
    });
  });

  describe(`${name}: octets out`, () => {
    it("are the messages, in order, taken in whatever portions", (t) => {
      t.diagnostic(`SEED=${seed}`);
      for (let round = 0; round < 40; round++) {
        const random = new Random(seed + round);
        const messages = Array.from({ length: random.between(1, 40) }, () => randomMessage(random, maker));
        const rig = new EngineRig(maker);
        const taken: Buffer[] = [];
        for (const message of messages) {
          rig.engine.send(message, random.chance(0.2));
          if (random.chance(0.3)) taken.push(rig.output());
        }
        taken.push(rig.output());
        const sent = describeMessages(maker, maker.decode(Buffer.concat(taken)));
        assert.equal(sent, describeMessages(maker, messages), `SEED=${seed + round}`);
      }
    });

    it("are counted, in octets and messages, until they are taken", () => {
      const rig = new EngineRig(maker);
      assert.deepEqual([rig.engine.outputSize, rig.engine.outputMessageCount], [0, 0]);
      rig.engine.send(some("small"));
      rig.engine.send([Buffer.alloc(100_000, 1)]);
      assert.equal(rig.engine.outputMessageCount, 2);
      const size = rig.engine.outputSize;
      assert.equal(rig.output().length, size);
      assert.ok(size >= 100_005);
      assert.deepEqual([rig.engine.outputSize, rig.engine.outputMessageCount], [0, 0]);
      assert.equal(rig.output().length, 0);
    });

    it("hold the message as it was when it was sent, where it is small", () => {
      const rig = new EngineRig(maker);
      const body = Buffer.from("before");
      rig.engine.send([body]);
      body.fill("x");
      assert.equal(
        describeMessages(maker, maker.decode(rig.output())),
        describeMessages(maker, [some("before")]),
      );
    });

    it("that were taken do not change when more is sent", () => {
      const rig = new EngineRig(maker);
      rig.engine.send(some("first"));
      const taken = rig.engine.takeOutput();
      const before = Buffer.concat(taken);
      for (let i = 0; i < 100; i++) rig.engine.send(some(`more ${i}`));
      assert.deepEqual(Buffer.concat(taken), before);
      assert.equal(rig.engine.outputMessageCount, 100);
    });

    it("may be sent while a message comes in that the sink refuses", () => {
      const rig = new EngineRig(maker);
      rig.takes = () => false;
      rig.receive(maker.encode(some("in")));
      rig.engine.send(some("out"));
      assert.equal(
        describeMessages(maker, maker.decode(rig.output())),
        describeMessages(maker, [some("out")]),
      );
    });
  });

  describe(`${name}: time and end`, () => {
    it("a deadline that is not due does nothing", () => {
      const rig = new EngineRig(maker);
      const deadline = rig.engine.nextDeadline();
      rig.engine.handleDeadline(Math.min(deadline, 1e6) - 1, true);
      assert.equal(rig.engine.nextDeadline(), deadline);
      assert.equal(rig.engine.outputSize, 0);
      assert.deepEqual(rig.failures, []);
    });

    it("nothing is said after close, whatever comes", () => {
      const rig = new EngineRig(maker);
      rig.takes = () => false;
      rig.receive(Buffer.concat([maker.encode(some("parked")), maker.encode(some("rest"))]));
      rig.takes = () => true;
      rig.offerCount = 0;
      rig.engine.close();
      rig.engine.resume(0);
      rig.receive(maker.encode(some("late")));
      rig.engine.handleDeadline(1e12, true);
      assert.equal(rig.offerCount, 0);
      assert.deepEqual(rig.failures, []);
      assert.equal(rig.engine.nextDeadline(), Number.POSITIVE_INFINITY);
      rig.engine.close();
    });

    it("a sink may close the engine out of a message: nothing more comes of that chunk", () => {
      const rig = new EngineRig(maker);
      rig.takes = () => {
        rig.engine.close();
        return true;
      };
      rig.receive(Buffer.concat([maker.encode([Buffer.alloc(30_000)]), maker.encode(some("behind it"))]));
      assert.equal(rig.offerCount, 1);
      assert.deepEqual(rig.failures, []);
    });
  });
}
