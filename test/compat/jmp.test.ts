// jmp 2.0.0, Jupyter's messages, on which IJavascript stands: a class of its own inherits from zmq.Socket the ES5 way.

import { test } from "node:test";
import { passes } from "./mocha-suites.ts";

test("jmp passes its own tests", (t) =>
  passes(t, {
    name: "jmp",
    version: "2.0.0",
    needs: ["mocha@5.2.0"],
    // One test is of Node alone: it decodes 512 MiB and waits for an error text that Node no longer has.
    mochaArgs: ["--grep", "toString failed", "--invert"],
    expected: 4,
  }));
