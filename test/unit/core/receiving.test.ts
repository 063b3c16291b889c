// The receiving half with a pattern that the test plays; test/unit/sockets/readable.test.ts has it on sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import type { Message } from "../../../src/base/message.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { RingQueue } from "../../../src/base/ring-queue.ts";
import type { Pattern } from "../../../src/core/pattern.ts";
import { Receiving } from "../../../src/core/receiving.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { codeOf, textOf, turns } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

const seed = chooseSeed(process.env.SEED);

class Rig {
  readonly receiving: Receiving;
  readonly queue: RingQueue<Message>;
  failure: Error | null;

  constructor(options: { maxPendingReceives?: number; receiveTimeout?: number } = {}) {
    this.queue = new RingQueue();
    this.failure = null;
    const pattern = { receive: () => this.#receive() } as unknown as Pattern;
    this.receiving = new Receiving({
      pattern,
      options: { maxPendingReceives: 1024, receiveTimeout: -1, ...options } as never,
      label: () => "Pull tcp://127.0.0.1:5555",
    });
  }

  /** Messages come, as out of one chunk of a stream. */
  bring(...texts: string[]): void {
    for (const text of texts) {
      this.queue.push([Buffer.from(text)]);
      this.receiving.serve();
    }
  }

  #receive(): Message | undefined {
    if (this.failure !== null) throw this.failure;
    return this.queue.take();
  }
}

const text = async (call: Promise<Message>): Promise<string | undefined> => textOf(await call);
const texts = async (call: Promise<Message[]>): Promise<(string | undefined)[]> => (await call).map(textOf);

test("a message that is there is given at once, and calls that wait get them in order", async () => {
  const rig = new Rig();
  rig.bring("a");
  assert.equal(await text(rig.receiving.receive()), "a");
  const calls = [rig.receiving.receive(), rig.receiving.receive(), rig.receiving.receive()];
  assert.equal(rig.receiving.pendingCount, 3);
  rig.bring("b", "c", "d", "e");
  assert.deepEqual(await Promise.all(calls.map(text)), ["b", "c", "d"]);
  assert.equal(textOf(rig.receiving.tryReceive()), "e");
  assert.equal(rig.receiving.tryReceive(), undefined);
});

test("nothing overtakes a call that waits", async () => {
  const rig = new Rig();
  const first = rig.receiving.receive();
  for (const one of ["a", "b"]) rig.queue.push([Buffer.from(one)]);
  assert.equal(rig.receiving.tryReceive(), undefined);
  assert.equal(rig.receiving.takeNow(), undefined);
  const second = rig.receiving.receive();
  rig.receiving.serve();
  assert.deepEqual(await Promise.all([text(first), text(second)]), ["a", "b"]);
});

test("beyond maxPendingReceives a call is rejected with EBUSY", async () => {
  const rig = new Rig({ maxPendingReceives: 2 });
  const calls = [rig.receiving.receive(), rig.receiving.receiveMany()];
  await assert.rejects(rig.receiving.receive(), {
    code: "EBUSY",
    message: /has 2 receive\(\) calls waiting/,
  });
  assert.equal(await codeOf(rig.receiving.receiveMany()), "EBUSY");
  rig.bring("a", "b");
  assert.equal(await text(calls[0] as Promise<Message>), "a");
  assert.deepEqual(await texts(calls[1] as Promise<Message[]>), ["b"]);
});

test("the time is the option's, or the call's own; 0 does not wait; a late call takes no message", async () => {
  const rig = new Rig({ receiveTimeout: 20 });
  const anchor = setTimeout(() => undefined, 1000);
  const start = performance.now();
  await assert.rejects(rig.receiving.receive(), { code: "EAGAIN", message: /received nothing within 20 ms/ });
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 19 && tookMs < 5_000, `${tookMs} ms`);
  assert.equal(await codeOf(rig.receiving.receive({ timeoutMs: 0 })), "EAGAIN");
  const forever = rig.receiving.receive({ timeoutMs: -1 });
  await sleep(30);
  rig.bring("a");
  assert.equal(await text(forever), "a");
  clearTimeout(anchor);
});

test("receiveMany waits for the first message alone and takes all that came with it", async () => {
  const rig = new Rig();
  rig.bring("a", "b", "c");
  assert.deepEqual(await texts(rig.receiving.receiveMany(2)), ["a", "b"]);
  assert.deepEqual(await texts(rig.receiving.receiveMany()), ["c"]);
  const call = rig.receiving.receiveMany();
  const next = rig.receiving.receive();
  rig.bring("d", "e", "f");
  assert.deepEqual(await texts(call), ["d", "e", "f"]);
  rig.bring("g");
  assert.equal(await text(next), "g");
});

test("receiveMany wants a whole number of messages from 1", async () => {
  const rig = new Rig();
  for (const wrong of [0, -1, 1.5, Number.NaN, "2" as never]) {
    assert.equal(await codeOf(rig.receiving.receiveMany(wrong)), "EINVAL");
  }
});

