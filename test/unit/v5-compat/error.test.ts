import assert from "node:assert/strict";
import { test } from "node:test";
import { ZmqError } from "../../../src/index.ts";
import { toCompatError, translated } from "../../../src/v5-compat/error.ts";

test("an error has libzmq's text, and the library's own error as its cause", () => {
  const own = new ZmqError("EADDRINUSE", "The endpoint is taken.", { address: "tcp://127.0.0.1:1" });
  const error = toCompatError(own);
  assert.equal(error.message, "Address already in use");
  assert.equal(error.code, "EADDRINUSE");
  assert.equal(error.errno, 98);
  assert.equal(error.address, "tcp://127.0.0.1:1");
  assert.equal(error.cause, own);
});

test("errors of others, and those that libzmq has no text for, stay as they are", () => {
  const foreign = new TypeError("x");
  assert.equal(toCompatError(foreign), foreign);
  const own = new ZmqError("ABORT_ERR", "The call was aborted.");
  assert.equal(toCompatError(own), own);
});

test("what is thrown is translated, what is returned is not", () => {
  assert.equal(
    translated(() => 1),
    1,
  );
  assert.throws(
    () =>
      translated(() => {
        throw new ZmqError("EHOSTUNREACH", "No peer has the routing id.");
      }),
    { message: "No route to host" },
  );
});
