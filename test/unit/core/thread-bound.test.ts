import assert from "node:assert/strict";
import { test } from "node:test";
import { serialize } from "node:v8";
import { BroadcastChannel, MessageChannel, setEnvironmentData, Worker } from "node:worker_threads";
import { threadBound } from "../../../src/core/thread-bound.ts";

const bind = threadBound("Make one there.");

class Lamp {
  readonly #watts: number;
  constructor(watts: number) {
    this.#watts = watts;
    bind(this);
    Object.preventExtensions(this);
  }
  get watts(): number {
    return this.#watts;
  }
}

const refused = {
  name: "ZmqError",
  code: "ENOTSUP",
  message: "This Lamp stays in the thread that made it: it can be neither posted nor copied. Make one there.",
};

test("every way to another thread throws at once, however deep the object lies", () => {
  const lamp = new Lamp(40);
  const { port1, port2 } = new MessageChannel();
  const channel = new BroadcastChannel("zeromq-ts-thread-bound");
  for (const value of [lamp, [lamp], { a: { b: lamp } }, new Map([[1, lamp]]), new Set([lamp])]) {
    assert.throws(() => structuredClone(value), refused);
    assert.throws(() => port1.postMessage(value), refused);
    assert.throws(() => channel.postMessage(value), refused);
    assert.throws(() => serialize(value), refused);
    assert.throws(() => new Worker("", { eval: true, workerData: value }), refused);
  }
  setEnvironmentData("zeromq-ts-thread-bound", lamp as never);
  assert.throws(() => new Worker("", { eval: true }), refused);
  setEnvironmentData("zeromq-ts-thread-bound", undefined as never);
  port1.close();
  port2.close();
  channel.close();
});

test("the name in the sentence is that of the object's own class", () => {
  class Torch extends Lamp {}
  assert.throws(() => structuredClone(new Torch(1)), { message: /^This Torch stays/ });
});

test("it costs less than 5 us an object", () => {
  const count = 20_000;
  const lamps: Lamp[] = [];
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round++) {
    const begun = performance.now();
    for (let i = 0; i < count; i++) lamps.push(new Lamp(i));
    best = Math.min(best, (1000 * (performance.now() - begun)) / count);
    lamps.length = 0;
  }
  assert.ok(best < 5, `${best} us`);
});
