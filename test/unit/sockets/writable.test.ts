import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import * as zmq from "../../../src/index.ts";
import { Pull, Push, Request, Router } from "../../../src/index.ts";
import { RawListener } from "../../peers/raw-peer.ts";
import {
  assertLaw,
  closing,
  codeOf,
  drain,
  fill,
  join,
  TRANSPORTS,
  textOf,
  turns,
  until,
} from "../../peers/sockets.ts";

const seed = chooseSeed(process.env.SEED);

for (const transport of TRANSPORTS) {
  test(`over ${transport} overlapping sends arrive in order, past the high-water mark`, async (t) => {
    const push = closing(t, new Push({ sendHighWaterMark: 3 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: 3 }));
    await join(pull, push, transport);
    const calls = Array.from({ length: 500 }, (_, i) => push.send(`${i}`));
    for (let i = 0; i < 500; i++) assert.equal(textOf(await pull.receive()), `${i}`);
    await Promise.all(calls);
    assert.equal(push.stats().sent.accepted, 500);
  });

  test(`over ${transport} a small buffer may be reused when send() returned, also while the message waits`, async (t) => {
    const push = closing(t, new Push({ sendHighWaterMark: 2 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: 2 }));
    const buffer = Buffer.alloc(200);
    const calls: Promise<void>[] = [];
    const send = (value: number): void => {
      buffer.fill(value);
      calls.push(push.send([buffer, "x"]));
      buffer.fill(255);
    };
    // Some without any peer, some into the pipes, some past their marks.
    for (let i = 0; i < 5; i++) send(i);
    await join(pull, push, transport);
    for (let i = 5; i < 50; i++) send(i);
    for (let i = 0; i < 50; i++) {
      const [frame] = await pull.receive();
      assert.ok(
        frame?.every((octet) => octet === i),
        `message ${i} begins with ${frame?.[0]}`,
      );
    }
    await Promise.all(calls);
  });

  test(`over ${transport} sendMany sends in order and waits for room as one call`, async (t) => {
    const push = closing(t, new Push({ sendHighWaterMark: 5 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: 5 }));
    await join(pull, push, transport);
    const count = 3000;
    const many = push.sendMany(Array.from({ length: count }, (_, i) => [`${i}`, "tail"]));
    for (let i = 0; i < count; i++) assert.deepEqual((await pull.receive()).map(String), [`${i}`, "tail"]);
    await many;
  });
}

test("errors are rejections, never throws, and carry their code", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendTimeout: 0, maxPendingSends: 1 }));
  assert.equal(await codeOf(push.send("a")), "EAGAIN");
  assert.equal(await codeOf(push.send({} as never)), "EINVAL");
  push.sendTimeout = -1;
  const waiting = push.send("a");
  assert.equal(await codeOf(push.send("b")), "EBUSY");
  void push.close();
  assert.equal(await codeOf(waiting), "EAGAIN");
  assert.equal(await codeOf(push.send("c")), "EBADF");
  assert.equal(await codeOf(push.sendMany(["c"])), "EBADF");
  assert.throws(() => push.trySend("c"), { code: "EBADF" });
  const request = closing(t, new Request({ linger: 0 }));
  request.connect("inproc://nobody-yet");
  await request.send("a");
  assert.equal(await codeOf(request.send("b")), "EFSM");
  const router = closing(t, new Router({ mandatory: true }));
  await assert.rejects(router.send(["nobody", "a"]), { code: "EHOSTUNREACH", message: /6e6f626f6479/ });
});

test("exactly maxPendingSends calls wait; a new bound counts at once", async (t) => {
  const push = closing(t, new Push({ linger: 0, maxPendingSends: 3 }));
  const calls = Array.from({ length: 4 }, (_, i) => codeOf(push.send(`${i}`)));
  assert.equal(await calls[3], "EBUSY");
  push.maxPendingSends = 4;
  calls[3] = codeOf(push.send("3"));
  const pull = closing(t, new Pull());
  await join(pull, push);
  assert.deepEqual(await Promise.all(calls), Array(4).fill("resolved"));
  for (let i = 0; i < 4; i++) assert.equal(textOf(await pull.receive()), `${i}`);
});

