import assert from "node:assert/strict";
import { test } from "node:test";
import { Push } from "../../../../../src/index.ts";
import { handshakeStalled, stalledAt } from "../../../../../src/services/explain/rules/stalled.ts";
import { codesOf, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { RawListener } from "../../../../peers/raw-peer.ts";
import { closing } from "../../../../peers/sockets.ts";
import { endpointView, ground, NO_SECURITY, viewOf } from "../views.ts";

const ENDPOINT = "tcp://127.0.0.1:5555";
const SERVER = { ...NO_SECURITY, mechanism: "PLAIN", role: "server" } as const;

function event(type: string, ageMs: number, peer = "tcp://b:1") {
  return { type, ageMs, address: ENDPOINT, peer, error: null };
}

test("handshake-stalled: a peer that answers and does not go on, long before time runs out", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const push = closing(t, new Push({ plainUsername: "joe", plainPassword: "x", linger: 0 }));
  push.connect(listener.endpoint);
  await push.send("waits");
  const peer = await listener.accept();
  t.after(() => peer.destroy());
  peer.send(zmtp.greeting({ mechanism: "PLAIN" }));
  const found = await untilFound(push, "handshake-stalled", { connectMs: 40 });
  assert.deepEqual(
    [found.severity, found.endpoint, found.evidence["role"], found.evidence["waitingCount"]],
    ["error", listener.endpoint, "client", 1],
  );
  // It is not said besides that nobody answers.
  assert.deepEqual(codesOf(push, { connectMs: 40 }), ["handshake-stalled"]);
  assert.deepEqual(codesOf(push), []);
});

test("handshake-stalled: connections without a handshake or an end, the oldest first", () => {
  const endpoints = [endpointView({ endpoint: ENDPOINT, kind: "bind" })];
  const found = (events: ReturnType<typeof event>[], security: typeof SERVER | typeof NO_SECURITY = SERVER) =>
    handshakeStalled(viewOf({ security, endpoints, events }), ground({ connectMs: 100 })).map(
      ({ peer, evidence }) => [peer, evidence["pendingCount"], evidence["pendingMs"]],
    );
  const accepted = [
    event("accept", 300),
    event("accept", 200, "tcp://c:1"),
    event("accept", 50, "tcp://d:1"),
  ];
  assert.deepEqual(found(accepted), [["tcp://b:1", 2, 300]]);
  assert.deepEqual(found([...accepted, event("handshake", 10)]), [["tcp://c:1", 1, 200]]);
  assert.deepEqual(found([...accepted, event("disconnect", 10, "tcp://c:1")]), [["tcp://b:1", 1, 300]]);
  assert.deepEqual(found(accepted, NO_SECURITY), []);
  assert.equal(found(accepted, { ...NO_SECURITY, zapDomain: "global" } as never).length, 1);
  const view = viewOf({ security: SERVER, endpoints, events: accepted });
  assert.deepEqual([...stalledAt(view, ground({ connectMs: 100 }))], [ENDPOINT]);
  assert.deepEqual([...stalledAt(view, ground({ connectMs: 1000 }))], []);
});
