import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, ProtocolError, ZmqError } from "../../../../src/index.ts";
import type { Learned } from "../../../../src/services/probe/conversation.ts";
import { judge } from "../../../../src/services/probe/verdict.ts";

const endpoint = "tcp://127.0.0.1:5555";

const NOTHING: Learned = {
  protocol: null,
  mechanism: null,
  asServer: false,
  greetingMs: null,
  socketType: null,
  routingId: "",
  properties: {},
  handshakeMs: null,
  isPinged: false,
  pongMs: null,
  refusal: null,
  foreign: null,
  isClosed: false,
  progress: null,
};

function verdictOf(learned: Partial<Learned> | null, error: ZmqError | null = null) {
  const whole = learned === null ? null : { ...NOTHING, ...learned };
  return judge({ endpoint, learned: whole, error, isConnected: learned !== null, timeoutMs: 3000 });
}

const NULL31 = { protocol: "3.1", mechanism: "NULL" };

test("every end of a probe has a state, a sentence and a remedy", () => {
  const protocolError = new ProtocolError("ERR_ZMTP_UNSPECIFIED", "The peer speaks ZMTP 1.0.", "37/ZMTP");
  const cases: [Partial<Learned> | null, ZmqError | null, string, RegExp][] = [
    [
      null,
      new ZmqError("ECONNREFUSED", "Cannot connect: nobody listens there."),
      "unreachable",
      /nobody listens there\.$/,
    ],
    [null, null, "unreachable", /within 3000 ms/],
    [{}, null, "silent", /said nothing for 3000 ms/],
    [{ isClosed: true }, null, "closed", /ended this one/],
    [{ foreign: Buffer.from("HTTP/1.0 400"), refusal: protocolError }, null, "other", /HTTP, not ZeroMQ/],
    [{ foreign: Buffer.from([0xff, 0]), refusal: protocolError }, null, "other", /old ZeroMQ/],
    [{ ...NULL31, refusal: new AuthError(400, "The peer refused.") }, null, "refused", /refused us/],
    [{ protocol: "3.1", mechanism: "CURVE" }, null, "zmtp", /mechanism CURVE/],
    [NULL31, null, "zmtp", /did not finish its handshake/],
    [{ ...NULL31, socketType: "ROUTER" }, null, "zmtp", /^A ROUTER socket/],
    [{ ...NULL31, socketType: "SERVER" }, null, "zmtp", /^A SERVER socket/],
  ];
  for (const [learned, error, state, what] of cases) {
    const verdict = verdictOf(learned, error);
    assert.equal(verdict.state, state);
    assert.match(verdict.what, what);
    assert.equal(verdict.error === null, state === "zmtp");
  }
});

test("a type that is known is told with those that can talk to it", () => {
  assert.match(verdictOf({ ...NULL31, socketType: "PUB" }).remedy, /SUB, XSUB/);
  assert.match(verdictOf({ ...NULL31, socketType: "SERVER" }).remedy, /: CLIENT\.$/);
  assert.equal(verdictOf({ ...NULL31, socketType: "OTHER" }).remedy, "");
});

test("where a mechanism is spoken, it is said what a client needs", () => {
  const of = (mechanism: string, asServer = true) => verdictOf({ protocol: "3.1", mechanism, asServer });
  assert.match(of("PLAIN").what, /mechanism PLAIN is at .*, as the server\./);
  assert.match(of("PLAIN").remedy, /needs plainUsername and plainPassword/);
  assert.match(of("CURVE").remedy, /needs curveServerKey, the public key of its server/);
  assert.match(of("GSSAPI").remedy, /does not speak GSSAPI/);
  // libzmq never says that it is the server.
  assert.doesNotMatch(of("CURVE", false).what, /server/);
});

test("PING is spoken of where it was sent", () => {
  const ready = { ...NULL31, socketType: "ROUTER" };
  assert.doesNotMatch(verdictOf(ready).what, /PING/);
  assert.match(verdictOf({ ...ready, isPinged: true }).what, /no answer to PING/);
  assert.match(verdictOf({ ...ready, isPinged: true, pongMs: 1.26 }).what, /answers PING within 1\.3 ms/);
});
