import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/base/errors.ts";
import { handshakeCut, handshakeLate, handshakeStage } from "../../../src/engine/handshake-words.ts";
import type { Mechanism } from "../../../src/security/mechanism.ts";
import { encodeGreeting, GreetingReader } from "../../../src/wire/greeting.ts";

function waiting(name: string, awaited: string | null): Mechanism {
  return { name, awaited } as Mechanism;
}

function greetingOf(length: number): GreetingReader {
  const reader = new GreetingReader();
  reader.receive(encodeGreeting("NULL", false), 0, length);
  return reader;
}

test("the stage is the word of the peer that did not come", () => {
  const at = (greeting: GreetingReader | null, name = "NULL", awaited: string | null = "READY"): string =>
    handshakeStage(greeting, waiting(name, awaited)).at;
  assert.equal(at(greetingOf(0)), "before its greeting");
  assert.equal(at(greetingOf(10)), "after 10 octets of its greeting");
  assert.equal(at(null), "before its READY (NULL)");
  assert.equal(at(null, "PLAIN", "WELCOME"), "before its WELCOME (PLAIN)");
  assert.equal(at(null, "CURVE", null), "before the authenticator answered (CURVE)");
});

test("a server of CURVE that closes after HELLO probably has another key; every stage has its advice", () => {
  assert.match(
    handshakeStage(null, waiting("CURVE", "WELCOME")).remedy,
    /curveServerKey is not its public key/,
  );
  assert.match(handshakeStage(greetingOf(10), waiting("NULL", "READY")).remedy, /mechanism is another one/);
  for (const awaited of ["HELLO", "WELCOME", "INITIATE", "READY", null])
    assert.match(handshakeStage(null, waiting("PLAIN", awaited)).remedy, /\.$/);
});

test("the errors say how and where it ended, and keep the cause", () => {
  const stage = { at: "before its READY (NULL)", remedy: "Do this." };
  const cut = handshakeCut(stage, null);
  assert.equal(cut.code, "EPIPE");
  assert.equal(
    cut.message,
    "The peer closed the connection during the handshake, before its READY (NULL). Do this.",
  );
  assert.equal(cut.cause, undefined);
  const broken = new ZmqError("ECONNRESET", "Broken.");
  assert.deepEqual(
    [handshakeCut(stage, broken).code, handshakeCut(stage, broken).cause],
    ["ECONNRESET", broken],
  );
  const late = handshakeLate(stage, 300);
  assert.equal(late.code, "ETIMEDOUT");
  assert.match(
    late.message,
    /^The peer did not finish its handshake within 300 ms, and stopped before its READY/,
  );
});
