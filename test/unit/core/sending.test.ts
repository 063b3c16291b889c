// The sending half with a pattern that the test plays; test/unit/sockets/writable.test.ts has it on sockets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { ZmqError } from "../../../src/base/errors.ts";
import { COPY_SIZE_MAX, type Message } from "../../../src/base/message.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import type { Pattern } from "../../../src/core/pattern.ts";
import { Sending } from "../../../src/core/sending.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { codeOf } from "../../peers/sockets.ts";

installPlatform(nodePlatform);

const seed = chooseSeed(process.env.SEED);

class Rig {
  readonly sending: Sending;
  readonly sent: string[];
  readonly bodies: Uint8Array[];
  /** How many messages the pattern takes before it is full. */
  room: number;
  /** Thrown by the pattern for a message of this text. */
  readonly failing: Map<string, Error>;

  constructor(options: { maxPendingSends?: number; sendTimeout?: number } = {}, room = 0) {
    this.sent = [];
    this.bodies = [];
    this.room = room;
    this.failing = new Map();
    const pattern = { send: (message: Message) => this.#send(message) } as unknown as Pattern;
    this.sending = new Sending({
      pattern,
      options: { maxPendingSends: 1024, sendTimeout: -1, ...options } as never,
      label: () => "Push tcp://127.0.0.1:5555",
    });
  }

  /** Room for so many more. */
  open(count: number): void {
    this.room += count;
    this.sending.serve();
  }

  #send(message: Message): boolean {
    const text = Buffer.from(message[0] as Uint8Array).toString();
    const failure = this.failing.get(text);
    if (failure !== undefined) throw failure;
    if (this.room === 0) return false;
    this.room--;
    this.sent.push(text);
    this.bodies.push(message[0] as Uint8Array);
    return true;
  }
}

test("a message for which there is room is sent when the call returns", async () => {
  const rig = new Rig({}, 2);
  const promise = rig.sending.send("a");
  assert.deepEqual(rig.sent, ["a"]);
  assert.equal(rig.sending.pendingCount, 0);
  await promise;
  assert.equal(rig.sending.trySend("b"), true);
  assert.equal(rig.sending.trySend("c"), false);
  assert.deepEqual(rig.sent, ["a", "b"]);
});

test("calls that wait go out in order, and nothing overtakes them", async () => {
  const rig = new Rig();
  const order: string[] = [];
  const calls = ["a", "b", "c"].map((text) => rig.sending.send(text).then(() => order.push(text)));
  rig.room = 5;
  assert.equal(rig.sending.trySend("x"), false, "there is room, but others wait");
  const last = rig.sending.send("d").then(() => order.push("d"));
  rig.sending.serve();
  await Promise.all([...calls, last]);
  assert.deepEqual(rig.sent, ["a", "b", "c", "d"]);
  assert.deepEqual(order, ["a", "b", "c", "d"]);
});

test("beyond maxPendingSends a call is rejected with EBUSY, and those that wait are not disturbed", async () => {
  const rig = new Rig({ maxPendingSends: 2 });
  const calls = [rig.sending.send("a"), rig.sending.send("b")];
  await assert.rejects(rig.sending.send("c"), {
    code: "EBUSY",
    message: /Push tcp:\/\/127.0.0.1:5555 has 2 send\(\) calls/,
  });
  await assert.rejects(rig.sending.sendMany(["d", "e"]), { code: "EBUSY", sentCount: 0 });
  rig.open(1);
  const third = rig.sending.send("f");
  rig.open(5);
  await Promise.all([...calls, third]);
  assert.deepEqual(rig.sent, ["a", "b", "f"]);
});

test("maxPendingSends 0 lets no call wait", async () => {
  const rig = new Rig({ maxPendingSends: 0 }, 1);
  await rig.sending.send("a");
  assert.equal(await codeOf(rig.sending.send("b")), "EBUSY");
});

test("the time is the option's, or the call's own; 0 does not wait", async () => {
  const rig = new Rig({ sendTimeout: 20 });
  const anchor = setTimeout(() => undefined, 1000);
  const start = performance.now();
  await assert.rejects(rig.sending.send("a"), { code: "EAGAIN", message: /could not send within 20 ms/ });
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 19 && tookMs < 5_000, `${tookMs} ms`);
  assert.equal(await codeOf(rig.sending.send("b", { timeoutMs: 0 })), "EAGAIN");
  const forever = rig.sending.send("c", { timeoutMs: -1 });
  await sleep(30);
  assert.equal(rig.sending.pendingCount, 1);
  rig.open(1);
  await forever;
  clearTimeout(anchor);
  assert.deepEqual(rig.sent, ["c"]);
});

