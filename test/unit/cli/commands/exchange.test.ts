import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import { ANY, FakeIo, zmq, zmqReading, zmqWith } from "../fake-io.ts";

test("a router shows who it is from and echoes; a dealer ends with its count", async (t) => {
  const router = zmq(t, "router", ANY, "--echo");
  const endpoint = await router.endpoint();
  const dealer = await zmq(t, "dealer", endpoint, "-i", "me", "hello", "-f", "a", "-f", "b", "-n", "2").ends(
    EXIT.ok,
  );
  assert.deepEqual(dealer.out.lines, ["hello", "a\tb"]);
  assert.deepEqual(router.out.lines, ["me\thello", "me\ta\tb"]);
  router.io.interrupt();
  await router.ends(EXIT.ok);
  assert.match(router.err.text, /sent 2; received 2; dropped 0/);
});

test("a router sends to whom the first frame names, also from stdin", async (t) => {
  const io = new FakeIo();
  const router = zmqWith(t, io, "router", ANY, "--json");
  const endpoint = await router.endpoint();
  const dealer = zmq(t, "dealer", endpoint, "-i", "me", "here", "-n", "1");
  await router.out.said(/here/);
  io.stdin.write('["me", "do it"]\n');
  await dealer.ends(EXIT.ok);
  assert.deepEqual(dealer.out.lines, ["do it"]);
});

test("a dealer asks a rep with an empty frame in front", async (t) => {
  const rep = zmq(t, "rep", ANY, "--reply", "pong");
  const dealer = await zmq(
    t,
    "dealer",
    await rep.endpoint(),
    "-f",
    "",
    "-f",
    "ping",
    "-n",
    "1",
    "-d",
    "|",
  ).ends(EXIT.ok);
  assert.deepEqual(dealer.out.lines, ["|pong"]);
});

test("a pair sends its lines and prints what comes, until Ctrl-C", async (t) => {
  const one = zmqReading(t, "from one\n", "pair", ANY);
  const two = zmqReading(t, "from two\n", "pair", await one.endpoint());
  await one.out.said(/from two\n/);
  await two.out.said(/from one\n/);
  one.io.interrupt();
  await one.ends(EXIT.ok);
  two.io.interrupt();
  await two.ends(EXIT.ok);
});

test("it ends when none has come for --timeout: with 3 if none ever did", async (t) => {
  await zmqReading(t, "", "dealer", ANY, "--timeout", "30ms").ends(EXIT.nothing);
  const nobody = await zmq(t, "dealer", ANY, "x", "--wait", "30ms").ends(EXIT.nothing);
  assert.match(nobody.err.text, /No peer came/);
});

test("a line that cannot be read ends it, with its number", async (t) => {
  const dealer = await zmqReading(t, "zz\n", "dealer", ANY, "-x").ends(EXIT.usage);
  assert.match(dealer.err.text, /Line 1 of stdin/);
  await zmq(t, "pair", ANY, "--echo", "x").ends(EXIT.usage);
});

test("what a router could deliver to nobody is told", async (t) => {
  const router = zmq(t, "router", ANY, "-f", "nobody", "-f", "x", "--timeout", "300ms");
  zmq(t, "dealer", await router.endpoint());
  await router.exitCode;
  assert.match(router.err.text, /1 message was lost: no peer has the routing id/);
});
