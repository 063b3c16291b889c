// I/O threads: what is refused, which of them serves whom, and the end of sockets, threads and processes that they serve.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ContextHandle } from "../../src/core/context-share.ts";
import { Context, Dealer, Pair, Pull, Push, Router } from "../../src/index.ts";
import { SEAT, seatWord } from "../../src/threads/layout.ts";
import { Directory } from "../../src/threads/seat/directory.ts";
import { anyEndpoint, assertLaw, closing, codeOf, STREAMS, textOf, until, watch } from "../peers/sockets.ts";
import type { Zmq } from "./program.ts";
import { launch, run } from "./program.ts";
import type { Parent } from "./thread.ts";
import { startThread } from "./thread.ts";

const limit = { timeout: 10_000 };
const background = new Context({ ioMode: "background" });
const loop = new Context({ ioMode: "loop" });

/** How many links each of a context's I/O threads has, by its number. */
function loadsOf(context: Context): Map<number, number> {
  const directory = new Directory(context.handle.memory);
  const loads = new Map<number, number>();
  for (const { seat } of directory.threads()) {
    const role = directory.words[seatWord(seat, SEAT.ROLE)] as number;
    if (role === 0) continue;
    assert.ok(!loads.has(role - 1), `two I/O threads ${role - 1}`);
    loads.set(role - 1, directory.words[seatWord(seat, SEAT.LOAD)] as number);
  }
  return loads;
}

function loads(context: Context): string {
  return [...loadsOf(context)]
    .sort()
    .map(([number, load]) => `${number}: ${load}`)
    .join(", ");
}

for (const taken of [background, loop]) {
  test(
    `an address that ${taken === loop ? "the loop" : "an I/O thread"} has is EADDRINUSE`,
    limit,
    async (t) => {
      for (const wildcard of STREAMS.map(anyEndpoint)) {
        const first = closing(t, new Pull({ context: taken }));
        await first.bind(wildcard);
        const endpoint = first.lastEndpoint as string;
        const second = closing(t, new Pull({ context: background }));
        assert.equal(await codeOf(second.bind(endpoint)), "EADDRINUSE");
        assert.throws(() => second.bindSync(endpoint), { code: "EADDRINUSE" });
        assert.equal(second.lastEndpoint, null);
        second.bindSync("tcp://127.0.0.1:*");
        const own = second.lastEndpoint as unknown as string;
        assert.equal(await codeOf(second.bind(endpoint)), "EADDRINUSE");
        assert.throws(() => second.bindSync(endpoint), { code: "EADDRINUSE" });
        assert.equal(second.lastEndpoint, own);
        await first.close();
        await second.bind(endpoint);
        assert.equal(second.lastEndpoint, endpoint);
        await second.unbind(endpoint);
        second.bindSync(endpoint);
        second.unbindSync(endpoint);
        const third = closing(t, new Pull({ context: background }));
        third.bindSync(endpoint);
      }
    },
  );
}

for (const transport of STREAMS) {
  test(`PAIR takes one peer and refuses others until that one left, ${transport}`, limit, async (t) => {
    const pair = closing(t, new Pair({ context: background }));
    await pair.bind(anyEndpoint(transport));
    const endpoint = pair.lastEndpoint as string;
    const events = watch(pair);
    const first = closing(t, new Pair({ context: loop }));
    first.connect(endpoint);
    await Promise.all([first.waitForPeers(), pair.waitForPeers()]);
    const second = closing(t, new Pair({ context: loop, reconnectInterval: 20 }));
    const third = closing(t, new Pair({ context: background, reconnectInterval: 20 }));
    const told = watch(second);
    second.connect(endpoint);
    third.connect(endpoint);
    await first.send("from the first");
    assert.equal(textOf(await pair.receive()), "from the first");
    await until(
      "the second is refused twice",
      () => told.filter(({ type }) => type === "disconnect").length > 1,
    );
    assert.equal(pair.tryReceive(), undefined);
    assert.equal(pair.peers.filter(({ live }) => live).length, 1);
    await pair.send("to the first");
    assert.equal(textOf(await first.receive()), "to the first");
    assert.ok(!events.some(({ type }) => type === "disconnect"));
    await third.close();
    await first.close();
    // What is sent to a socket that refuses is lost, or not sent yet.
    const sending = setInterval(() => second.trySend("from the second"), 10);
    t.after(() => clearInterval(sending));
    assert.equal(textOf(await pair.receive()), "from the second");
  });
}

