import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import * as zmq from "../../../src/index.ts";
import { Context, Dealer, Pull, Push, Reply, Request } from "../../../src/index.ts";
import { closing, codeOf, drain, join, TRANSPORTS, textOf, turns, until } from "../../peers/sockets.ts";

const seed = chooseSeed(process.env.SEED);

for (const transport of TRANSPORTS) {
  test(`over ${transport} overlapping receives get the messages in order`, async (t) => {
    const push = closing(t, new Push());
    const pull = closing(t, new Pull());
    const calls = Array.from({ length: 100 }, () => pull.receive());
    await join(pull, push, transport);
    for (let i = 0; i < 100; i++) await push.send(`${i}`);
    const received = (await Promise.all(calls)).map(textOf);
    assert.deepEqual(
      received,
      Array.from({ length: 100 }, (_, i) => `${i}`),
    );
  });

  test(`over ${transport} receiveMany and batches give every message once, in order, and none is empty`, async (t) => {
    const push = closing(t, new Push());
    const pull = closing(t, new Pull());
    await join(pull, push, transport);
    const count = 5000;
    const sending = push.sendMany(Array.from({ length: count }, (_, i) => `${i}`));
    const received: (string | undefined)[] = [];
    received.push(...(await pull.receiveMany(1)).map(textOf));
    received.push(...(await pull.receiveMany(30)).map(textOf));
    assert.ok(received.length >= 2 && received.length <= 31);
    for await (const batch of pull.batches(100)) {
      assert.ok(batch.length >= 1 && batch.length <= 100);
      received.push(...batch.map(textOf));
      if (received.length >= count) break;
    }
    await sending;
    assert.deepEqual(
      received,
      Array.from({ length: count }, (_, i) => `${i}`),
    );
  });

  test(`over ${transport} random aborts and late times lose no message`, async (t) => {
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const push = closing(t, new Push());
    const pull = closing(t, new Pull());
    await join(pull, push, transport);
    const count = 3000;
    const sending = (async () => {
      for (let i = 0; i < count; i++) {
        await push.send(`${i}`);
        if (random.chance(0.1)) await turns(1);
      }
    })();
    const received: (string | undefined)[] = [];
    const patience = performance.now() + 20_000;
    let abortedCount = 0;
    while (received.length < count && performance.now() < patience) {
      const abort = new AbortController();
      const kind = random.below(4);
      const call =
        kind === 0 ? pull.receiveMany(5, { signal: abort.signal }) : pull.receive({ signal: abort.signal });
      if (kind === 1) abort.abort();
      if (kind === 2) setImmediate(() => abort.abort());
      try {
        const got = await call;
        received.push(...(kind === 0 ? (got as Buffer[][]).map(textOf) : [textOf(got as Buffer[])]));
      } catch (error) {
        assert.equal((error as { code: string }).code, "ABORT_ERR");
        abortedCount++;
      }
      if (random.chance(0.05))
        await codeOf(pull.receive({ timeoutMs: 0 }).then((one) => received.push(textOf(one))));
    }
    await sending;
    assert.ok(abortedCount > 0);
    assert.deepEqual(
      received,
      Array.from({ length: count }, (_, i) => `${i}`),
      `SEED=${seed}`,
    );
  });
}

test("an aborted receive takes no message: the next call gets it", async (t) => {
  const push = closing(t, new Push());
  const pull = closing(t, new Pull());
  await join(pull, push);
  const abort = new AbortController();
  const first = pull.receive({ signal: abort.signal }).catch((error: unknown) => error);
  const second = pull.receive();
  const third = codeOf(pull.receive({ signal: abort.signal }));
  abort.abort(new Error("no longer wanted"));
  await push.send("a");
  const error = (await first) as Error & { readonly code: string };
  assert.deepEqual([error.name, error.code], ["AbortError", "ABORT_ERR"]);
  assert.equal((error.cause as Error).message, "no longer wanted");
  assert.equal(textOf(await second), "a");
  assert.equal(await third, "ABORT_ERR");
  // Aborted before the call: a message that is there stays there.
  await push.send("b");
  await until("b", () => pull.readable);
  assert.equal(await codeOf(pull.receive({ signal: abort.signal })), "ABORT_ERR");
  assert.deepEqual(drain(pull), ["b"]);
});

test("AbortSignal.timeout bounds a receive", async (t) => {
  const pull = closing(t, new Pull());
  const start = performance.now();
  assert.equal(await codeOf(pull.receive({ signal: AbortSignal.timeout(50) })), "ABORT_ERR");
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 45 && tookMs < 5_000, `${tookMs} ms`);
});

