import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform, platform } from "../../../src/base/platform.ts";

test("without a host memory and text work, everything else says what is missing", () => {
  const view = platform.view(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2);
  assert.deepEqual([...view], [2, 3]);
  assert.equal(platform.allocate(5).length, 5);
  assert.deepEqual([...platform.encodeText("é")], [0xc3, 0xa9]);
  assert.equal(platform.can("typeOfService"), false, "nobody can do what no host does");
  const calls: (() => unknown)[] = [
    () => platform.now(),
    () => platform.random(),
    () => platform.setTimer(() => undefined, 1),
    () => platform.clearTimer(1),
    () => platform.defer(() => undefined),
    () => platform.yieldTurn(() => undefined),
    () => platform.spin(1),
    () => platform.hold(),
    () => platform.release(),
    () => platform.onBeforeExit(() => undefined),
    () => platform.onExit(() => undefined),
    () => platform.warn("", ""),
  ];
  for (const call of calls) assert.throws(call, /No platform is installed/);
  assert.equal(calls.length + 4, Object.keys(platform).length, "every part of the platform is tried");
});

test("what is installed replaces part of what was there, which is given back", () => {
  const original = platform;
  const before = installPlatform({ now: () => 7 });
  assert.equal(before, original);
  assert.equal(platform.now(), 7);
  assert.throws(() => platform.random(), /No platform is installed/);
  installPlatform(before);
  assert.throws(() => platform.now(), /the clock/);
});
