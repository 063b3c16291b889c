import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull } from "../../../../../src/index.ts";
import { refusals } from "../../../../../src/services/explain/rules/handshakes.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { ownContext } from "../../../../peers/own-context.ts";
import { RawPeer } from "../../../../peers/raw-peer.ts";
import {
  assertPublic,
  authenticator,
  CURVE_CLIENT,
  CURVE_SERVER,
  keys,
  meet,
  PLAIN_CLIENT,
} from "../../../../peers/secured.ts";
import { closing, until } from "../../../../peers/sockets.ts";
import { endpointView, ground, NO_SECURITY, viewOf } from "../views.ts";

test("mechanism-mismatch: what each side speaks, and what to set, whoever it is", async (t) => {
  const context = ownContext();
  authenticator(t, context, {});
  const kinds = { NULL: {}, PLAIN: PLAIN_CLIENT, CURVE: CURVE_CLIENT };
  for (const [server, serverOptions] of [
    ["PLAIN", { plainServer: true }],
    ["CURVE", CURVE_SERVER],
  ] as const) {
    for (const [client, clientOptions] of Object.entries(kinds)) {
      if (client === server) continue;
      const { pull, push, endpoint } = await meet(t, context, serverOptions, clientOptions);
      for (const [socket, ours, theirs] of [
        [pull, server, client],
        [push, client, server],
      ] as const) {
        const found = await untilFound(socket, "mechanism-mismatch");
        assert.deepEqual(
          [found.evidence["ourMechanism"], found.evidence["peerMechanism"], found.severity, found.endpoint],
          [ours, theirs, "error", endpoint],
        );
      }
      const { remedy } = await untilFound(push, "mechanism-mismatch");
      if (client === "NULL") assert.match(remedy, server === "PLAIN" ? /plainUsername/ : /curveServerKey/);
      assert.deepEqual(codesOf(push, { connectMs: 0 }), ["mechanism-mismatch"]);
      assertPublic([...findings(pull), ...findings(push)]);
    }
  }
});

test("mechanism-mismatch: a peer that closes when it has seen our greeting, as libzmq does", async (t) => {
  const pull = closing(t, new Pull());
  await pull.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(pull.lastEndpoint);
  peer.send(zmtp.greeting().subarray(0, 10));
  await peer.heard(() => peer.received.length >= 64, "the greeting");
  peer.destroy();
  const found = await untilFound(pull, "mechanism-mismatch");
  assert.deepEqual([found.severity, found.evidence["peerMechanism"]], ["warning", null]);
  // One octet more, and it was the end of something else.
  const other = closing(t, new Pull());
  await other.bind("tcp://127.0.0.1:*");
  const probe = await RawPeer.connect(other.lastEndpoint);
  probe.send(zmtp.greeting().subarray(0, 12));
  await probe.heard(() => probe.received.length >= 64, "the greeting");
  let isOver = false;
  other.events.on("disconnect", () => {
    isOver = true;
  });
  probe.destroy();
  await until("the end", () => isOver);
  assert.deepEqual(codesOf(other), []);
});

