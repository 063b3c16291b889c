import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import {
  AuthError,
  ERRORS,
  type ErrorCode,
  invariant,
  PROTOCOL_ERRORS,
  ProtocolError,
  ZmqError,
} from "../../../src/base/errors.ts";

const CODES = Object.keys(ERRORS) as ErrorCode[];
/** ZMQ_HAUSNUMERO, above which libzmq's own codes lie. */
const NATIVE = 156384712;

test("an error has its code, its number, and says what to do", () => {
  const error = new ZmqError("EAGAIN", "Nothing came within 5 ms.", { address: "tcp://127.0.0.1:5555" });
  assert.equal(error.name, "ZmqError");
  assert.equal(error.code, "EAGAIN");
  assert.equal(error.errno, 11);
  assert.equal(error.address, "tcp://127.0.0.1:5555");
  assert.equal(error.message, `Nothing came within 5 ms. ${ERRORS.EAGAIN.remedy}`);
  assert.ok(error instanceof Error && error.cause === undefined && !("cause" in error));
  assert.equal("address" in new ZmqError("EINVAL", "Wrong."), false);
});

test("the advice and the cause may be given", () => {
  const cause = new Error("deep");
  const error = new ZmqError("EINVAL", "Wrong.", { cause, remedy: "Do this." });
  assert.equal(error.message, "Wrong. Do this.");
  assert.equal(error.cause, cause);
});

test("an aborted call rejects as other calls of the platform do", () => {
  assert.equal(new ZmqError("ABORT_ERR", "Aborted.").name, "AbortError");
});

test("numbers are Linux's where Linux has the code, libzmq's own otherwise", () => {
  const { errno } = constants;
  for (const code of CODES) {
    const expected = (errno as Record<string, number>)[code];
    if (process.platform === "linux" && expected !== undefined)
      assert.equal(ERRORS[code].errno, expected, code);
  }
  assert.equal(ERRORS.EFSM.errno, NATIVE + 51);
  assert.equal(ERRORS.ETERM.errno, NATIVE + 53);
  const numbers = CODES.map((code) => ERRORS[code].errno);
  assert.equal(new Set(numbers).size, numbers.length, "each code has a number of its own");
});

test("when and what to do are whole sentences", () => {
  for (const code of CODES) {
    for (const text of [ERRORS[code].when, ERRORS[code].remedy]) assert.match(text, /^[A-Z].*\.$/, code);
  }
});

test("a protocol error has libzmq's number and the rule that was broken", () => {
  const error = new ProtocolError("ERR_ZMTP_MECHANISM_MISMATCH", "Other mechanism.", "37/ZMTP");
  assert.equal(error.errno, 0x11000002);
  assert.equal(error.spec, "37/ZMTP");
  assert.equal(error.message, "Other mechanism.");
  const numbers = Object.values(PROTOCOL_ERRORS);
  assert.equal(new Set(numbers).size, numbers.length);
});

test("a refusal has its status", () => {
  assert.equal(new AuthError(400, "No.").status, 400);
});

test("a broken invariant throws and names itself", () => {
  invariant(true, "holds");
  assert.throws(() => invariant(false, "water runs downhill"), /invariant broken: water runs downhill/);
});
