import assert from "node:assert/strict";
import { test } from "node:test";
import { findLibzmq, loadLibrary, pythonCommand } from "../../../../src/cli/bench/library.ts";
import { Push } from "../../../../src/index.ts";

test("the package is found by its name, libzmq where a binding of it is", async () => {
  assert.equal((await loadLibrary("zeromq-ts")).Push, Push);
  assert.equal(findLibzmq("nonsense"), undefined);
  const found = findLibzmq("libzmq");
  assert.equal(found, findLibzmq("zeromq") ?? findLibzmq("pyzmq"));
  assert.equal(findLibzmq("pyzmq") === undefined, pythonCommand() === undefined);
  if (findLibzmq("zeromq") !== undefined) assert.equal(typeof (await loadLibrary("zeromq")).Push, "function");
});
