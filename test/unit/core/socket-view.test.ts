import assert from "node:assert/strict";
import { test } from "node:test";
import { viewSocket } from "../../../src/core/socket-view.ts";
import { Publisher, Push, Request, Router, Subscriber } from "../../../src/index.ts";
import type { Socket } from "../../../src/sockets/socket.ts";
import { coreOf } from "../../../src/sockets/socket.ts";
import { closing, until } from "../../peers/sockets.ts";

const view = (socket: Socket) => viewSocket(coreOf(socket));

test("a view is plain data and says what stats() says", async (t) => {
  const pub = closing(t, new Publisher({ sendHighWaterMark: 10 }));
  await pub.bind("tcp://127.0.0.1:*");
  const sub = closing(t, new Subscriber());
  sub.subscribe("a", "b");
  sub.connect(pub.lastEndpoint as string);
  await pub.waitForSubscribers(1, "b");
  await pub.send("a1");
  await pub.send("c1");
  assert.equal(String(await sub.receive()), "a1");
  const seen = view(pub);
  assert.deepEqual(JSON.parse(JSON.stringify(seen)), seen);
  assert.deepEqual([seen.type, seen.peerCount, seen.options.sendHighWaterMark], ["PUB", 1, 10]);
  assert.deepEqual(seen.sent, { accepted: 2, delivered: 1, queued: 0, dropped: { "no-subscriber": 1 } });
  assert.deepEqual([seen.facts, seen.peers[0]?.facts], [{ subscriberCount: 1 }, { topicCount: 2 }]);
  assert.deepEqual([seen.endpoints[0]?.kind, seen.endpoints[0]?.endpoint], ["bind", pub.lastEndpoint]);
  assert.equal(seen.endpoints[0]?.handshakeCount, 1);
  const far = view(sub);
  assert.deepEqual(far.facts, { topicCount: 2, topics: '"a", "b"' });
  assert.equal(far.peers[0]?.live, true);
  assert.notEqual(far.id, seen.id);
});

test("an endpoint that cannot be reached shows its attempts, its error and what waits", async (t) => {
  const push = closing(t, new Push({ linger: 0, reconnectInterval: 5 }));
  push.connect("tcp://127.0.0.1:1");
  await push.send("x");
  await until("an attempt", () => (view(push).endpoints[0]?.failureCount ?? 0) >= 2);
  const [endpoint] = view(push).endpoints;
  assert.equal(endpoint?.lastError?.code, "ECONNREFUSED");
  assert.deepEqual([endpoint?.kind, endpoint?.unsentCount, endpoint?.handshakeAgeMs], ["connect", 1, null]);
  assert.ok((endpoint?.attemptCount ?? 0) >= 2);
});

test("names over inproc are endpoints, too", async (t) => {
  const push = closing(t, new Push({ linger: 0 }));
  push.connect("inproc://socket-view");
  await push.send("x");
  const [endpoint] = view(push).endpoints;
  assert.deepEqual([endpoint?.endpoint, endpoint?.unsentCount], ["inproc://socket-view", 1]);
  assert.equal(view(push).peers[0]?.live, false);
});

test("calls that wait, options that came late, ids that nobody has", async (t) => {
  const push = closing(t, new Push({ linger: 0, immediate: true }));
  push.connect("tcp://127.0.0.1:1");
  const refusal = assert.rejects(push.send("x"), { code: "EAGAIN" });
  const { waiting } = view(push);
  assert.equal(waiting.sends, 1);
  assert.ok((waiting.sendsAgeMs ?? -1) >= 0);
  await push.close();
  await refusal;
  assert.equal(view(push).waiting.sendsAgeMs, null);

  const router = closing(t, new Router());
  await router.bind("tcp://127.0.0.1:*");
  await router.send(["nobody", "x"]);
  assert.equal(view(router).unroutableId, '"nobody"');

  const request = closing(t, new Request());
  await assert.rejects(request.receive({ timeoutMs: 0 }), { code: "EFSM" });
  assert.equal(view(request).outOfStep.count, 1);
});

test("a socket that was posted remembers it", (t) => {
  const push = closing(t, new Push());
  assert.throws(() => structuredClone(push), { code: "ENOTSUP" });
  assert.equal(view(push).postedCount, 1);
});
