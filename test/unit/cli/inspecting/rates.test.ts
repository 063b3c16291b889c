import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketRow } from "../../../../src/cli/inspecting/rates.ts";
import { fullness, Rates, sortRows } from "../../../../src/cli/inspecting/rates.ts";
import { answer, counts, flow } from "./rig.ts";

function look(rates: Rates, nowMs: number, sent: number, received = 0): SocketRow {
  const entry = counts({ sent: flow(sent), received: flow(received) });
  return rates.rows(new Map([[7, [answer(nowMs, entry)]]]))[0] as SocketRow;
}

test("rates are those since the look before, by the process's own clock", () => {
  const rates = new Rates();
  const first = look(rates, 1000, 100, 5);
  assert.deepEqual([first.inRate, first.outRate], [null, null]);
  const second = look(rates, 1500, 150, 5);
  assert.deepEqual([second.inRate, second.outRate], [0, 100]);
  const third = look(rates, 3500, 150, 9);
  assert.deepEqual([third.inRate, third.outRate], [2, 0]);
  assert.equal(look(rates, 3500, 160).outRate, null, "no time has passed");
});

test("a socket that was away begins anew; one with the same id elsewhere is another", () => {
  const rates = new Rates();
  look(rates, 1000, 100);
  rates.rows(new Map());
  assert.equal(look(rates, 2000, 200).outRate, null);
  const rows = rates.rows(
    new Map([
      [7, [answer(3000, counts({ sent: flow(300) }))]],
      [8, [answer(3000, counts({ sent: flow(300) }))]],
    ]),
  );
  assert.deepEqual(
    rows.map(({ outRate }) => outRate),
    [100, null],
  );
});

test("drops leave out what was not asked for", () => {
  const entry = counts({
    sent: flow(0, { hwm: 3, conflated: 9, "no-subscriber": 4 }),
    received: flow(0, { hwm: 2, "no-subscriber": 50 }),
  });
  const [row] = new Rates().rows(new Map([[1, [answer(0, entry)]]]));
  assert.deepEqual(row?.drops, { hwm: 5, "no-subscriber": 4 });
  assert.equal(row?.dropCount, 9);
});

test("the fullest queue is shown", () => {
  const entry = counts({ sendFill: { queued: 5, hwm: 1000 }, receiveFill: { queued: 3, hwm: 4 } });
  const [row] = new Rates().rows(new Map([[1, [answer(0, entry)]]]));
  assert.deepEqual([row?.queued, row?.hwm], [3, 4]);
  assert.equal(fullness({ queued: 3, hwm: 4 }), 0.75);
  assert.equal(fullness({ queued: 9, hwm: 4 }), 1);
  assert.equal(fullness({ queued: 500, hwm: 0 }), 0.5);
});

test("rows are sorted by what is asked for, then by where they are", () => {
  const row = (id: number, more: Partial<SocketRow>): SocketRow => ({
    ...(new Rates().rows(new Map([[1, [answer(0, counts({ id }))]]]))[0] as SocketRow),
    ...more,
  });
  const rows = [
    row(1, { outRate: 1, peerCount: 9 }),
    row(2, { inRate: 5, dropCount: 2 }),
    row(3, { queued: 900 }),
  ];
  const ids = (by: Parameters<typeof sortRows>[1]): number[] => sortRows(rows, by).map(({ id }) => id);
  assert.deepEqual(ids("rate"), [2, 1, 3]);
  assert.deepEqual(ids("queue"), [3, 1, 2]);
  assert.deepEqual(ids("drops"), [2, 1, 3]);
  assert.deepEqual(ids("peers"), [1, 2, 3]);
  assert.deepEqual(ids("id"), [1, 2, 3]);
});