test("close waits for what was sent, within linger, and says what became of it", limit, async (t) => {
  const place = closing(t, new Pull({ context: loop }));
  await place.bind("tcp://127.0.0.1:*");
  const endpoint = place.lastEndpoint as string;
  await place.close();
  const push = closing(t, new Push({ context: background, linger: 5000, reconnectInterval: 20 }));
  push.connect(endpoint);
  for (let i = 0; i < 500; i++) assert.ok(push.trySend(`${i}`));
  const closed = push.close();
  await sleep(100);
  const pull = closing(t, new Pull({ context: loop }));
  await pull.bind(endpoint);
  for (let i = 0; i < 500; i++) assert.equal(textOf(await pull.receive()), `${i}`);
  const report = await closed;
  assert.deepEqual([report.sentCount, report.droppedCount, report.isLingerExpired], [500, 0, false]);
  assert.deepEqual([report.stats.sent.accepted, report.stats.sent.delivered], [500, 500]);
  assertLaw(report.stats);
});

for (const linger of [0, 150]) {
  test(`after a linger of ${linger} messages are dropped and counted`, limit, async (t) => {
    // Nobody there, and somebody who takes no more.
    const nobody = closing(t, new Push({ context: background, linger }));
    nobody.connect("tcp://127.0.0.1:9");
    const full = closing(t, new Push({ context: background, linger }));
    const pull = closing(t, new Pull({ context: loop, receiveHighWaterMark: 1 }));
    await pull.bind("tcp://127.0.0.1:*");
    full.connect(pull.lastEndpoint as string);
    await full.waitForPeers();
    const body = Buffer.alloc(100_000);
    for (const push of [nobody, full]) for (let i = 0; i < 200; i++) assert.ok(push.trySend(["", body]));
    await sleep(50);
    const start = performance.now();
    const reports = await Promise.all([nobody.close(), full.close()]);
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= linger - 1 && tookMs < linger + 5000, `took ${tookMs} ms`);
    for (const { stats, droppedCount } of reports) {
      assertLaw(stats);
      assert.deepEqual([stats.sent.accepted, stats.sent.queued], [200, 0]);
      assert.equal(stats.sent.dropped.linger, droppedCount);
    }
    assert.equal(reports[0]?.droppedCount, 200);
    const droppedCount = reports[1]?.droppedCount as number;
    assert.ok(droppedCount > 50 && droppedCount < 200, `${droppedCount} dropped`);
    if (linger > 0) assert.ok(reports.every(({ isLingerExpired }) => isLingerExpired));
    // Some that count as dropped may come all the same: the kernel had them, and had not said so yet.
    let count = 0;
    pull.receiveTimeout = 200;
    try {
      for (;;) {
        assert.equal((await pull.receive())[1]?.length, body.length);
        count++;
      }
    } catch (error) {
      assert.equal((error as { code: string }).code, "EAGAIN");
    }
    assert.ok(count < 200, `${count} came`);
  });
}

/** Echoes what the first peer of its tcp address sends until that is "end". */
async function echo(zmq: Zmq, parent: Parent, handle: ContextHandle): Promise<void> {
  const router = new zmq.Router({ context: zmq.Context.attach(handle) });
  await router.bind("tcp://127.0.0.1:*");
  parent.say(router.lastEndpoint);
  for await (const message of router) {
    await router.send(message);
    if (String(message[1]) === "end") break;
  }
  parent.say((await router.close()).stats.sent.delivered);
}

test("two application threads and this one share one I/O thread", limit, async (t) => {
  const context = new Context({ ioMode: "background" });
  // The thread that was there first makes the I/O thread, which ends with it.
  const dealers = [0, 1].map(() => closing(t, new Dealer({ context })));
  const threads = dealers.map(() => startThread(t, echo, context.handle));
  const endpoints = (await Promise.all(threads.map((thread) => thread.said()))) as string[];
  for (const [i, dealer] of dealers.entries()) dealer.connect(endpoints[i] as string);
  await Promise.all(dealers.map((dealer) => dealer.waitForPeers()));
  assert.equal(loads(context), "0: 4");
  await Promise.all(
    dealers.map(async (dealer, number) => {
      for (let i = 0; i < 300; i++) await dealer.send(`${number}/${i}`);
      for (let i = 0; i < 300; i++) assert.equal(textOf(await dealer.receive()), `${number}/${i}`);
      await dealer.send("end");
      assert.equal(textOf(await dealer.receive()), "end");
    }),
  );
  for (const thread of threads) {
    assert.equal(await thread.said(), 301);
    assert.equal(await thread.ended, 0);
  }
  await Promise.all(dealers.map((dealer) => dealer.close()));
  const deadline = performance.now() + 2000;
  while (loads(context) !== "0: 0" && performance.now() < deadline) await sleep(5);
  assert.equal(loads(context), "0: 0");
  await context.terminate();
});

