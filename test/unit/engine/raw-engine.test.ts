import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../../src/base/message.ts";
import { RawEngine } from "../../../src/engine/raw-engine.ts";

class Probe {
  readonly engine: RawEngine;
  readonly messages: Message[];
  readyCount: number;
  isTaking: boolean;

  constructor() {
    this.messages = [];
    this.readyCount = 0;
    this.isTaking = true;
    this.engine = new RawEngine(this);
  }

  onReady(): void {
    this.readyCount++;
  }

  onMessage(message: Message): boolean {
    if (this.isTaking) this.messages.push(message);
    return this.isTaking;
  }

  readonly onRunMax = 0;

  onRun(): void {
    assert.fail("octets without frames are no run");
  }

  onFailed(): void {
    assert.fail("a raw connection has no rules to break");
  }

  get text(): string {
    return Buffer.concat(this.messages.flat()).toString();
  }
}

test("a raw connection is ready at once, says nothing by itself and has no deadlines", () => {
  const probe = new Probe();
  probe.engine.start(0);
  assert.equal(probe.readyCount, 1);
  assert.equal(probe.engine.outputSize, 0);
  assert.equal(probe.engine.nextDeadline(), Number.POSITIVE_INFINITY);
  probe.engine.handleDeadline(1e9, true);
});

test("each chunk is a message of one frame, a long one several", () => {
  const probe = new Probe();
  probe.engine.start(0);
  probe.engine.receive(Buffer.from("abc"), 0);
  probe.engine.receive(Buffer.alloc(20_000, "x"), 0);
  assert.deepEqual(
    probe.messages.map((message) => message.map((body) => body.length)),
    [[3], [8192], [8192], [3616]],
  );
  assert.equal(probe.text, `abc${"x".repeat(20_000)}`);
});

test("what the sink does not take waits for resume, in order and whole", () => {
  const probe = new Probe();
  probe.engine.start(0);
  probe.isTaking = false;
  const octets = Buffer.from(Array.from({ length: 20_000 }, (_, i) => i % 251));
  probe.engine.receive(octets, 0);
  assert.ok(probe.engine.isStopped);
  probe.engine.resume(0);
  assert.ok(probe.engine.isStopped);
  probe.isTaking = true;
  probe.engine.resume(0);
  assert.ok(!probe.engine.isStopped);
  assert.ok(Buffer.concat(probe.messages.flat()).equals(octets));
});

test("what is sent goes out as it is, and is counted", () => {
  const probe = new Probe();
  probe.engine.start(0);
  probe.engine.send([Buffer.from("abc")]);
  probe.engine.send([Buffer.alloc(100_000, "d")]);
  assert.equal(probe.engine.outputMessageCount, 2);
  assert.equal(Buffer.concat(probe.engine.takeOutput()).toString(), `abc${"d".repeat(100_000)}`);
  probe.engine.recycleOutput();
  assert.equal(probe.engine.outputSize, 0);
});

test("nothing comes after close", () => {
  const probe = new Probe();
  probe.engine.start(0);
  probe.isTaking = false;
  probe.engine.receive(Buffer.from("abc"), 0);
  probe.engine.close();
  assert.ok(!probe.engine.isInMessage);
  assert.equal(probe.messages.length, 0);
});
