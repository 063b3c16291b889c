import assert from "node:assert/strict";
import { test } from "node:test";
import { installPlatform } from "../../../../src/base/platform.ts";
import { keepGroup, showGroup, toGroup } from "../../../../src/sockets/draft/group.ts";
import { nodePlatform } from "../../../../src/transports/node-platform.ts";

installPlatform(nodePlatform);

test("a group is text in UTF-8 or octets, 0 to 255 of them", () => {
  assert.deepEqual([...toGroup("\u00e9")], [0xc3, 0xa9]);
  assert.deepEqual([...toGroup(Uint8Array.of(255, 1))], [255, 1]);
  assert.equal(toGroup("").length, 0);
  assert.equal(toGroup("g".repeat(255)).length, 255);
});

test("what is no group is EINVAL, and the sentence says why", () => {
  const wrong = (group: unknown, what: RegExp): void =>
    assert.throws(
      () => toGroup(group as string),
      (error: Error & { code?: string }) => error.code === "EINVAL" && what.test(error.message),
    );
  wrong("g".repeat(256), /at most 255 octets, and this one 256/);
  wrong("\u00e9".repeat(128), /at most 255 octets, and this one 256/);
  wrong("a\0b", /a zero octet/);
  wrong(Uint8Array.of(0), /a zero octet/);
  wrong(undefined, /not undefined/);
  wrong(null, /not null/);
  wrong(5, /not number/);
});

test("a group that is kept does not change with the caller's memory", () => {
  const octets = Uint8Array.of(1, 2);
  const kept = keepGroup(octets);
  octets[0] = 9;
  assert.deepEqual([...kept], [1, 2]);
});

test("a group is shown as text where it is one", () => {
  assert.equal(showGroup(toGroup("")), '""');
  assert.equal(showGroup(toGroup("tv")), '"tv"');
  assert.equal(showGroup(Uint8Array.of(1, 255)), "0x01ff");
});