// libzmq behaviour B111.
test("receiveTimeout is kept to, and a new value counts from the next call on", async (t) => {
  const pull = closing(t, new Pull({ receiveTimeout: 60 }));
  for (const timeoutMs of [60, 120]) {
    pull.receiveTimeout = timeoutMs;
    const start = performance.now();
    assert.equal(await codeOf(timeoutMs === 60 ? pull.receive() : pull.receiveMany()), "EAGAIN");
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= timeoutMs - 1 && tookMs < timeoutMs + 150, `${tookMs} ms for ${timeoutMs}`);
  }
  pull.receiveTimeout = 0;
  assert.equal(await codeOf(pull.receive()), "EAGAIN");
});

test("errors are rejections, never throws", async (t) => {
  const pull = closing(t, new Pull({ maxPendingReceives: 1 }));
  const waiting = pull.receive();
  assert.equal(await codeOf(pull.receive()), "EBUSY");
  assert.equal(await codeOf(pull.receiveMany(0)), "EINVAL");
  void pull.close();
  assert.equal(await codeOf(waiting), "EAGAIN");
  assert.equal(await codeOf(pull.receive()), "EBADF");
  assert.equal(await codeOf(pull.receiveMany()), "EBADF");
  assert.throws(() => pull.tryReceive(), { code: "EBADF" });
  const request = closing(t, new Request());
  assert.equal(await codeOf(request.receive()), "EFSM");
  assert.throws(() => request.tryReceive(), { code: "EFSM" });
});

test("an iteration gives what is there and ends quietly when the socket closes", async (t) => {
  const push = closing(t, new Push());
  const pull = closing(t, new Pull());
  await join(pull, push);
  const texts: (string | undefined)[] = [];
  const iterating = (async () => {
    for await (const message of pull) texts.push(textOf(message));
  })();
  const batching = new Pull();
  const batches = (async () => {
    for await (const batch of batching.batches()) texts.push(...batch.map(textOf));
  })();
  for (let i = 0; i < 5; i++) await push.send(`${i}`);
  await until("five messages", () => texts.length === 5);
  await Promise.all([pull.close(), batching.close()]);
  await Promise.all([iterating, batches]);
  assert.deepEqual(texts, ["0", "1", "2", "3", "4"]);
  // One that begins later ends at once.
  for await (const _ of pull) assert.fail("nothing comes out of a closed socket");
  for await (const _ of pull.batches()) assert.fail("nothing comes out of a closed socket");
});

test("an iteration throws ETERM when the context is terminated, EAGAIN when receiveTimeout is over", async (t) => {
  const context = new Context();
  const pull = new Pull({ context });
  const next = pull[Symbol.asyncIterator]().next();
  const batch = pull.batches().next();
  await context.terminate();
  assert.equal(await codeOf(next), "ETERM");
  assert.equal(await codeOf(batch), "ETERM");
  const impatient = closing(t, new Pull({ receiveTimeout: 5 }));
  assert.equal(await codeOf(impatient[Symbol.asyncIterator]().next()), "EAGAIN");
});

test("a loop that is left may be entered again, and no message is lost between", async (t) => {
  const push = closing(t, new Push());
  const pull = closing(t, new Pull());
  await join(pull, push);
  await push.sendMany(["a", "b", "c", "d"]);
  const texts: (string | undefined)[] = [];
  for (let round = 0; round < 2; round++) {
    for await (const message of pull) {
      texts.push(textOf(message));
      if (texts.length % 2 === 0) break;
    }
  }
  assert.deepEqual(texts, ["a", "b", "c", "d"]);
});

test("several loops on one socket share the messages", async (t) => {
  const push = closing(t, new Push());
  const pull = closing(t, new Pull());
  await join(pull, push);
  const counts = [0, 0, 0];
  const loops = counts.map(async (_, i) => {
    for await (const _message of pull) {
      counts[i] = (counts[i] as number) + 1;
      await sleep(0);
    }
  });
  for (let i = 0; i < 60; i++) await push.send("x");
  await until("all", () => counts.reduce((sum, count) => sum + count, 0) === 60);
  assert.ok(
    counts.every((count) => count > 0),
    counts.join(),
  );
  await pull.close();
  await Promise.all(loops);
});

