import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { Dish, Radio } from "../../../../../src/draft.ts";
import { Context, Dealer, Pair, Publisher, Pull, Push, Subscriber } from "../../../../../src/index.ts";
import {
  bindFailed,
  lostConnection,
  neverConnected,
  quietPeer,
} from "../../../../../src/services/explain/rules/connections.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import { RawPeer } from "../../../../peers/raw-peer.ts";
import { anyEndpoint, closing, codeOf, drain, join, until } from "../../../../peers/sockets.ts";
import { endpointView, ground, peerView, viewOf } from "../views.ts";

const quick = { reconnectInterval: 10 };

/** A port where nobody listens. */
async function freeEndpoint(): Promise<string> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `tcp://127.0.0.1:${port}`;
}

test("never-connected: the endpoint, the attempts, the last error, and what waits", async (t) => {
  const endpoint = await freeEndpoint();
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  push.connect(endpoint);
  await push.send("a");
  await push.send("b");
  await until("attempts", () => Number(findings(push, { connectMs: 0 })[0]?.evidence["failureCount"]) >= 3);
  assert.deepEqual(codesOf(push), [], "it may take a while");
  const found = await untilFound(push, "never-connected", { connectMs: 20 });
  assert.deepEqual([found.severity, found.endpoint], ["error", endpoint]);
  assert.deepEqual([found.evidence["waitingCount"], found.evidence["lastErrorCode"]], [2, "ECONNREFUSED"]);
  assert.ok(Number(found.evidence["attemptCount"]) >= 3);
  assert.equal(push.stats().sent.queued, 2);
  assert.match(
    found.what,
    /since connect\(\) \d+ ms ago, after \d+ attempts: .*nobody listens there\. 2 messages wait for it\.$/,
  );
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  await push.waitForPeers(1);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), []);
  await until("both", () => pull.stats().received.accepted === 2);
  drain(pull);
});

test("never-connected: a name that does not exist, a peer that never finishes its handshake", async (t) => {
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  push.connect("tcp://no-such-host.invalid:5555");
  const found = await untilFound(push, "never-connected", { connectMs: 5 });
  assert.deepEqual([found.severity, found.evidence["waitingCount"]], ["warning", 0]);
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const mute = closing(t, new Push({ ...quick, linger: 0, handshakeInterval: 20 }));
  t.after(() => server.close());
  mute.connect(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await until(
    "an error",
    () => findings(mute, { connectMs: 0 })[0]?.evidence["lastErrorCode"] === "ETIMEDOUT",
  );
  const [silent] = findings(mute, { connectMs: 0 });
  assert.match(silent?.what ?? "", /did not finish its handshake within 20 ms/);
  assert.match(silent?.remedy ?? "", /security mechanism/);
  await mute.close();
});

test("lost-connection: a peer that was there, how often it was tried, and what waits", async (t) => {
  const pull = new Pull();
  const push = closing(t, new Push({ ...quick, linger: 0 }));
  const endpoint = await join(pull, push);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), []);
  await pull.close();
  await until("the end", () => push.peers.every((peer) => !peer.live));
  await push.send("x");
  assert.deepEqual(codesOf(push), [], "it may be back soon");
  const found = await untilFound(push, "lost-connection", { connectMs: 30 });
  assert.deepEqual([found.severity, found.endpoint], ["error", endpoint]);
  assert.deepEqual([found.evidence["waitingCount"], found.evidence["handshakeCount"]], [1, 1]);
  assert.ok(Number(found.evidence["awayMs"]) >= 30);
  assert.match(found.what, /1 message waits for it\.$/);
  const again = closing(t, new Pull());
  await again.bind(endpoint);
  await push.waitForPeers(1);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), []);
  await again.receive();
});

test("bind-failed: a bind whose error nobody looked at, and one that was tried again", async (t) => {
  const holder = closing(t, new Pull());
  await holder.bind("tcp://127.0.0.1:*");
  const endpoint = holder.lastEndpoint as string;
  const other = closing(t, new Pull());
  assert.equal(await codeOf(other.bind(endpoint)), "EADDRINUSE");
  const [found] = findings(other);
  assert.deepEqual([found?.code, found?.severity, found?.endpoint], ["bind-failed", "error", endpoint]);
  assert.match(found?.what ?? "", /could not be bound \d+ ms ago: .*the address is taken/);
  await holder.close();
  await other.bind(endpoint);
  assert.deepEqual(codesOf(other), []);
  assert.deepEqual(bindFailed(viewOf()), []);
});

test("inproc-not-bound: nobody has the name, how many wait, until somebody binds it", async (t) => {
  const endpoint = anyEndpoint("inproc");
  const push = closing(t, new Push());
  push.connect(endpoint);
  for (let i = 0; i < 3; i++) await push.send("x");
  assert.deepEqual(codesOf(push), [], "to connect first is allowed");
  const found = await untilFound(push, "inproc-not-bound", { connectMs: 5 });
  assert.deepEqual([found.severity, found.endpoint], ["error", endpoint]);
  assert.deepEqual([found.evidence["waitingCount"], found.evidence["otherContextCount"]], [3, 0]);
  const pull = closing(t, new Pull());
  await pull.bind(endpoint);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), []);
  assert.equal(drain(pull).length, 3);
});

