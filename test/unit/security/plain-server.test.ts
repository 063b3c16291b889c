import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError, ZmqError } from "../../../src/base/errors.ts";
import type { Answer, Authentication, Outcome, Verdict } from "../../../src/security/authenticator.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import { PlainServer } from "../../../src/security/plain-server.ts";
import * as zmtp from "../../peers/octets.ts";

const identity = { socketTypeName: "PULL", routingId: Buffer.alloc(0), announcesIdentity: false } as const;
const HELLO = zmtp.commandBody("HELLO", "\x03joe\x06secret");
const INITIATE = zmtp.commandBody("INITIATE", zmtp.property("Socket-Type", "PUSH"));
const UNEXPECTED = { code: "ERR_ZMTP_UNEXPECTED_COMMAND" };

/** A server, what it asked, and how often it said that it can go on. */
class Rig {
  readonly asked: Authentication[] = [];
  readonly server: PlainServer;
  progress = 0;
  answer: Answer = () => assert.fail("nothing was asked");

  constructor(atOnce: Outcome | null = null) {
    this.server = new PlainServer(identity, (request, answer) => {
      this.asked.push(request);
      this.answer = answer;
      if (atOnce !== null) answer(atOnce);
    });
    this.server.onProgress = () => void this.progress++;
  }

  next(): string {
    const command = this.server.nextCommand();
    return command === null ? "nothing" : Buffer.from(command).toString("latin1");
  }
}

test("HELLO is asked about; WELCOME waits for the answer, READY for INITIATE", () => {
  const rig = new Rig();
  assert.equal(rig.next(), "nothing");
  rig.server.receive(HELLO);
  assert.deepEqual(
    rig.asked.map(({ mechanism, credentials }) => [
      mechanism,
      ...credentials.map((one) => String(Buffer.from(one))),
    ]),
    [["PLAIN", "joe", "secret"]],
  );
  assert.equal(rig.next(), "nothing");
  rig.answer({ ...ADMITTED, userId: "Joseph" });
  assert.equal(rig.progress, 1);
  assert.equal(rig.next(), "\x07WELCOME");
  assert.equal(rig.next(), "nothing");
  assert.equal(rig.server.isComplete, false);
  rig.server.receive(INITIATE);
  assert.equal(rig.server.isComplete, false);
  assert.equal(
    rig.next(),
    zmtp.commandBody("READY", zmtp.property("Socket-Type", "PULL")).toString("latin1"),
  );
  assert.equal(rig.server.isComplete, true);
  assert.equal(rig.server.verdict?.userId, "Joseph");
  assert.equal(String(Buffer.from(rig.server.peerProperties.find("Socket-Type") ?? "")), "PUSH");
});

test("an answer at once needs no second look", () => {
  const rig = new Rig(ADMITTED);
  rig.server.receive(HELLO);
  assert.equal(rig.next(), "\x07WELCOME");
  assert.equal(rig.progress, 0);
});

test("400 and 500 are said, in both forms, and then thrown; 300 is thrown without a word", () => {
  for (const status of [300, 400, 500] as const) {
    const verdict: Verdict = { ...ADMITTED, status, text: "sorry" };
    const rig = new Rig(verdict);
    rig.server.receive(HELLO);
    if (status !== 300) {
      assert.equal(rig.next(), `\x5eRROR\x03${status}`);
      assert.equal(rig.next(), `\x05ERROR\x03${status}`);
    }
    assert.throws(
      () => rig.next(),
      (error) => error instanceof AuthError && error.status === status && error.message.includes("sorry"),
    );
    assert.equal(rig.server.isComplete, false);
    // There is no way on.
    assert.throws(() => rig.server.receive(INITIATE), UNEXPECTED);
    assert.throws(() => rig.next(), AuthError);
    assert.equal(rig.server.isComplete, false);
  }
});

test("an error instead of an answer is thrown", () => {
  const error = new ZmqError("EFAULT", "Nobody.");
  const rig = new Rig(error);
  rig.server.receive(HELLO);
  assert.throws(() => rig.next(), error);
});

test("an answer after the end of the connection is ignored", () => {
  const rig = new Rig();
  rig.server.receive(HELLO);
  rig.server.onProgress = null;
  rig.answer(ADMITTED);
  assert.equal(rig.progress, 0);
});

test("anything else than what comes next is unexpected", () => {
  for (const name of ["INITIATE", "READY", "WELCOME", "MESSAGE", "hello"])
    assert.throws(() => new Rig().server.receive(zmtp.commandBody(name)), UNEXPECTED, name);
  const waiting = new Rig();
  waiting.server.receive(HELLO);
  for (const command of [HELLO, INITIATE]) assert.throws(() => waiting.server.receive(command), UNEXPECTED);
  const welcomed = new Rig(ADMITTED);
  welcomed.server.receive(HELLO);
  welcomed.next();
  assert.throws(() => welcomed.server.receive(HELLO), UNEXPECTED);
  assert.throws(() => welcomed.server.receive(zmtp.commandBody("READY")), UNEXPECTED);
  welcomed.server.receive(INITIATE);
  assert.throws(() => welcomed.server.receive(INITIATE), UNEXPECTED);
  assert.equal(welcomed.asked.length, 1);
});

test("a client that gives up says so, and a malformed INITIATE is one", () => {
  assert.throws(() => new Rig().server.receive(zmtp.commandBody("ERROR", "\x03400")), AuthError);
  const rig = new Rig(ADMITTED);
  rig.server.receive(HELLO);
  rig.next();
  assert.throws(() => rig.server.receive(zmtp.commandBody("INITIATE", "\x0bSocket-Type")), {
    code: "ERR_ZMTP_INVALID_METADATA",
  });
});

test("a connection that ends while the authenticator is asked withdraws the question", () => {
  let count = 0;
  const server = new PlainServer(identity, () => () => void count++);
  server.receive(HELLO);
  server.close();
  assert.equal(count, 1);
});
