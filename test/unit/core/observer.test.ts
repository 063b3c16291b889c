import assert from "node:assert/strict";
import { test } from "node:test";
import { type MonitorEvent, MonitorHub } from "../../../src/core/monitor-event.ts";
import { Dealer, Observer, Pull, Push, Router } from "../../../src/index.ts";
import { error, greeting, ready } from "../../peers/octets.ts";
import { RawListener, RawPeer } from "../../peers/raw-peer.ts";
import {
  anyEndpoint,
  closing,
  codeOf,
  join,
  namesOf,
  STREAMS,
  turns,
  until,
  watch,
} from "../../peers/sockets.ts";

function hubAndObserver(): { readonly hub: MonitorHub; readonly observer: Observer } {
  const hub = new MonitorHub();
  return { hub, observer: new Observer(hub, () => false) };
}

function bound(port: number): MonitorEvent {
  return { type: "bind", address: `tcp://127.0.0.1:${port}` };
}

for (const transport of STREAMS) {
  // libzmq behaviours B90, B95.
  test(`over ${transport} events come in libzmq's order, with both addresses`, async (t) => {
    const pull = closing(t, new Pull());
    const push = closing(t, new Push({ reconnectInterval: 20 }));
    const [server, client] = [watch(pull), watch(push)];
    const endpoint = await join(pull, push, transport);
    await until(
      "the handshakes",
      () => namesOf(server).includes("handshake") && namesOf(client).includes("handshake"),
    );
    assert.deepEqual(namesOf(server), ["bind", "accept", "handshake"]);
    assert.deepEqual(namesOf(client), ["connect:delay", "connect", "handshake"]);
    for (const event of [...server, ...client]) assert.equal("address" in event && event.address, endpoint);
    const accepted = server[1] as { readonly peer?: string };
    assert.ok(accepted.peer?.startsWith(`${transport}://`));

    await pull.close();
    await until("the end", () => namesOf(server).includes("end"));
    await until("an attempt", () => namesOf(client).filter((name) => name === "connect:delay").length >= 2);
    assert.deepEqual(namesOf(server).slice(3), ["close", "end"]);
    assert.deepEqual(namesOf(client).slice(3, 6), ["disconnect", "connect:retry", "connect:delay"]);
    await until("a failure", () => namesOf(client).length >= 9);
    assert.deepEqual(namesOf(client).slice(6, 9), ["close", "connect:retry", "connect:delay"]);

    const next = closing(t, new Pull());
    await next.bind(endpoint);
    await push.waitForPeers(1, { timeoutMs: 2000 });
    await turns();
    assert.deepEqual(namesOf(client).slice(-2), ["connect", "handshake"]);
    await push.close();
    await turns();
    assert.deepEqual(namesOf(client).slice(-2), ["handshake", "end"]);
  });
}

test("inproc has no connections to tell of but its names", async (t) => {
  const pull = closing(t, new Pull());
  const push = closing(t, new Push());
  const events = watch(pull);
  const others = watch(push);
  const endpoint = await join(pull, push, "inproc");
  await pull.unbind(endpoint);
  await Promise.all([pull.close(), push.close()]);
  await turns();
  assert.deepEqual(namesOf(events), ["bind", "close", "end"]);
  assert.deepEqual(namesOf(others), ["end"]);
});

test("a failure has its reason: who broke what, who refused, who was silent", async (t) => {
  const cases: readonly (readonly [Buffer, string, RegExp])[] = [
    [Buffer.alloc(64), "handshake:error:protocol", /./],
    [
      greeting({ mechanism: "CURVE" }),
      "handshake:error:protocol",
      /speaks the mechanism "CURVE", this socket NULL/,
    ],
    [
      Buffer.concat([greeting(), ready("PUB")]),
      "handshake:error:protocol",
      /is a "PUB" socket; PULL cannot talk to it/,
    ],
    [Buffer.concat([greeting(), error("400")]), "handshake:error:auth", /400/],
    [Buffer.alloc(0), "handshake:error:other", /did not finish its handshake within 60 ms/],
  ];
  for (const [octets, name, sentence] of cases) {
    const pull = closing(t, new Pull({ handshakeInterval: 60 }));
    const events = watch(pull);
    await pull.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(pull.lastEndpoint);
    peer.send(octets);
    assert.equal(await peer.ends(2000), true, name);
    await until(name, () => namesOf(events).includes("disconnect"));
    assert.deepEqual(namesOf(events), ["bind", "accept", name, "disconnect"]);
    const failure = events[2] as { readonly error?: Error; readonly peer?: string };
    assert.match(String(failure.error), sentence);
    assert.match(failure.peer as string, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  }
});

test("a connecting side hears why its peer ended, and what comes next", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const dealer = closing(t, new Dealer({ linger: 0, reconnectInterval: 10_000 }));
  const events = watch(dealer);
  const accepted = listener.accept();
  dealer.connect(listener.endpoint);
  const peer = await accepted;
  await peer.handshake("ROUTER");
  peer.reset();
  await until("the retry", () => namesOf(events).includes("connect:retry"));
  assert.deepEqual(namesOf(events), ["connect:delay", "connect", "handshake", "disconnect", "connect:retry"]);
  const retry = events[4] as { readonly interval: number; readonly error?: { readonly code?: string } };
  assert.ok(retry.interval >= 10_000 && retry.interval <= 20_000);
  assert.equal(retry.error?.code, "ECONNRESET");
});

