import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT, exitCodeOf, Interruption } from "../../../src/cli/command.ts";

test("an interruption says with which exit code the command ends", () => {
  assert.equal(exitCodeOf(AbortSignal.abort(new Interruption("SIGTERM", EXIT.terminated))), 143);
  assert.equal(exitCodeOf(AbortSignal.abort()), 130);
});
