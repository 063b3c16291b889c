import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../../../src/cli/command.ts";
import { nameOf, takePlaces, toPlace } from "../../../../src/cli/messaging/endpoints.ts";

const NONE = { bind: [], connect: [] };

test("the first argument is the endpoint: @ binds, > or nothing connects", () => {
  assert.deepEqual(takePlaces(NONE, ["@tcp://*:5555", "a", "b"]), {
    places: [{ endpoint: "tcp://*:5555", isBound: true }],
    rest: ["a", "b"],
  });
  assert.deepEqual(toPlace("tcp://host:1"), { endpoint: "tcp://host:1", isBound: false });
  assert.deepEqual(toPlace(">ipc:///x"), { endpoint: "ipc:///x", isBound: false });
});

test("with --bind or --connect all arguments are messages", () => {
  const { places, rest } = takePlaces({ bind: ["tcp://*:1", "ipc:///x"], connect: ["tcp://h:2"] }, [
    "tcp://no",
  ]);
  assert.deepEqual(rest, ["tcp://no"]);
  assert.deepEqual(
    places.map(({ isBound }) => isBound),
    [true, true, false],
  );
  assert.equal(nameOf(places), "tcp://*:1, ipc:///x, tcp://h:2");
});

test("what is no endpoint is a usage error", () => {
  for (const [args, sentence] of [
    [[], /endpoint is missing/],
    [["hello"], /"hello" is no endpoint/],
    [["@inproc://x"], /inproc is for sockets of one process/],
  ] as const) {
    assert.throws(
      () => takePlaces(NONE, args),
      (error) => error instanceof UsageError && sentence.test(error.message),
    );
  }
});
