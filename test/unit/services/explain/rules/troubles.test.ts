import assert from "node:assert/strict";
import { test } from "node:test";
import { PATIENCE } from "../../../../../src/services/explain/rule.ts";
import { troublesOf } from "../../../../../src/services/explain/rules/troubles.ts";
import { endpointView, viewOf } from "../views.ts";

const ENDPOINT = "tcp://127.0.0.1:5555";
const kindOf = (message: string): string | null => (message.startsWith("bad") ? message.slice(0, 5) : null);

function event(error: string, ageMs: number, peer = "tcp://b:1") {
  return { type: "handshake:error:protocol", ageMs, address: ENDPOINT, peer, error };
}

test("the last of each kind, and how often it is remembered", () => {
  const events = [
    event("bad 1 a", 30),
    event("bad 2", 20),
    event("good", 15),
    event("bad 1 b", 10, "tcp://c:1"),
  ];
  const view = viewOf({ endpoints: [endpointView({ kind: "bind" })], events });
  const found = [...troublesOf(view, PATIENCE, kindOf).values()];
  assert.deepEqual(
    found.map(({ message, peer, seenCount, ageMs, kind }) => [message, peer, seenCount, ageMs, kind]),
    [
      ["bad 1 b", "tcp://c:1", 2, 10, "bind"],
      ["bad 2", "tcp://b:1", 1, 20, "bind"],
    ],
  );
});

test("the last error of an endpoint counts where its event is forgotten, and once where it is not", () => {
  const lastError = { code: null, message: "bad 3" };
  const endpoint = endpointView({ lastError, lastErrorAgeMs: 5, lastErrorPeer: "tcp://d:1" });
  const alone = [...troublesOf(viewOf({ endpoints: [endpoint] }), PATIENCE, kindOf).values()];
  assert.deepEqual(alone, [
    { endpoint: ENDPOINT, kind: "connect", peer: "tcp://d:1", message: "bad 3", ageMs: 5, seenCount: 1 },
  ]);
  const view = viewOf({ endpoints: [endpoint], events: [event("bad 3", 5, "tcp://d:1")] });
  assert.equal([...troublesOf(view, PATIENCE, kindOf).values()][0]?.seenCount, 1);
});

test("what happened elsewhere, before a handshake, or long ago is left out", () => {
  const events = [event("bad 1", 50)];
  const count = (given: Parameters<typeof endpointView>[0], quietMs = 100) =>
    troublesOf(viewOf({ endpoints: [endpointView(given)], events }), { ...PATIENCE, quietMs }, kindOf).size;
  assert.equal(count({ endpoint: "tcp://other:1" }), 0);
  assert.equal(count({ handshakeAgeMs: 49 }), 0);
  assert.equal(count({ handshakeAgeMs: 50 }), 1);
  assert.equal(count({ kind: "bind", handshakeAgeMs: 49 }), 1);
  assert.equal(count({ kind: "bind" }, 49), 0);
});
