import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import type { Socket } from "../../../src/index.ts";
import {
  Dealer,
  Pair,
  Proxy,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
  XPublisher,
} from "../../../src/index.ts";
import { anyEndpoint, closing, codeOf, textOf, turns, until } from "../../peers/sockets.ts";

const within = { timeoutMs: 5_000 };
const STATISTICS_FRAME_COUNT = 8;

interface Steered {
  readonly proxy: Proxy;
  readonly running: Promise<void>;
  readonly source: Push;
  readonly sink: Pull;
}

/** A streamer that runs, with somebody at both ends, steered by `control`. */
async function steered(t: TestContext, control: Socket): Promise<Steered> {
  const [front, back] = [closing(t, new Pull()), closing(t, new Push({ linger: 0 }))];
  for (const socket of [front, back]) await socket.bind(anyEndpoint("inproc"));
  closing(t, control);
  const source = closing(t, new Push({ linger: 0 }));
  const sink = closing(t, new Pull());
  source.connect(front.lastEndpoint as string);
  sink.connect(back.lastEndpoint as string);
  const proxy = new Proxy(front, back, { control });
  const running = proxy.run();
  return { proxy, running, source, sink };
}

function numbersOf(message: readonly Buffer[]): number[] {
  return message.map((frame) => Number(new BigUint64Array(Uint8Array.from(frame).buffer)[0]));
}

for (const [kind, makeControl, makeSteerer] of [
  ["Pair", () => new Pair(), () => new Pair()],
  ["Dealer", () => new Dealer(), () => new Dealer()],
  ["Reply", () => new Reply(), () => new Request()],
] as const) {
  for (const transport of ["tcp", "inproc"] as const) {
    test(`a ${kind} steers over ${transport}: it pauses, resumes, asks and terminates`, async (t) => {
      const control: Pair | Dealer | Reply = makeControl();
      await control.bind(anyEndpoint(transport));
      const { running, source, sink, proxy } = await steered(t, control);
      const steerer: Pair | Dealer | Request = closing(t, makeSteerer());
      steerer.connect(control.lastEndpoint as string);
      const isRep = kind === "Reply";
      const tell = async (command: string): Promise<void> => {
        await steerer.send(command);
        if (isRep) assert.deepEqual((await steerer.receive(within)).map(String), [""], command);
      };
      const ask = async (): Promise<number[]> => {
        await steerer.send("STATISTICS");
        return numbersOf(await steerer.receive(within));
      };
      assert.deepEqual(await ask(), [0, 0, 0, 0, 0, 0, 0, 0]);
      await source.send(["ab", "c"]);
      assert.equal(textOf(await sink.receive(within)), "ab");
      await tell("PAUSE");
      // A Pair and a Dealer answer this alone, and in order: the pause is there.
      const paused = await ask();
      assert.deepEqual(paused, [2, 3, 0, 0, 0, 0, 2, 3]);
      await source.send("later");
      await turns(10);
      assert.equal(sink.tryReceive(), undefined);
      await tell("RESUME");
      assert.equal(textOf(await sink.receive(within)), "later");
      assert.deepEqual(await ask(), [3, 8, 0, 0, 0, 0, 3, 8]);
      await tell("TERMINATE");
      await running;
      assert.deepEqual([proxy.frontEnd.closed, proxy.backEnd.closed, control.closed], [true, true, false]);
      if (!isRep) assert.equal(steerer.tryReceive(), undefined);
    });
  }
}

test("a Pull and a Subscriber obey, and have nothing to answer with", async (t) => {
  for (const [control, steerer] of [
    [new Pull(), new Push()],
    [new Subscriber(), new Publisher()],
  ] as const) {
    if (control instanceof Subscriber) control.subscribe("TERM", "STAT", "PAUSE");
    await control.bind(anyEndpoint("tcp"));
    const { running, source, sink } = await steered(t, control);
    closing(t, steerer).connect(control.lastEndpoint as string);
    if (steerer instanceof Publisher) await steerer.waitForSubscribers(1, "PAUSE", within);
    await steerer.send("STATISTICS");
    await source.send("a");
    assert.equal(textOf(await sink.receive(within)), "a");
    await steerer.send("PAUSE");
    await until("the pause", () => control.stats().received.delivered === 2);
    await source.send("b");
    await turns(10);
    assert.equal(sink.tryReceive(), undefined);
    await steerer.send("TERMINATE");
    await running;
  }
});