// libzmq behaviours B14, B111.
test("sendTimeout is kept to, and a new value counts from the next call on", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendTimeout: 60 }));
  for (const timeoutMs of [60, 120]) {
    push.sendTimeout = timeoutMs;
    const start = performance.now();
    assert.equal(await codeOf(push.send("a")), "EAGAIN");
    const tookMs = performance.now() - start;
    assert.ok(tookMs >= timeoutMs - 1 && tookMs < timeoutMs + 150, `${tookMs} ms for ${timeoutMs}`);
  }
  assert.equal(push.stats().sent.accepted, 0);
});

test("an aborted send sends nothing, an abort that comes too late changes nothing", async (t) => {
  const push = closing(t, new Push({ linger: 0 }));
  const pull = closing(t, new Pull());
  const abort = new AbortController();
  const call = push.send("never", { signal: abort.signal });
  abort.abort();
  assert.equal(await codeOf(call), "ABORT_ERR");
  await join(pull, push);
  const late = new AbortController();
  await push.send("a", { signal: late.signal });
  late.abort();
  await push.send("b");
  assert.deepEqual([textOf(await pull.receive()), textOf(await pull.receive())], ["a", "b"]);
});

test("trySend answers false when there is no room and sends nothing", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 10 }));
  assert.equal(push.trySend("a"), false);
  assert.equal(push.writable, false);
  push.connect("tcp://127.0.0.1:9");
  assert.equal(push.writable, true);
  assert.equal(fill(push), 10);
  assert.equal(push.writable, false);
  assert.equal(push.stats().sent.accepted, 10);
});

/** What each socket receives: so many messages, and those that are there besides. */
async function takeFromEach(sockets: Pull[], count: number): Promise<string[][]> {
  const taken = sockets.map((): string[] => []);
  await until("all arrived", () => {
    for (const [i, socket] of sockets.entries()) (taken[i] as string[]).push(...drain(socket));
    return taken.every((texts) => texts.length >= count);
  });
  return taken;
}

test("messages go to several endpoints in turn, past those that are full", async (t) => {
  const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 4 }));
  const pulls = [0, 1].map(() => closing(t, new Pull()));
  for (const pull of pulls) await join(pull, push);
  push.connect("tcp://127.0.0.1:9");
  for (let i = 0; i < 12; i++) assert.equal(push.trySend(`${i}`), true);
  assert.deepEqual(await takeFromEach(pulls, 4), [
    ["0", "3", "6", "9"],
    ["1", "4", "7", "10"],
  ]);
  // The third is full now and gets no turn.
  for (let i = 12; i < 16; i++) assert.equal(push.trySend(`${i}`), true);
  assert.deepEqual(await takeFromEach(pulls, 2), [
    ["12", "14"],
    ["13", "15"],
  ]);
});

