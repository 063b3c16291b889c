// Each of libzmq's monitor events with its value, provoked for real; docs/guide/monitoring.md lists them.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join as joinPath } from "node:path";
import { test } from "node:test";
import type { Event, Socket } from "../../src/index.ts";
import { Dealer, Pull, Push, Router } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { RawListener, RawPeer } from "../peers/raw-peer.ts";
import { anyEndpoint, closing, join, until, watch } from "../peers/sockets.ts";

type Type = Event["type"];
type Failure = Error & { code?: string; errno?: number; status?: number; address?: string };

function find<T extends Type>(events: readonly Event[], type: T): Extract<Event, { type: T }> | undefined {
  return events.find((event) => event.type === type) as Extract<Event, { type: T }> | undefined;
}

async function see<T extends Type>(events: readonly Event[], type: T): Promise<Extract<Event, { type: T }>> {
  await until(type, () => find(events, type) !== undefined);
  return find(events, type) as Extract<Event, { type: T }>;
}

function failureOf(event: Event): Failure {
  return (event as { error?: Failure }).error as Failure;
}

const PORT = /^tcp:\/\/127\.0\.0\.1:\d+$/;

test("LISTENING, CONNECT_DELAYED, CONNECTED, ACCEPTED, HANDSHAKE_SUCCEEDED, DISCONNECTED, CLOSED, MONITOR_STOPPED", async (t) => {
  const server = closing(t, new Router());
  const client = closing(t, new Dealer({ reconnectInterval: 20_000 }));
  const [ours, theirs] = [watch(server), watch(client)];
  const endpoint = await join(server, client);
  assert.match(endpoint, PORT);
  assert.equal((await see(ours, "bind")).address, endpoint);
  assert.equal((await see(theirs, "connect:delay")).address, endpoint);
  const connect = await see(theirs, "connect");
  assert.deepEqual([connect.address, connect.peer], [endpoint, endpoint]);
  const accept = await see(ours, "accept");
  assert.equal(accept.address, endpoint);
  assert.match(accept.peer, PORT);
  assert.notEqual(accept.peer, endpoint);
  assert.equal((await see(theirs, "handshake")).peer, endpoint);
  assert.equal((await see(ours, "handshake")).peer, accept.peer);
  await server.close();
  assert.equal((await see(theirs, "disconnect")).address, endpoint);
  const retry = await see(theirs, "connect:retry");
  assert.ok(retry.interval >= 20_000 && retry.interval < 40_000, `${retry.interval} ms`);
  assert.equal((await see(ours, "close")).address, endpoint);
  await see(ours, "end");
  assert.deepEqual(ours.at(-1), { type: "end" });
  assert.equal(find(ours, "disconnect"), undefined, "what a side ends itself it is not told");
});

test("BIND_FAILED has the reason and the endpoint", async (t) => {
  const [one, two] = [closing(t, new Pull()), closing(t, new Pull())];
  await one.bind("tcp://127.0.0.1:*");
  const endpoint = one.lastEndpoint as string;
  const events = watch(two);
  await assert.rejects(two.bind(endpoint), { code: "EADDRINUSE" });
  const event = await see(events, "bind:error");
  const { code, errno, address } = failureOf(event);
  assert.deepEqual([event.address, code, errno, address], [endpoint, "EADDRINUSE", 98, endpoint]);
});

test("ACCEPT_FAILED for a peer from an address that may not connect, and for one too many", async (t) => {
  const filtered = closing(t, new Pull({ tcpAcceptFilter: "10.0.0.0/8" }));
  const full = closing(t, new Pull({ maxConnections: 0 }));
  for (const [server, code] of [
    [filtered, "EACCES"],
    [full, "EAGAIN"],
  ] as const) {
    const events = watch(server);
    await server.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(server.lastEndpoint);
    t.after(() => peer.destroy());
    const event = await see(events, "accept:error");
    assert.equal(event.address, server.lastEndpoint);
    assert.equal(failureOf(event).code, code, failureOf(event).message);
    assert.match(failureOf(event).message, /127\.0\.0\.1/);
  }
});

test("CLOSED for an attempt that fails, then CONNECT_RETRIED with the interval", async (t) => {
  const { endpoint } = await freeTcp();
  const client = closing(t, new Push({ linger: 0, reconnectInterval: 30, reconnectMaxInterval: 1000 }));
  const events = watch(client);
  client.connect(endpoint);
  await until("three attempts", () => events.filter(({ type }) => type === "connect:retry").length >= 3);
  const { code, errno } = failureOf(await see(events, "close"));
  assert.deepEqual([code, errno], ["ECONNREFUSED", 111]);
  const intervals = events.flatMap((event) => (event.type === "connect:retry" ? [event.interval] : []));
  assert.deepEqual(
    events.slice(0, 6).map(({ type }) => type),
    ["connect:delay", "close", "connect:retry", "connect:delay", "close", "connect:retry"],
  );
  assert.ok(
    intervals.every((interval) => interval >= 30 && interval <= 2000),
    intervals.join(" "),
  );
});