test("an aborted call sends nothing, also when it was aborted before", async () => {
  const rig = new Rig();
  const abort = new AbortController();
  const call = rig.sending.send("a", { signal: abort.signal });
  abort.abort();
  assert.equal(await codeOf(call), "ABORT_ERR");
  rig.open(5);
  assert.equal(await codeOf(rig.sending.send("b", { signal: abort.signal })), "ABORT_ERR");
  await assert.rejects(rig.sending.sendMany(["c"], { signal: abort.signal }), {
    code: "ABORT_ERR",
    sentCount: 0,
  });
  assert.deepEqual(rig.sent, []);
});

test("small frames may be reused when the call returned, while the message waits; large ones are not copied", async () => {
  const rig = new Rig();
  const small = Buffer.from("before");
  const large = Buffer.alloc(COPY_SIZE_MAX, "l");
  const calls = [rig.sending.send(small), rig.sending.send([large]), rig.sending.sendMany([small])];
  small.fill("x");
  rig.open(3);
  await Promise.all(calls);
  assert.deepEqual([rig.sent[0], rig.sent[2]], ["before", "before"]);
  assert.equal(rig.bodies[1], large);
});

test("a state error of the pattern rejects its own call alone", async () => {
  const rig = new Rig({}, 1);
  rig.failing.set("bad", new ZmqError("EHOSTUNREACH", "Nobody."));
  assert.equal(await codeOf(rig.sending.send("bad")), "EHOSTUNREACH");
  assert.throws(() => rig.sending.trySend("bad"), { code: "EHOSTUNREACH" });
  await rig.sending.send("a");
  const calls = [rig.sending.send("b"), rig.sending.send("bad"), rig.sending.send("c")];
  rig.open(2);
  assert.deepEqual(await Promise.all(calls.map(codeOf)), ["resolved", "EHOSTUNREACH", "resolved"]);
  assert.deepEqual(rig.sent, ["a", "b", "c"]);
});

test("sendMany sends what it can at once and the rest when there is room, as one call", async () => {
  const rig = new Rig({}, 2);
  const many = rig.sending.sendMany(["a", "b", "c", "d"]);
  const single = rig.sending.send("e");
  assert.deepEqual(rig.sent, ["a", "b"]);
  assert.equal(rig.sending.pendingCount, 2);
  rig.open(1);
  assert.deepEqual(rig.sent, ["a", "b", "c"]);
  rig.open(1);
  await many;
  assert.equal(rig.sending.pendingCount, 1);
  rig.open(1);
  await single;
  assert.deepEqual(rig.sent, ["a", "b", "c", "d", "e"]);
  await rig.sending.sendMany([]);
});

test("a rejected sendMany says how many messages were sent, whatever ended it", async () => {
  const anchor = setTimeout(() => undefined, 1000);
  const timed = new Rig({ sendTimeout: 5 }, 2);
  await assert.rejects(timed.sending.sendMany(["a", "b", "c"]), { code: "EAGAIN", sentCount: 2 });
  await assert.rejects(timed.sending.sendMany(["c"]), { code: "EAGAIN", sentCount: 0 });
  clearTimeout(anchor);

  const now = new Rig({ sendTimeout: 0 }, 2);
  await assert.rejects(now.sending.sendMany(["a", "b", "c"]), { code: "EAGAIN", sentCount: 2 });

  const aborted = new Rig({}, 1);
  const abort = new AbortController();
  const call = aborted.sending.sendMany(["a", "b", "c", "d"], { signal: abort.signal });
  aborted.open(2);
  abort.abort();
  await assert.rejects(call, { code: "ABORT_ERR", sentCount: 3 });
  assert.deepEqual(aborted.sent, ["a", "b", "c"]);

  const closed = new Rig({}, 1);
  const last = closed.sending.sendMany(["a", "b"]);
  closed.sending.shut(
    () => new ZmqError("EBADF", "Closed."),
    () => new ZmqError("EAGAIN", "Was closed."),
  );
  await assert.rejects(last, { code: "EAGAIN", sentCount: 1 });
  await assert.rejects(closed.sending.sendMany(["a"]), { code: "EBADF", sentCount: 0 });

  const wrong = new Rig({}, 5);
  await assert.rejects(wrong.sending.sendMany(["a", undefined as never, "c"]), {
    code: "EINVAL",
    sentCount: 1,
  });

  const failing = new Rig({}, 1);
  failing.failing.set("c", new ZmqError("EHOSTUNREACH", "Nobody."));
  const unreachable = failing.sending.sendMany(["a", "b", "c"]);
  failing.open(5);
  await assert.rejects(unreachable, { code: "EHOSTUNREACH", sentCount: 2 });
});