// A peer that reads nothing: what waits is bounded by the mark and some octets, and all of it arrives in the end.
for (const [bodySize, count] of [
  [10, 400_000],
  [100_000, 400],
] as const) {
  test(`a tcp peer that does not read bounds what ${bodySize} octet messages take, and nothing is lost`, async (t) => {
    const listener = await RawListener.open();
    t.after(() => listener.close());
    const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 100 }));
    const accepted = listener.accept();
    push.connect(listener.endpoint);
    const peer = await accepted;
    await peer.handshake("PULL");
    peer.socket.pause();
    const body = Buffer.alloc(bodySize, "b");
    let sentCount = 0;
    for (let idle = 0; idle < 20; idle++) {
      while (sentCount < count && push.trySend(body)) {
        sentCount++;
        idle = 0;
      }
      await sleep(1);
    }
    assert.ok(sentCount < count, "the kernel took everything: the test shows nothing");
    const { queued, accepted: all, delivered } = push.stats().sent;
    // P5: what waits in the pipe and what the stream has not written make up the mark together.
    assert.equal(queued, 100);
    assert.equal(all, sentCount);
    assertLaw(push.stats());
    assert.ok(delivered > 0);

    peer.socket.resume();
    const size = sentCount * (bodySize + (bodySize > 255 ? 9 : 2));
    const opening = peer.received.length;
    await peer.heard(() => peer.received.length >= opening + size, `${size} octets`, 20_000);
    await until("all sent", () => push.stats().sent.queued === 0);
    assert.equal(peer.received.length, opening + size);
    assert.equal(push.stats().sent.delivered, sentCount);
    await until("room again", () => push.trySend("again"));
  });
}

test("random senders, sizes and aborts: every message that settled well arrives whole, in order, once", async (t) => {
  t.diagnostic(`SEED=${seed}`);
  for (const transport of TRANSPORTS) {
    const random = new Random(seed);
    const push = closing(t, new Push({ sendHighWaterMark: random.between(1, 20), maxPendingSends: 10_000 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: random.between(1, 20) }));
    await join(pull, push, transport);
    const calls: Promise<number>[] = [];
    const aborts: AbortController[] = [];
    for (let i = 0; i < 800; i++) {
      const abort = new AbortController();
      aborts.push(abort);
      const body = Buffer.alloc(4 + random.size() + (random.chance(0.02) ? 200_000 : 0), i & 0xff);
      body.writeUInt32BE(i);
      const call = push.send(body, { signal: abort.signal });
      calls.push(call.then(() => i).catch(() => -1));
      if (random.chance(0.05)) random.pick(aborts).abort();
      if (random.chance(0.02)) await turns(1);
    }
    const received: number[] = [];
    const receiving = (async () => {
      for await (const [body] of pull) {
        const number = (body as Buffer).readUInt32BE();
        if (number === 0xffffffff) return;
        assert.ok(
          (body as Buffer).subarray(4).every((octet) => octet === (number & 0xff)),
          `body ${number}`,
        );
        received.push(number);
      }
    })();
    const settled = (await Promise.all(calls)).filter((number) => number >= 0);
    await push.send(Buffer.from([255, 255, 255, 255]));
    await receiving;
    assert.deepEqual(received, settled, `SEED=${seed} over ${transport}`);
    assertLaw(push.stats());
    assertLaw(pull.stats());
  }
});

test("sendSync sends what there is room for, and blocks nowhere where this thread must serve the socket", async (t) => {
  for (const transport of TRANSPORTS) {
    const push = closing(t, new Push({ linger: 0, sendHighWaterMark: 1 }));
    const pull = closing(t, new Pull({ receiveHighWaterMark: 1 }));
    await join(pull, push, transport);
    assert.throws(() => push.sendSync("a"), { code: "EDEADLK" }, transport);
    push.sendSync(["a", "b"], { timeoutMs: 0 });
    assert.deepEqual((await pull.receive()).map(String), ["a", "b"]);
    const large = Buffer.alloc(1_000_000);
    while (push.trySend(large));
    assert.throws(() => push.sendSync("c", { timeoutMs: 0 }), { code: "EAGAIN" });
    push.sendTimeout = 0;
    assert.throws(() => push.sendSync("c"), { code: "EAGAIN" }, "the option's time");
  }
});

test("every type that sends has sendSync, and no other", () => {
  const without = Object.entries(zmq)
    .filter(([, value]) => typeof value === "function" && value.prototype instanceof zmq.Socket)
    .filter(([, value]) => !("sendSync" in (value as { prototype: object }).prototype))
    .map(([name]) => name);
  assert.deepEqual(without.sort(), ["Pull", "Subscriber"]);
});