test("CLOSE_FAILED where something stays that should have gone", async (t) => {
  if (process.platform === "win32") return t.skip("there is no ipc on Windows");
  const server = closing(t, new Pull());
  const events = watch(server);
  await server.bind("ipc://*");
  const endpoint = server.lastEndpoint as string;
  const directory = dirname(endpoint.slice("ipc://".length));
  t.after(() => rm(directory, { recursive: true, force: true }));
  writeFileSync(joinPath(directory, "somebody else's"), "");
  await server.unbind(endpoint);
  const event = await see(events, "close:error");
  assert.equal(event.address, endpoint);
  assert.match(failureOf(event).message, /is closed, but .* could not be removed/);
});

async function freeTcp(): Promise<{ endpoint: string }> {
  const listener = await RawListener.open();
  const { endpoint } = listener;
  await listener.close();
  return { endpoint };
}

// HANDSHAKE_FAILED_NO_DETAIL: its value is an errno.

interface Cut {
  readonly code: string;
  readonly errno: number;
  readonly options?: object;
  readonly act: (peer: RawPeer) => void;
  readonly says: RegExp;
}

const CUTS: readonly Cut[] = [
  { code: "EPIPE", errno: 32, act: (peer) => peer.end(), says: /closed the connection during the handshake/ },
  {
    code: "ECONNRESET",
    errno: 104,
    act: (peer) => void setTimeout(() => peer.reset(), 30),
    says: /closed the connection during the handshake/,
  },
  {
    code: "ETIMEDOUT",
    errno: 110,
    options: { handshakeInterval: 50 },
    act: () => undefined,
    says: /did not finish its handshake within 50 ms/,
  },
  {
    code: "EFAULT",
    errno: 14,
    options: { zapDomain: "global" },
    act: (peer) => peer.send(zmtp.greeting(), zmtp.ready("PUSH")),
    says: /must be authenticated .*no ZAP handler is bound/,
  },
];

for (const { code, errno, options, act, says } of CUTS) {
  test(`HANDSHAKE_FAILED_NO_DETAIL ${code}, on the side that binds and on the side that connects`, async (t) => {
    const server = closing(t, new Pull({ context: ownContext(), ...options }));
    const client = closing(t, new Pull({ context: ownContext(), reconnectInterval: 20_000, ...options }));
    const [ours, theirs] = [watch(server), watch(client)];
    await server.bind("tcp://127.0.0.1:*");
    const peer = await RawPeer.connect(server.lastEndpoint);
    // An I/O thread may take its time: a connection that is cut before has never been.
    await see(ours, "accept");
    act(peer);
    const listener = await RawListener.open();
    t.after(() => listener.close());
    client.connect(listener.endpoint);
    const accepted = await listener.accept();
    await see(theirs, "connect");
    act(accepted);
    for (const events of [ours, theirs]) {
      const error = failureOf(await see(events, "handshake:error:other"));
      assert.deepEqual([error.code, error.errno], [code, errno]);
      assert.match(error.message, says);
      await see(events, "disconnect");
    }
  });
}

// HANDSHAKE_FAILED_AUTH: its value is the status.

for (const status of [300, 400, 500] as const) {
  test(`HANDSHAKE_FAILED_AUTH ${status}, at the server and at the client`, async (t) => {
    const context = ownContext();
    const handler = closing(t, new Router({ context }));
    await handler.bind("inproc://zeromq.zap.01");
    const server = closing(t, new Pull({ context, plainServer: true }));
    const events = watch(server);
    await server.bind("tcp://127.0.0.1:*");
    const client = closing(t, new Push({ plainUsername: "joe", plainPassword: "x", linger: 0 }));
    const heard = watch(client);
    client.connect(server.lastEndpoint as string);
    const [asker, , version, id] = (await handler.receive()) as Buffer[];
    await handler.send([asker, "", version, id, String(status), "the words", "", ""] as Buffer[]);
    const { error } = await see(events, "handshake:error:auth");
    assert.equal(error.status, status);
    assert.match(error.message, new RegExp(`status ${status}: "the words"`));
    // 300 is not said to the client: "a temporary error".
    if (status === 300) assert.equal((await see(heard, "handshake:error:other")).error.code, "EPIPE");
    else assert.equal((await see(heard, "handshake:error:auth")).error.status, status);
    const listener = await RawListener.open();
    t.after(() => listener.close());
    const told = closing(t, new Push({ linger: 0, reconnectInterval: 20_000 }));
    const tellings = watch(told);
    told.connect(listener.endpoint);
    (await listener.accept()).send(zmtp.greeting(), zmtp.error(String(status)));
    assert.equal((await see(tellings, "handshake:error:auth")).error.status, status);
  });
}

test("inproc has no handshake and no stream: binding and closing are all there is to be told", async (t) => {
  const [server, client]: Socket[] = [closing(t, new Pull()), closing(t, new Push())];
  const events = [watch(server as Socket), watch(client as Socket)];
  const endpoint = anyEndpoint("inproc");
  await server?.bind(endpoint);
  client?.connect(endpoint);
  await (client as Push).send("x");
  await (server as Pull).receive();
  await Promise.all([server?.close(), client?.close()]);
  for (const [i, one] of events.entries()) {
    await see(one, "end");
    assert.ok(!one.some(({ type }) => /handshake|accept|connect/.test(type)), `${i}: ${JSON.stringify(one)}`);
  }
});
