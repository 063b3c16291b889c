// Sockets that I/O threads serve, against sockets that this thread serves and against libzmq; and what goes on while this
// thread is blocked. What ends is in background-ends.test.ts.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as ours from "../../src/index.ts";
import { Context, Dealer, Pull, Push, pollSync, Request } from "../../src/index.ts";
import type { TransportName } from "../peers/sockets.ts";
import { anyEndpoint, closing, join, STREAMS, textOf, watch } from "../peers/sockets.ts";
import type { Program, Zmq } from "./program.ts";
import { launch } from "./program.ts";

const BLOCK_MS = 1500;
const HEARTBEAT = { heartbeatInterval: 100, heartbeatTimeout: 300 };
const limit = { timeout: 15_000 };

const background = new Context({ ioMode: "background" });
const loop = new Context({ ioMode: "loop" });

/** A library with the options that its sockets are made with. */
interface Side {
  readonly zmq: Zmq;
  readonly options: object;
}

const inBackground: Side = { zmq: ours, options: { context: background } };
const inLoop: Side = { zmq: ours, options: { context: loop } };
const native = await loadNative();

async function loadNative(): Promise<Side | string> {
  try {
    const module = await import("zeromq");
    const zmq = ("default" in module ? module.default : module) as unknown as Zmq;
    return { zmq, options: {} };
  } catch (error) {
    return `the npm package zeromq does not load here (${String(error).split("\n")[0]})`;
  }
}

/** Blocks this thread: no event, no timer, no promise. */
function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BLOCK_MS);
}

/** The time of day, which other processes have too. */
function clock(): number {
  return performance.timeOrigin + performance.now();
}

/** Binds a socket and connects another, whichever libraries they are of. */
async function connect(transport: TransportName, binder: ours.Socket, connector: ours.Socket): Promise<void> {
  await binder.bind(anyEndpoint(transport));
  connector.connect(binder.lastEndpoint as string);
}

async function assertPushPull(t: TestContext, from: Side, to: Side, transport: TransportName): Promise<void> {
  const body = Buffer.alloc(300_000, "x");
  for (const pushBinds of [true, false]) {
    const push = closing(t, new from.zmq.Push({ ...from.options }));
    const pull = closing(t, new to.zmq.Pull({ ...to.options }));
    if (pushBinds) await connect(transport, push, pull);
    else await connect(transport, pull, push);
    for (let i = 0; i < 300; i++) await push.send(i === 150 ? ["large", body, ""] : `${i}`);
    for (let i = 0; i < 300; i++) {
      const message = await pull.receive();
      if (i !== 150) assert.equal(textOf(message), `${i}`);
      else assert.ok(message.length === 3 && body.equals(message[1] as Buffer), "the large message");
    }
    await Promise.all([push.close(), pull.close()]);
  }
}

async function assertPublished(
  t: TestContext,
  from: Side,
  to: Side,
  transport: TransportName,
): Promise<void> {
  for (const publisherBinds of [true, false]) {
    const publisher = closing(t, new from.zmq.Publisher({ ...from.options }));
    const subscriber = closing(t, new to.zmq.Subscriber({ ...to.options }));
    subscriber.subscribe("a");
    if (publisherBinds) await connect(transport, publisher, subscriber);
    else await connect(transport, subscriber, publisher);
    let joined: Buffer[] | null = null;
    const first = subscriber.receive().then((message) => {
      joined = message;
    });
    while (joined === null) {
      await publisher.send("a?");
      await sleep(2);
    }
    await first;
    for (let i = 0; i < 200; i++) await publisher.send(`${i % 2 === 0 ? "a" : "b"}${i}`);
    const got: string[] = [];
    while (got.length < 100) {
      const text = textOf(await subscriber.receive()) as string;
      if (text !== "a?") got.push(text);
    }
    assert.deepEqual(
      got,
      Array.from({ length: 100 }, (_, i) => `a${2 * i}`),
    );
    await Promise.all([publisher.close(), subscriber.close()]);
  }
}

async function assertAnswered(t: TestContext, from: Side, to: Side, transport: TransportName): Promise<void> {
  const request = closing(t, new from.zmq.Request({ ...from.options }));
  const reply = closing(t, new to.zmq.Reply({ ...to.options }));
  await connect(transport, reply, request);
  for (let i = 0; i < 50; i++) {
    await request.send(["ask", `${i}`]);
    assert.deepEqual((await reply.receive()).map(String), ["ask", `${i}`]);
    await reply.send(`${2 * i}`);
    assert.equal(textOf(await request.receive()), `${2 * i}`);
  }
  const dealer = closing(t, new from.zmq.Dealer({ ...from.options, routingId: "dealer 1" }));
  const router = closing(t, new to.zmq.Router({ ...to.options }));
  await connect(transport, router, dealer);
  for (let i = 0; i < 100; i++) await dealer.send(["", `${i}`]);
  for (let i = 0; i < 100; i++) {
    const message = await router.receive();
    assert.deepEqual(message.map(String), ["dealer 1", "", `${i}`]);
    await router.send([message[0] as Buffer, "back", `${i}`]);
  }
  for (let i = 0; i < 100; i++) assert.deepEqual((await dealer.receive()).map(String), ["back", `${i}`]);
  await Promise.all([request, reply, dealer, router].map((socket) => socket.close()));
}

