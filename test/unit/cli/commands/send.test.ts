import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { ANY, FakeIo, zmq, zmqReading, zmqWith } from "../fake-io.ts";

test("push hands out its arguments, then --frame, in order", async (t) => {
  const pull = zmq(t, "pull", ANY, "-n", "3", "--json");
  const push = zmq(t, "push", await pull.endpoint(), "a", "b", "-f", "x", "-f", "y");
  await push.ends(EXIT.ok);
  await pull.ends(EXIT.ok);
  assert.deepEqual(pull.out.values, [{ frames: ["a"] }, { frames: ["b"] }, { frames: ["x", "y"] }]);
});

test("push sends each line of stdin, and --count repeats what the command line has", async (t) => {
  const pull = zmq(t, "pull", ANY, "-n", "7");
  const endpoint = await pull.endpoint();
  await zmqReading(t, "one\ntwo\n", "push", endpoint).ends(EXIT.ok);
  await zmq(t, "push", endpoint, "a", "b", "--count", "5", "--interval", "1ms").ends(EXIT.ok);
  await pull.ends(EXIT.ok);
  assert.deepEqual(pull.out.lines, ["one", "two", "a", "b", "a", "b", "a"]);
});

test("pub waits for its subscriber, puts the topic in front and loses nothing", async (t) => {
  const pub = zmq(t, "pub", ANY, "-t", "A", "one", "two");
  const sub = zmq(t, "sub", await pub.endpoint(), "-t", "A", "-n", "2");
  await pub.ends(EXIT.ok);
  await sub.ends(EXIT.ok);
  assert.deepEqual(sub.out.lines, ["A\tone", "A\ttwo"]);
  assert.doesNotMatch(pub.err.text, /lost/);
});

test("a pub to whom nobody came says so, and ends with 3", async (t) => {
  const pub = await zmq(t, "pub", ANY, "x", "--wait", "30ms").ends(EXIT.nothing);
  assert.match(pub.err.text, /No subscriber came/);
});

test("a pub whose message nobody had asked for says so, and ends with 3", async (t) => {
  const pub = zmq(t, "pub", ANY, "B");
  zmq(t, "sub", await pub.endpoint(), "-t", "A");
  await pub.ends(EXIT.nothing);
  assert.match(pub.err.text, /1 message was lost: nobody had subscribed/);
});

test("a push to nobody says so, and with --wait 0 says what it lost", async (t) => {
  const push = await zmq(t, "push", ANY, "x", "--wait", "30ms", "--json").ends(EXIT.nothing);
  assert.equal(push.err.values.at(-1)?.["reason"], "nobody-came");
  const lost = await zmq(
    t,
    "push",
    "tcp://127.0.0.1:1",
    "x",
    "--wait",
    "0",
    "--linger",
    "30ms",
    "--json",
  ).ends(EXIT.failure);
  const { warning, ...facts } = lost.err.values.at(-1) ?? {};
  assert.match(String(warning), /1 message was lost/);
  assert.deepEqual(facts, { lost: 1, reason: "linger", direction: "sent" });
});

test("what repeats without end is ended by Ctrl-C with 0, what had an end with 130", async (t) => {
  const pull = zmq(t, "pull", ANY);
  const endpoint = await pull.endpoint();
  for (const [args, exitCode] of [
    [["--count", "0"], EXIT.ok],
    [["--count", "1000"], EXIT.interrupted],
  ] as const) {
    const before = pull.out.lines.length;
    const push = zmq(t, "push", endpoint, "x", "--interval", "20ms", ...args);
    while (pull.out.lines.length < before + 2) await new Promise((resolve) => setTimeout(resolve, 10));
    push.io.interrupt();
    await push.ends(exitCode);
    assert.match(push.err.text, /sent \d+; received 0; dropped 0/);
  }
});

test("Ctrl-C while it waits for peers, or for stdin, ends it", async (t) => {
  const waiting = zmq(t, "push", ANY, "x", "--wait", "-1");
  await waiting.endpoint();
  waiting.io.interrupt();
  await waiting.ends(EXIT.interrupted);
  const io = new FakeIo();
  const reading = zmqWith(t, io, "push", "@tcp://127.0.0.1:*", "--wait", "0");
  await reading.endpoint();
  io.interrupt();
  await reading.ends(EXIT.interrupted);
});

test("wrong options, endpoints and lines are usage errors with a sentence", async (t) => {
  const wrong: [string[], RegExp][] = [
    [["push"], /An endpoint is missing/],
    [["push", "nowhere", "x"], /"nowhere" is no endpoint/],
    [["push", ANY, "--set", "nonsense=1", "x"], /no option "nonsense"/],
    [["push", ANY, "--hwm", "1.5", "x"], /sendHighWaterMark cannot be 1\.5/],
    [["push", "tcp://127.0.0.1:99999", "x"], /port/],
    [["push", ANY, "--rate", "3", "--interval", "1", "x", "--wait", "0"], /exclude each other/],
    [["push", ANY, "-x", "fg"], /hexadecimal/],
  ];
  for (const [args, sentence] of wrong) {
    const run = await zmq(t, ...args).ends(EXIT.usage);
    assert.match(run.err.text, sentence);
  }
  const run = await zmqReading(t, "{\n", "push", ANY, "--json", "--wait", "0").ends(EXIT.usage);
  assert.match(run.err.text, /Line 1 of stdin: .*is not JSON/);
});

test("an endpoint that is taken is a failure with its code", async (t) => {
  const pull = zmq(t, "pull", ANY);
  const run = await zmq(t, "push", `@${await pull.endpoint()}`, "x").ends(EXIT.failure);
  assert.match(run.err.text, /^zmq push: EADDRINUSE: /);
});
