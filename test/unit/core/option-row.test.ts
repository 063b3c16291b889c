import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../src/base/platform.ts";
import type { OptionRow } from "../../../src/core/option-row.ts";
import {
  acceptOption,
  bool,
  choice,
  filters,
  hostAndPort,
  identity,
  int,
  isRoutingId,
  message,
  properties,
  text,
} from "../../../src/core/option-row.ts";

const NOW = { applied: "now" } as const;

function takes<Value>(row: OptionRow<Value>, given: unknown, before: Value = row.initial): Value {
  return acceptOption("example", row, given, before);
}

function refuses<Value>(row: OptionRow<Value>, given: unknown, sentence: RegExp, code = "EINVAL"): void {
  assert.throws(() => acceptOption("example", row, given, row.initial), {
    name: "ZmqError",
    code,
    message: sentence,
  });
}

test("bool takes nothing but booleans", () => {
  const row = bool(false, NOW);
  assert.equal(takes(row, true), true);
  for (const wrong of [1, 0, "true", null, undefined, {}])
    refuses(row, wrong, /example cannot be .* It takes true or false\./);
});

// Hostile input E11: a timer that is armed for 2^31 ms fires after 1.
test("int takes whole numbers within its range", () => {
  const row = int({ initial: -1, min: -1, unit: "ms", means: "-1 waits for ever" }, NOW);
  for (const right of [-1, 0, 1, 2 ** 31 - 1]) assert.equal(takes(row, right), right);
  for (const wrong of [
    -2,
    2 ** 31,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1.5,
    "5",
    null,
    5n,
    true,
    [5],
  ]) {
    refuses(row, wrong, /^example cannot be .*\. It takes -1 to 2147483647 ms; -1 waits for ever\.$/);
  }
  refuses(row, 2147483648, /example cannot be 2147483648\./);
  refuses(row, Number.NaN, /example cannot be NaN\./);
});

test("int rounds down to its step, and keeps no negative zero", () => {
  const row = int({ initial: 0, min: 0, max: 6553599, step: 100 }, NOW);
  assert.equal(takes(row, 99), 0);
  assert.equal(takes(row, 100), 100);
  assert.equal(takes(row, 6553599), 6553500);
  refuses(row, 6553600, /0 to 6553599/);
  assert.ok(Object.is(takes(int({ initial: 0, min: 0 }, NOW), -0), 0));
});

test("choice takes what it lists", () => {
  const row = choice([null, "allSubs"] as const, NOW);
  assert.equal(takes(row, "allSubs"), "allSubs");
  assert.equal(takes(row, null), null);
  refuses(row, "allsubs", /cannot be "allsubs"\. It takes null, "allSubs"\./);
  refuses(row, undefined, /cannot be undefined/);
});

test("text is counted in octets", () => {
  const row = text(NOW);
  assert.equal(takes(row, "é".repeat(127)), "é".repeat(127));
  assert.equal(takes(row, Buffer.from("foo")), "foo");
  assert.equal(takes(row, null), null);
  refuses(row, "é".repeat(128), /cannot be a text of 128 characters|1 to 255 octets/);
  refuses(row, "", /1 to 255 octets/);
  refuses(row, 5, /cannot be 5/);
});

test("an identity is octets, copied, and shown as text", () => {
  const row = identity(NOW);
  const given = Buffer.from([0xff, 1]);
  const kept = takes(row, given);
  given[0] = 7;
  assert.deepEqual([...kept], [0xff, 1]);
  assert.equal(row.show(takes(row, "åbç\u0000d")), "åbç\u0000d");
  assert.equal(row.show(takes(row, "\ufeffx")), "\ufeffx");
  assert.deepEqual([...takes(row, new Uint16Array([0x0201]).buffer)], [1, 2]);
  assert.equal(row.show(takes(row, null)), null);
  assert.equal(takes(row, "a".repeat(255)).length, 255);
  for (const wrong of [
    "",
    "\u0000a",
    "a".repeat(256),
    "é".repeat(128),
    5,
    new Uint8Array(0),
    new Uint8Array(256).fill(1),
  ]) {
    refuses(row, wrong, /It takes text or octets, 1 to 255 octets of which the first is not zero/);
  }
});