for (const [name, peer] of [
  ["one of the loop", inLoop],
  ["one of I/O threads", inBackground],
  ["libzmq", native],
] as const) {
  for (const transport of STREAMS) {
    test(`a context of I/O threads and ${name}, ${transport}`, limit, async (t) => {
      if (typeof peer === "string") return t.skip(peer);
      for (const [first, second] of [
        [inBackground, peer],
        [peer, inBackground],
      ] as const) {
        await assertPushPull(t, first, second, transport);
        await assertPublished(t, first, second, transport);
        await assertAnswered(t, first, second, transport);
      }
    });
  }
}

/** A process that sends for longer than we block, and gives us up when heartbeats stay out. */
function launchSender(t: TestContext, endpoint: string, requiredFrom: string | null): Program {
  const program = launch(
    async (zmq, say, endpoint, from, heartbeat) => {
      const { createRequire } = await import("node:module");
      const lib = from === null ? zmq : (createRequire(from)("zeromq") as Zmq);
      const push = new lib.Push({ ...heartbeat, reconnectInterval: 60_000, linger: 1000 });
      for (const type of ["handshake", "disconnect"] as const) push.events.on(type, () => say(type));
      push.connect(endpoint);
      for (let i = 0; i < 170; i++) {
        await push.send(`${i}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      say("sent all");
      await push.close();
    },
    [endpoint, requiredFrom, HEARTBEAT] as const,
  );
  t.after(() => program.kill());
  return program;
}

for (const name of ["zeromq-ts", "libzmq"] as const) {
  test(`this thread is blocked, and a peer of ${name} that expects heartbeats stays`, limit, async (t) => {
    if (name === "libzmq" && typeof native === "string") return t.skip(native);
    const requiredFrom = name === "libzmq" ? import.meta.url : null;
    const pull = closing(t, new Pull({ context: background, ...HEARTBEAT }));
    await pull.bind("tcp://127.0.0.1:*");
    const events = watch(pull);
    const program = launchSender(t, pull.lastEndpoint as string, requiredFrom);
    await program.said("handshake");
    assert.equal(textOf(await pull.receive()), "0");
    block();
    const there = await pull.receiveMany();
    assert.ok(there.length > 50, `${there.length} messages came meanwhile`);
    for (let i = 1; i < 170; i++) assert.equal(textOf(there[i - 1] ?? (await pull.receive())), `${i}`);
    await program.said("sent all");
    assert.deepEqual((await program.ended).lines, ["handshake", "sent all"]);
    assert.deepEqual(
      events.filter(({ type }) => type === "handshake").map(({ type }) => type),
      ["handshake"],
    );
  });
}

// Otherwise the tests above would tell nothing.
test("without an I/O thread the same peer gives us up", limit, async (t) => {
  const pull = closing(t, new Pull({ context: loop }));
  await pull.bind("tcp://127.0.0.1:*");
  const program = launchSender(t, pull.lastEndpoint as string, null);
  await program.said("handshake");
  assert.equal(textOf(await pull.receive()), "0");
  block();
  await program.said("disconnect");
  program.kill();
  await program.ended;
});

test(
  "this thread is blocked, and libzmq in the same process that expects heartbeats stays",
  limit,
  async (t) => {
    if (typeof native === "string") return t.skip(native);
    const dealer = closing(t, new Dealer({ context: background, ...HEARTBEAT }));
    const router = closing(t, new native.zmq.Router({ ...HEARTBEAT, linger: 0 }));
    let lostCount = 0;
    router.events.on("disconnect", () => lostCount++);
    const events = watch(dealer);
    await connect("ipc", router, dealer);
    await dealer.send("who");
    const [id] = await router.receive();
    for (let i = 0; i < 500; i++)
      await Promise.all([router.send([id as Buffer, `${i}`]), dealer.send(`${i}`)]);
    block();
    for (let i = 0; i < 500; i++) {
      assert.equal(textOf(await dealer.receive()), `${i}`);
      assert.equal(String((await router.receive())[1]), `${i}`);
    }
    await sleep(50);
    assert.equal(lostCount, 0);
    assert.ok(!events.some(({ type }) => type === "disconnect"));
  },
);

test("this thread is blocked, and peers are accepted, and connected to again", limit, async (t) => {
  const router = closing(t, new ours.Router({ context: background }));
  const push = closing(t, new Push({ context: background }));
  const dealer = closing(t, new Dealer({ context: background, reconnectInterval: 20 }));
  await router.bind("tcp://127.0.0.1:*");
  await push.bind("tcp://127.0.0.1:*");
  const program = launch(
    async (zmq, say, routerAt, pushAt) => {
      const patience = { timeoutMs: 3000 };
      const pull = new zmq.Pull();
      pull.connect(pushAt);
      const first = new zmq.Router({ linger: 0 });
      await first.bind("tcp://127.0.0.1:*");
      const endpoint = first.lastEndpoint as string;
      say(`router ${endpoint}`);
      await pull.receive();
      await first.close();
      for (let i = 0; i < 5; i++) {
        const dealer = new zmq.Dealer({ routingId: `peer ${i}` });
        dealer.connect(routerAt);
        await dealer.waitForPeers(1, patience);
        await dealer.send(`hello ${i}`);
        await dealer.close();
      }
      for (let i = 0; i < 3; i++) {
        const again = new zmq.Router({ linger: 0 });
        await again.bind(endpoint);
        await again.waitForPeers(1, patience);
        if (i < 2) await again.close();
        else void again.receive().then(([, body]) => say(`received ${body}`));
      }
      say(`done ${performance.timeOrigin + performance.now()}`);
    },
    [router.lastEndpoint as string, push.lastEndpoint as string] as const,
  );
  t.after(() => program.kill());
  dealer.connect(await program.said("router "));
  await Promise.all([dealer.waitForPeers(), push.waitForPeers()]);
  const beganAt = clock();
  await push.send("go");
  block();
  const endedAt = clock();
  const doneAt = Number(await program.said("done "));
  t.diagnostic(`all was done ${Math.round(doneAt - beganAt)} ms after the beginning`);
  assert.ok(doneAt < endedAt, `done ${doneAt - endedAt} ms too late`);
  for (let i = 0; i < 5; i++) {
    assert.deepEqual((await router.receive()).map(String), [`peer ${i}`, `hello ${i}`]);
  }
  await dealer.send("still there");
  assert.equal(await program.said("received "), "still there");
  assert.equal((await program.ended).status, 0);
});

test("receiveSync and pollSync wait for what another process sends over tcp", limit, async (t) => {
  const pulls = [0, 1].map(() => {
    const pull = closing(t, new Pull({ context: background }));
    pull.bindSync("tcp://127.0.0.1:*");
    return pull;
  });
  const [slow, quick] = pulls as [Pull, Pull];
  const request = closing(t, new Request({ context: background }));
  const program = launch(
    async (zmq, say, slowAt, quickAt) => {
      const reply = new zmq.Reply();
      const [slow, quick] = [slowAt, quickAt].map((endpoint) => {
        const push = new zmq.Push();
        push.connect(endpoint);
        return push;
      }) as [InstanceType<Zmq["Push"]>, InstanceType<Zmq["Push"]>];
      await reply.bind("tcp://127.0.0.1:*");
      say(`at ${reply.lastEndpoint}`);
      for (;;) {
        const [what] = await reply.receive();
        await reply.send(`${what}!`);
        if (String(what) === "end") break;
        if (String(what) !== "push") continue;
        setTimeout(() => void quick.send("quick"), 50);
        setTimeout(() => void slow.send("slow"), 300);
      }
    },
    [slow.lastEndpoint as string, quick.lastEndpoint as string] as const,
  );
  t.after(() => program.kill());
  request.connect(await program.said("at "));
  for (let i = 0; i < 200; i++) {
    request.sendSync(`${i}`);
    assert.equal(textOf(request.receiveSync({ timeoutMs: 5000 })), `${i}!`);
  }
  const start = performance.now();
  assert.throws(() => slow.receiveSync({ timeoutMs: 200 }), { code: "EAGAIN" });
  assert.deepEqual(pollSync(pulls, { timeoutMs: 100 }), []);
  const tookMs = performance.now() - start;
  assert.ok(tookMs >= 299 && tookMs < 4000, `${tookMs}`);
  request.sendSync("push");
  const ready = (): ours.Socket[] => pollSync(pulls, { timeoutMs: 5000 }).map(({ socket }) => socket);
  assert.deepEqual(ready(), [quick]);
  assert.equal(textOf(quick.receiveSync({ timeoutMs: 0 })), "quick");
  assert.deepEqual(ready(), [slow]);
  assert.equal(textOf(slow.receiveSync()), "slow");
  assert.equal(textOf(request.receiveSync({ timeoutMs: 5000 })), "push!");
  request.sendSync("end");
  assert.equal(textOf(request.receiveSync({ timeoutMs: 5000 })), "end!");
  assert.equal((await program.ended).status, 0);
});

test("a peer of the same context and process, joined and counted", limit, async (t) => {
  const push = closing(t, new Push({ context: background }));
  const pull = closing(t, new Pull({ context: background }));
  await join(pull, push);
  await push.sendMany(["a", "b"]);
  assert.equal(textOf(await pull.receive()), "a");
  assert.equal(textOf(await pull.receive()), "b");
  const [peer] = pull.peers;
  assert.deepEqual([peer?.socketType, peer?.live, peer?.outgoing], ["PUSH", true, false]);
  assert.deepEqual([push.stats().sent.delivered, pull.stats().received.delivered], [2, 2]);
});
