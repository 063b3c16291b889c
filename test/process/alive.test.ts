// An idle socket does not keep the process alive; a pending operation does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Pull, Push, Router, XPublisher } from "../../src/index.ts";
import { anyEndpoint, closing, TRANSPORTS, textOf, until } from "../peers/sockets.ts";
import type { ProgramEnd } from "./program.ts";
import { launch, run } from "./program.ts";

/** The process ended by itself, well, and as soon as its program did. */
function assertEndedAtOnce(end: ProgramEnd, what: string): void {
  assert.deepEqual([end.status, end.signal, end.stderr], [0, null, ""], what);
  assert.ok(end.tookMs < 6000, `${what}: ${end.tookMs} ms`);
}

test("sockets that are open and nothing else end with their program", async () => {
  const end = await run((zmq) => {
    for (const SocketClass of [zmq.Push, zmq.Pull, zmq.Pair, zmq.Router, zmq.Publisher, zmq.Stream])
      new SocketClass();
    new zmq.Context();
  }, []);
  assertEndedAtOnce(end, "open");
});

for (const transport of TRANSPORTS) {
  test(`sockets that are bound and connected over ${transport} end with their program`, async () => {
    const end = await run(
      async (zmq, say, endpoint) => {
        const router = new zmq.Router({ heartbeatInterval: 50 });
        await router.bind(endpoint);
        const dealer = new zmq.Dealer({ heartbeatInterval: 50 });
        dealer.connect(router.lastEndpoint as string);
        await router.waitForPeers();
        await dealer.send("a");
        say(String((await router.receive())[1]));
        say("done");
      },
      [anyEndpoint(transport)],
    );
    assertEndedAtOnce(end, transport);
    assert.deepEqual(end.lines, ["a", "done"]);
  });
}

test("a socket that connects to nobody ends with its program, however it is tried", async () => {
  // 192.0.2.0/24 answers to nobody (RFC 5737): the attempt stays under way.
  for (const endpoint of [
    "tcp://127.0.0.1:9",
    "tcp://192.0.2.1:9",
    "ipc:///nowhere/at-all",
    "tcp://no-such-host.invalid:9",
  ]) {
    const end = await run(
      (zmq, _say, endpoint) => {
        const subscriber = new zmq.Subscriber({ reconnectInterval: 20 });
        subscriber.subscribe();
        subscriber.connect(endpoint);
        setTimeout(() => undefined, 60);
      },
      [endpoint],
    );
    assert.deepEqual([end.status, end.stderr], [0, ""], endpoint);
    assert.ok(end.tookMs < 6000, `${endpoint}: ${end.tookMs} ms`);
  }
});

test("sockets whose peers live on in other processes end with their program", async (t) => {
  const publisher = closing(t, new XPublisher());
  const pull = closing(t, new Pull());
  for (const socket of [publisher, pull]) await socket.bind("tcp://127.0.0.1:*");
  const end = await run(
    async (zmq, say, publisherAt, pullAt) => {
      const subscriber = new zmq.Subscriber();
      subscriber.subscribe("a");
      subscriber.connect(publisherAt);
      const push = new zmq.Push();
      push.connect(pullAt);
      await Promise.all([subscriber.waitForPeers(), push.waitForPeers()]);
      await push.send("hello");
      subscriber.events.on("disconnect", () => undefined);
      say(String(push.peers.length));
    },
    [publisher.lastEndpoint as string, pull.lastEndpoint as string] as const,
  );
  assertEndedAtOnce(end, "connected");
  assert.equal(textOf(await pull.receive()), "hello");
  await until("nobody", () => pull.peers.length === 0 && publisher.peers.length === 0);
});

test("a receive that waits keeps the process until its message comes", async (t) => {
  const program = launch(async (zmq, say) => {
    const pull = new zmq.Pull();
    await pull.bind("tcp://127.0.0.1:*");
    say(`at ${pull.lastEndpoint}`);
    say(`got ${(await pull.receive())[0]}`);
  }, [] as const);
  const push = closing(t, new Push());
  const endpoint = await program.said("at ");
  await sleep(200);
  push.connect(endpoint);
  await push.send("a");
  const end = await program.ended;
  assert.deepEqual([end.status, end.lines.at(-1), end.stderr], [0, "got a", ""]);
  assert.ok(end.tookMs >= 150, "it waited");
});

