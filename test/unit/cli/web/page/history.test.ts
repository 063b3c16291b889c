import assert from "node:assert/strict";
import { test } from "node:test";
import {
  droppedIn,
  History,
  NO_RATES,
  POINT_COUNT_MAX,
  peerKeysOf,
} from "../../../../../src/cli/web/page/history.ts";
import type { PageState } from "../../../../../src/cli/web/page-state.ts";
import { flow, peer, process, socket, state } from "../states.ts";

function publisher(atMs: number, delivered: number, hwm: number, key = "a"): PageState {
  const sent = flow({ delivered, dropped: { hwm } });
  const one = peer({ address: "x", sent });
  return state(atMs, process(key, { sockets: [socket("1", "PUB", { sent, peers: [one] })] }));
}

test("rates are what changed between two states, by the process's own time", () => {
  const history = new History();
  history.add(publisher(1000, 5000, 40));
  assert.deepEqual(history.ratesOf("a/1"), NO_RATES, "what was before the first look is no rate");
  history.add(publisher(3000, 5600, 60));
  assert.deepEqual(history.ratesOf("a/1"), { sent: 300, received: 0, dropped: 10 });
  assert.deepEqual(history.ratesOf("a/1/x#1"), { sent: 300, received: 0, dropped: 10 });
  assert.deepEqual(
    history.throughput.map(({ label, values }) => [label, values]),
    [["a.js (100)", [null, 300]]],
  );
  assert.deepEqual(
    history.drops.map(({ key, values }) => [key, values]),
    [["hwm", [0, 10]]],
  );
});

test("losses that were there before the first look are not losses of now", () => {
  const history = new History();
  history.add(publisher(1000, 0, 0));
  history.add(state(2000, ...publisher(2000, 0, 0).processes, ...publisher(2000, 0, 900, "late").processes));
  assert.deepEqual(history.drops.at(-1)?.values.at(-1), 0);
  history.add(state(3000, ...publisher(3000, 0, 50).processes, ...publisher(3000, 0, 900, "late").processes));
  assert.equal(history.drops.at(-1)?.values.at(-1), 50);
});

test("a first loss of a socket that was seen without one counts", () => {
  const history = new History();
  const of = (atMs: number, dropped: Record<string, number>): PageState =>
    state(atMs, process("a", { sockets: [socket("1", "PUB", { sent: flow({ dropped }) })] }));
  history.add(of(1000, {}));
  history.add(of(2000, { hwm: 7 }));
  assert.deepEqual(
    history.drops.map(({ values }) => values),
    [[null, 7]],
  );
});

test("a process that does not answer, or starts again from nought, has no negative rates", () => {
  const history = new History();
  history.add(publisher(1000, 500, 0));
  history.add(publisher(2000, 100, 0));
  assert.equal(history.ratesOf("a/1").sent, 0);
  const silent = publisher(2000, 100, 0).processes.map((one) => ({
    ...one,
    status: "silent" as const,
    atMs: 2000,
  }));
  history.add({ sequence: 3, atMs: 3000, processes: silent });
  assert.deepEqual(history.ratesOf("a/1"), NO_RATES);
  assert.deepEqual(history.throughput[0]?.values, [null, 0, null], "a gap, not nought");
});

test("the past is bounded, and lines that are all in the past go", () => {
  const history = new History();
  history.add(publisher(0, 0, 0, "old"));
  history.add(publisher(1000, 100, 0, "old"));
  for (let second = 2; second < POINT_COUNT_MAX + 10; second++)
    history.add(publisher(second * 1000, second, 0));
  assert.equal(history.times.length, POINT_COUNT_MAX);
  assert.deepEqual(
    history.throughput.map(({ key }) => key),
    ["a"],
  );
  for (const { values } of [...history.throughput, ...history.drops])
    assert.equal(values.length, POINT_COUNT_MAX);
});

test("peers of one address are told apart", () => {
  assert.deepEqual(peerKeysOf("s", [{ address: "a" }, { address: "b" }, { address: "a" }]), [
    "s/a#1",
    "s/b#1",
    "s/a#2",
  ]);
  assert.equal(droppedIn(flow({ dropped: { hwm: 2, linger: 3 } })), 5);
});