test("readable and tryReceive tell what is there now", async (t) => {
  const dealers = [0, 1].map(() => closing(t, new Dealer())) as [Dealer, Dealer];
  await join(dealers[0], dealers[1], "inproc");
  assert.equal(dealers[0].readable, false);
  assert.equal(dealers[0].tryReceive(), undefined);
  await dealers[1].send(["a", "b"]);
  assert.equal(dealers[0].readable, true);
  assert.deepEqual(dealers[0].tryReceive()?.map(String), ["a", "b"]);
  assert.equal(dealers[0].readable, false);
});

test("a Reply in a loop answers a Request in lock-step", async (t) => {
  const reply = closing(t, new Reply());
  const request = closing(t, new Request());
  await join(reply, request);
  const serving = (async () => {
    for await (const [frame] of reply) await reply.send(`re: ${frame}`);
  })();
  for (let i = 0; i < 20; i++) {
    await request.send(`${i}`);
    assert.equal(textOf(await request.receive()), `re: ${i}`);
  }
  await reply.close();
  await serving;
});

test("receiveSync gives what is there, and blocks nowhere where this thread must serve the socket", async (t) => {
  for (const transport of TRANSPORTS) {
    const dealers = [0, 1].map(() => closing(t, new Dealer())) as [Dealer, Dealer];
    await join(dealers[0], dealers[1], transport);
    const message = dealers[1].receive();
    await dealers[0].send("first");
    assert.equal(textOf(await message), "first");
    await dealers[0].send(["a", "b"]);
    await until("it came", () => dealers[1].readable);
    assert.throws(() => dealers[1].receiveSync(), { code: "EDEADLK" }, transport);
    const received = dealers[1].receiveSync({ timeoutMs: 0 });
    assert.deepEqual(received.map(String), ["a", "b"]);
    assert.ok(received.every(Buffer.isBuffer));
    assert.throws(() => dealers[1].receiveSync({ timeoutMs: 0 }), { code: "EAGAIN" });
  }
  const idle = closing(t, new Pull({ receiveTimeout: 0 }));
  assert.throws(() => idle.receiveSync(), { code: "EAGAIN" }, "the option's time");
  assert.throws(() => idle.receiveSync({ timeoutMs: 1 }), { code: "EDEADLK" });
});

test("every type that receives has receiveSync, and no other", () => {
  const without = Object.entries(zmq)
    .filter(([, value]) => typeof value === "function" && value.prototype instanceof zmq.Socket)
    .filter(([, value]) => !("receiveSync" in (value as { prototype: object }).prototype))
    .map(([name]) => name);
  assert.deepEqual(without.sort(), ["Publisher", "Push"]);
});

test("waitForMessage resolves when a message is there, and takes none", async (t) => {
  for (const transport of TRANSPORTS) {
    const push = closing(t, new Push());
    const pull = closing(t, new Pull());
    await join(pull, push, transport);
    const waiting = pull.waitForMessage();
    await push.send(["a", "b"]);
    await waiting;
    await pull.waitForMessage({ timeoutMs: 0 });
    assert.deepEqual(pull.tryReceive()?.map(String), ["a", "b"], transport);
    await assert.rejects(pull.waitForMessage({ timeoutMs: 0 }), { code: "EAGAIN" });
  }
});

test("a REP waits for the request after the one that it owes a reply", async (t) => {
  const rep = closing(t, new Reply());
  const requests = [0, 1].map(() => closing(t, new Request())) as [Request, Request];
  for (const request of requests) await join(rep, request, "inproc");
  await Promise.all(requests.map((request) => request.send("?")));
  await rep.waitForMessage();
  await rep.receive();
  await assert.rejects(rep.waitForMessage({ timeoutMs: 5 }), { code: "EAGAIN" });
  const waiting = rep.waitForMessage({ timeoutMs: 5_000 });
  await rep.send("!");
  await waiting;
  assert.equal(textOf(await rep.receive()), "?");
});

test("waitForMessage ends with its signal, and with the socket", async (t) => {
  const pull = closing(t, new Pull());
  const controller = new AbortController();
  const aborted = pull.waitForMessage({ signal: controller.signal });
  controller.abort();
  await assert.rejects(aborted, { code: "ABORT_ERR" });
  await assert.rejects(pull.waitForMessage({ signal: controller.signal }), { code: "ABORT_ERR" });
  const cut = pull.waitForMessage();
  const report = pull.close();
  await assert.rejects(cut, { code: "EAGAIN" });
  await assert.rejects(pull.waitForMessage(), { code: "EBADF" });
  await report;
});
