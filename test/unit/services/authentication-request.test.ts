import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import type { ZapRequest } from "../../../src/security/zap.ts";
import { admit, describeRequest, refuse, verdictOf } from "../../../src/services/authentication-request.ts";

function request(mechanism: string, ...credentials: Uint8Array[]): ZapRequest {
  return { domain: "d", address: "10.0.0.1", identity: Buffer.from("s"), mechanism, credentials };
}

test("credentials are told by name, each mechanism's own", () => {
  const common = { domain: "d", address: "10.0.0.1", identity: Buffer.from("s") };
  const none = describeRequest(request("NULL"));
  assert.deepEqual({ ...none }, { ...common, mechanism: "NULL", username: "", publicKey: "" });
  assert.equal(none?.password, "");
  const plain = describeRequest(request("PLAIN", Buffer.from("joé"), Buffer.from("x")));
  assert.deepEqual([plain?.username, plain?.password, plain?.publicKey], ["joé", "x", ""]);
  // 32/Z85 has this very example, of eight octets.
  const key = Buffer.from("864fd26fb559f75b".repeat(4), "hex");
  const curve = describeRequest(request("CURVE", key));
  assert.deepEqual([curve?.username, curve?.password, curve?.publicKey], ["", "", "HelloWorld".repeat(4)]);
});

test("a password is not shown by those who print the whole request", () => {
  const plain = describeRequest(request("PLAIN", Buffer.from("joe"), Buffer.from("secret")));
  assert.ok(!`${inspect(plain)}${JSON.stringify(plain)}${Object.keys(plain ?? {})}`.includes("secret"));
  assert.ok(inspect(plain).includes("joe"));
});

test("credentials that are not those of the mechanism are none", () => {
  const octets = Buffer.from("x");
  for (const wrong of [
    request("NULL", octets),
    request("PLAIN", octets),
    request("PLAIN", octets, octets, octets),
    request("CURVE", Buffer.alloc(31)),
    request("CURVE", Buffer.alloc(40)),
    request("CURVE"),
    request("GSSAPI", octets),
    request("plain", octets, octets),
    request(""),
  ]) {
    assert.equal(describeRequest(wrong), undefined, wrong.mechanism);
  }
});

test("answers of every form become verdicts", () => {
  const joe = describeRequest(request("PLAIN", Buffer.from("joe"), Buffer.from("x")));
  assert.ok(joe !== undefined);
  assert.deepEqual(verdictOf(true, joe), admit("joe"));
  assert.deepEqual(verdictOf("boss", joe), admit("boss"));
  assert.deepEqual(verdictOf(false, joe), refuse("No access"));
  assert.deepEqual(verdictOf({}, joe), admit("joe"));
  assert.deepEqual(verdictOf({ status: 300, text: "later", userId: "joe", metadata: { a: "b" } }, joe), {
    status: 300,
    text: "later",
    userId: "",
    metadata: null,
  });
  const { metadata } = verdictOf({ metadata: { Level: "9", Octets: Uint8Array.of(0, 255) } }, joe);
  assert.deepEqual(
    [...(metadata?.toMap() ?? [])].map(([name, value]) => [name, Buffer.from(value).toString("hex")]),
    [
      ["Level", "39"],
      ["Octets", "00ff"],
    ],
  );
  const key = Buffer.from("864fd26fb559f75b".repeat(4), "hex");
  const client = describeRequest(request("CURVE", key));
  assert.equal(client && verdictOf(true, client).userId, "HelloWorld".repeat(4));
});