test("after shut every call is refused, and what waited is rejected for a reason of its own", async () => {
  const rig = new Rig();
  const waiting = [rig.sending.send("a"), rig.sending.sendMany(["b", "c"])];
  rig.sending.shut(
    () => new ZmqError("ETERM", "Over."),
    () => new ZmqError("EAGAIN", "Was closed."),
  );
  assert.deepEqual(await Promise.all(waiting.map(codeOf)), ["EAGAIN", "EAGAIN"]);
  assert.equal(await codeOf(rig.sending.send("d")), "ETERM");
  assert.throws(() => rig.sending.trySend("d"), { code: "ETERM" });
  rig.open(5);
  assert.deepEqual(rig.sent, []);
});

test("calls that wait and are dropped by their program bring nobody down when the socket closes", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  const rig = new Rig({}, 1);
  void rig.sending.sendMany(["a", "b"]);
  void rig.sending.send("c");
  rig.sending.shut(
    () => new ZmqError("EBADF", "Closed."),
    () => new ZmqError("EAGAIN", "Was closed."),
  );
  await sleep(5);
  process.off("unhandledRejection", onUnhandled);
  assert.deepEqual(unhandled, []);
});

test("a caller that never waits lets the loop turn now and then", async () => {
  const rig = new Rig({}, Number.POSITIVE_INFINITY);
  let turnCount = 0;
  const count = (): void => {
    turnCount++;
    handle = setImmediate(count);
  };
  let handle = setImmediate(count);
  for (let i = 0; i < 20_000; i++) await rig.sending.send("x");
  for (let i = 0; i < 20; i++) await rig.sending.sendMany(["x".repeat(10), ...Array(4095).fill("y")]);
  clearImmediate(handle);
  assert.ok(turnCount >= 20, `${turnCount} turns`);
});

test("whatever is sent, aborted and let through: in order, each once, and those that settled well are sent", async (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (let round = 0; round < 30; round++) {
    const random = new Random(seed + round);
    const rig = new Rig({ maxPendingSends: 20 });
    const outcomes: Promise<readonly [readonly string[], number]>[] = [];
    const aborts: AbortController[] = [];
    for (let step = 0; step < 200; step++) {
      const what = random.below(4);
      const abort = new AbortController();
      if (what === 0) {
        const text = `${step}`;
        aborts.push(abort);
        const call = rig.sending.send(text, { signal: abort.signal });
        outcomes.push(call.then(() => [[text], 1] as const).catch(() => [[text], 0] as const));
      } else if (what === 1) {
        const texts = Array.from({ length: random.between(1, 5) }, (_, i) => `${step}.${i}`);
        aborts.push(abort);
        const call = rig.sending.sendMany(texts, { signal: abort.signal });
        const ofError = (error: { sentCount: number }) => [texts, error.sentCount] as const;
        outcomes.push(call.then(() => [texts, texts.length] as const).catch(ofError));
      } else if (what === 2) {
        rig.open(random.below(6));
      } else if (aborts.length > 0) {
        random.pick(aborts).abort();
      }
      if (random.chance(0.1)) await sleep(0);
    }
    for (const abort of aborts) abort.abort();
    const expected = (await Promise.all(outcomes)).flatMap(([texts, count]) => texts.slice(0, count));
    assert.deepEqual([...rig.sent].sort(), [...expected].sort(), `SEED=${seed + round}`);
    const numbers = rig.sent.map((text) => Number(text.replace(/\.(\d)$/, ".0$1")));
    assert.deepEqual(
      numbers,
      [...numbers].sort((a, b) => a - b),
      `SEED=${seed + round}`,
    );
  }
});
