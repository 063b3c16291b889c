// CURVE where the system gives nothing to make keys of.

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { curveKeyPair } from "../../src/crypto/key-pair.ts";
import { client, command, initiated, prepareCurve, server, welcomed } from "../peers/curve-ground.ts";
import type { EngineProbe } from "../peers/engine-probe.ts";
import * as zmtp from "../peers/octets.ts";

/** Until the test ends the system has no randomness. */
function exhaust(t: TestContext, name: "randomFillSync" | "generateKeyPairSync"): void {
  t.mock.method(crypto, name, () => {
    throw new Error("no entropy");
  });
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
}

function assertGivenUp(probe: EngineProbe): void {
  assert.equal(probe.failureCode, "EIO");
  assert.equal(probe.failures[0]?.kind, "unknown");
  assert.match(String(probe.failures[0]?.error), /no random octets/);
  assert.deepEqual(probe.takeFrames(), [], "nothing is said with keys that somebody may guess");
}

prepareCurve();

test("G12: where the system gives no random octets a server's handshake ends, and nothing else", (t) => {
  const waiting = server();
  const inside = welcomed();
  exhaust(t, "randomFillSync");
  waiting.probe.receive(command(waiting.peer.hello()));
  assertGivenUp(waiting.probe);
  // Those that have their keys go on.
  inside.probe.receive(command(inside.peer.initiate()));
  assert.deepEqual(inside.probe.log, ["ready"]);
  inside.probe.receive(zmtp.frame(0, inside.peer.message(0, "in")));
  assert.deepEqual(inside.probe.texts, ["in"]);
});

test("G12: where the system makes no key pair there is no WELCOME", (t) => {
  const { probe, peer } = server();
  exhaust(t, "generateKeyPairSync");
  probe.receive(command(peer.hello()));
  assertGivenUp(probe);
});

test("G12: a client that has nothing to vouch with says nothing", (t) => {
  const { probe, peer } = client();
  const before = initiated();
  exhaust(t, "randomFillSync");
  probe.receive(command(peer.welcome()));
  assertGivenUp(probe);
  assert.equal(before.probe.failures.length, 0);
});

test("G12: keys are not made of nothing", (t) => {
  exhaust(t, "randomFillSync");
  assert.throws(() => curveKeyPair(), { name: "ZmqError", code: "EIO" });
});
