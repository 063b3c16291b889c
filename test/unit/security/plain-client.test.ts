import assert from "node:assert/strict";
import { test } from "node:test";
import { AuthError } from "../../../src/base/errors.ts";
import { PlainClient } from "../../../src/security/plain-client.ts";
import * as zmtp from "../../peers/octets.ts";

const identity = { socketTypeName: "DEALER", routingId: Buffer.from("me"), announcesIdentity: true } as const;
const credentials = { username: Buffer.from("joe"), password: Buffer.from("secret") };
const UNEXPECTED = { code: "ERR_ZMTP_UNEXPECTED_COMMAND" };

function client(): PlainClient {
  return new PlainClient(identity, credentials);
}

function said(mechanism: PlainClient): string {
  const command = mechanism.nextCommand();
  return command === null ? "nothing" : Buffer.from(command).toString("latin1");
}

/** A client that has heard WELCOME and said INITIATE. */
function initiated(): PlainClient {
  const mechanism = client();
  said(mechanism);
  mechanism.receive(zmtp.commandBody("WELCOME"));
  said(mechanism);
  return mechanism;
}

test("HELLO, WELCOME, INITIATE, READY: each in its turn", () => {
  const mechanism = client();
  assert.deepEqual([mechanism.name, mechanism.asServer, mechanism.codec], ["PLAIN", false, null]);
  assert.equal(said(mechanism), "\x05HELLO\x03joe\x06secret");
  assert.equal(said(mechanism), "nothing");
  mechanism.receive(zmtp.commandBody("WELCOME"));
  const properties = [zmtp.property("Socket-Type", "DEALER"), zmtp.property("Identity", "me")];
  assert.equal(said(mechanism), zmtp.commandBody("INITIATE", Buffer.concat(properties)).toString("latin1"));
  assert.equal(said(mechanism), "nothing");
  assert.equal(mechanism.isComplete, false);
  mechanism.receive(zmtp.commandBody("READY", zmtp.property("Socket-Type", "ROUTER")));
  assert.equal(mechanism.isComplete, true);
  assert.equal(String(Buffer.from(mechanism.peerProperties.find("socket-type") ?? "")), "ROUTER");
  assert.equal(mechanism.verdict, null);
});

test("ERROR in either form, before WELCOME and after it, is the server's refusal with its status", () => {
  for (const make of [client, initiated]) {
    for (const error of ["\x05ERROR\x03400", "\x5eRROR\x03400"]) {
      const mechanism = make();
      said(mechanism);
      assert.throws(
        () => mechanism.receive(Buffer.from(error, "latin1")),
        (thrown) => thrown instanceof AuthError && thrown.status === 400,
      );
    }
  }
  assert.throws(() => initiated().receive(Buffer.from("\x5eRROR\x09400")), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  });
});

test("anything else than what comes next is unexpected, a message of its own class included", () => {
  for (const name of ["READY", "INITIATE", "MESSAGE", "HELLO", "welcome"]) {
    const mechanism = client();
    said(mechanism);
    assert.throws(() => mechanism.receive(zmtp.commandBody(name)), UNEXPECTED, name);
  }
  for (const name of ["WELCOME", "INITIATE", "MESSAGE", "HELLO"])
    assert.throws(() => initiated().receive(zmtp.commandBody(name)), UNEXPECTED, name);
  assert.throws(() => initiated().receive(new Uint8Array(0)), UNEXPECTED);
});

test("a WELCOME that holds something, and a READY whose properties are cut, are malformed", () => {
  const mechanism = client();
  said(mechanism);
  assert.throws(() => mechanism.receive(zmtp.commandBody("WELCOME", "x")), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
  });
  assert.throws(() => initiated().receive(zmtp.commandBody("READY", "\x05")), {
    code: "ERR_ZMTP_INVALID_METADATA",
  });
});
