import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../../src/index.ts";
import {
  ASKS,
  INSPECT_VERSION,
  parseJson,
  parseRequest,
  requestId,
  toJson,
} from "../../../../src/services/inspect/protocol.ts";

test("a request is read as it was written", () => {
  for (const ask of ASKS) {
    const request = { v: INSPECT_VERSION, id: 7, ask };
    assert.deepEqual(parseRequest(toJson(request)), request);
  }
  const since = { v: INSPECT_VERSION, id: 0, ask: "events", since: 12 };
  assert.deepEqual(parseRequest(toJson(since)), since);
});

test("what is no request gets a sentence and never throws", () => {
  const wrong: unknown[] = [
    null,
    [],
    3,
    "info",
    { id: 1, ask: "info" },
    { v: 2, id: 1, ask: "info" },
    { v: 1, id: -1, ask: "info" },
    { v: 1, id: 1.5, ask: "info" },
    { v: 1, id: 1 },
    { v: 1, id: 1, ask: "constructor" },
    { v: 1, id: 1, ask: ["info"] },
    { v: 1, id: 1, ask: "events", since: "0" },
    { v: 1, id: 1, ask: "events", since: 2 ** 60 },
  ];
  for (const value of wrong)
    assert.equal(typeof parseRequest(toJson(value)), "string", JSON.stringify(value));
  for (const octets of [[], [0xff, 0xfe], [0x7b], [0x22, 0xc3, 0x28, 0x22]])
    assert.equal(typeof parseRequest(new Uint8Array(octets)), "string");
  assert.equal(typeof parseRequest(Buffer.from("[".repeat(4000))), "string");
  assert.equal(typeof parseRequest(Buffer.from('{"__proto__":{"v":1,"id":1,"ask":"info"}}')), "string");
});

test("a sentence shows no more of a value than it needs", () => {
  const sentence = parseRequest(toJson({ v: "x".repeat(3000), id: 1, ask: "info" })) as string;
  assert.ok(sentence.length < 200, sentence);
});

test("the id of a wrong request is found where it has one", () => {
  assert.equal(requestId(toJson({ id: 4, ask: "nothing" })), 4);
  assert.equal(requestId(toJson({ id: "4" })), null);
  assert.equal(requestId(toJson(null)), null);
  assert.equal(requestId(Buffer.from("{")), null);
});

test("a view of larger memory is read from its own beginning", () => {
  const memory = Buffer.from('xx{"a":1}yy');
  assert.deepEqual(parseJson(memory.subarray(2, 9)), { a: 1 });
});