test("a send that waits keeps the process until somebody takes its message", async (t) => {
  const program = launch(async (zmq, say) => {
    const router = new zmq.Push();
    await router.bind("tcp://127.0.0.1:*");
    say(`at ${router.lastEndpoint}`);
    await router.send("a");
    say("sent");
  }, [] as const);
  const pull = closing(t, new Pull());
  const endpoint = await program.said("at ");
  await sleep(200);
  pull.connect(endpoint);
  assert.equal(textOf(await pull.receive()), "a");
  assert.equal((await program.ended).lines.at(-1), "sent");
});

test("everything else that waits keeps the process as well", async () => {
  // Each waits until an unref'd timer ends it: a process that does not wait never gets there.
  const end = await run(async (zmq, say) => {
    const soon = (what: () => void): void => void setTimeout(what, 120).unref();
    const pull = new zmq.Pull();
    soon(() => void pull.close());
    for await (const _ of pull) say("nobody sends");
    say("iteration");
    const other = new zmq.Pull();
    await other.waitForPeers(1, { timeoutMs: 100 }).catch(() => say("waitForPeers"));
    const publisher = new zmq.Publisher();
    const abort = new AbortController();
    soon(() => abort.abort());
    await publisher
      .waitForSubscribers(1, "a", { signal: abort.signal })
      .catch(() => say("waitForSubscribers"));
    soon(() => other.events.close());
    await other.events.receive().catch(() => say("events"));
    const push = new zmq.Push({ linger: 120 });
    push.connect("tcp://127.0.0.1:9");
    await push.send("a");
    say(`close ${(await push.close()).droppedCount}`);
    await other.bind("inproc://alive");
    const back = new zmq.Push();
    await back.bind("inproc://alive-too");
    const proxy = new zmq.Proxy(other, back);
    soon(() => proxy.terminate());
    await proxy.run();
    say("proxy");
    await new zmq.Pull().receive({ timeoutMs: 100 }).catch(() => say("receive"));
  }, []);
  assert.deepEqual([end.status, end.stderr], [0, ""]);
  const steps = ["iteration", "waitForPeers", "waitForSubscribers", "events", "close 1", "proxy", "receive"];
  assert.deepEqual(end.lines, steps);
});

test("a bind that is under way is finished, and a bind that fails says so", async (t) => {
  const taken = closing(t, new Router());
  await taken.bind("tcp://127.0.0.1:*");
  const end = await run(
    (zmq, say, endpoint) => {
      const pull = new zmq.Pull();
      void pull.bind("tcp://localhost:*").then(() => say("bound"));
      void pull.bind("ipc://*").then(() => say("bound"));
      pull.bind(endpoint).catch((error) => say(error.code));
    },
    [taken.lastEndpoint as string] as const,
  );
  assert.deepEqual([end.status, [...end.lines].sort()], [0, ["EADDRINUSE", "bound", "bound"]]);
  const unhandled = await run(
    (zmq, _say, endpoint) => {
      void new zmq.Pull().bind(endpoint);
    },
    [taken.lastEndpoint as string] as const,
  );
  assert.equal(unhandled.status, 1, "a failure that nobody looks at is not hidden");
  assert.match(unhandled.stderr, /EADDRINUSE/);
});

test("calls with keepAlive false wait without keeping their program", async () => {
  const end = await run((zmq, say) => {
    const over = () => say("over");
    new zmq.Pull().receive({ keepAlive: false }).then(over, over);
    new zmq.Pull().waitForMessage({ keepAlive: false }).then(over, over);
    new zmq.Push().send("a", { keepAlive: false }).then(over, over);
    new zmq.Push().waitForPeers(1, { keepAlive: false }).then(over, over);
  }, []);
  assertEndedAtOnce(end, "waiting");
  assert.deepEqual(end.lines, []);
});
