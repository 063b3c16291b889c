import assert from "node:assert/strict";
import { test } from "node:test";
import type { SocketTypeName } from "../../../src/base/socket-type.ts";
import type { Answer } from "../../../src/security/authenticator.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import * as zmtp from "../../peers/octets.ts";

function mechanism(socketTypeName: SocketTypeName = "PUSH", announcesIdentity = false): NullMechanism {
  return new NullMechanism({ socketTypeName, routingId: Buffer.from("me"), announcesIdentity });
}

const READY = zmtp.commandBody("READY", zmtp.property("Socket-Type", "PULL"));

test("it says READY once, in whatever order, and is complete when both have", () => {
  const first = mechanism();
  assert.deepEqual(
    Buffer.from(first.nextCommand() ?? ""),
    zmtp.commandBody("READY", zmtp.property("Socket-Type", "PUSH")),
  );
  assert.equal(first.nextCommand(), null);
  assert.equal(first.isComplete, false);
  first.receive(READY);
  assert.equal(first.isComplete, true);
  const second = mechanism();
  second.receive(READY);
  assert.equal(second.isComplete, false);
  second.nextCommand();
  assert.equal(second.isComplete, true);
  assert.equal(String(Buffer.from(second.peerProperties.find("Socket-Type") ?? "")), "PULL");
});

test("an identity is announced by those that have use for it", () => {
  const ready = Buffer.from(mechanism("DEALER", true).nextCommand() ?? "");
  assert.ok(ready.includes(zmtp.identity("me")));
  assert.ok(!Buffer.from(mechanism("PUSH", false).nextCommand() ?? "").includes("Identity"));
});

test("anything but one READY is unexpected, and an ERROR is a refusal", () => {
  const again = mechanism();
  again.receive(READY);
  assert.throws(() => again.receive(READY), { code: "ERR_ZMTP_UNEXPECTED_COMMAND" });
  for (const name of ["HELLO", "PING", "ready"]) {
    assert.throws(() => mechanism().receive(zmtp.commandBody(name)), { code: "ERR_ZMTP_UNEXPECTED_COMMAND" });
  }
  assert.throws(() => mechanism().receive(zmtp.commandBody("ERROR", "\x03400")), {
    name: "AuthError",
    status: 400,
  });
  assert.throws(() => mechanism().receive(zmtp.commandBody("READY", "\x01")), {
    code: "ERR_ZMTP_INVALID_METADATA",
  });
});

test("it has no name but NULL, no role and no codec", () => {
  const { name, asServer, codec } = mechanism();
  assert.deepEqual([name, asServer, codec], ["NULL", false, null]);
});

test("with an authenticator READY waits for its answer, and the verdict is kept", () => {
  const answers: Answer[] = [];
  const asked: string[] = [];
  const identity = { socketTypeName: "PUSH", routingId: Buffer.alloc(0), announcesIdentity: false } as const;
  const waiting = new NullMechanism(identity, (request, answer) => {
    asked.push(`${request.mechanism} ${request.credentials.length}`);
    answers.push(answer);
  });
  let progress = 0;
  waiting.onProgress = () => void progress++;
  assert.equal(waiting.nextCommand(), null);
  waiting.receive(READY);
  assert.equal(waiting.nextCommand(), null);
  assert.deepEqual(asked, ["NULL 0"]);
  assert.equal(waiting.isComplete, false);
  answers[0]?.({ ...ADMITTED, userId: "joe" });
  assert.equal(progress, 1);
  assert.ok(waiting.nextCommand() !== null);
  assert.ok(waiting.isComplete);
  assert.equal(waiting.verdict?.userId, "joe");
});

test("a refusal by the authenticator is said with its status and thrown; 300 is thrown alone", () => {
  const identity = { socketTypeName: "PUSH", routingId: Buffer.alloc(0), announcesIdentity: false } as const;
  for (const status of [300, 400, 500] as const) {
    const refused = new NullMechanism(identity, (_request, answer) => void answer({ ...ADMITTED, status }));
    if (status !== 300)
      assert.equal(Buffer.from(refused.nextCommand() ?? "").toString("latin1"), `\x05ERROR\x03${status}`);
    assert.throws(() => refused.nextCommand(), { name: "AuthError", status });
    refused.receive(READY);
    assert.throws(() => refused.nextCommand(), { name: "AuthError", status });
    assert.equal(refused.isComplete, false);
  }
});

test("a connection that ends while the authenticator is asked withdraws the question", () => {
  const identity = { socketTypeName: "PUSH", routingId: Buffer.alloc(0), announcesIdentity: false } as const;
  let count = 0;
  const waiting = new NullMechanism(identity, () => () => void count++);
  waiting.close();
  assert.equal(count, 0);
  waiting.nextCommand();
  waiting.close();
  assert.equal(count, 1);
  new NullMechanism(identity).close();
});
