import assert from "node:assert/strict";
import { test } from "node:test";
import { createContextOptions } from "../../../src/core/context-options.ts";
import { LoneShare } from "../../../src/core/context-share.ts";

test("a share of one thread counts its sockets, and remembers that there was one", () => {
  const share = new LoneShare();
  assert.deepEqual(share.options, createContextOptions());
  assert.deepEqual(
    [share.handle, share.hasThreads, share.canBlock, share.isUsed],
    [null, false, false, false],
  );
  assert.equal(share.addSocket(), 1);
  assert.equal(share.addSocket(), 2);
  share.removeSocket();
  assert.equal(share.addSocket(), 2);
  share.removeSocket();
  share.removeSocket();
  assert.equal(share.isUsed, true);
});

test("a share of one thread has nobody to wait for", () => {
  const begun = performance.now();
  assert.equal(new LoneShare().block(), false);
  assert.ok(performance.now() - begun < 100);
});

test("terminating closes the sockets once and waits for them", async () => {
  const share = new LoneShare();
  let calls = 0;
  let wasTerminated = false;
  let close = (): void => undefined;
  share.onTerminate = () => {
    calls++;
    wasTerminated = share.isTerminated;
    return new Promise<void>((resolve) => (close = resolve));
  };
  assert.equal(share.isTerminated, false);
  const terminated = share.terminate();
  assert.equal(share.terminate(), terminated);
  assert.deepEqual([calls, wasTerminated, share.isTerminated], [1, true, true]);
  let isDone = false;
  void terminated.then(() => (isDone = true));
  await new Promise(setImmediate);
  assert.equal(isDone, false);
  close();
  assert.equal(await terminated, undefined);
});

test("a share that nobody listens to ends too", async () => {
  const share = new LoneShare();
  await share.terminate();
  assert.equal(share.isTerminated, true);
});
