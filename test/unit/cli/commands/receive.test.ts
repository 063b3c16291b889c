import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT, Interruption } from "../../../../src/cli/command.ts";
import { ANY, zmq, zmqReading } from "../fake-io.ts";

test("sub prints what its topics begin with, all if it has none", async (t) => {
  const pub = zmq(t, "pub", ANY, "Ax", "Bx", "Cx", "--wait-peers", "2");
  const endpoint = await pub.endpoint();
  const some = zmq(t, "sub", endpoint, "-t", "A", "-t", "C", "-n", "2");
  const all = zmq(t, "sub", endpoint, "-n", "3");
  await Promise.all([some.ends(EXIT.ok), all.ends(EXIT.ok)]);
  assert.deepEqual(some.out.lines, ["Ax", "Cx"]);
  assert.deepEqual(all.out.lines, ["Ax", "Bx", "Cx"]);
});

test("bodies that are no text are printed as digits, as JSON exactly, and raw as they are", async (t) => {
  const body = Buffer.from([0x00, 0xff, 0x0a, 0x1b]);
  const shown: [string[], Buffer][] = [
    [[], Buffer.from("0x00ff0a1b\n")],
    [["--json"], Buffer.from('{"frames":[{"hex":"00ff0a1b"}]}\n')],
    [["--raw"], body],
    [["--hex"], Buffer.from("00ff0a1b\n")],
    [["--base64", "--null"], Buffer.from("AP8KGw==\0")],
  ];
  for (const [args, wanted] of shown) {
    const pull = zmq(t, "pull", ANY, "-n", "1", ...args);
    await zmqReading(t, body, "push", await pull.endpoint(), "--file", "-").ends(EXIT.ok);
    await pull.ends(EXIT.ok);
    assert.deepEqual(pull.out.octets, wanted);
  }
});

test("what is printed as JSON can be sent on as it is", async (t) => {
  const last = zmq(t, "pull", ANY, "-n", "2", "--json");
  const lines = '{"frames":["a",{"hex":"00ff"}]}\n{"frames":[""]}\n';
  await zmqReading(t, lines, "push", await last.endpoint(), "--json").ends(EXIT.ok);
  await last.ends(EXIT.ok);
  assert.equal(last.out.text, lines);
});

test("--timeout: 3 if nothing came, or less than --count; else 0", async (t) => {
  await zmq(t, "pull", ANY, "--timeout", "30ms").ends(EXIT.nothing);
  for (const [args, exitCode] of [
    [["-n", "2"], EXIT.nothing],
    [[], EXIT.ok],
  ] as const) {
    const pull = zmq(t, "pull", ANY, "--timeout", "1s", ...args);
    await zmq(t, "push", await pull.endpoint(), "x").ends(EXIT.ok);
    await pull.ends(exitCode);
    assert.deepEqual(pull.out.lines, ["x"]);
  }
});

test("Ctrl-C ends with 0 what listens without end, with 130 what counts", async (t) => {
  for (const [args, exitCode] of [
    [[], EXIT.ok],
    [["-n", "2"], EXIT.interrupted],
  ] as const) {
    const pull = zmq(t, "pull", ANY, ...args);
    await zmq(t, "push", await pull.endpoint(), "x").ends(EXIT.ok);
    await pull.out.said(/x/);
    pull.io.interrupt();
    await pull.ends(exitCode);
    assert.match(pull.err.text, /sent 0; received 1; dropped 0/);
  }
});

test("an output that nobody reads ends it quietly with 0", async (t) => {
  const pull = zmq(t, "pull", ANY);
  const endpoint = await pull.endpoint();
  const end = new Interruption("EPIPE", EXIT.ok);
  pull.io.stdout.failure = end;
  const push = zmq(t, "push", endpoint, "x", "--count", "0", "--interval", "20ms");
  await pull.ends(EXIT.ok);
  assert.doesNotMatch(pull.err.text, /EPIPE|received/);
  push.io.interrupt();
});

test("what had come and was not taken is told", async (t) => {
  const pull = zmq(t, "pull", ANY, "-n", "1", "--hwm", "10");
  await zmq(t, "push", await pull.endpoint(), ..."abcdef").exitCode;
  await pull.ends(EXIT.ok);
  assert.equal(pull.out.text, "a\n");
});

test("arguments that it cannot use are usage errors", async (t) => {
  await zmq(t, "sub", ANY, "topic").ends(EXIT.usage);
  await zmq(t, "pull", ANY, "--raw", "--json").ends(EXIT.usage);
  await zmq(t, "pull", ANY, "-n", "0").ends(EXIT.usage);
});
