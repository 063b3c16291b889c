import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineOptions } from "../../../src/engine/engine.ts";
import { FrameGauge } from "../../../src/engine/frame-gauge.ts";

function gauge(limits: Partial<EngineOptions> = {}, publishes = false): FrameGauge {
  return new FrameGauge(
    {
      socketTypeName: "PULL",
      routingId: new Uint8Array(0),
      maxMessageSize: 1_000,
      maxMultipartSize: -1,
      maxFramesPerMessage: 131_072,
      maxCommandSize: 600,
      maxHandshakeSize: 4_096,
      handshakeIntervalMs: 0,
      heartbeatIntervalMs: 0,
      heartbeatTimeoutMs: 0,
      heartbeatTtlMs: 0,
      ...limits,
    },
    publishes,
  );
}

test("the handshake uses its allowance up", () => {
  const one = gauge();
  assert.equal(one.commandSizeMax, 4_096);
  one.passHandshake(4_000);
  assert.deepEqual([one.frameSizeMax, one.commandSizeMax], [96, 96]);
  one.passHandshake(4_000);
  assert.deepEqual([one.frameSizeMax, one.commandSizeMax], [0, 0]);
});

test("traffic has limits of its own for messages and commands; a publisher's topics are as long as messages", () => {
  const one = gauge();
  one.openTraffic(0);
  assert.deepEqual([one.frameSizeMax, one.commandSizeMax], [1_000, 600]);
  const publisher = gauge({}, true);
  publisher.openTraffic(0);
  assert.deepEqual([publisher.frameSizeMax, publisher.commandSizeMax], [1_000, 1_000]);
  const unlimited = gauge({ maxMessageSize: -1, maxMultipartSize: 50 });
  unlimited.openTraffic(0);
  assert.equal(unlimited.frameSizeMax, 50);
});

test("sealed frames are longer by the seal, whatever they are, and measured again when they are open", () => {
  const one = gauge();
  one.openTraffic(33);
  assert.deepEqual([one.frameSizeMax, one.commandSizeMax], [1_033, 1_033]);
  one.measure(0, 1_000);
  one.measure(4, 600);
  assert.throws(() => one.measure(0, 1_001), { code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE" });
  assert.throws(() => one.measure(4, 601), { code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED" });
});

test("frames are collected until the last one, within the limits", () => {
  const one = gauge({ maxFramesPerMessage: 3, maxMultipartSize: 6 });
  const [a, b] = [Buffer.from("ab"), Buffer.from("cd")];
  assert.equal(one.collect(1, a), null);
  assert.ok(one.isInMessage);
  assert.deepEqual(one.collect(0, b), [a, b]);
  assert.ok(!one.isInMessage);
  one.collect(1, a);
  one.collect(1, a);
  assert.throws(() => one.collect(1, Buffer.from("xyz")), /more than/);
  const counted = gauge({ maxFramesPerMessage: 3 });
  for (let i = 0; i < 3; i++) counted.collect(1, a);
  assert.throws(() => counted.collect(0, a), { code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE" });
});

test("runs are allowed where no message of one can break a limit", () => {
  assert.ok(gauge().allowsRuns);
  assert.ok(!gauge({ maxFramesPerMessage: 2 }).allowsRuns);
  assert.ok(!gauge({ maxMultipartSize: 100 }).allowsRuns);
});
