import assert from "node:assert/strict";
import { test } from "node:test";
import { localProperties, refusal } from "../../../src/security/mechanism.ts";
import * as zmtp from "../../peers/octets.ts";

test("every socket tells its type, and its identity where that is announced, even an empty one", () => {
  const told = (announcesIdentity: boolean, id: string) =>
    localProperties({ socketTypeName: "DEALER", routingId: Buffer.from(id), announcesIdentity }).map(
      ([name, value]) => `${name}=${Buffer.from(value)}`,
    );
  assert.deepEqual(told(true, "me"), ["Socket-Type=DEALER", "Identity=me"]);
  assert.deepEqual(told(true, ""), ["Socket-Type=DEALER", "Identity="]);
  assert.deepEqual(told(false, "me"), ["Socket-Type=DEALER"]);
});

test("a status is an authentication error, a text a protocol error that quotes it safely", () => {
  for (const status of [300, 400, 500]) {
    const error = refusal(zmtp.commandBody("ERROR", `\x03${status}`));
    assert.equal(error.name, "AuthError");
    assert.equal((error as { status?: number }).status, status);
  }
  const error = refusal(zmtp.commandBody("ERROR", "\x05a\n\x1b[m"));
  assert.equal(error.name, "ProtocolError");
  assert.match(error.message, /"a\?\?\[m"/);
  assert.throws(() => refusal(zmtp.commandBody("ERROR", "\x05a")), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  });
});