test("an error of the pattern rejects each call that it concerns", async () => {
  const rig = new Rig();
  const waiting = [rig.receiving.receive(), rig.receiving.receiveMany()];
  rig.failure = new ZmqError("EFSM", "Out of step.");
  rig.receiving.serve();
  assert.equal(await codeOf(waiting[0] as Promise<Message>), "EFSM");
  assert.equal(await codeOf(waiting[1] as Promise<Message[]>), "EFSM");
  assert.equal(await codeOf(rig.receiving.receive()), "EFSM");
  assert.equal(await codeOf(rig.receiving.receiveMany()), "EFSM");
  assert.throws(() => rig.receiving.tryReceive(), { code: "EFSM" });
});

test("after shut every call is refused, what waited is rejected, and messages stay where they are", async () => {
  const rig = new Rig();
  const waiting = [rig.receiving.receive(), rig.receiving.receiveMany()];
  let shutCount = 0;
  rig.receiving.onShut = () => void shutCount++;
  assert.equal(rig.receiving.isShut, false);
  rig.receiving.shut(
    () => new ZmqError("EBADF", "Closed."),
    () => new ZmqError("EAGAIN", "Was closed."),
  );
  assert.equal(rig.receiving.isShut, true);
  assert.equal(shutCount, 1);
  assert.deepEqual(await Promise.all(waiting.map(codeOf)), ["EAGAIN", "EAGAIN"]);
  rig.bring("a");
  assert.equal(await codeOf(rig.receiving.receive()), "EBADF");
  assert.equal(await codeOf(rig.receiving.receiveMany()), "EBADF");
  assert.throws(() => rig.receiving.tryReceive(), { code: "EBADF" });
  assert.equal(rig.receiving.takeNow(), undefined);
  assert.equal(rig.queue.length, 1);
});

test("a caller that never waits lets the loop turn now and then, and loses nothing by it", async () => {
  const rig = new Rig();
  const count = 140_000;
  for (let i = 0; i < count; i++) rig.queue.push([Buffer.from("x")]);
  let turnCount = 0;
  const tick = (): void => {
    turnCount++;
    handle = setImmediate(tick);
  };
  let handle = setImmediate(tick);
  for (let received = 0; received < count; ) {
    if (received % 1000 === 0) {
      const many = await rig.receiving.receiveMany(999);
      received += many.length;
    } else {
      // With a time of 0 too: that call waits for a turn, not for a message.
      await rig.receiving.receive(received % 2 === 0 ? { timeoutMs: 0 } : undefined);
      received++;
    }
  }
  clearImmediate(handle);
  assert.ok(turnCount >= 2, `${turnCount} turns`);
  assert.equal(rig.queue.length, 0);
});

test("whatever calls are made and aborted, every message is received once and in order", async (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 30; round++) {
    const random = new Random(seed + round);
    const rig = new Rig({ maxPendingReceives: 50 });
    const received: (string | undefined)[] = [];
    const calls: Promise<unknown>[] = [];
    const aborts: AbortController[] = [];
    let broughtCount = 0;
    for (let step = 0; step < 300; step++) {
      const what = random.below(5);
      const abort = new AbortController();
      const { signal } = abort;
      if (what === 0) {
        aborts.push(abort);
        const call = rig.receiving.receive({ signal });
        calls.push(call.then((message) => received.push(textOf(message))).catch(() => undefined));
      } else if (what === 1) {
        aborts.push(abort);
        const call = rig.receiving.receiveMany(random.between(1, 4), { signal });
        calls.push(call.then((messages) => received.push(...messages.map(textOf))).catch(() => undefined));
      } else if (what === 2) {
        for (let left = random.below(5); left > 0; left--) rig.bring(`${broughtCount++}`);
      } else if (what === 3 && aborts.length > 0) {
        random.pick(aborts).abort();
      } else if (random.chance(0.3)) {
        await turns(1);
      }
    }
    await turns(2);
    for (const abort of aborts) abort.abort();
    await Promise.all(calls);
    for (let rest = rig.receiving.tryReceive(); rest !== undefined; rest = rig.receiving.tryReceive()) {
      received.push(textOf(rest));
    }
    const expected = Array.from({ length: broughtCount }, (_, i) => `${i}`);
    assert.deepEqual(received, expected, `SEED=${seed + round}`);
  }
});

test("a caller who takes his time with each message lets the loop turn all the same", async () => {
  const rig = new Rig();
  for (let i = 0; i < 5000; i++) rig.queue.push([Buffer.from("x")]);
  let turnCount = 0;
  const timer = setInterval(() => turnCount++, 1);
  const startMs = performance.now();
  for (let i = 0; i < 5000; i++) {
    await rig.receiving.receive();
    const endMs = performance.now() + 0.02;
    while (performance.now() < endMs);
  }
  clearInterval(timer);
  const elapsedMs = performance.now() - startMs;
  assert.ok(turnCount >= elapsedMs / 100, `${turnCount} turns in ${elapsedMs.toFixed(0)} ms`);
});
