import assert from "node:assert/strict";
import { test } from "node:test";
import { ERRORS } from "../../../src/base/errors.ts";
import { bindFailure, codeOf, systemError } from "../../../src/transports/system-error.ts";

function coded(code: string): Error {
  return Object.assign(new Error("as the system says it"), { code });
}

const what = "Cannot connect to tcp://host:1";

test("a system error becomes one sentence with the endpoint, the reason and what to do", () => {
  const cause = coded("ECONNREFUSED");
  const error = systemError(what, "tcp://host:1", cause);
  assert.equal(
    error.message,
    "Cannot connect to tcp://host:1: nobody listens there. Start the peer; connecting goes on by itself.",
  );
  assert.deepEqual(
    [error.code, error.errno, error.address, error.cause],
    ["ECONNREFUSED", 111, "tcp://host:1", cause],
  );
});

test("codes that are no codes of the package get the nearest one", () => {
  const expected: Readonly<Record<string, string>> = {
    EPERM: "EACCES",
    ENOTFOUND: "ENODEV",
    EAI_AGAIN: "ENODEV",
    ECONNABORTED: "ECONNRESET",
    EHOSTDOWN: "EHOSTUNREACH",
    ENFILE: "EMFILE",
    EAFNOSUPPORT: "ENOTSUP",
    ERR_SOCKET_CONNECTION_TIMEOUT: "ETIMEDOUT",
  };
  for (const [code, ours] of Object.entries(expected))
    assert.equal(systemError(what, "x", coded(code)).code, ours, code);
});

test("advice that is about something else is replaced", () => {
  for (const code of ["EMFILE", "EHOSTUNREACH", "ENOENT"] as const) {
    const error = systemError(what, "tcp://host:1", coded(code));
    assert.equal(error.code, code);
    assert.ok(!error.message.includes(ERRORS[code].remedy), error.message);
  }
});

test("an unknown code is EIO and stays in the sentence", () => {
  const error = systemError(what, "x", coded("EWEIRD"));
  assert.equal(error.code, "EIO");
  assert.match(error.message, /the system said EWEIRD/);
  assert.match(systemError(what, "x", "no error at all").message, /the system gave no reason/);
});

test("only a text is a code", () => {
  assert.deepEqual([coded("E1"), { code: 5 }, null, undefined, "text"].map(codeOf), ["E1", "", "", "", ""]);
});

test("a bind that should take over a descriptor tells of the descriptor", () => {
  const cause = Object.assign(new Error("x"), { code: "EINVAL" });
  const taken = bindFailure("tcp://*:5555", 7, cause);
  assert.match(
    taken.message,
    /^Cannot bind to tcp:\/\/\*:5555: the descriptor 7 \(useFd\) is no socket that can listen\./,
  );
  assert.deepEqual([taken.code, taken.address, taken.cause], ["EINVAL", "tcp://*:5555", cause]);
  const other = bindFailure("tcp://*:5555", -1, Object.assign(new Error("x"), { code: "EADDRINUSE" }));
  assert.equal(other.code, "EADDRINUSE");
});
