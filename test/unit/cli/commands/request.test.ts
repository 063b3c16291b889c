import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { ANY, zmq, zmqReading } from "../fake-io.ts";

test("req asks in turn and prints the replies; rep prints the requests and answers them with themselves", async (t) => {
  const rep = zmq(t, "rep", ANY, "-n", "4");
  const endpoint = await rep.endpoint();
  const asked = await zmq(t, "req", endpoint, "a", "-f", "b", "-f", "c").ends(EXIT.ok);
  assert.deepEqual(asked.out.lines, ["a", "b\tc"]);
  const read = await zmqReading(t, "1\n2\n", "req", endpoint).ends(EXIT.ok);
  assert.deepEqual(read.out.lines, ["1", "2"]);
  await rep.ends(EXIT.ok);
  assert.deepEqual(rep.out.lines, ["a", "b\tc", "1", "2"]);
});

test("rep answers with what it was given, a frame for each --reply", async (t) => {
  const rep = zmq(t, "rep", ANY, "--reply", "x", "--reply", "y");
  const req = await zmq(t, "req", await rep.endpoint(), "q", "--json", "--count", "2").ends(EXIT.ok);
  assert.deepEqual(req.out.values, [{ frames: ["x", "y"] }, { frames: ["x", "y"] }]);
  rep.io.interrupt();
  await rep.ends(EXIT.ok);
});

test("without a reply in time it says so, and ends with 3", async (t) => {
  const router = zmq(t, "router", ANY);
  const endpoint = await router.endpoint();
  const once = await zmq(t, "req", endpoint, "q", "--timeout", "50ms").ends(EXIT.nothing);
  assert.match(once.err.text, /No reply came from .* within 50 ms/);
  const often = await zmq(t, "req", endpoint, "q", "--timeout", "50ms", "--retries", "2").ends(EXIT.nothing);
  assert.match(often.err.text, /No reply to 3 requests/);
  await router.out.said(/(q\n.*){4}/s);
  const nobody = await zmq(t, "req", "tcp://127.0.0.1:1", "q", "--wait", "50ms").ends(EXIT.nothing);
  assert.match(nobody.err.text, /No peer came/);
});

test("with --retries the reply comes through all the same", async (t) => {
  const rep = zmq(t, "rep", ANY);
  const req = await zmq(t, "req", await rep.endpoint(), "a", "b", "--retries", "1").ends(EXIT.ok);
  assert.deepEqual(req.out.lines, ["a", "b"]);
});

test("Ctrl-C while it waits for a reply ends it with 130; a rep without end with 0, one that counts with 130", async (t) => {
  const router = zmq(t, "router", ANY);
  const req = zmq(t, "req", await router.endpoint(), "q");
  await router.out.said(/q/);
  req.io.interrupt();
  await req.ends(EXIT.interrupted);
  for (const [args, exitCode] of [
    [[], EXIT.ok],
    [["-n", "1"], EXIT.interrupted],
  ] as const) {
    const rep = zmq(t, "rep", ANY, ...args);
    await rep.endpoint();
    rep.io.interrupt();
    await rep.ends(exitCode);
  }
  await zmq(t, "rep", ANY, "--timeout", "20ms").ends(EXIT.nothing);
  await zmq(t, "rep", ANY, "text").ends(EXIT.usage);
});
