import assert from "node:assert/strict";
import { test } from "node:test";
import type { Surroundings } from "../../../../src/cli/web/process-watch.ts";
import { ProcessWatch } from "../../../../src/cli/web/process-watch.ts";
import { FakeProcess } from "./fake-process.ts";

class FakeSystem implements Surroundings {
  nowMs = 10_000;
  listCount = 0;
  readonly processes = new Map<number, FakeProcess>();

  now(): number {
    return this.nowMs;
  }

  list(): Promise<{ pid: number }[]> {
    this.listCount++;
    return Promise.resolve([...this.processes.keys()].map((pid) => ({ pid })));
  }

  open(pid: number): Promise<FakeProcess> {
    const found = this.processes.get(pid);
    return found === undefined ? Promise.reject(new Error("there is none")) : Promise.resolve(found);
  }

  isAlive(pid: number): boolean {
    return this.processes.has(pid);
  }

  start(pid: number): FakeProcess {
    const process = new FakeProcess();
    this.processes.set(pid, process);
    return process;
  }

  end(pid: number): void {
    const process = this.processes.get(pid) as FakeProcess;
    process.isBusy = true;
    this.processes.delete(pid);
  }
}

async function seen(watch: ProcessWatch, system: FakeSystem): Promise<string> {
  system.nowMs += 1000;
  const { processes } = await watch.read();
  return processes.map(({ pid, status }) => `${pid} ${status}`).join(", ");
}

test("processes are found as they come, and shown as ended when they go", async () => {
  const system = new FakeSystem();
  const watch = new ProcessWatch([], system);
  assert.equal(await seen(watch, system), "");
  system.start(1);
  system.start(2);
  await seen(watch, system);
  assert.equal(await seen(watch, system), "1 live, 2 live");
  system.end(1);
  assert.equal(await seen(watch, system), "2 live, 1 ended");
  // The system uses the number again.
  system.start(1);
  await seen(watch, system);
  assert.equal(await seen(watch, system), "2 live, 1 live, 1 ended");
  const { processes } = await watch.read();
  assert.equal(new Set(processes.map(({ key }) => key)).size, 3);
  system.nowMs += 300_000;
  assert.equal(await seen(watch, system), "2 live, 1 live", "after a while it is forgotten");
});

test("of many that ended the last are shown", async () => {
  const system = new FakeSystem();
  const watch = new ProcessWatch([], system);
  for (let pid = 1; pid <= 40; pid++) system.start(pid);
  await seen(watch, system);
  for (let pid = 1; pid <= 40; pid++) system.end(pid);
  await seen(watch, system);
  assert.equal((await watch.read()).processes.length, 16);
});

test("those that were named are looked for, and no others", async () => {
  const system = new FakeSystem();
  system.start(1);
  const watch = new ProcessWatch([2], system);
  assert.equal(await seen(watch, system), "");
  system.start(2);
  await seen(watch, system);
  assert.equal(await seen(watch, system), "2 live");
  assert.equal(system.listCount, 0);
});

test("those who ask at the same time share one answer", async () => {
  const system = new FakeSystem();
  const process = system.start(1);
  const watch = new ProcessWatch([], system);
  const [one, other] = await Promise.all([watch.read(), watch.read()]);
  assert.equal(one, other);
  assert.equal(await watch.read(), one, "nor is it asked again at once");
  assert.equal(process.askCount, 1);
});

test("one that was never heard of is not shown, and closing lets go of all", async () => {
  const system = new FakeSystem();
  const process = system.start(1);
  process.isBusy = true;
  const watch = new ProcessWatch([], system);
  assert.equal(await seen(watch, system), "");
  await watch.close();
  assert.ok(process.isClosed);
});