test("what is no command is passed over, and a Reply answers it", async (t) => {
  const control = new Reply();
  await control.bind(anyEndpoint("inproc"));
  const { source, sink } = await steered(t, control);
  const steerer = closing(t, new Request());
  steerer.connect(control.lastEndpoint as string);
  const strange: (string | Buffer | string[])[] = [
    "",
    "pause",
    "PAUSE ",
    "PAUS",
    "STATISTICS\0",
    ["PAUSE", "TERMINATE"],
    ["TERMINATE", ""],
    Buffer.alloc(100_000, "TERMINATE"),
    Buffer.from([0xff, 0xfe]),
    "constructor",
  ];
  for (const command of strange) {
    const answer = await steerer.request(command, within);
    assert.deepEqual(answer.map(String), [""], `${command}`.slice(0, 20));
  }
  await source.send("still running");
  assert.equal(textOf(await sink.receive(within)), "still running");
});

test("who asks and does not read goes without an answer, and the proxy goes on", async (t) => {
  const control = new Pair({ sendHighWaterMark: 2 });
  await control.bind(anyEndpoint("inproc"));
  const { source, sink } = await steered(t, control);
  const steerer = closing(t, new Pair({ receiveHighWaterMark: 2, linger: 0 }));
  steerer.connect(control.lastEndpoint as string);
  for (let i = 0; i < 300; i++) await steerer.send("STATISTICS");
  await steerer.send("PAUSE");
  await steerer.send("RESUME");
  await until("all is obeyed", () => control.stats().received.delivered === 302);
  await source.send("a");
  assert.equal(textOf(await sink.receive(within)), "a");
  const { dropped } = control.stats().sent;
  assert.ok(dropped.hwm >= 290, `${dropped.hwm}`);
  assert.equal((await steerer.receive(within)).length, STATISTICS_FRAME_COUNT);
});

test("many commands do not keep the loop from its turns", async (t) => {
  const control = new Pair({ receiveHighWaterMark: 0 });
  await control.bind(anyEndpoint("inproc"));
  const { source, sink } = await steered(t, control);
  const steerer = closing(t, new Pair({ sendHighWaterMark: 0, linger: 0 }));
  steerer.connect(control.lastEndpoint as string);
  for (let i = 0; i < 20_000; i++) steerer.trySend("PAUSE");
  steerer.trySend("RESUME");
  let turnCount = 0;
  const tick = (): void => {
    turnCount++;
    handle = setImmediate(tick);
  };
  let handle = setImmediate(tick);
  await source.send("a");
  assert.equal(textOf(await sink.receive({ timeoutMs: 20_000 })), "a");
  clearImmediate(handle);
  assert.ok(turnCount >= 20, `${turnCount} turns`);
});

test("a proxy whose control closes ends, and one that cannot steer is refused", async (t) => {
  const control = new Pair();
  await control.bind(anyEndpoint("inproc"));
  const { running, proxy } = await steered(t, control);
  await control.close();
  await running;
  assert.equal(proxy.frontEnd.closed, false, "the other ones are their owner's");
  const [pull, push] = [closing(t, new Pull()), closing(t, new Push())];
  for (const wrong of [new Router(), new Push(), new Request(), new XPublisher()]) {
    closing(t, wrong);
    assert.throws(() => new Proxy(pull, push, { control: wrong }), {
      code: "EINVAL",
      message:
        /cannot be the control of a Proxy\. Give it one of these: Pair, Reply, Dealer, Pull, Subscriber/,
    });
  }
  assert.throws(() => new Proxy(pull, push, { control: pull }), {
    code: "EINVAL",
    message: /another socket/,
  });
  const capture = closing(t, new Pair());
  assert.throws(() => new Proxy(pull, push, { capture, control: capture }), { code: "EINVAL" });
  assert.throws(() => new Proxy(pull, push, { control: "tcp://*:1" as never }), {
    code: "EINVAL",
    message: /control of a Proxy must be a socket/,
  });
  for (const socket of [pull, push]) await socket.bind(anyEndpoint("inproc"));
  const unbound = closing(t, new Reply());
  assert.equal(await codeOf(new Proxy(pull, push, { control: unbound }).run()), "EINVAL");
});
