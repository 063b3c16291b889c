import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { FakeIo, zmq, zmqWith } from "../fake-io.ts";

test("a player is ready, does each run that stdin says, and ends with stdin", async (t) => {
  const io = new FakeIo();
  const part = {
    library: "zeromq-ts",
    role: "inproc-req-rep",
    endpoint: "inproc://player",
    size: 1,
    mode: "await",
    mechanism: "NULL",
  };
  const player = zmqWith(t, io, "bench-player", JSON.stringify(part));
  await io.stdout.said(/"ready"/);
  io.stdin.end("run 2\nrun 3\n");
  await player.ends(EXIT.ok);
  assert.deepEqual(
    io.stdout.values.map(({ event, count }) => [event, count]),
    [
      ["ready", undefined],
      ["result", 2],
      ["result", 3],
    ],
  );
});

test("it is not for users", async (t) => {
  await zmq(t, "bench-player").ends(EXIT.usage);
  assert.doesNotMatch((await zmq(t, "--help").ends(EXIT.ok)).out.text, /bench-player/);
});
