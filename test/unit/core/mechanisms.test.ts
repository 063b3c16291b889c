import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketType } from "../../../src/base/socket-type.ts";
import { createContextOptions } from "../../../src/core/context-options.ts";
import { addressOf, createMechanism } from "../../../src/core/mechanisms.ts";
import type { SocketOptionValues } from "../../../src/core/options.ts";
import { createSocketOptions } from "../../../src/core/options.ts";
import type { ZapAnswer, ZapQuestion } from "../../../src/core/zap-client.ts";
import type { Withdraw } from "../../../src/security/authenticator.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import { commandBody } from "../../peers/octets.ts";

const PEER = "tcp://10.0.0.1:51324";

function make(
  given: Partial<SocketOptionValues>,
  authenticate?: (question: ZapQuestion, answer: ZapAnswer) => Withdraw | undefined,
) {
  const options = Object.assign(createSocketOptions(SocketType.Dealer, createContextOptions()), given);
  return createMechanism(authenticate === undefined ? {} : { authenticate }, "DEALER", options, PEER);
}

test("the mechanism and its role are those of the options", () => {
  const plain = make({ plainUsername: "joe" });
  assert.deepEqual([plain.name, plain.asServer], ["PLAIN", false]);
  assert.equal(Buffer.from(plain.nextCommand() ?? "").toString("latin1"), "\x05HELLO\x03joe\x00");
  assert.deepEqual([make({ plainServer: true }).name, make({ plainServer: true }).asServer], ["PLAIN", true]);
  const none = make({});
  assert.equal(none.name, "NULL");
  assert.match(Buffer.from(none.nextCommand() ?? "").toString("latin1"), /^.READY.*Identity/s);
});

test("a question has the domain, the peer's address, our own identity and the time of the handshake", () => {
  const questions: ZapQuestion[] = [];
  const routingId = Buffer.from("server");
  const given = { plainServer: true, zapDomain: "global", routingId, handshakeInterval: 77 };
  make(given, (question) => void questions.push(question)).receive(commandBody("HELLO", "\x01a\x01b"));
  assert.deepEqual(questions, [
    {
      mechanism: "PLAIN",
      credentials: [Uint8Array.of(97), Uint8Array.of(98)],
      domain: "global",
      address: "10.0.0.1",
      identity: routingId,
      timeoutMs: 77,
    },
  ]);
});

test("NULL is asked about only where a domain is set", () => {
  let count = 0;
  const ask = (_question: ZapQuestion, answer: ZapAnswer): undefined => {
    count++;
    answer(ADMITTED);
  };
  assert.ok(make({}, ask).nextCommand() !== null);
  assert.equal(count, 0);
  assert.ok(make({ zapDomain: "global" }, ask).nextCommand() !== null);
  assert.equal(count, 1);
});

test("without a handler nobody comes in, by PLAIN or to a domain", () => {
  const nobody = (_question: ZapQuestion, answer: ZapAnswer): undefined => void answer(null);
  for (const authenticate of [nobody, undefined]) {
    const plain = make({ plainServer: true }, authenticate);
    plain.receive(commandBody("HELLO", "\x01a\x01b"));
    assert.throws(() => plain.nextCommand(), { code: "EFAULT" });
    assert.throws(() => make({ zapDomain: "global" }, authenticate).nextCommand(), { code: "EFAULT" });
  }
});

test("addresses are told without port and zone, IPv4 as IPv4, and none of ipc", () => {
  const cases = {
    "tcp://127.0.0.1:5": "127.0.0.1",
    "tcp://[::1]:5": "::1",
    "tcp://[::ffff:192.0.2.1]:5": "192.0.2.1",
    "tcp://[fe80::1%eth0]:5": "fe80::1",
    "ipc:///tmp/x": "",
    "ipc://@name": "",
    "": "",
  };
  for (const [endpoint, address] of Object.entries(cases))
    assert.equal(addressOf(endpoint), address, endpoint);
});
