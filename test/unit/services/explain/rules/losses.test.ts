import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Dealer,
  Publisher,
  Pull,
  Push,
  Reply,
  Request,
  Router,
  Subscriber,
} from "../../../../../src/index.ts";
import {
  lingerCut,
  orphaned,
  peerGone,
  protocolDrop,
} from "../../../../../src/services/explain/rules/losses.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { RawPeer } from "../../../../peers/raw-peer.ts";
import { closing, drain, fill, join, lostOf, until } from "../../../../peers/sockets.ts";
import { ground, viewOf } from "../views.ts";

test("peer-gone: what waited for a worker when it left, and which worker", async (t) => {
  const push = closing(t, new Push({ sendHighWaterMark: 50 }));
  await push.bind("tcp://127.0.0.1:*");
  const worker = await RawPeer.connect(push.lastEndpoint);
  t.after(() => worker.destroy());
  await worker.handshake("PULL");
  await push.waitForPeers(1);
  worker.socket.pause();
  const body = "x".repeat(100_000);
  while (push.trySend(body)) await new Promise(setImmediate);
  const [peer] = push.stats().peers;
  assert.ok((peer?.sent.queued ?? 0) > 0);
  assert.deepEqual(codesOf(push), []);
  worker.reset();
  const found = await untilFound(push, "peer-gone");
  await until("the peer gone", () => push.peers.length === 0);
  const droppedCount = push.stats().sent.dropped["peer-gone"];
  const [last] = findings(push);
  assert.equal(last?.evidence["droppedCount"], droppedCount);
  assert.ok(droppedCount > 0);
  assert.deepEqual([found.severity, found.peer, found.endpoint], ["error", peer?.address, push.lastEndpoint]);
  assert.match(last?.what ?? "", new RegExp(`^${droppedCount} messages? w\\w+ dropped that waited for tcp:`));
});

test("peer-gone: a subscriber that left wants nothing any more", () => {
  const sent = { accepted: 3, delivered: 1, queued: 0, dropped: { "peer-gone": 2 } };
  const severity = (type: string) => peerGone(viewOf({ type, sent }))[0]?.severity;
  assert.deepEqual(["PUB", "ROUTER", "PUSH", "PAIR"].map(severity), ["info", "warning", "error", "error"]);
});

test("linger-cut: a close that did not wait, and one that did not wait long enough", async (t) => {
  const sockets: Push[] = [];
  for (const linger of [0, 20]) {
    const push = new Push({ linger });
    sockets.push(push);
    push.connect("tcp://127.0.0.1:1");
    for (let i = 0; i < 3; i++) await push.send("x");
    assert.deepEqual(codesOf(push), []);
    const { droppedCount } = await push.close();
    assert.equal(droppedCount, 3);
    const [found, ...others] = findings(push);
    assert.deepEqual(others, []);
    assert.deepEqual([found?.code, found?.evidence["droppedCount"]], ["linger-cut", 3]);
    assert.deepEqual(
      [found?.severity, found?.evidence["lingerMs"]],
      [linger === 0 ? "info" : "error", linger],
    );
    assert.equal(found?.endpoint, "tcp://127.0.0.1:1");
    // The context remembers sockets that closed with losses.
    const context = push.context as unknown as typeof import("../../../../../src/index.ts").context;
    const ids = context.explain().map(({ code, socket }) => `${code} ${socket.id}`);
    assert.ok(ids.includes(`linger-cut ${found?.socket.id}`));
  }
  const pull = closing(t, new Pull());
  const push = new Push({ linger: 1000 });
  await join(pull, push);
  await push.send("x");
  await push.close();
  assert.deepEqual(codesOf(push), []);
  await pull.receive();
});

