import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Message } from "../../src/base/message.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { RawEngine } from "../../src/engine/raw-engine.ts";
import { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";

// The engine contract (src/engine/engine.ts), on every engine.

interface Rig {
  readonly engine: Engine;
  readonly messages: Message[];
  readonly log: string[];
  takes: () => boolean;
}

interface Implementation {
  readonly name: string;
  /** An engine whose handshake is behind it. */
  make(): Rig;
  /** The octets that bring this message of one frame. */
  encoded(text: string): Buffer;
}

function rawRig(): Rig {
  const rig = { messages: [] as Message[], log: [] as string[], takes: () => true };
  const engine = new RawEngine({
    onReady: () => rig.log.push("ready"),
    onMessage: (message) => {
      if (!rig.takes()) return false;
      rig.messages.push(message);
      rig.log.push("message");
      return true;
    },
    onRunMax: 0,
    onRun: () => assert.fail("octets without frames are no run"),
    onFailed: () => rig.log.push("failed"),
  });
  engine.start(0);
  return Object.assign(rig, { engine });
}

const IMPLEMENTATIONS: Implementation[] = [
  { name: "zmtp-engine", make: () => EngineProbe.ready("PAIR"), encoded: (text) => zmtp.message(text) },
  { name: "raw-engine", make: rawRig, encoded: (text) => Buffer.from(text) },
];

function textsOf(rig: Rig): string[] {
  return rig.messages.map((message) => Buffer.concat(message).toString());
}

for (const { name, make, encoded } of IMPLEMENTATIONS) {
  describe(name, () => {
    test("ready comes once, before any message", () => {
      const rig = make();
      rig.engine.receive(encoded("a"), 0);
      assert.deepEqual(rig.log, ["ready", "message"]);
    });

    test("what is sent is output once, in order, and counted until it is taken", () => {
      const { engine } = make();
      assert.deepEqual([engine.outputSize, engine.outputMessageCount], [0, 0]);
      assert.deepEqual(engine.takeOutput(), []);
      engine.send([Buffer.from("one")]);
      engine.send([Buffer.alloc(50_000, "2")]);
      engine.send([Buffer.from("three")]);
      const expected = Buffer.concat([encoded("one"), encoded("2".repeat(50_000)), encoded("three")]);
      assert.deepEqual([engine.outputSize, engine.outputMessageCount], [expected.length, 3]);
      assert.ok(Buffer.concat(engine.takeOutput()).equals(expected));
      assert.deepEqual([engine.outputSize, engine.outputMessageCount], [0, 0]);
    });

    test("output that was taken does not change when more is sent", () => {
      const { engine } = make();
      engine.send([Buffer.from("first")]);
      const first = engine.takeOutput();
      engine.send([Buffer.from("other")]);
      const other = engine.takeOutput();
      assert.deepEqual(Buffer.concat(first), encoded("first"));
      assert.deepEqual(Buffer.concat(other), encoded("other"));
      engine.recycleOutput();
    });

    test("the frames of a message are lent for the call: small ones may change after it", () => {
      const { engine } = make();
      const body = Buffer.from("before");
      engine.send([body]);
      body.fill("x");
      assert.deepEqual(Buffer.concat(engine.takeOutput()), encoded("before"));
    });

    test("a message that is not taken stops the engine until resume, and is offered again", () => {
      const rig = make();
      let isTaking = false;
      rig.takes = () => isTaking;
      rig.engine.receive(encoded("held"), 0);
      assert.ok(rig.engine.isStopped);
      rig.engine.resume(0);
      assert.ok(rig.engine.isStopped);
      isTaking = true;
      rig.engine.resume(0);
      assert.ok(!rig.engine.isStopped);
      rig.engine.receive(encoded("next"), 0);
      assert.deepEqual(textsOf(rig), ["held", "next"]);
    });

    test("without anything to do there is no deadline, and a deadline that comes all the same does nothing", () => {
      const rig = make();
      assert.equal(rig.engine.nextDeadline(), Number.POSITIVE_INFINITY);
      rig.engine.handleDeadline(1e9, true);
      assert.deepEqual(rig.log, ["ready"]);
    });

    test("after close nothing is delivered and nothing is due", () => {
      const rig = make();
      rig.takes = () => false;
      rig.engine.receive(encoded("parked"), 0);
      rig.engine.close();
      rig.takes = () => true;
      rig.engine.handleDeadline(1e9, true);
      assert.equal(rig.engine.nextDeadline(), Number.POSITIVE_INFINITY);
      assert.ok(!rig.engine.isInMessage);
      assert.deepEqual(rig.log, ["ready"]);
    });
  });
}
