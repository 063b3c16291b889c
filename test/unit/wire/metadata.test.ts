import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import { encodeMetadata, findProperty, parseMetadata } from "../../../src/wire/metadata.ts";

const INVALID = { name: "ProtocolError", code: "ERR_ZMTP_INVALID_METADATA" };
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const text = (octets: Uint8Array | undefined) => octets && String.fromCharCode(...octets);

test("properties have the octets of the worked example", () => {
  const encoded = encodeMetadata([
    ["Socket-Type", bytes("DEALER")],
    ["Identity", bytes("")],
  ]);
  assert.equal(
    hex(encoded),
    "0b536f636b65742d5479706500000006" + "4445414c4552" + "084964656e7469747900000000",
  );
});

test("what is encoded is parsed again", () => {
  const properties: [string, Uint8Array][] = [
    ["Socket-Type", bytes("PUSH")],
    ["X-a", new Uint8Array(0)],
    ["n".repeat(255), new Uint8Array(70_000).fill(7)],
  ];
  const metadata = parseMetadata(encodeMetadata(properties));
  assert.equal(metadata.count, 3);
  assert.deepEqual(
    [...metadata.toMap()].map(([name, value]) => [name, Uint8Array.from(value)]),
    properties,
  );
  assert.equal(parseMetadata(new Uint8Array(0)).count, 0);
});

test("only the part between start and end is read", () => {
  const inner = encodeMetadata([["a", bytes("b")]]);
  const outer = new Uint8Array([9, 9, 9, ...inner, 9, 9]);
  const metadata = parseMetadata(outer, 3, 3 + inner.length);
  assert.equal(text(metadata.find("a")), "b");
});

test("names are compared without case, by octets and not by letters of any alphabet", () => {
  const metadata = parseMetadata(encodeMetadata([["SOCKET-type", bytes("PULL")]]));
  for (const name of ["Socket-Type", "socket-type", "SOCKET-TYPE"]) {
    assert.equal(text(findProperty(metadata, name)), "PULL");
    assert.equal(text(findProperty(metadata.toMap(), name)), "PULL");
  }
  assert.equal(findProperty(metadata, "Socket_Type"), undefined);
  assert.equal(findProperty(metadata.toMap(), "Socket-Typ"), undefined);
  const latin = parseMetadata(new Uint8Array([1, 0xc9, 0, 0, 0, 0, 1, 0xe9, 0, 0, 0, 1, 5]));
  assert.deepEqual([...latin.toMap().keys()], ["\u00c9", "\u00e9"]);
});

test("a value is a copy that pins nothing", () => {
  const encoded = encodeMetadata([["Identity", bytes("abc")]]);
  const metadata = parseMetadata(encoded);
  encoded.fill(0);
  const value = metadata.find("Identity") as Uint8Array;
  assert.equal(text(value), "abc");
  assert.equal(value.buffer.byteLength, 3);
  value.fill(0);
  assert.equal(text(metadata.find("Identity")), "abc");
});

test("an empty name is refused", () => {
  assert.throws(() => parseMetadata(new Uint8Array([0, 0, 0, 0, 0])), INVALID);
});

test("a value size beyond the rest is refused, the 32-bit sign bit or not", () => {
  for (const size of ["ffffffff", "7fffffff", "80000000", "00000002"]) {
    const head = [1, 0x61, ...(size.match(/../g) as string[]).map((octet) => Number.parseInt(octet, 16))];
    for (const rest of [0, 1]) {
      assert.throws(() => parseMetadata(new Uint8Array([...head, ...new Array(rest).fill(0)])), INVALID);
    }
  }
});

test("metadata that are cut anywhere but between properties, or go on, are refused", () => {
  const first = encodeMetadata([["Socket-Type", bytes("PUSH")]]);
  const both = new Uint8Array([...first, ...encodeMetadata([["Identity", bytes("me")]])]);
  for (let end = 0; end <= both.length; end++) {
    if (end === 0 || end === first.length || end === both.length) parseMetadata(both, 0, end);
    else assert.throws(() => parseMetadata(both, 0, end), INVALID, `cut at ${end}`);
  }
  assert.throws(() => parseMetadata(new Uint8Array([...both, 1])), INVALID);
  assert.throws(() => parseMetadata(new Uint8Array([200, 0x61, 0, 0, 0, 0])), INVALID);
});

test("a repeated Socket-Type or Identity is refused in any case; of other names the first stays", () => {
  for (const [first, second] of [
    ["Socket-Type", "Socket-Type"],
    ["Socket-Type", "socket-TYPE"],
    ["identity", "Identity"],
  ] as const) {
    const encoded = encodeMetadata([
      [first, bytes("a")],
      ["X-other", bytes("")],
      [second, bytes("a")],
    ]);
    assert.throws(() => parseMetadata(encoded), INVALID);
  }
  const metadata = parseMetadata(
    encodeMetadata([
      ["X-a", bytes("1")],
      ["x-A", bytes("2")],
    ]),
  );
  assert.equal(text(metadata.find("X-A")), "1");
  assert.deepEqual([...metadata.toMap().keys()], ["X-a"]);
});

test("names of Object.prototype are names like any other", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const map = parseMetadata(encodeMetadata(names.map((name) => [name, bytes(name)] as const))).toMap();
  assert.deepEqual([...map.keys()], names);
  for (const name of names) assert.equal(text(findProperty(map, name)), name);
  assert.equal(Object.getPrototypeOf({}), Object.prototype);
  assert.deepEqual(Object.keys(Object.prototype), []);
});

test("names that are no UTF-8 stay apart", () => {
  const property = (octet: number) => [2, octet, 1, 0, 0, 0, 1, octet];
  const metadata = parseMetadata(new Uint8Array([...property(0xff), ...property(0xfe)]));
  assert.equal(metadata.find("\u00ff\u0001")?.[0], 0xff);
  assert.equal(metadata.find("\u00fe\u0001")?.[0], 0xfe);
});

test("the time grows with the octets, not with their square", () => {
  const tiny = new Uint8Array(6 * 170_000);
  for (let i = 0; i < tiny.length; i += 6) tiny.set([1, 0x61, 0, 0, 0, 0], i);
  const before = process.cpuUsage();
  const metadata = parseMetadata(tiny);
  assert.equal(metadata.count, 170_000);
  assert.equal(metadata.toMap().size, 1);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 2_000_000, `${(user + system) / 1000} ms for 1 MiB of properties`);
});

test("a name or value of our own that does not fit is a bug", () => {
  assert.throws(() => encodeMetadata([["", bytes("")]]), /invariant/);
  assert.throws(() => encodeMetadata([["n".repeat(256), bytes("")]]), /invariant/);
  assert.throws(() => encodeMetadata([["\u00e9".repeat(128), bytes("")]]), /invariant/);
});
