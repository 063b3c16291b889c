import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { PeerWaits } from "../../../src/core/peer-waits.ts";
import { nodePlatform } from "../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

test("a wait ends when its condition holds at a look, at once if it does already", async () => {
  const waits = new PeerWaits(() => "Push");
  await waits.until(() => true, {});
  let count = 0;
  const one = waits.until(() => count >= 1, {});
  const two = waits.until(() => count >= 2, { timeoutMs: 20 });
  count = 1;
  waits.look();
  await one;
  await assert.rejects(two, { code: "EAGAIN", message: /Push did not see the awaited peers within 20 ms/ });
});

test("all waits can be rejected", async () => {
  const waits = new PeerWaits(() => "Push");
  const one = waits.until(() => false, {});
  waits.rejectAll(() => new Error("over"));
  await assert.rejects(one, /over/);
});