test("affinity names the I/O thread, and one that there is not is EINVAL", limit, async (t) => {
  const context = new Context({ ioMode: "background", ioThreads: 2 });
  const pull = closing(t, new Pull({ context, affinity: 2 }));
  pull.bindSync("tcp://127.0.0.1:*");
  await until("both are there", () => loadsOf(context).size === 2);
  assert.equal(loads(context), "0: 0, 1: 1");
  const pushes = [1, 2, 2, 0, 3].map((affinity) => {
    const push = closing(t, new Push({ context, affinity }));
    push.connect(pull.lastEndpoint as string);
    return push;
  });
  // Of those that are allowed the one with less to do.
  assert.equal(loads(context), "0: 3, 1: 3");
  for (const [i, push] of pushes.entries()) await push.send(`${i}`);
  const got: string[] = [];
  for (const _ of pushes) got.push(textOf(await pull.receive()) as string);
  assert.deepEqual(got.sort(), ["0", "1", "2", "3", "4"]);
  const wrong = closing(t, new Router({ context, affinity: 4 }));
  assert.equal(await codeOf(wrong.bind("tcp://127.0.0.1:*")), "EINVAL");
  assert.throws(() => wrong.bindSync("tcp://127.0.0.1:*"), { code: "EINVAL" });
  assert.throws(() => wrong.connect("tcp://127.0.0.1:9"), { code: "EINVAL" });
  assert.equal(wrong.lastEndpoint, null);
  assert.equal(loads(context), "0: 3, 1: 3");
  wrong.affinity = 5;
  await wrong.bind("tcp://127.0.0.1:*");
  assert.equal(loads(context), "0: 4, 1: 3");
});

/** Binds, says where, and stays. */
async function stay(zmq: Zmq, parent: Parent, handle: ContextHandle | null, endpoint: string): Promise<void> {
  const context = handle === null ? new zmq.Context({ ioMode: "background" }) : zmq.Context.attach(handle);
  const pull = new zmq.Pull({ context });
  await pull.bind(endpoint);
  parent.say(pull.lastEndpoint);
  for (;;) await pull.receive();
}

async function assertFreed(t: TestContext, handle: ContextHandle | null, wildcard: string): Promise<void> {
  const thread = startThread(t, stay, handle, wildcard);
  const endpoint = (await thread.said()) as string;
  const push = closing(t, new Push({ context: loop, reconnectInterval: 10 }));
  push.connect(endpoint);
  await push.waitForPeers();
  const events = watch(push);
  await thread.worker.terminate();
  const goneAt = performance.now();
  const pull = closing(t, new Pull({ context: background }));
  while ((await codeOf(pull.bind(endpoint))) !== "resolved") {
    assert.ok(performance.now() - goneAt < 1000, "the address is still taken");
    await sleep(5);
  }
  t.diagnostic(`${wildcard} was free after ${Math.round(performance.now() - goneAt)} ms`);
  // Before that it would go where nobody reads.
  await until("the loss is noticed", () => events.some(({ type }) => type === "disconnect"), 1000);
  await push.send("again");
  assert.equal(textOf(await pull.receive()), "again");
}

for (const [whose, handle] of [
  ["of the I/O thread of the process", background.handle],
  ["of an I/O thread of its own", null],
] as const) {
  test(`a thread that is terminated frees its addresses, ${whose}`, limit, async (t) => {
    // The I/O thread is here already, and outlives them.
    closing(t, new Pull({ context: background })).bindSync("tcp://127.0.0.1:*");
    for (const transport of STREAMS) await assertFreed(t, handle, anyEndpoint(transport));
  });
}

test("an idle context with I/O threads keeps no process alive", limit, async () => {
  const end = await run(async (zmq, say) => {
    const context = new zmq.Context({ ioMode: "background", ioThreads: 2 });
    const pull = new zmq.Pull({ context });
    await pull.bind("tcp://127.0.0.1:*");
    const pair = new zmq.Pair({ context });
    pair.bindSync("ipc://*");
    const push = new zmq.Push({ context });
    push.connect(pull.lastEndpoint as string);
    await push.send("a");
    say(String((await pull.receive())[0]));
  }, []);
  assert.deepEqual([end.status, end.signal, end.stderr, end.lines], [0, null, "", ["a"]]);
  assert.ok(end.tookMs < 8000, `${end.tookMs}`);
});

for (const transport of STREAMS) {
  test(`messages that are sent right before a process ends arrive, ${transport}`, limit, async (t) => {
    const pull = closing(t, new Pull({ context: loop }));
    await pull.bind(anyEndpoint(transport));
    const program = launch(
      (zmq, say, endpoint) => {
        const push = new zmq.Push({ context: new zmq.Context({ ioMode: "background" }) });
        push.connect(endpoint);
        for (let i = 0; i < 500; i++) if (!push.trySend([`${i}`, Buffer.alloc(2000)])) say("no room");
      },
      [pull.lastEndpoint as string] as const,
    );
    t.after(() => program.kill());
    for (let i = 0; i < 500; i++) assert.equal(textOf(await pull.receive()), `${i}`);
    const end = await program.ended;
    assert.deepEqual([end.status, end.signal, end.stderr, end.lines], [0, null, "", []]);
  });
}
