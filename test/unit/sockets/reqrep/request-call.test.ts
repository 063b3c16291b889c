import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import type { Message } from "../../../../src/base/message.ts";
import { installPlatform } from "../../../../src/base/platform.ts";
import type { RetryOptions } from "../../../../src/sockets/reqrep/request-call.ts";
import { RequestCall } from "../../../../src/sockets/reqrep/request-call.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

const BODY: Message = [Buffer.from("a")];

class Owner {
  readonly told: string[];

  constructor() {
    this.told = [];
  }

  onReply(_call: RequestCall, reply: Message): void {
    this.told.push(`reply ${reply}`);
  }

  onTimeout(call: RequestCall): void {
    this.told.push(`timeout ${call.attemptCount}`);
  }

  onServerLost(): void {
    this.told.push("lost");
  }
}

function call(options: RetryOptions = {}, owner = new Owner()): { call: RequestCall; told: string[] } {
  return { call: new RequestCall(owner, BODY, options), told: owner.told };
}

test("without options: three attempts of 2500 ms", () => {
  const { call: one } = call();
  assert.deepEqual([one.timeoutMs, one.retries], [2500, 2]);
  for (const expected of [true, true, false]) {
    one.begin();
    assert.equal(one.hasAttempts, expected);
  }
  one.end();
});

test("an attempt's time is told once, and not when another began or the call is over", async () => {
  const { call: one, told } = call({ timeoutMs: 10 });
  one.begin();
  await sleep(40);
  assert.deepEqual(told, ["timeout 1"]);
  one.begin();
  one.begin();
  await sleep(40);
  assert.deepEqual(told, ["timeout 1", "timeout 3"]);
  one.begin();
  one.end();
  await sleep(40);
  assert.equal(told.length, 2);
});

test("after a stall a reply that was waiting to be read still counts", async (t) => {
  const { call: one, told } = call({ timeoutMs: 5 });
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  port1.on("message", () => one.end());
  // From here on timers that are due come before what is waiting to be read.
  await new Promise((resolve) => setImmediate(resolve));
  one.begin();
  port2.postMessage("reply");
  const endMs = performance.now() + 20;
  while (performance.now() < endMs);
  await sleep(20);
  assert.ok(one.isOver);
  assert.deepEqual(told, []);
});

test("-1 has no time, and replies and losses are handed on", async () => {
  const { call: one, told } = call({ timeoutMs: -1 });
  one.begin();
  await sleep(10);
  one.onServerLost();
  one.onReply(BODY);
  assert.deepEqual(told, ["lost", "reply a"]);
  one.end();
});

test("values out of range are EINVAL, with the range", () => {
  for (const timeoutMs of [0, -2, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY, "5" as unknown as number])
    assert.throws(() => call({ timeoutMs }), {
      code: "EINVAL",
      message: /-1 or a number of milliseconds above 0/,
    });
  for (const retries of [-1, 0.5, Number.NaN, "1" as unknown as number])
    assert.throws(() => call({ retries }), { code: "EINVAL", message: /a whole number of attempts from 0/ });
});
