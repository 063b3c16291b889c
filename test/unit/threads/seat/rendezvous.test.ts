import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Worker } from "node:worker_threads";
import {
  BroadcastChannel,
  getEnvironmentData,
  MessageChannel,
  type MessagePort,
  setEnvironmentData,
} from "node:worker_threads";
import { Directory } from "../../../../src/threads/seat/directory.ts";
import { runScript } from "../../transports/script-run.ts";
import type { Order, Report } from "../guest.ts";
import { Guest, startGuest, startRemoteGuest } from "../guest.ts";

/** What is more than enough for an idle thread to hear and answer; busy machines included. */
const SOON_MS = 5000;

/** A time for answers that is never over before an idle thread has answered. */
const PATIENT_MS = 1000;

const started = new Set<Worker>();
const ports = new Set<MessagePort>();
let scopes = 0;

function newScope(): string {
  return `test ${++scopes}`;
}

interface Host {
  obey(order: Order): Promise<Report>;
}

class Remote implements Host {
  readonly #port: MessagePort;

  /** `start` is given the guest's end. */
  constructor(start: (port: MessagePort) => unknown) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    ports.add(port1);
    start(port2);
  }

  async obey(order: Order): Promise<Report> {
    this.post(order);
    return await this.answer();
  }

  post(order: Order): void {
    this.#port.postMessage(order, order.do === "start" ? [order.port] : []);
  }

  async answer(): Promise<Report> {
    const [report] = (await once(this.#port, "message")) as [Report];
    return report;
  }
}

function child(): Remote {
  return new Remote((port) => started.add(startGuest(port)));
}

/** A guest whose starter does not load the package. */
function grandchild(): Remote {
  return new Remote((port) => started.add(startRemoteGuest(port)));
}

async function childOf(parent: Remote): Promise<Remote> {
  const remote = new Remote((port) => parent.post({ do: "start", port }));
  await parent.answer();
  return remote;
}

async function untilAgreed(hosts: readonly Host[], id: string): Promise<Report[]> {
  const start = performance.now();
  for (;;) {
    const reports = await Promise.all(hosts.map((host) => host.obey({ do: "look" })));
    if (reports.every((report) => report.id === id)) return reports;
    const found = reports.map((report) => report.id).join(" ");
    assert.ok(performance.now() - start < SOON_MS, `not agreed on ${id}: ${found}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The directories of a race, once both have the same. */
async function untilMet(pair: readonly Host[]): Promise<readonly string[]> {
  const start = performance.now();
  for (;;) {
    const [one, other] = await Promise.all(pair.map((guest) => guest.obey({ do: "raced" })));
    if (isDeepStrictEqual(one?.ids, other?.ids)) return one?.ids ?? [];
    if (performance.now() - start > SOON_MS) assert.deepEqual(one?.ids, other?.ids);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The test's own thread. */
function here(scope: string, graceMs = PATIENT_MS): Guest {
  const guest = new Guest();
  guest.obey({ do: "come", scope, graceMs });
  return guest;
}

afterEach(async () => {
  for (const port of ports) port.close();
  await Promise.all([...started].map((worker) => worker.terminate()));
  ports.clear();
  started.clear();
});

describe("a rendezvous", () => {
  it("of the main thread first: workers find it without waiting", async () => {
    const scope = newScope();
    const { id } = here(scope).obey({ do: "look" });
    const guests = [child(), grandchild()];
    for (const guest of guests) {
      assert.equal((await guest.obey({ do: "come", scope })).id, id);
      const { sleeps, moves } = await guest.obey({ do: "settle" });
      assert.deepEqual([sleeps, moves], [0, []]);
    }
  });

  it("of a worker first: the main thread takes the worker's", async () => {
    const scope = newScope();
    const guest = child();
    const { id } = await guest.obey({ do: "come", scope });
    const main = here(scope);
    const before = main.obey({ do: "look" }).id;
    const { id: settled, moves } = main.obey({ do: "settle" });
    assert.notEqual(before, id);
    assert.deepEqual([settled, moves], [id, [id]]);
    const late = child();
    assert.equal((await late.obey({ do: "come", scope })).id, id, "environment data is the winner");
    const reports = await untilAgreed([guest, late], id);
    assert.deepEqual(
      reports.map((report) => report.moves),
      [[], []],
    );
  });

  it("of two workers at the same time, again and again: one of the two", async () => {
    const [scope, line] = [newScope(), new Int32Array(new SharedArrayBuffer(4))];
    const pair = [child(), grandchild()];
    for (const guest of pair) await guest.obey({ do: "look" });
    for (const guest of pair) guest.post({ do: "race", scope, line, rounds: 20, graceMs: 60 });
    const [first, second] = await Promise.all(pair.map((guest) => guest.answer()));
    const agreed = first?.ids.filter((id, round) => id === second?.ids[round]);
    assert.ok((agreed?.length ?? 0) > 10, `they agreed at once in ${agreed?.length} of 20 rounds`);
    // One that did not get the processor for as long as the other waits is met later.
    const ids = await untilMet(pair);
    assert.equal(ids.length, 20);
    for (const [round, id] of ids.entries()) {
      assert.ok([first?.ids[round], second?.ids[round]].includes(id), "it is one of the two");
    }
  });

  it("three deep, when those between do not load the package", async () => {
    const scope = newScope();
    const outer = child();
    const inner = await childOf(outer);
    const innermost = await childOf(inner);
    const { id } = await innermost.obey({ do: "come", scope });
    const main = here(scope);
    assert.equal(main.obey({ do: "settle" }).id, id);
    // One of those between does after all, and starts another.
    assert.notEqual((await outer.obey({ do: "come", scope })).id, id);
    assert.equal((await outer.obey({ do: "settle" })).id, id);
    const late = await childOf(outer);
    const { moves } = await late.obey({ do: "come", scope });
    assert.deepEqual([(await late.obey({ do: "look" })).id, moves], [id, []]);
  });

  it("with a thread that is blocked: it moves when it looks, and so does everybody", async () => {
    const scope = newScope();
    const elder = child();
    const { id } = await elder.obey({ do: "come", scope });
    elder.post({ do: "block", ms: 300 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const main = here(scope, 5);
    const alone = main.obey({ do: "settle" });
    assert.notEqual(alone.id, id);
    assert.ok(alone.sleeps >= 1 && alone.sleeps <= 11, `${alone.sleeps} slices of 0.5 ms in 5 ms`);
    const heir = child();
    assert.equal((await heir.obey({ do: "come", scope })).id, alone.id);
    await elder.answer();
    const reports = await untilAgreed([heir, elder], id);
    assert.deepEqual(
      reports.map((report) => report.moves),
      [[id], []],
    );
    assert.deepEqual(main.obey({ do: "settle" }).moves, [id]);
  });

  it("settles in no time once it is settled", () => {
    const main = here(newScope(), 20);
    const { sleeps: first } = main.obey({ do: "settle" });
    const { sleeps: second } = main.obey({ do: "settle" });
    assert.ok(first > 0);
    assert.equal(second, 0);
  });

  it("asks again when it is superseded and nobody says by what", async () => {
    const scope = newScope();
    const elder = child();
    const { id } = await elder.obey({ do: "come", scope });
    setEnvironmentData(scope, undefined);
    // As if somebody had marked ours and died before he told us.
    const stale = Directory.create();
    stale.supersede();
    setEnvironmentData(scope, stale.memory);
    const main = here(scope);
    assert.equal(main.obey({ do: "look" }).id, stale.id);
    assert.equal(main.obey({ do: "settle" }).id, id);

    const marked = Directory.create();
    setEnvironmentData(scope, marked.memory);
    const later = here(scope);
    marked.supersede();
    await untilAgreed([{ obey: (order) => Promise.resolve(later.obey(order)) }], id);
    assert.deepEqual(later.obey({ do: "look" }).moves, [id]);
    assert.equal(new Directory(getEnvironmentData(scope) as unknown as SharedArrayBuffer).id, id);
  });

  it("hands on what superseded it, for those who came too late to hear it", async () => {
    const scope = newScope();
    const elder = Directory.create();
    const main = here(scope);
    const channel = new BroadcastChannel(scope);
    const heard: string[] = [];
    channel.onmessage = (event) => {
      const { memory } = (event as { data: { memory: SharedArrayBuffer } }).data;
      heard.push(new Directory(memory).id);
    };
    channel.postMessage({ memory: elder.memory, isUrgent: false });
    assert.deepEqual(main.obey({ do: "settle" }).moves, [elder.id]);
    channel.postMessage({ memory: elder.memory, isUrgent: false });
    main.obey({ do: "settle" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(heard, [elder.id]);
    channel.close();
  });

  it("is not led astray by strangers", async () => {
    const scope = newScope();
    setEnvironmentData(scope, "junk");
    const main = here(scope);
    const { id } = main.obey({ do: "look" });
    const stranger = new BroadcastChannel(scope);
    for (const junk of [null, 1, "junk", {}, { memory: 1 }, { memory: new SharedArrayBuffer(8) }, [[]]]) {
      stranger.postMessage(junk);
    }
    assert.equal(main.obey({ do: "settle" }).id, id);
    const guest = child();
    assert.equal((await guest.obey({ do: "come", scope })).id, id);
    stranger.close();
  });

  it("leaves a terminated context to those who have it", async () => {
    const scope = newScope();
    const elder = child();
    await elder.obey({ do: "come", scope });
    elder.post({ do: "block", ms: 150 });
    const main = here(scope, 5);
    const { id } = main.obey({ do: "terminate" });
    await elder.answer();
    await new Promise((resolve) => setTimeout(resolve, 100));
    const report = main.obey({ do: "settle" });
    assert.deepEqual([report.id, report.moves, report.isLive], [id, [], false]);
  });

  it("of many at random times and places ends with one", async () => {
    const seed = Number(process.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));
    console.log(`SEED=${seed}`);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return Math.floor((state / 0x80000000) * below);
    };
    const scope = newScope();
    const crowd = [child(), grandchild(), child()];
    for (const parent of crowd.slice(1)) crowd.push(await childOf(parent));
    const born: string[] = [];
    await Promise.all(
      crowd.map(async (guest) => {
        await new Promise((resolve) => setTimeout(resolve, random(12)));
        if (random(3) === 0) await guest.obey({ do: "block", ms: random(20) });
        born.push((await guest.obey({ do: "come", scope })).id);
        if (random(2) === 0) await guest.obey({ do: "block", ms: random(20) });
        if (random(2) === 0) await guest.obey({ do: "settle" });
      }),
    );
    const own = here(scope, 50);
    own.obey({ do: "settle" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { id, isLive } = own.obey({ do: "settle" });
    assert.equal(isLive, true);
    await untilAgreed(crowd, id);
    assert.ok(born.includes(id));
  });

  it("keeps no process alive and prints nothing", async () => {
    const module = new URL("../../../../src/threads/seat/rendezvous.js", import.meta.url).href;
    const { lines, status, stderr, durationMs } = await runScript(`
      const { defaultDirectory } = await import("${module}");
      const rendezvous = defaultDirectory();
      if (defaultDirectory() === rendezvous) say("same");
      rendezvous.settle();
    `);
    assert.deepEqual([lines, status, stderr], [["same"], 0, ""]);
    assert.ok(durationMs < 3000, `${durationMs} ms`);
  });
});
