import assert from "node:assert/strict";
import { test } from "node:test";
import { Pull, Push, Reply } from "../../../../../src/index.ts";
import { refusals } from "../../../../../src/services/explain/rules/handshakes.ts";
import { codesOf, findings, untilFound } from "../../../../peers/findings.ts";
import * as zmtp from "../../../../peers/octets.ts";
import { ownContext } from "../../../../peers/own-context.ts";
import { RawListener } from "../../../../peers/raw-peer.ts";
import {
  assertPublic,
  authenticator,
  CURVE_CLIENT,
  CURVE_SERVER,
  keys,
  meet,
  PLAIN_CLIENT,
  ZAP,
  zapHandler,
} from "../../../../peers/secured.ts";
import { closing, until } from "../../../../peers/sockets.ts";
import { endpointView, ground, viewOf } from "../views.ts";

const verdict = (status: string, text: string) => (id: Buffer) => ["1.0", id, status, text, "", ""];

test("access-denied: PLAIN, 400: whom the server refused and why, and who the client is", async (t) => {
  const context = ownContext();
  authenticator(t, context, { plain: new Map([["ann", "x"]]) });
  const { pull, push, endpoint } = await meet(t, context, { plainServer: true }, PLAIN_CLIENT);
  const here = await untilFound(pull, "access-denied");
  assert.deepEqual([here.severity, here.endpoint], ["warning", endpoint]);
  assert.deepEqual(
    [here.evidence["status"], here.evidence["userName"], here.evidence["mechanism"]],
    [400, "joe", "PLAIN"],
  );
  assert.notEqual(here.evidence["statusText"], "");
  assert.match(here.what, /^tcp:\S+, user "joe", was refused by the authenticator with status 400/);
  const there = await untilFound(push, "access-denied");
  assert.deepEqual(
    [there.severity, there.endpoint, there.evidence["status"], there.evidence["userName"]],
    ["error", endpoint, 400, "joe"],
  );
  assert.deepEqual(codesOf(push, { connectMs: 0 }), ["access-denied"]);
  assertPublic([...findings(pull), ...findings(push)]);
});

test("access-denied: CURVE, 400: the client's public key on both sides", async (t) => {
  const context = ownContext();
  authenticator(t, context, { curve: new Set([keys.other.publicKey]) });
  const { pull, push } = await meet(t, context, CURVE_SERVER, CURVE_CLIENT);
  const here = await untilFound(pull, "access-denied");
  assert.deepEqual([here.evidence["status"], here.evidence["publicKey"]], [400, keys.client.publicKey]);
  assert.ok(here.what.includes(keys.client.publicKey));
  const there = await untilFound(push, "access-denied");
  assert.deepEqual([there.evidence["status"], there.evidence["publicKey"]], [400, keys.client.publicKey]);
  assertPublic([here, there]);
});

test("access-denied: NULL, by address; 500 is the server's own trouble", async (t) => {
  for (const [status, severity] of [
    ["400", "warning"],
    ["500", "error"],
  ] as const) {
    const context = ownContext();
    await zapHandler(t, context, verdict(status, "no way"));
    const { pull, push } = await meet(t, context, { zapDomain: "global" }, {});
    const here = await untilFound(pull, "access-denied");
    assert.deepEqual(
      [here.severity, here.evidence["status"], here.evidence["statusText"], here.evidence["mechanism"]],
      [severity, Number(status), "no way", "NULL"],
    );
    assert.equal((await untilFound(push, "access-denied")).evidence["status"], Number(status));
  }
});

test("access-denied: 300 is told by the server alone; a client that is hung up on again and again guesses", async (t) => {
  for (const [bound, connected] of [
    [{ plainServer: true }, PLAIN_CLIENT],
    [CURVE_SERVER, CURVE_CLIENT],
    [{ zapDomain: "global" }, {}],
  ]) {
    const context = ownContext();
    await zapHandler(t, context, verdict("300", "later"));
    const { pull, push } = await meet(t, context, bound as object, connected as object);
    const here = await untilFound(pull, "access-denied");
    assert.deepEqual([here.severity, here.evidence["status"]], ["info", 300]);
    const there = await untilFound(push, "access-denied");
    assert.deepEqual([there.severity, there.evidence["status"]], ["error", null]);
    assert.ok(Number(there.evidence["seenCount"]) >= 2);
    assert.deepEqual(codesOf(push, { connectMs: 0 }), ["access-denied"]);
  }
});

test("access-denied: each user is told of, and eight at the most", () => {
  const refused = (user: string) =>
    `The authenticator refused the peer (PLAIN, user "${user}") with status 400: "No".`;
  const event = { type: "handshake:error:auth", ageMs: 5, address: "tcp://a:1", peer: "tcp://b:1" };
  const endpoints = [endpointView({ endpoint: "tcp://a:1", kind: "bind" })];
  const found = (users: string[]) =>
    refusals(
      viewOf({ endpoints, events: users.map((user) => ({ ...event, error: refused(user) })) }),
      ground(),
    );
  assert.deepEqual(
    found(["ann", "joe", "ann"]).map(({ evidence }) => [evidence["userName"], evidence["seenCount"]]),
    [
      ["ann", 2],
      ["joe", 1],
    ],
  );
  assert.equal(found(Array.from({ length: 30 }, (_, i) => `user ${i}`)).length, 8);
});

