import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketCore } from "../../../../src/core/socket.ts";
import { Sampler } from "../../../../src/services/notices/sampler.ts";
import { Clock } from "./clock.ts";

/** A socket of which no more is asked than the sampler does. */
function fakeSocket(name: string, seen: string[], clock: Clock, costMs: number): SocketCore {
  const sample = (pipe: string, nowMs: number): void => {
    seen.push(`${name}${pipe} ${nowMs}`);
    clock.nowMs += costMs;
  };
  return { openPipes: () => ["x", "y"], books: { journal: { sample } } } as unknown as SocketCore;
}

test("every pipe of every socket is sampled each 10 s, until it is stopped", () => {
  const clock = new Clock();
  const seen: string[] = [];
  const sockets = [fakeSocket("a", seen, clock, 0), fakeSocket("b", seen, clock, 0)];
  const sampler = new Sampler(() => sockets);
  sampler.start();
  sampler.start();
  clock.pass(9_999);
  assert.deepEqual([seen.length, clock.timerCount], [0, 1]);
  clock.pass(1);
  assert.deepEqual(seen, ["ax 11000", "ay 11000", "bx 11000", "by 11000"]);
  clock.pass(10_000);
  assert.equal(seen.length, 8);
  sampler.stop();
  assert.deepEqual([clock.pass(100_000), clock.timerCount, seen.length], [0, 0, 8]);
  sampler.start();
  clock.pass(10_000);
  assert.equal(seen.length, 12);
});

test("a walk over a thousand sockets lets the loop turn every 2 ms", () => {
  const clock = new Clock();
  const seen: string[] = [];
  const sockets = Array.from({ length: 1000 }, (_, i) => fakeSocket(`${i}`, seen, clock, 0.05));
  const sampler = new Sampler(() => sockets);
  sampler.start();
  let largest = 0;
  for (let before = 0; seen.length < 2000; before = seen.length) {
    clock.pass(10);
    largest = Math.max(largest, seen.length - before);
    assert.ok(clock.nowMs < 30_000);
  }
  assert.ok(largest <= 42, `${largest} samples of 50 us in a turn`);
  sampler.stop();
});
