import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import { ProtocolError } from "../../../src/base/errors.ts";
import { encodeGreeting, GREETING_SIZE, GreetingReader } from "../../../src/wire/greeting.ts";

const UNSPECIFIED = { name: "ProtocolError", code: "ERR_ZMTP_UNSPECIFIED" };

/** A greeting with some octets changed. */
function greeting(changes: Record<number, number> = {}): Uint8Array {
  const octets = encodeGreeting("NULL", false);
  for (const [at, octet] of Object.entries(changes)) octets[Number(at)] = octet;
  return octets;
}

/** How many octets were taken when the reader refused, or -1 if it never did. */
function refusedAt(octets: Uint8Array): number {
  const reader = new GreetingReader();
  for (let i = 0; i < octets.length && !reader.isComplete; i++) {
    try {
      reader.receive(octets, i, i + 1);
    } catch (error) {
      assert.ok(error instanceof ProtocolError);
      assert.equal(error.code, "ERR_ZMTP_UNSPECIFIED");
      return i;
    }
  }
  return -1;
}

function read(octets: Uint8Array): GreetingReader {
  const reader = new GreetingReader();
  assert.equal(reader.receive(octets, 0, octets.length), GREETING_SIZE);
  assert.ok(reader.isComplete);
  return reader;
}

test("a NULL greeting has the octets of the worked example", () => {
  const zeros = (count: number) => "00".repeat(count);
  assert.equal(
    hex(encodeGreeting("NULL", false)),
    `ff${zeros(8)}7f0301${"4e554c4c"}${zeros(16)}00${zeros(31)}`,
  );
  assert.equal(encodeGreeting("CURVE", true)[32], 1);
});

test("a mechanism name of our own that the grammar forbids is a bug", () => {
  for (const name of ["", "null", "A".repeat(21), "NU LL"]) {
    assert.throws(() => encodeGreeting(name, false), /invariant/);
  }
});

test("every cut of a greeting is read alike, and nothing behind it is taken", () => {
  const stream = new Uint8Array([...encodeGreeting("NULL", true), 4, 26, 5]);
  for (let cut = 0; cut <= GREETING_SIZE; cut++) {
    const reader = new GreetingReader();
    assert.equal(reader.receive(stream, 0, cut), cut);
    assert.equal(reader.length, cut);
    assert.equal(reader.isComplete, cut === GREETING_SIZE);
    assert.equal(reader.receive(stream, cut, stream.length), GREETING_SIZE);
    assert.deepEqual([reader.major, reader.minor, reader.mechanism, reader.asServer], [3, 1, "NULL", true]);
  }
});

test("a first octet other than ff is refused at once", () => {
  for (let octet = 0; octet < 255; octet++) assert.equal(refusedAt(greeting({ 0: octet })), 0);
  for (const text of ["GET / HTTP/1.1\r\n\r\n", "SSH-2.0-x\r\n", "\u0016\u0003\u0001"]) {
    assert.equal(refusedAt(new TextEncoder().encode(text)), 0);
  }
});

test("a refusal is repeated by whatever comes after it", () => {
  const reader = new GreetingReader();
  assert.throws(() => reader.receive(new Uint8Array([0]), 0, 1), UNSPECIFIED);
  assert.equal(reader.length, 0);
  assert.throws(() => reader.receive(new Uint8Array([1]), 0, 1), UNSPECIFIED);
});

test("of octet 9 only bit 0 counts", () => {
  for (const octet of [0x7e, 0x00, 0xfe]) assert.equal(refusedAt(greeting({ 9: octet })), 9);
  for (const octet of [0x01, 0x7f, 0xff]) assert.equal(refusedAt(greeting({ 9: octet })), -1);
});

test("padding, filler and as-server are not validated", () => {
  for (let at = 1; at <= 8; at++) assert.equal(refusedAt(greeting({ [at]: 0x55 })), -1);
  const octets = greeting({ 32: 0xaa });
  octets.fill(0xaa, 33);
  assert.equal(read(octets).mechanism, "NULL");
  assert.equal(read(octets).asServer, false);
});

test("a major version below 3 is refused as soon as it is seen, and any above accepted", () => {
  for (const major of [0, 1, 2]) assert.equal(refusedAt(greeting({ 10: major })), 10);
  for (const [major, minor] of [
    [3, 0],
    [3, 1],
    [3, 2],
    [3, 255],
    [4, 0],
    [255, 255],
  ] as const) {
    const reader = read(greeting({ 10: major, 11: minor }));
    assert.deepEqual([reader.major, reader.minor], [major, minor]);
    assert.equal(reader.isVersion30, major === 3 && minor === 0);
  }
});

test("a mechanism is equal to a name exactly when all 20 octets are", () => {
  const mechanism = (octets: readonly number[]) => {
    const whole = greeting();
    whole.fill(0, 12, 32);
    whole.set(octets, 12);
    return read(whole).mechanism;
  };
  const NULL = [0x4e, 0x55, 0x4c, 0x4c];
  assert.equal(mechanism(NULL), "NULL");
  assert.equal(mechanism([]), "");
  assert.equal(mechanism(new Array(20).fill(0x41)), "A".repeat(20));
  for (const other of [
    [...NULL, 0, 0x58],
    [0, ...NULL],
    [0x6e, 0x75, 0x6c, 0x6c],
    [...NULL, 0x20],
    [...NULL, 0xff],
  ]) {
    assert.notEqual(mechanism(other), "NULL");
  }
  assert.notEqual(mechanism(new Array(20).fill(0xff)), mechanism(new Array(20).fill(0xfe)));
});