test("inproc-not-bound: another context has the name, which is told at once", async (t) => {
  const elsewhere = new Context();
  t.after(() => elsewhere.terminate());
  const pull = closing(t, new Pull({ context: elsewhere }));
  const endpoint = anyEndpoint("inproc");
  await pull.bind(endpoint);
  const push = closing(t, new Push());
  push.connect(endpoint);
  const [found] = findings(push);
  assert.deepEqual([found?.code, found?.evidence["otherContextCount"]], ["inproc-not-bound", 1]);
  assert.match(found?.what ?? "", /Another context of this thread has that name/);
  assert.match(found?.remedy ?? "", /one context/);
  const neighbour = closing(t, new Push({ context: elsewhere }));
  neighbour.connect(endpoint);
  assert.deepEqual(codesOf(neighbour, { connectMs: 0 }), []);
});

test("inproc-not-bound: a name that another thread has bound is bound", async (t) => {
  const endpoint = anyEndpoint("inproc");
  const index = new URL("../../../../../src/index.js", import.meta.url).href;
  const body = `
    const { parentPort } = require("node:worker_threads");
    import(${JSON.stringify(index)}).then(async ({ Pair }) => {
      const pair = new Pair();
      parentPort.on("message", () => pair.close().then(() => parentPort.close()));
      await pair.bind(${JSON.stringify(endpoint)});
      parentPort.postMessage("bound");
    });`;
  const pair = closing(t, new Pair());
  pair.connect(endpoint);
  await untilFound(pair, "inproc-not-bound", { connectMs: 0 });
  const worker = new Worker(body, { eval: true });
  await once(worker, "message");
  await pair.waitForPeers(1, { timeoutMs: 5000 });
  assert.deepEqual(codesOf(pair, { connectMs: 0 }), []);
  worker.postMessage("end");
  await once(worker, "exit");
});

test("quiet-peer: a peer that falls silent, without heartbeats", async (t) => {
  const dealer = closing(t, new Dealer());
  await dealer.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(dealer.lastEndpoint);
  t.after(() => peer.destroy());
  await peer.handshake("DEALER");
  await dealer.waitForPeers(1);
  assert.deepEqual(codesOf(dealer), []);
  const found = await untilFound(dealer, "quiet-peer", { quietMs: 30 });
  assert.deepEqual([found.severity, found.peer], ["info", dealer.peers[0]?.address]);
  assert.ok(Number(found.evidence["silentMs"]) >= 30);
  assert.match(found.what, /heartbeats are off/);
  const careful = closing(t, new Dealer({ heartbeatInterval: 1000 }));
  careful.connect(dealer.lastEndpoint as string);
  await careful.waitForPeers(1);
  assert.deepEqual(codesOf(careful, { quietMs: 0 }), []);
});

test("quiet-peer: silence is natural for who only receives, and over inproc", async (t) => {
  const pub = closing(t, new Publisher());
  const sub = closing(t, new Subscriber());
  sub.subscribe("");
  await join(pub, sub);
  await pub.waitForSubscribers(1);
  assert.deepEqual(codesOf(pub, { quietMs: 0 }), []);
  const pair = closing(t, new Pair());
  const other = closing(t, new Pair());
  await join(pair, other, "inproc");
  assert.deepEqual(codesOf(pair, { quietMs: 0 }), []);
  const sent = { accepted: 1, delivered: 0, queued: 1, dropped: {} };
  const stuck = viewOf({ type: "PUSH", peers: [peerView({ sent, liveAgeMs: 400_000 })] });
  assert.equal(quietPeer(stuck, ground()).length, 1);
  const heard = viewOf({ type: "PULL", peers: [peerView({ heardAgeMs: 10, liveAgeMs: 400_000 })] });
  assert.deepEqual(quietPeer(heard, ground()), []);
});

test("what is bound, inproc or refused is neither never-connected nor lost", () => {
  const hasty = ground({ connectMs: 0 });
  const bound = viewOf({ endpoints: [endpointView({ kind: "bind", ageMs: 9000 })] });
  const inproc = viewOf({ endpoints: [endpointView({ endpoint: "inproc://a", ageMs: 9000 })] });
  for (const view of [bound, inproc])
    assert.deepEqual([...neverConnected(view, hasty), ...lostConnection(view, hasty)], []);
});

test("over udp there is no handshake to wait for, and silence means nothing; a name that is not known does", async (t) => {
  const dish = closing(t, new Dish());
  dish.join("a");
  await dish.bind("udp://127.0.0.1:*");
  const radio = closing(t, new Radio());
  radio.connect(dish.lastEndpoint as string);
  await radio.waitForPeers();
  for (const socket of [radio, dish]) assert.deepEqual(codesOf(socket, { connectMs: 0, quietMs: 0 }), []);
  const lost = closing(t, new Radio({ reconnectInterval: 10, linger: 0 }));
  lost.connect("udp://some.host.invalid:5555");
  const found = await untilFound(lost, "never-connected", { connectMs: 0 });
  assert.equal(found.endpoint, "udp://some.host.invalid:5555");
});
