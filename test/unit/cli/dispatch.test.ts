import assert from "node:assert/strict";
import { test } from "node:test";
import type { Command, CommandEntry } from "../../../src/cli/command.ts";
import { EXIT, Interruption, UsageError } from "../../../src/cli/command.ts";
import { dispatch } from "../../../src/cli/dispatch.ts";
import { FakeIo } from "./fake-io.ts";

function entry(name: string, run: Command["run"]): CommandEntry {
  return {
    name,
    summary: `does ${name}`,
    load: async () => ({ usage: "", options: { level: { kind: "number", help: "" } }, examples: [], run }),
  };
}

async function call(args: string[], run: Command["run"], io = new FakeIo()): Promise<[number, FakeIo]> {
  return [await dispatch(args, io, [entry("act", run), entry("version", async () => 7)]), io];
}

test("a command gets its values and arguments, and says its exit code", async () => {
  const [exitCode] = await call(["act", "x", "--level", "3"], async ({ values, positionals }) => {
    assert.equal(values["level"], 3);
    assert.deepEqual(positionals, ["x"]);
    return 42;
  });
  assert.equal(exitCode, 42);
});

test("help is asked for with --help, and is an error where nothing is said", async () => {
  const never = async (): Promise<number> => assert.fail("it runs");
  for (const args of [["--help"], ["-h"], ["act", "--help"], ["act", "-h"]]) {
    const [exitCode, io] = await call(args, never);
    assert.equal(exitCode, EXIT.ok);
    assert.match(io.stdout.text, /does act/);
    assert.equal(io.stderr.text, "");
  }
  const [exitCode, io] = await call([], never);
  assert.equal(exitCode, EXIT.usage);
  assert.match(io.stderr.text, /does act/);
  assert.equal((await call(["--version"], never))[0], 7);
});

test("an unknown command is told, with the one that was meant", async () => {
  const [exitCode, io] = await call(["atc"], async () => 0);
  assert.equal(exitCode, EXIT.usage);
  assert.match(io.stderr.text, /there is no command "atc"\. Did you mean act\?/);
  assert.doesNotMatch((await call(["somethingelse"], async () => 0))[1].stderr.text, /Did you mean/);
});

test("what a command throws is told, once, and becomes an exit code", async () => {
  const failures: [Error, number, RegExp][] = [
    [new UsageError("Too much."), EXIT.usage, /^zmq act: Too much\. See: zmq act --help\n$/],
    [
      Object.assign(new Error("It is taken."), { code: "EADDRINUSE" }),
      EXIT.failure,
      /^zmq act: EADDRINUSE: It is taken\.\n$/,
    ],
    [new TypeError("our fault"), EXIT.failure, /^zmq act: TypeError: our fault\n +at /],
    [new Interruption("nobody reads", EXIT.ok), EXIT.ok, /^$/],
  ];
  for (const [error, wanted, sentence] of failures) {
    const [exitCode, io] = await call(["act"], () => Promise.reject(error));
    assert.equal(exitCode, wanted);
    assert.match(io.stderr.text, sentence);
  }
  const [exitCode, io] = await call(["act", "--nope", "--json"], async () => 0);
  assert.equal(exitCode, EXIT.usage);
  assert.match(String(io.stderr.values[0]?.["error"]), /Unknown option/);
});

test("what was given up because of Ctrl-C is no failure", async () => {
  const io = new FakeIo();
  const abort = Object.assign(new Error("aborted"), { code: "ABORT_ERR" });
  const [exitCode] = await call(
    ["act"],
    () => {
      io.interrupt();
      return Promise.reject(abort);
    },
    io,
  );
  assert.equal(exitCode, EXIT.interrupted);
  assert.equal(io.stderr.text, "");
});
