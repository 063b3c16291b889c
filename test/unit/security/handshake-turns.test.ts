import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import { HandshakeTurns } from "../../../src/security/handshake-turns.ts";

let now = 0;
let turns: (() => void)[] = [];
installPlatform({ now: () => now, yieldTurn: (callback) => turns.push(callback) });

function nextTurn(): void {
  const due = turns;
  turns = [];
  for (const callback of due) callback();
}

/** Work of `ms`, at once or when it is its turn. */
function work(schedule: HandshakeTurns, ms: number, log: string[], name: string): void {
  const run = (): void => {
    const started = now;
    now += ms;
    log.push(name);
    schedule.spend(started);
  };
  if (schedule.enter(run)) run();
}

test("what goes beyond a turn's share waits for the next turns, in order", () => {
  const schedule = new HandshakeTurns();
  const log: string[] = [];
  for (let i = 0; i < 12; i++) work(schedule, 1, log, String(i));
  assert.deepEqual(log, ["0", "1", "2", "3", "4"]);
  nextTurn();
  assert.equal(log.length, 10);
  work(schedule, 1, log, "late");
  assert.equal(log.length, 10);
  nextTurn();
  assert.deepEqual(log.slice(9), ["9", "10", "11", "late"]);
  nextTurn();
  assert.equal(turns.length, 0, "an idle schedule asks for no turns");
  work(schedule, 1, log, "at once");
  assert.equal(log.at(-1), "at once");
});

test("those that are gone use nothing up", () => {
  const schedule = new HandshakeTurns();
  const log: string[] = [];
  work(schedule, 50, log, "long");
  for (let i = 0; i < 100; i++) schedule.enter(() => undefined);
  work(schedule, 1, log, "last");
  assert.deepEqual(log, ["long"]);
  nextTurn();
  assert.deepEqual(log, ["long", "last"]);
});