test("bind and its failure are told", async (t) => {
  const [one, two] = [closing(t, new Router()), closing(t, new Router())];
  await one.bind(anyEndpoint("tcp"));
  const events = watch(two);
  await codeOf(two.bind(one.lastEndpoint as string));
  await until("the failure", () => events.length > 0);
  assert.deepEqual(namesOf(events), ["bind:error"]);
  const failure = events[0] as { readonly address?: string; readonly error?: { readonly code?: string } };
  assert.deepEqual([failure.address, failure.error?.code], [one.lastEndpoint, "EADDRINUSE"]);
});

test("events can be received one by one, or iterated until the socket closes", async () => {
  const pull = new Pull();
  const first = pull.events.receive();
  assert.equal(await codeOf(pull.events.receive()), "EBUSY");
  await pull.bind("inproc://observed-1");
  await pull.bind("inproc://observed-2");
  assert.deepEqual(await first, { type: "bind", address: "inproc://observed-1" });
  const names: string[] = [];
  const iterating = (async () => {
    for await (const event of pull.events) names.push(event.type);
  })();
  await pull.close();
  await iterating;
  assert.deepEqual(names, ["bind", "end"]);
  assert.equal(pull.events.closed, true);
  assert.equal(await codeOf(pull.events.receive()), "EBADF");
  for await (const _ of pull.events) assert.fail("nothing follows the end");
});

test("listeners are called for their type, until they are taken off, in turns of their own", async () => {
  const { hub, observer } = hubAndObserver();
  const ports: string[] = [];
  const listener = (event: { readonly address: string }): void => void ports.push(event.address.slice(-1));
  assert.equal(observer.on("bind", listener), observer);
  observer.on("bind", listener);
  hub.emit(bound(1));
  hub.emit({ type: "end" });
  assert.deepEqual(ports, [], "not out of the event itself");
  await turns();
  assert.deepEqual(ports, ["1"], "once, however often it was added");
  const other = hubAndObserver();
  other.observer
    .on("bind", listener)
    .off("bind", listener)
    .off("end", listener as never);
  other.hub.emit(bound(2));
  await turns();
  assert.deepEqual(ports, ["1"]);
});

test("a listener that throws is its program's fault, and disturbs neither the socket nor other listeners", async (t) => {
  const errors: unknown[] = [];
  const before = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => errors.push(error));
  t.after(() => {
    process.removeAllListeners("uncaughtException");
    for (const listener of before) process.on("uncaughtException", listener);
  });
  const { hub, observer } = hubAndObserver();
  const heard: string[] = [];
  observer.on("bind", () => {
    throw new Error("my own fault");
  });
  observer.on("bind", () => heard.push("second"));
  hub.emit(bound(1));
  await turns(5);
  assert.deepEqual(heard, ["second"]);
  assert.deepEqual(errors.map(String), ["Error: my own fault"]);
});

// libzmq behaviour B130.
test("a reader that does not come holds nobody up: older events make way, and are counted", async () => {
  const { hub, observer } = hubAndObserver();
  for (let i = 0; i < 1500; i++) hub.emit(bound(i));
  assert.equal(observer.droppedCount, 500);
  assert.deepEqual(await observer.receive(), bound(500));
  for (let i = 0; i < 5000; i++) hub.emit(bound(i));
  observer.close();
  let count = 0;
  for await (const _ of observer) count++;
  assert.equal(count, 1000);
});

test("closing the observer ends what waits, and leaves the socket as it is", async (t) => {
  const pull = closing(t, new Pull());
  const observer = pull.events;
  assert.equal(pull.events, observer);
  const waiting = codeOf(observer.receive());
  const iterating = (async () => {
    const own = hubAndObserver().observer;
    setImmediate(() => own.close());
    for await (const _ of own) assert.fail("there was no event");
  })();
  observer.close();
  observer.close();
  assert.equal(await waiting, "EBADF");
  await iterating;
  await pull.bind("inproc://unobserved");
  assert.equal(pull.closed, false);
});

test("the events of a closed socket are over", async () => {
  const pull = new Pull();
  await pull.close();
  assert.equal(pull.events.closed, true);
  assert.equal(await codeOf(pull.events.receive()), "EBADF");
});
