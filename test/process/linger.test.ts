// A program that just ends: what it sent is delivered within linger, and what is not is told once.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Subscriber } from "../../src/index.ts";
import { RawListener } from "../peers/raw-peer.ts";
import { anyEndpoint, closing, STREAMS, textOf } from "../peers/sockets.ts";
import type { ProgramBody } from "./program.ts";
import { launch, run } from "./program.ts";

async function deadEndpoint(): Promise<string> {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  return endpoint;
}

/** Connects, sends three messages, and ends without a word. */
const sendAndEnd: ProgramBody<readonly [endpoint: string, linger: number]> = (zmq, say, endpoint, linger) => {
  const push = new zmq.Push({ linger, reconnectInterval: 20 });
  push.connect(endpoint);
  void push.sendMany(["a", "b", "c"]);
  say("over");
};

for (const transport of STREAMS) {
  test(`messages for a ${transport} listener that appears 300 ms later are delivered`, async (t) => {
    const endpoint = transport === "tcp" ? await deadEndpoint() : anyEndpoint("ipc");
    const program = launch(sendAndEnd, [endpoint, -1]);
    await program.said("over");
    await sleep(300);
    const pull = closing(t, new Pull());
    await pull.bind(endpoint);
    for (const text of ["a", "b", "c"]) assert.equal(textOf(await pull.receive()), text);
    const end = await program.ended;
    assert.equal(end.status, 0);
    // After a second it says what it waits for.
    if (end.tookMs < 1000) assert.equal(end.stderr, "");
    else
      assert.match(
        end.stderr,
        /^(\(node:\d+\) \[ZMQ_UNSENT\] ZeroMQWarning: Push has 3 unsent messages .*\n\(Use .*\n)?$/,
      );
    assert.ok(end.tookMs >= 250 && end.tookMs < 10_000, `${end.tookMs} ms`);
  });
}

test("messages for a peer that is there are delivered, many and large", async (t) => {
  const pull = closing(t, new Pull({ receiveHighWaterMark: 3, receiveTimeout: 20_000 }));
  await pull.bind("tcp://127.0.0.1:*");
  const program = launch(
    (zmq, _say, endpoint) => {
      const push = new zmq.Push({ sendHighWaterMark: 0 });
      push.connect(endpoint);
      for (let i = 0; i < 300; i++) push.trySend([`${i}`, Buffer.alloc(100_000)]);
    },
    [pull.lastEndpoint as string] as const,
  );
  for (let i = 0; i < 300; i++) {
    const [head, body] = await pull.receive();
    assert.deepEqual([String(head), body?.length], [`${i}`, 100_000]);
    if (i % 50 === 0) await sleep(10);
  }
  assert.equal((await program.ended).status, 0);
});

test("a publisher that ends after its last message delivers it", async (t) => {
  const subscriber = closing(t, new Subscriber());
  subscriber.subscribe();
  const program = launch(async (zmq, say) => {
    const publisher = new zmq.Publisher();
    await publisher.bind("tcp://127.0.0.1:*");
    say(`at ${publisher.lastEndpoint}`);
    await publisher.waitForSubscribers();
    for (let i = 0; i < 500; i++) void publisher.send(`${i}`);
  }, [] as const);
  subscriber.connect(await program.said("at "));
  for (let i = 0; i < 500; i++) assert.equal(textOf(await subscriber.receive()), `${i}`);
  assert.equal((await program.ended).status, 0);
});

test("with linger 0 it ends at once and says nothing", async () => {
  const end = await run(sendAndEnd, [await deadEndpoint(), 0]);
  assert.deepEqual([end.status, end.stderr], [0, ""]);
  assert.ok(end.tookMs < 3000, `${end.tookMs} ms`);
});

for (const linger of [100, 400]) {
  test(`with linger ${linger} it ends then, and says once what is lost, for whom and why`, async () => {
    const endpoint = await deadEndpoint();
    const end = await run(sendAndEnd, [endpoint, linger]);
    assert.equal(end.status, 0);
    assert.ok(end.tookMs >= linger - 5 && end.tookMs < linger + 5000, `${end.tookMs} ms`);
    assert.equal(end.stderr.match(/ZeroMQWarning/g)?.length, 1, end.stderr);
    assert.ok(end.stderr.includes(`Push has 3 unsent messages for ${endpoint}`), end.stderr);
    // An I/O thread may not have tried to connect by then.
    const why =
      process.env.INTEROP_IO_MODE === "background"
        ? /nobody listens there|the peer does not take them/
        : /nobody listens there/;
    assert.match(end.stderr, why);
    assert.match(end.stderr, / They are lost: the process ends, and linger is \d00 ms/);
  });
}

test("after a second one warning names the endpoint, the count and the last error", async () => {
  const endpoint = await deadEndpoint();
  const end = await run(sendAndEnd, [endpoint, 1300]);
  assert.equal(end.status, 0);
  assert.ok(end.tookMs >= 1290 && end.tookMs < 7000, `${end.tookMs} ms`);
  assert.equal(end.stderr.match(/ZeroMQWarning/g)?.length, 1, end.stderr);
  assert.match(end.stderr, /\[ZMQ_UNSENT\] ZeroMQWarning: Push has 3 unsent messages for /);
  assert.ok(end.stderr.includes(endpoint) && end.stderr.includes("nobody listens there"), end.stderr);
  assert.match(end.stderr, /for 1300 ms at the most/);
});

test("linger -1 waits for ever, with the one warning", async () => {
  const program = launch(sendAndEnd, [await deadEndpoint(), -1], { patienceMs: 2500 });
  const end = await program.ended;
  assert.equal(end.signal, "SIGKILL", "it would have waited on");
  assert.equal(end.stderr.match(/ZeroMQWarning/g)?.length, 1, end.stderr);
  assert.match(end.stderr, /until they are sent \(linger is -1\)/);
});

test("each socket has its own linger, and the longest decides", async (t) => {
  const [dead, late] = [await deadEndpoint(), await deadEndpoint()];
  const program = launch(
    (zmq, say, dead, late) => {
      for (const [linger, endpoint] of [
        [100, dead],
        [0, dead],
        [5000, late],
      ] as const) {
        const push = new zmq.Push({ linger, reconnectInterval: 20 });
        push.connect(endpoint);
        push.trySend(`${linger}`);
      }
      say("over");
    },
    [dead, late] as const,
  );
  await program.said("over");
  await sleep(250);
  const pull = closing(t, new Pull());
  await pull.bind(late);
  assert.equal(textOf(await pull.receive()), "5000");
  const end = await program.ended;
  assert.equal(end.status, 0);
  assert.ok(end.tookMs >= 200 && end.tookMs < 4500, `${end.tookMs} ms`);
});

test("work that begins when the loop is empty, and sockets closed before, change nothing of it", async (t) => {
  const endpoint = await deadEndpoint();
  const program = launch(
    (zmq, say, endpoint) => {
      let isFirst = true;
      process.on("beforeExit", () => {
        if (!isFirst) return;
        isFirst = false;
        const push = new zmq.Push({ linger: 3000, reconnectInterval: 20 });
        push.connect(endpoint);
        push.trySend("late");
        say("over");
      });
      const closed = new zmq.Push({ linger: 3000, reconnectInterval: 20 });
      closed.connect(endpoint);
      closed.trySend("closed");
      void closed.close();
    },
    [endpoint] as const,
  );
  await sleep(150);
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  const texts = [textOf(await pull.receive()), textOf(await pull.receive())];
  assert.deepEqual(texts.sort(), ["closed", "late"]);
  assert.equal((await program.ended).status, 0);
});

test("an awaited close gives its report before the program ends", async () => {
  const end = await run(
    async (zmq, say, endpoint) => {
      await using(new zmq.Push({ linger: 50 }), async (push) => {
        push.connect(endpoint);
        await push.sendMany(["a", "b"]);
        const { sentCount, droppedCount, isLingerExpired } = await push.close();
        say(`${sentCount} ${droppedCount} ${isLingerExpired}`);
      });
      async function using<T extends AsyncDisposable>(
        resource: T,
        body: (resource: T) => Promise<void>,
      ): Promise<void> {
        await body(resource);
        await resource[Symbol.asyncDispose]();
      }
    },
    [await deadEndpoint()] as const,
  );
  assert.deepEqual([end.status, end.lines], [0, ["0 2 true"]]);
});

test("close with keepAlive false lets the program end, whatever linger says", async () => {
  const end = await run(
    (zmq, _say, endpoint) => {
      const push = new zmq.Push({ linger: -1 });
      push.connect(endpoint);
      void push.send("a");
      void push.close({ keepAlive: false });
    },
    [await deadEndpoint()],
  );
  assert.deepEqual([end.status, end.stderr], [0, ""]);
  assert.ok(end.tookMs < 4500, `${end.tookMs} ms`);
});
