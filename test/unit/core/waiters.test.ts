import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ZmqError } from "../../../src/base/errors.ts";
import { installPlatform } from "../../../src/base/platform.ts";
import { WaitQueue } from "../../../src/core/waiters.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";
import { codeOf } from "../../peers/sockets.ts";

let holdCount = 0;
installPlatform({ ...nodePlatform, hold: () => void holdCount++, release: () => void holdCount-- });

function queue(): WaitQueue<string, string> {
  holdCount = 0;
  return new WaitQueue((timeoutMs) => `nothing within ${timeoutMs} ms.`);
}

/** Timers of the platform do not keep the process alive. */
async function awake<T>(promise: Promise<T>): Promise<T> {
  const anchor = setInterval(() => undefined, 1000);
  try {
    return await promise;
  } finally {
    clearInterval(anchor);
  }
}

test("calls are settled in the order in which they came", async () => {
  const waits = queue();
  const settled: string[] = [];
  for (const name of ["a", "b", "c"]) {
    void waits.add(name, -1, undefined).then((result) => settled.push(`${name}=${result}`));
  }
  assert.equal(waits.length, 3);
  assert.equal(waits.peek()?.payload, "a");
  for (const result of ["1", "2", "3"]) waits.resolveNext(result);
  await sleep(0);
  assert.deepEqual(settled, ["a=1", "b=2", "c=3"]);
  assert.ok(waits.isEmpty);
});

test("the process is held while a call waits, once for all of them, and let go however it ends", async () => {
  const waits = queue();
  const abort = new AbortController();
  const first = waits.add("a", -1, undefined);
  const second = waits.add("b", -1, abort.signal);
  assert.equal(holdCount, 1);
  waits.resolveNext("1");
  assert.equal(holdCount, 1);
  abort.abort();
  assert.equal(holdCount, 0);
  assert.deepEqual([await first, await codeOf(second)], ["1", "ABORT_ERR"]);
  const late = waits.add("c", 1, undefined);
  assert.equal(holdCount, 1);
  assert.equal(await awake(codeOf(late)), "EAGAIN");
  assert.equal(holdCount, 0);
  const closed = waits.add("d", -1, undefined);
  waits.rejectAll(() => new ZmqError("EBADF", "Closed."));
  assert.equal(holdCount, 0);
  assert.equal(await codeOf(closed), "EBADF");
});

test("a call whose time runs out or whose signal aborts gives up its place alone", async () => {
  const waits = queue();
  const abort = new AbortController();
  const a = waits.add("a", 5, undefined);
  const b = waits.add("b", -1, abort.signal);
  const c = waits.add("c", -1, undefined);
  abort.abort(new Error("enough"));
  await assert.rejects(b, (error: ZmqError) => {
    assert.equal(error.name, "AbortError");
    assert.equal((error.cause as Error).message, "enough");
    return true;
  });
  await awake(assert.rejects(a, /nothing within 5 ms\./));
  assert.equal(waits.peek()?.payload, "c");
  waits.resolveNext("1");
  assert.equal(await c, "1");
});

test("a time of 0 and a signal that is aborted already reject at once and hold nothing", async () => {
  const waits = queue();
  assert.equal(await codeOf(waits.add("a", 0, undefined)), "EAGAIN");
  assert.equal(await codeOf(waits.add("a", -1, AbortSignal.abort())), "ABORT_ERR");
  assert.equal(await codeOf(waits.add("a", 0, AbortSignal.abort())), "ABORT_ERR");
  assert.ok(waits.isEmpty);
  assert.equal(holdCount, 0);
});

test("a settled call has no listener on its signal any more", async () => {
  const waits = queue();
  const abort = new AbortController();
  let count = 0;
  const { signal } = abort;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    count++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    count--;
    remove(...args);
  };
  const a = waits.add("a", 1000, signal);
  assert.equal(count, 1);
  waits.resolveNext("1");
  assert.equal(count, 0);
  abort.abort();
  assert.equal(await a, "1");
});

test("calls that share a signal share a listener, and are rejected together", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const waits = queue();
  const abort = new AbortController();
  const shared = Array.from({ length: 50 }, (_, i) =>
    waits.add(`${i}`, i % 2 === 0 ? -1 : 1000, abort.signal),
  );
  const other = waits.add("other", -1, undefined);
  waits.resolveNext("first");
  abort.abort();
  assert.equal(waits.length, 1);
  const codes = await Promise.all(shared.map(codeOf));
  assert.deepEqual(codes, ["resolved", ...Array(49).fill("ABORT_ERR")]);
  waits.resolveNext("other");
  assert.equal(await other, "other");
  assert.equal(holdCount, 0);
  await sleep(1);
  process.off("warning", onWarning);
  assert.deepEqual(warnings, []);
});

test("those that are due are settled wherever they stand, the others keep their order", async () => {
  const waits = queue();
  const promises = ["a", "b", "c", "d"].map((name) => waits.add(name, -1, undefined));
  waits.resolveWhere((name) => name === "b" || name === "d", "due");
  assert.deepEqual(await Promise.all([promises[1], promises[3]]), ["due", "due"]);
  assert.equal(waits.length, 2);
  assert.equal(holdCount, 1);
  waits.resolveNext("1");
  assert.equal(await promises[0], "1");
  waits.resolveWhere(() => true, "2");
  assert.equal(await promises[2], "2");
  assert.equal(holdCount, 0);
  waits.resolveWhere(() => true, "nobody");
  assert.equal(holdCount, 0);
});

test("an error says what its call adds to it", async () => {
  const waits = new WaitQueue<string, void>(
    () => "late.",
    (error, name) => Object.assign(error, { of: name }),
  );
  const abort = new AbortController();
  const calls = [
    waits.add("now", 0, undefined),
    waits.add("aborted", -1, abort.signal),
    waits.add("refused", -1, undefined),
    waits.add("closed", -1, undefined),
  ];
  abort.abort();
  waits.rejectNext(new Error("no"));
  waits.rejectAll(() => new Error("closed"));
  for (const [index, name] of ["now", "aborted", "refused", "closed"].entries()) {
    await assert.rejects(calls[index] as Promise<void>, { of: name });
  }
});

test("a dropped promise of a socket that closes brings nobody down", async () => {
  const unhandled: unknown[] = [];
  const onUnhandled = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", onUnhandled);
  const waits = queue();
  void waits.add("a", -1, undefined);
  waits.rejectAll(() => new ZmqError("EBADF", "Closed."));
  await sleep(5);
  process.off("unhandledRejection", onUnhandled);
  assert.deepEqual(unhandled, []);
});

test("a call that says so does not hold the process, however it ends; others beside it do", async () => {
  const waits = queue();
  const controller = new AbortController();
  const free = waits.add("free", -1, undefined, false);
  assert.equal(holdCount, 0);
  const held = waits.add("held", -1, undefined);
  assert.equal(holdCount, 1);
  const timed = waits.add("timed", 1, undefined, false);
  const aborted = waits.add("aborted", -1, controller.signal, false);
  waits.resolveNext("1");
  assert.equal(await free, "1");
  assert.equal(holdCount, 1);
  waits.resolveNext("2");
  assert.equal(await held, "2");
  assert.equal(holdCount, 0);
  controller.abort();
  assert.equal(await codeOf(aborted), "ABORT_ERR");
  assert.equal(await awake(codeOf(timed)), "EAGAIN");
  assert.equal(holdCount, 0);
});
