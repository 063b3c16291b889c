import assert from "node:assert/strict";
import { test } from "node:test";
import { Console, paint } from "../../../src/cli/console.ts";
import { FakeIo } from "./fake-io.ts";

test("results go to stdout, all else to stderr", async () => {
  const io = new FakeIo();
  const console = new Console(io);
  await console.result({ a: 1 }, "text");
  console.note("a note");
  console.warn("a loss");
  console.fail("zmq pub", "The endpoint is taken.", "EADDRINUSE");
  await console.flushed();
  assert.equal(io.stdout.text, "text\n");
  assert.deepEqual(io.stderr.lines, [
    "a note",
    "warning: a loss",
    "zmq pub: EADDRINUSE: The endpoint is taken.",
  ]);
});

test("with --json everything is a value", async () => {
  const io = new FakeIo();
  const console = new Console(io, { json: true });
  await console.result({ a: 1 }, "text");
  console.note("a note", { endpoint: "x" });
  console.warn("a loss", { lost: 3 });
  console.fail("zmq pub", "It is taken.", "EADDRINUSE");
  await console.flushed();
  assert.deepEqual(io.stdout.values, [{ a: 1 }]);
  assert.deepEqual(io.stderr.values, [
    { note: "a note", endpoint: "x" },
    { warning: "a loss", lost: 3 },
    { error: "It is taken.", code: "EADDRINUSE" },
  ]);
});

test("--quiet keeps notes back, not losses and errors", async () => {
  const io = new FakeIo();
  const console = new Console(io, { quiet: true });
  console.note("a note");
  console.warn("a loss");
  console.fail("zmq", "wrong");
  await console.flushed();
  assert.deepEqual(io.stderr.lines, ["warning: a loss", "zmq: wrong"]);
});

test("there are colours only where the sink has them", () => {
  const { stdout } = new FakeIo();
  assert.equal(paint(stdout, "red", "x"), "x");
  stdout.isColoured = true;
  assert.equal(paint(stdout, "red", "x"), "\x1b[31mx\x1b[39m");
});

test("a stderr that nobody reads stops nothing", async () => {
  const io = new FakeIo();
  io.stderr.failure = new Error("EPIPE");
  const console = new Console(io);
  console.warn("a loss");
  await console.flushed();
});