test("orphaned: what a peer sent that left, beyond what is kept, and what nobody received", async (t) => {
  const pull = closing(t, new Pull({ maxOrphans: 2 }));
  const push = new Push();
  const endpoint = await join(pull, push);
  for (let i = 0; i < 5; i++) await push.send(`${i}`);
  await until("all there", () => pull.stats().received.accepted === 5);
  assert.deepEqual(codesOf(pull), []);
  await push.close();
  const found = await untilFound(pull, "orphaned");
  assert.deepEqual([found.severity, found.evidence["droppedCount"]], ["warning", 3]);
  assert.equal(found.endpoint, endpoint);
  assert.equal(lostOf(pull.stats().received, "orphaned"), 3);
  assert.equal(drain(pull).length, 2);
  const careless = new Pull();
  const sender = closing(t, new Push());
  await join(careless, sender);
  await sender.send("x");
  await until("it came", () => careless.stats().received.accepted === 1);
  await careless.close();
  assert.deepEqual(
    findings(careless).map(({ code, severity }) => [code, severity]),
    [["orphaned", "info"]],
  );
});

test("orphaned: over inproc the sender learns of it", async (t) => {
  const pull = new Pull();
  const push = closing(t, new Push());
  await join(pull, push, "inproc");
  await push.send("x");
  await pull.close();
  const found = await untilFound(push, "orphaned");
  assert.match(found.what, /which closed without receiving it/);
  const view = viewOf({
    type: "PUB",
    sent: { accepted: 1, delivered: 0, queued: 0, dropped: { orphaned: 1 } },
  });
  assert.equal(orphaned(view)[0]?.severity, "info");
});

test("protocol-drop: an id without a message, a message to who receives none", async (t) => {
  const router = closing(t, new Router());
  await router.send("only-an-id");
  const [found] = findings(router);
  assert.deepEqual(
    [found?.code, found?.severity, found?.evidence["droppedCount"]],
    ["protocol-drop", "error", 1],
  );
  const push = closing(t, new Push());
  await push.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(push.lastEndpoint);
  t.after(() => peer.destroy());
  await peer.handshake("PULL");
  peer.send(zmtp.frame(0, "hello"), zmtp.frame(0, "there"));
  await until("both", () => push.stats().received.dropped.protocol === 2);
  const [there] = findings(push);
  assert.deepEqual(
    [there?.code, there?.severity, there?.evidence["droppedCount"]],
    ["protocol-drop", "warning", 2],
  );
  assert.equal(there?.peer, push.peers[0]?.address);
});

test("protocol-drop: a reply that came too late is worth knowing, not more", async (t) => {
  const router = closing(t, new Router());
  const req = closing(t, new Request({ relaxed: true, correlate: true }));
  await join(router, req);
  await req.send("one");
  await req.send("two");
  const first = await router.receive();
  const second = await router.receive();
  await router.send([...first.slice(0, 3), "late"]);
  await router.send([...second.slice(0, 3), "in time"]);
  assert.equal(String(await req.receive()), "in time");
  const [found, ...others] = findings(req);
  assert.deepEqual(others, []);
  assert.deepEqual(
    [found?.code, found?.severity, found?.evidence["droppedCount"]],
    ["protocol-drop", "info", 1],
  );
  assert.match(found?.what ?? "", /^1 reply was dropped that no request waited for any more/);
});

test("traffic that arrives has none of these findings", async (t) => {
  const pairs = [
    [closing(t, new Pull()), closing(t, new Push())],
    [closing(t, new Router()), closing(t, new Dealer())],
    [closing(t, new Reply()), closing(t, new Request())],
  ] as const;
  for (const [binder, connector] of pairs) {
    await join(binder, connector);
    await connector.send("x");
    await binder.receive();
    assert.deepEqual([...codesOf(binder), ...codesOf(connector)], []);
  }
  const view = viewOf({ type: "PUSH" });
  assert.deepEqual(
    [peerGone(view), lingerCut(view), orphaned(view), protocolDrop(view, ground())].flat(),
    [],
  );
});

test("conflation and filtering are no losses", async (t) => {
  const pub = closing(t, new Publisher({ conflate: true }));
  const sub = closing(t, new Subscriber({ conflate: true }));
  sub.subscribe("");
  await join(pub, sub, "inproc");
  await pub.waitForSubscribers(1);
  assert.equal(fill(pub, 20), 20);
  await until("the newest", () => drain(sub).includes("19"));
  assert.ok(pub.stats().sent.dropped.conflated + sub.stats().received.dropped.conflated > 0);
  assert.deepEqual([...codesOf(pub), ...codesOf(sub)], []);
});
