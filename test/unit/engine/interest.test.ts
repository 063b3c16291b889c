import assert from "node:assert/strict";
import { test } from "node:test";
import { heardBy, toldBy } from "../../../src/engine/interest.ts";
import { commandBody, octets } from "../../peers/octets.ts";

const text = (octets: Uint8Array | null): string | null =>
  octets === null ? null : Buffer.from(octets).toString("latin1");

test("subscribers tell topics and dishes groups, publishers and radios hear of them, and others know neither", () => {
  for (const [teller, hearer] of [
    ["SUB", "PUB"],
    ["XSUB", "XPUB"],
    ["DISH", "RADIO"],
  ] as const) {
    assert.ok(toldBy(teller) !== null);
    assert.equal(heardBy(teller), null);
    assert.ok(heardBy(hearer) !== null);
    assert.equal(toldBy(hearer), null);
  }
  for (const type of ["PUSH", "PULL", "PAIR", "ROUTER", "SCATTER"] as const)
    assert.deepEqual([toldBy(type), heardBy(type)], [null, null]);
});

test("frames of pipes become commands, and commands frames", () => {
  for (const [type, ask, cancel] of [
    ["SUB", "SUBSCRIBE", "CANCEL"],
    ["DISH", "JOIN", "LEAVE"],
  ] as const) {
    const interest = toldBy(type);
    for (const name of ["", "a", "\xff"]) {
      assert.equal(text(interest!.encode(octets(`\x01${name}`))), text(commandBody(ask, name)));
      assert.equal(text(interest!.encode(octets(`\0${name}`))), text(commandBody(cancel, name)));
      assert.equal(text(interest!.read(commandBody(ask, name), 1 + ask.length)), `\x01${name}`);
      assert.equal(text(interest!.read(commandBody(cancel, name), 1 + cancel.length)), `\0${name}`);
    }
  }
});

test("another command is nobody's interest, not even that of the other family", () => {
  assert.equal(heardBy("RADIO")!.read(commandBody("SUBSCRIBE", "a"), 10), null);
  assert.equal(heardBy("PUB")!.read(commandBody("JOIN", "a"), 5), null);
  assert.equal(heardBy("PUB")!.read(commandBody("PING", "\0\0"), 5), null);
});

test("a group has 255 octets at most and no zero; a topic may be anything", () => {
  const radio = heardBy("RADIO")!;
  assert.equal(radio.read(commandBody("JOIN", "g".repeat(255)), 5)?.length, 256);
  for (const [name, dataAt] of [
    ["JOIN", 5],
    ["LEAVE", 6],
  ] as const) {
    for (const group of ["g".repeat(256), "a\0b", "\0"]) {
      assert.throws(() => radio.read(commandBody(name, group), dataAt), {
        name: "ProtocolError",
        code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
      });
    }
  }
  assert.equal(heardBy("PUB")!.read(commandBody("SUBSCRIBE", "\0".repeat(300)), 10)?.length, 301);
});
