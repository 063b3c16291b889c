import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "../../../src/base/message.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import {
  encodeZapReply,
  encodeZapRequest,
  parseZapReply,
  parseZapRequest,
  zapMetadata,
  zapReplyId,
} from "../../../src/security/zap.ts";
import { property } from "../../peers/octets.ts";

const request = {
  domain: "test",
  address: "192.168.55.1",
  identity: Buffer.from("BOB"),
  mechanism: "PLAIN",
  credentials: [Buffer.from("admin"), Buffer.from("secret")],
};

function texts(message: Message): string[] {
  return message.map((octets) => Buffer.from(octets).toString("latin1"));
}

function reply(...frames: (string | Buffer)[]): Message {
  return frames.map((one) => (typeof one === "string" ? Buffer.from(one, "latin1") : one));
}

const GOOD = ["", "1.0", "7", "200", "OK", "joe", ""];

function changed(index: number, value: string | Buffer): Message {
  return reply(...GOOD.map((one, i) => (i === index ? value : one)));
}

test("a request has the frames of 27/ZAP in their order, delimiter first", () => {
  assert.deepEqual(texts(encodeZapRequest(Buffer.from("7"), request)), [
    "",
    "1.0",
    "7",
    "test",
    "192.168.55.1",
    "BOB",
    "PLAIN",
    "admin",
    "secret",
  ]);
  const nobody = { domain: "", address: "", identity: Buffer.alloc(0), mechanism: "NULL", credentials: [] };
  assert.deepEqual(texts(encodeZapRequest(Buffer.from("8"), nobody)), ["", "1.0", "8", "", "", "", "NULL"]);
});

test("a handler reads what a server wrote; what is no request is none", () => {
  const [, ...frames] = encodeZapRequest(Buffer.from("7"), request);
  const parsed = parseZapRequest(frames);
  assert.deepEqual(parsed, { id: Buffer.from("7"), request });
  assert.equal(parseZapRequest(frames.slice(0, 5)), undefined);
  assert.equal(parseZapRequest([Buffer.from("2.0"), ...frames.slice(1)]), undefined);
  assert.equal(parseZapRequest([]), undefined);
});

test("a server reads what a handler wrote", () => {
  const metadata = zapMetadata([["Level", Buffer.from("9\0\xff", "latin1")]]);
  const frames = encodeZapReply(Buffer.from("7"), { status: 200, text: "OK", userId: "joe", metadata });
  const message = [Buffer.alloc(0), ...frames];
  assert.equal(String(zapReplyId(message)), "7");
  const verdict = parseZapReply(message);
  assert.deepEqual([verdict.status, verdict.text, verdict.userId], [200, "OK", "joe"]);
  assert.equal(Buffer.from(verdict.metadata?.find("level") ?? "").toString("latin1"), "9\0\xff");
});

test("user id and metadata go with 200 alone, and a long text is cut", () => {
  const metadata = zapMetadata([["Level", Buffer.from("9")]]);
  const frames = encodeZapReply(Buffer.from("7"), {
    status: 400,
    text: "x".repeat(300),
    userId: "joe",
    metadata,
  });
  assert.deepEqual(texts(frames), ["1.0", "7", "400", "x".repeat(255), "", ""]);
  assert.throws(
    () => encodeZapReply(Buffer.from("7"), { ...ADMITTED, userId: "x".repeat(256) }),
    /invariant/,
  );
});

test("a reply that is not exactly a reply is refused by what is wrong with it", () => {
  assert.equal(parseZapReply(reply(...GOOD)).userId, "joe");
  const cases: [Message, string][] = [
    [reply(...GOOD.slice(0, 6)), "ERR_ZAP_MALFORMED_REPLY"],
    [reply(...GOOD, ""), "ERR_ZAP_MALFORMED_REPLY"],
    [[], "ERR_ZAP_MALFORMED_REPLY"],
    [changed(0, "x"), "ERR_ZAP_UNSPECIFIED"],
    [changed(1, "9.9"), "ERR_ZAP_BAD_VERSION"],
    [changed(1, ""), "ERR_ZAP_BAD_VERSION"],
    [changed(4, "x".repeat(256)), "ERR_ZAP_MALFORMED_REPLY"],
    [changed(5, Buffer.alloc(1 << 20)), "ERR_ZAP_MALFORMED_REPLY"],
    [changed(3, "400"), "ERR_ZAP_MALFORMED_REPLY"],
    [changed(6, "\x05"), "ERR_ZAP_INVALID_METADATA"],
    [changed(6, Buffer.concat([property("a", "b"), Buffer.of(1)])), "ERR_ZAP_INVALID_METADATA"],
    [changed(6, property("a", Buffer.alloc(64 << 20))), "ERR_ZAP_INVALID_METADATA"],
  ];
  for (const status of ["201", "2000", "", "600", "20", "abc", " 200", "0200"])
    cases.push([changed(3, status), "ERR_ZAP_INVALID_STATUS_CODE"]);
  for (const [message, code] of cases) assert.throws(() => parseZapReply(message), { code });
});

test("names of Object.prototype, NULs and what is no UTF-8 are user ids and properties like any other", () => {
  const octets = Buffer.concat(["__proto__", "constructor"].map((name) => property(name, "\0\xff")));
  const verdict = parseZapReply(reply("", "1.0", "7", "200", "", "__proto__\0", octets));
  assert.equal(verdict.userId, "__proto__\0");
  assert.deepEqual([...(verdict.metadata?.toMap().keys() ?? [])], ["__proto__", "constructor"]);
  assert.equal(({} as Record<string, unknown>).level, undefined);
});
