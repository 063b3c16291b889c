import assert from "node:assert/strict";
import { test } from "node:test";
import { WatchedProcess } from "../../../../src/cli/web/watched-process.ts";
import { FakeProcess } from "./fake-process.ts";

const alive = (): boolean => true;
const dead = (): boolean => false;

test("it is named after its script, or as it names itself", async () => {
  const one = new WatchedProcess("p1", 7, new FakeProcess(), () => 1000);
  await one.look(alive);
  assert.deepEqual([one.state.title, one.state.status], ["orders.mjs", "live"]);
  const other = new FakeProcess();
  other.script = null;
  const two = new WatchedProcess("p2", 8, other, () => 1000);
  await two.look(alive);
  assert.equal(two.state.title, "node");
});

test("its clock is the one that was nearest, so that a late answer moves no time", async () => {
  const process = new FakeProcess();
  let nowMs = 1010;
  const watched = new WatchedProcess("p1", 7, process, () => nowMs);
  await watched.look(alive);
  assert.equal(watched.state.atMs, 1010);
  nowMs = 2500;
  process.nowMs = 1040;
  await watched.look(alive);
  assert.equal(watched.state.atMs, 2000, "500 ms late");
  nowMs = 3000;
  process.nowMs = 2045;
  await watched.look(alive);
  assert.equal(watched.state.atMs, 3000, "5 ms nearer than before");
});

test("one that does not answer is silent and keeps what it said; one that is gone has ended", async () => {
  const process = new FakeProcess();
  const watched = new WatchedProcess("p1", 7, process, () => 1000);
  await watched.look(alive);
  process.isBusy = true;
  await watched.look(alive);
  assert.deepEqual(
    [watched.state.status, watched.state.title, watched.endedMs],
    ["silent", "orders.mjs", null],
  );
  await watched.look(dead);
  assert.deepEqual([watched.state.status, watched.endedMs, process.isClosed], ["ended", 1000, true]);
  const { askCount } = process;
  await watched.look(alive);
  assert.equal(process.askCount, askCount, "the dead are not asked");
});

test("a thread that does not answer keeps its sockets, one that ended does not", async () => {
  const process = new FakeProcess();
  process.threadIds = [3, 4];
  const watched = new WatchedProcess("p1", 7, process, () => 1000);
  const ids = async (): Promise<string[]> => {
    await watched.look(alive);
    return watched.state.sockets.map(({ id }) => id);
  };
  assert.deepEqual(await ids(), ["0.1", "3.1", "4.1"]);
  process.silentThreadIds = [3];
  assert.deepEqual(await ids(), ["0.1", "3.1", "4.1"]);
  assert.deepEqual(await ids(), ["0.1", "3.1", "4.1"], "however long");
  process.threadIds = [4];
  process.silentThreadIds = [];
  assert.deepEqual(await ids(), ["0.1", "4.1"]);
});
