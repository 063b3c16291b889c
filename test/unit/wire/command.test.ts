import assert from "node:assert/strict";
import { test } from "node:test";
import { hex } from "../../../src/base/bytes.ts";
import {
  commandData,
  commandDataStart,
  commandIs,
  encodeCancel,
  encodeCommand,
  encodeError,
  encodeJoin,
  encodeLeave,
  encodePing,
  encodePong,
  encodeReady,
  encodeSubscribe,
  parseCommandName,
  parseError,
  parsePingTtl,
  parseReady,
} from "../../../src/wire/command.ts";

const MALFORMED = { name: "ProtocolError", code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED" };
const MALFORMED_ERROR = { name: "ProtocolError", code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR" };
const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const octets = (digits: string) =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

test("each command has its octets", () => {
  assert.equal(
    hex(encodeReady([["Socket-Type", bytes("PUSH")]])),
    "055245414459" + "0b536f636b65742d54797065" + "00000004" + "50555348",
  );
  assert.equal(hex(encodeError("400")), "054552524f52" + "03343030");
  assert.equal(hex(encodePing(655, bytes("ab"))), "0450494e47" + "028f" + "6162");
  assert.equal(hex(encodeSubscribe(bytes("A"))), "09535542534352494245" + "41");
  assert.equal(hex(encodeCancel(new Uint8Array(0))), "0643414e43454c");
  assert.equal(hex(encodeJoin(bytes("A"))), "044a4f494e" + "41");
  assert.equal(hex(encodeLeave(new Uint8Array(0))), "054c45415645");
  assert.equal(hex(encodeCommand("HELLO", bytes("a"), bytes("bc"))), "0548454c4c4f616263");
});

test("a command is told by its name as octets", () => {
  const ping = encodePing(0);
  assert.ok(commandIs(ping, "PING"));
  for (const other of ["PONG", "PIN", "PINGS", "ping", "READY"]) assert.ok(!commandIs(ping, other), other);
  assert.ok(commandIs(octets("0450494e47"), "PING"));
  assert.ok(!commandIs(octets("0450494e"), "PING"));
  assert.ok(!commandIs(new Uint8Array(0), "PING"));
  const within = new Uint8Array([7, ...ping, 7]);
  assert.ok(commandIs(within, "PING", 1, 1 + ping.length));
  assert.ok(!commandIs(within, "PING", 1, 4));
  assert.equal(parseCommandName(within, 1, 1 + ping.length), "PING");
});

test("a name that is empty, cut or no word is malformed", () => {
  for (const digits of [
    "",
    "00",
    "02ff41",
    "c84a554e4b4a554e4b41",
    "0550494e47",
    "0141ff".slice(0, 2),
    "0120",
    "0131",
    "015b",
    "0160",
  ]) {
    assert.throws(() => commandDataStart(octets(digits)), MALFORMED, digits);
  }
});

test("any word of up to 255 letters is a name", () => {
  assert.equal(parseCommandName(encodeCommand("JUNK")), "JUNK");
  assert.equal(parseCommandName(encodeCommand("ping")), "ping");
  assert.equal(commandDataStart(encodeCommand("x".repeat(255))), 256);
  for (const name of ["", "x".repeat(256), "A-B", "A1"])
    assert.throws(() => encodeCommand(name), /invariant/);
});

test("the data of a command are a view", () => {
  const body = encodeSubscribe(bytes("topic"));
  const topic = commandData(body);
  assert.equal(topic.buffer, body.buffer);
  assert.deepEqual(Uint8Array.from(topic), bytes("topic"));
  assert.equal(commandData(encodeCancel(new Uint8Array(0))).length, 0);
});

test("READY carries metadata", () => {
  assert.equal(
    hex(parseReady(encodeReady([["Identity", bytes("me")]])).find("identity") as Uint8Array),
    "6d65",
  );
  assert.equal(parseReady(encodeReady([])).count, 0);
  assert.throws(() => parseReady(octets("05524541445901")), { code: "ERR_ZMTP_INVALID_METADATA" });
});

test("an ERROR's reason is a status or a text", () => {
  assert.deepEqual(parseError(encodeError("300")), { reason: "300", status: 300 });
  assert.deepEqual(parseError(encodeError("400")), { reason: "400", status: 400 });
  assert.deepEqual(parseError(encodeError("500")), { reason: "500", status: 500 });
  for (const text of ["abc", "", "200", "4000", "constructor"]) {
    assert.deepEqual(parseError(encodeError(text)), { reason: text, status: undefined });
  }
  assert.deepEqual(parseError(octets("054552524f52" + "04" + "410a1bff")), {
    reason: "A???",
    status: undefined,
  });
});

test("an ERROR's reason that is absent, cut or followed by something is malformed", () => {
  for (const digits of ["", "c834", "01", "0334303000", "02343030"]) {
    assert.throws(() => parseError(octets(`054552524f52${digits}`)), MALFORMED_ERROR, digits);
  }
});

test("our own ERROR keeps to the grammar whatever the reason", () => {
  assert.deepEqual(parseError(encodeError("no such type\n")).reason, "no_such_type_");
  const long = parseError(encodeError("x".repeat(1000)));
  assert.equal(long.reason.length, 255);
});

test("a PING's ttl is 16 bits of tenths of a second", () => {
  for (const ttl of [0, 1, 5, 255, 256, 655, 656, 65535]) assert.equal(parsePingTtl(encodePing(ttl)), ttl);
  for (const ttl of [-1, 65536, 1.5, Number.NaN]) assert.throws(() => encodePing(ttl), /invariant/);
  assert.throws(() => encodePing(0, new Uint8Array(17)), /invariant/);
});

test("a PING that ends within its ttl is malformed and gets no answer", () => {
  for (const digits of ["0450494e47", "0450494e4700"]) {
    assert.throws(() => parsePingTtl(octets(digits)), MALFORMED);
    assert.throws(() => encodePong(octets(digits)), MALFORMED);
    // The octets that happen to lie behind it in memory are not its ttl.
    const memory = new Uint8Array([...octets(digits), 0xaa, 0xbb, 0xcc]);
    assert.throws(() => encodePong(memory, 0, digits.length / 2), MALFORMED);
  }
});

test("a PONG echoes the context, 16 octets of it at most", () => {
  for (const size of [0, 1, 16, 17, 255]) {
    const context = Uint8Array.from({ length: size }, (_, i) => i);
    const ping = encodeCommand("PING", new Uint8Array([1, 2]), context);
    assert.deepEqual(encodePong(ping), encodeCommand("PONG", context.subarray(0, 16)));
  }
});
