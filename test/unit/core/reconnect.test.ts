import assert from "node:assert/strict";
import { test } from "node:test";
import { nextReconnectDelay, RECONNECT_STOP, stopsReconnecting } from "../../../src/core/reconnect.ts";

const delay = (interval: number, max: number, attempt: number, random: number) =>
  nextReconnectDelay({ reconnectInterval: interval, reconnectMaxInterval: max }, attempt, () => random);

const ALMOST_ONE = 1 - 2 ** -53;

// libzmq behaviour B89.
test("0 and -1 never reconnect", () => {
  assert.equal(delay(-1, 0, 0, 0.5), null);
  assert.equal(delay(0, 0, 0, 0.5), null);
  assert.equal(delay(-1, 60000, 3, 0.5), null);
});

test("a constant interval has chance added, up to as much again", () => {
  for (const attempt of [0, 1, 2, 50, 5000]) {
    assert.equal(delay(100, 0, attempt, 0), 100);
    assert.equal(delay(100, 0, attempt, 0.5), 150);
    assert.equal(delay(100, 0, attempt, ALMOST_ONE), 199);
  }
});

test("with a maximum the wait doubles up to it", () => {
  const bounds = [0, 1, 2, 3, 4, 5, 2000].map((attempt) => [
    delay(100, 1000, attempt, 0),
    delay(100, 1000, attempt, ALMOST_ONE),
  ]);
  assert.deepEqual(bounds, [
    [100, 199],
    [200, 399],
    [400, 799],
    [500, 999],
    [500, 999],
    [500, 999],
    [500, 999],
  ]);
});

test("a maximum below the interval is the wait", () => {
  assert.equal(delay(100, 40, 0, 0.9), 40);
  assert.equal(delay(100, 40, 9, 0.1), 40);
  assert.equal(delay(100, 100, 0, 0.9), 100);
});

test("no wait is outside of its bounds or beyond what a timer holds", () => {
  const INT_MAX = 2 ** 31 - 1;
  for (const interval of [1, 2, 99, 2 ** 30, INT_MAX]) {
    for (const max of [0, 1, 3, 100, 2 ** 30 + 1, INT_MAX]) {
      for (let attempt = 0; attempt < 40; attempt++) {
        for (const random of [0, 0.3, ALMOST_ONE]) {
          const wait = delay(interval, max, attempt, random);
          const what = `interval ${interval}, max ${max}, attempt ${attempt}, random ${random}: ${wait}`;
          assert.ok(wait !== null && Number.isInteger(wait), what);
          assert.ok(wait >= (max === 0 ? interval : Math.min(interval, max)), what);
          assert.ok(wait <= (max === 0 ? Math.min(2 * interval, INT_MAX) : max), what);
        }
      }
    }
  }
});

test("many clients do not come back at once, also when the wait is at its maximum", () => {
  const waits = new Set<number | null>();
  for (let i = 0; i < 100; i++) waits.add(delay(100, 10000, 30, i / 100));
  assert.equal(waits.size, 100);
});

// libzmq behaviour B91.
test("reconnectStop is a sum of causes", () => {
  assert.deepEqual(RECONNECT_STOP, { connectionRefused: 1, handshakeFailed: 2, afterDisconnect: 4 });
  assert.ok(stopsReconnecting({ reconnectStop: 5 }, "connectionRefused"));
  assert.ok(!stopsReconnecting({ reconnectStop: 5 }, "handshakeFailed"));
  assert.ok(stopsReconnecting({ reconnectStop: 5 }, "afterDisconnect"));
  assert.ok(!stopsReconnecting({ reconnectStop: 0 }, "connectionRefused"));
});