test("access-denied: a refusal in words is quoted, one guess is none, and an old one is over", () => {
  const event = { type: "handshake:error:other", ageMs: 5, address: "tcp://a:1", peer: "tcp://a:1" };
  const found = (error: string, times: number, lastMessage = error) =>
    refusals(
      viewOf({
        endpoints: [endpointView({ endpoint: "tcp://a:1", lastError: { code: null, message: lastMessage } })],
        events: Array.from({ length: times }, () => ({ ...event, error })),
      }),
      ground(),
    ).map(({ code, evidence }) => [code, evidence["statusText"]]);
  assert.deepEqual(found('The peer refused this socket: "go away".', 1), [["access-denied", '"go away"']]);
  const cut = "The peer closed the connection during the handshake, before its READY (CURVE). Look.";
  assert.deepEqual(found(cut, 1), []);
  assert.deepEqual(found(cut, 2), [["access-denied", ""]]);
  assert.deepEqual(found(cut, 2, "Cannot connect to tcp://a:1: nobody listens there."), []);
});

test("no-authenticator: a domain, or a server of PLAIN, and no handler; over as soon as there is one", async (t) => {
  for (const [bound, connected, domain] of [
    [{ plainServer: true }, PLAIN_CLIENT, null],
    [{ zapDomain: "global" }, {}, "global"],
    [{ ...CURVE_SERVER, zapDomain: "global" }, CURVE_CLIENT, "global"],
  ] as const) {
    const context = ownContext();
    const { pull, push, endpoint } = await meet(t, context, bound, connected);
    const here = await untilFound(pull, "no-authenticator");
    assert.deepEqual([here.severity, here.endpoint, here.evidence["zapDomain"]], ["error", endpoint, domain]);
    assert.match(here.what, /^tcp:\S+ was refused, as is everybody: /);
    assert.equal((await untilFound(push, "access-denied")).evidence["status"], null);
    authenticator(t, context, { plain: () => true, curve: "any" });
    assert.deepEqual(codesOf(pull), []);
    await push.send("in");
    assert.equal(String(await pull.receive()), "in");
    // An I/O thread may tell of the handshake later than of the message.
    await until("nothing is found", () => [...codesOf(pull), ...codesOf(push)].length === 0);
  }
});

test("authenticator-fails: it answers what is no reply", async (t) => {
  const replies: ((id: Buffer) => (string | Buffer)[])[] = [
    (id) => ["1.0", id, "200"],
    (id) => ["2.0", id, "200", "", "", ""],
    () => ["1.0", "another", "200", "", "", ""],
    (id) => ["1.0", id, "600", "", "", ""],
    (id) => ["1.0", id, "400", "x".repeat(256), "", ""],
    (id) => ["1.0", id, "200", "", "", "\x01"],
  ];
  for (const reply of replies) {
    const context = ownContext();
    await zapHandler(t, context, reply);
    const { pull } = await meet(t, context, { plainServer: true }, PLAIN_CLIENT);
    const found = await untilFound(pull, "authenticator-fails");
    assert.deepEqual([found.severity, found.evidence["mechanism"]], ["error", "PLAIN"]);
    assert.match(found.what, /^tcp:\S+ could not be authenticated: .*ZAP reply/);
    assert.deepEqual(codesOf(pull), ["authenticator-fails"]);
  }
});

test("authenticator-fails: it never answers, leaves with the question, or can answer nothing", async (t) => {
  const mute = ownContext();
  await zapHandler(t, mute, () => null);
  const bound = { plainServer: true, handshakeInterval: 80 };
  const slow = await meet(t, mute, bound, PLAIN_CLIENT);
  const late = await untilFound(slow.pull, "authenticator-fails");
  assert.match(late.what, /the ZAP handler did not answer/);

  const leaving = ownContext();
  const reply = closing(t, new Reply({ context: leaving, linger: 0 }));
  await reply.bind(ZAP);
  const left = await meet(t, leaving, { zapDomain: "global" }, {});
  await reply.receive();
  await reply.close();
  assert.match((await untilFound(left.pull, "authenticator-fails")).what, /closed before it answered/);

  const wrong = ownContext();
  await closing(t, new Pull({ context: wrong })).bind(ZAP);
  const odd = await meet(t, wrong, { zapDomain: "global" }, {});
  assert.match((await untilFound(odd.pull, "authenticator-fails")).what, /a PULL socket is bound/);
});

test("handshake-stalled: a server that does not go on, when time has run out", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const push = closing(
    t,
    new Push({ ...PLAIN_CLIENT, handshakeInterval: 60, reconnectInterval: 1000, linger: 0 }),
  );
  push.connect(listener.endpoint);
  const peer = await listener.accept();
  t.after(() => peer.destroy());
  peer.send(zmtp.greeting({ mechanism: "PLAIN" }));
  const found = await untilFound(push, "handshake-stalled");
  assert.deepEqual(
    [found.severity, found.evidence["stage"], found.evidence["limitMs"]],
    ["warning", "before its WELCOME (PLAIN)", 60],
  );
  assert.deepEqual(codesOf(push, { connectMs: 0 }), ["handshake-stalled"]);
});