test("a routing id has 1 to 255 octets and no leading zero", () => {
  assert.ok(isRoutingId(Uint8Array.of(1, 0)));
  assert.ok(!isRoutingId(Uint8Array.of(0, 1)));
  assert.ok(!isRoutingId(new Uint8Array(0)));
  assert.ok(!isRoutingId(new Uint8Array(256).fill(1)));
});

test("an empty message is none", () => {
  const row = message(NOW);
  assert.equal(takes(row, ""), null);
  assert.equal(row.show(takes(row, "hi")), "hi");
  assert.deepEqual([...(takes(row, Uint8Array.of(0, 255)) ?? [])], [0, 255]);
  assert.equal(takes(row, null), null);
  refuses(row, 5, /text or octets/);
});

test("filters add up until null", () => {
  const row = filters(NOW);
  const one = takes(row, "10.0.0.0/8");
  const two = takes(row, "::1", one);
  assert.equal(row.show(two), "10.0.0.0/8, ::1");
  assert.equal(one.length, 1);
  assert.equal(row.show(takes(row, null, two)), null);
  refuses(row, "10.0.0.0/33", /an address or a range of addresses/);
});

test("what cannot be honoured takes its default alone, and says why", () => {
  const row = int({ initial: -1, min: -1, unit: "bytes" }, { ...NOW, refused: "the moon is full" });
  assert.equal(takes(row, -1), -1);
  refuses(row, 65536, /^example cannot be set to 65536: the moon is full\. Leave it at -1;/, "ENOTSUP");
  refuses(row, -2, /It takes -1 to/);
});

test("what the host has a call for is honoured", () => {
  const row = int(
    { initial: -1, min: -1 },
    { applied: "next", refused: "there is no call", needs: "typeOfService" },
  );
  refuses(row, 5, /there is no call/, "ENOTSUP");
  const before = installPlatform({ can: (call) => call === "typeOfService" });
  try {
    assert.equal(takes(row, 5), 5);
    refuses({ ...row, needs: "keepaliveProbes" }, 5, /there is no call/, "ENOTSUP");
  } finally {
    installPlatform(before);
  }
});

test("a host and port is a tcp endpoint without its scheme, and nothing that only binding has", () => {
  const row = hostAndPort(NOW);
  for (const right of ["proxy:1080", "10.0.0.1:1", "[2001:db8::1]:65535", "::1:1080", "a_b.example:9", null])
    assert.equal(takes(row, right), right);
  assert.equal(takes(row, Buffer.from("proxy:1080")), "proxy:1080");
  for (const wrong of [
    "",
    "proxy",
    "proxy:",
    ":1080",
    "proxy:0",
    "proxy:*",
    "*:1",
    "a:1;b:2",
    "p:65536",
    "a b:1",
    7,
  ])
    refuses(row, wrong, /It takes host:port, an IPv6 address in brackets, or null\./);
});

test("properties are shown as an object, and a wrong one says what a right one is", () => {
  const row = properties(NOW);
  const kept = takes(row, { "X-a": "1" });
  assert.deepEqual(row.show(takes(row, "X-b:2", kept)), { "X-a": "1", "X-b": "2" });
  assert.equal(row.show(takes(row, null, kept)), null);
  refuses(row, { a: "1" }, /cannot be an object\. It takes an object of names that begin with "X-"/);
});

test("a sentence never shows a secret, and nothing long", () => {
  const secret = text({ ...NOW, refused: "not yet", isSecret: true });
  for (const given of ["hunter2", Buffer.from("hunter2"), "hunter2".repeat(100)]) {
    assert.throws(
      () => takes(secret, given),
      (error: Error) => !/hunter2/.test(error.message),
    );
  }
  refuses(bool(false, NOW), "x".repeat(1000), /a text of 1000 characters/);
  refuses(bool(false, NOW), Buffer.alloc(9), /9 octets/);
  refuses(bool(false, NOW), { toString: () => assert.fail("called") }, /an object/);
  refuses(bool(false, NOW), () => 1, /a function/);
  refuses(bool(false, NOW), Symbol("s"), /Symbol\(s\)/);
});