test("wrong-server-key: the server knows it, and the client guesses it from how it ends", async (t) => {
  const wrong = { ...CURVE_CLIENT, curveServerKey: keys.other.publicKey };
  const { pull, push, endpoint } = await meet(t, ownContext(), CURVE_SERVER, wrong);
  const here = await untilFound(pull, "wrong-server-key");
  assert.deepEqual(
    [here.severity, here.endpoint, here.evidence["publicKey"], here.evidence["role"]],
    ["error", endpoint, keys.server.publicKey, "server"],
  );
  assert.match(here.peer ?? "", /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assert.ok(here.remedy.includes(keys.server.publicKey));
  const there = await untilFound(push, "wrong-server-key");
  assert.deepEqual(
    [there.severity, there.endpoint, there.evidence["serverKey"], there.evidence["publicKey"]],
    ["error", endpoint, keys.other.publicKey, keys.client.publicKey],
  );
  assert.match(there.what, /closed the connection when it had the first box .* is probably wrong\.$/);
  assert.deepEqual(codesOf(push, { connectMs: 0 }), ["wrong-server-key"]);
  assertPublic([here, there]);
});

test("wrong-server-key: a server that has not the key that it should have", () => {
  const error = "The server's WELCOME does not open: it has another key.";
  const event = {
    type: "handshake:error:protocol",
    ageMs: 5,
    address: "tcp://a:1",
    peer: "tcp://a:1",
    error,
  };
  const security = { ...NO_SECURITY, mechanism: "CURVE", role: "client", serverKey: "KEY" } as const;
  const [found] = refusals(
    viewOf({ security, endpoints: [endpointView({ endpoint: "tcp://a:1" })], events: [event] }),
    ground(),
  );
  assert.deepEqual([found?.code, found?.evidence["serverKey"]], ["wrong-server-key", "KEY"]);
  assert.match(found?.what ?? "", /does not own the key .* KEY, is wrong\.$/);
});

test("same-role: two clients", async (t) => {
  for (const [mechanism, options] of [
    ["PLAIN", PLAIN_CLIENT],
    ["CURVE", CURVE_CLIENT],
  ] as const) {
    const { pull, push } = await meet(t, ownContext(), options, options);
    for (const socket of [pull, push]) {
      const found = await untilFound(socket, "same-role");
      assert.deepEqual(
        [found.severity, found.evidence],
        ["error", { ...found.evidence, mechanism, role: "client" }],
      );
      assert.match(found.remedy, /^Make one of the two the server/);
    }
    assert.deepEqual(codesOf(push, { connectMs: 0 }), ["same-role"]);
  }
});

test("same-role: two servers wait for each other until time runs out", async (t) => {
  for (const [mechanism, options] of [
    ["PLAIN", { plainServer: true }],
    ["CURVE", CURVE_SERVER],
  ] as const) {
    const late = { ...options, handshakeInterval: 80 };
    const context = ownContext();
    authenticator(t, context, {});
    const { pull, push } = await meet(t, context, late, late);
    for (const socket of [pull, push]) {
      const found = await untilFound(socket, "same-role");
      assert.deepEqual([found.evidence["mechanism"], found.evidence["role"]], [mechanism, "server"]);
      assert.match(found.what, /probably a server like this socket\.$/);
    }
  }
});

test("same-role: a client that left before its HELLO means nothing, a peer that always does is a server", () => {
  const error = "The peer closed the connection during the handshake, before its HELLO (CURVE). Look.";
  const event = { type: "handshake:error:other", ageMs: 5, address: "tcp://a:1", peer: "tcp://b:1", error };
  const security = { ...NO_SECURITY, mechanism: "CURVE", role: "server" } as const;
  const found = (kind: "bind" | "connect", events: (typeof event)[]) => {
    const lastError = { code: null, message: error };
    const endpoints = [endpointView({ endpoint: "tcp://a:1", kind, lastError })];
    return refusals(viewOf({ security, endpoints, events }), ground()).map(({ code, evidence }) => [
      code,
      evidence["mechanism"],
    ]);
  };
  assert.deepEqual(found("bind", [event, event, event]), []);
  assert.deepEqual(found("connect", [event]), []);
  assert.deepEqual(found("connect", [event, event]), [["same-role", "CURVE"]]);
});

test("a secure connection that stands has none of these findings", async (t) => {
  const context = ownContext();
  authenticator(t, context, { plain: () => true, curve: "any" });
  for (const [bound, connected] of [
    [{ plainServer: true }, PLAIN_CLIENT],
    [CURVE_SERVER, CURVE_CLIENT],
    [PLAIN_CLIENT, { plainServer: true }],
    [CURVE_CLIENT, CURVE_SERVER],
    [{ zapDomain: "global" }, { zapDomain: "global" }],
  ] as const) {
    const { pull, push } = await meet(t, context, bound, connected);
    await push.send("in");
    assert.equal(String(await pull.receive()), "in");
    await until("both live", () => pull.peers.length === 1 && push.peers[0]?.live === true);
    assert.deepEqual([...findings(pull), ...findings(push)], []);
  }
});
