import assert from "node:assert/strict";
import { copyFileSync, mkdirSync } from "node:fs";
import { test } from "node:test";
import { EXIT } from "../../../../src/cli/command.ts";
import * as zmtp from "../../../peers/octets.ts";
import { RawListener, type RawPeer } from "../../../peers/raw-peer.ts";
import { ANY, FakeIo, PATIENCE_MS, zmq, zmqWith } from "../fake-io.ts";
import { KeyFiles } from "./key-files.ts";

/** A server with keys and its one client, alice. */
async function ground(t: Parameters<typeof zmq>[0]) {
  const files = new KeyFiles(t);
  const server = await files.pair("server");
  await files.pair("alice");
  await files.pair("mallory");
  const serverArgs = ["--curve-server", "--curve-cert", files.path("server")];
  const clientArgs = (name: string): string[] => [
    "--curve-server-key",
    server.publicKey,
    "--curve-cert",
    files.path(name),
  ];
  return { files, server, serverArgs, clientArgs };
}

test("push to pull over CURVE", async (t) => {
  const { serverArgs, clientArgs } = await ground(t);
  const pull = zmq(t, "pull", ANY, "-n", "2", ...serverArgs);
  const endpoint = await pull.endpoint();
  const push = await zmq(t, "push", endpoint, "a", "b", ...clientArgs("alice")).ends(EXIT.ok);
  await pull.ends(EXIT.ok);
  assert.deepEqual([pull.out.lines, push.err.text], [["a", "b"], ""]);
});

test("the server may be the one that connects", async (t) => {
  const { serverArgs, clientArgs } = await ground(t);
  const pub = zmq(t, "pub", ANY, "tick", ...clientArgs("alice"));
  const sub = await zmq(t, "sub", await pub.endpoint(), "-n", "1", ...serverArgs).ends(EXIT.ok);
  assert.deepEqual(sub.out.lines, ["tick"]);
  await pub.ends(EXIT.ok);
});

test("only who is in the directory comes in; others end with 1 and the reason, soon", async (t) => {
  const { files, serverArgs, clientArgs } = await ground(t);
  mkdirSync(files.path("clients"));
  copyFileSync(files.path("alice"), files.path("clients/alice"));
  const strict = [...serverArgs, "--authorized-keys", files.path("clients")];
  const rep = zmq(t, "rep", ANY, "-n", "1", ...strict);
  const endpoint = await rep.endpoint();
  const pull = zmq(t, "pull", ANY, ...strict);
  const refused = [
    ["req", endpoint],
    ["dealer", endpoint],
    ["push", await pull.endpoint()],
  ].map((args) => zmq(t, ...args, "x", ...clientArgs("mallory"), "--json").ends(EXIT.failure));
  for (const run of await Promise.all(refused)) {
    const { error, code } = run.err.values.at(-1) ?? {};
    assert.equal(code, "EACCES");
    assert.match(String(error), /refused the credentials of this command \(status 400\)/);
  }
  await zmq(t, "req", endpoint, "hello", ...clientArgs("alice")).ends(EXIT.ok);
  await rep.ends(EXIT.ok);
});

test("who has another key of the server ends with 1, receivers too, and a stranger to a bound client ends nothing", async (t) => {
  const { files, serverArgs, clientArgs } = await ground(t);
  const wrong = ["--curve-server-key", (await files.pair("wrong")).publicKey];
  const push = zmq(t, "push", ANY, "x", "--wait", "-1", ...serverArgs);
  const pull = await zmq(t, "pull", await push.endpoint(), ...wrong).ends(EXIT.failure);
  assert.match(pull.err.text, /EACCES: The server at .* ended 3 handshakes.*--curve-server-key/);
  push.io.interrupt();

  const bound = zmq(t, "pull", ANY, "-n", "1", ...clientArgs("alice"));
  const endpoint = await bound.endpoint();
  await zmq(t, "push", endpoint, "clear", "--wait", "300ms").ends(EXIT.nothing);
  await zmq(t, "push", endpoint, "sealed", ...serverArgs).ends(EXIT.ok);
  await bound.ends(EXIT.ok);
  assert.deepEqual(bound.out.lines, ["sealed"]);
});

test("PLAIN with a password from a variable; a wrong one ends with 1; neither is ever shown", async (t) => {
  const { files } = await ground(t);
  const file = files.write("passwords", "joe=sesame\n");
  const rep = zmq(t, "rep", ANY, "--plain-server", "--passwords", file, "--zap-domain", "d", "-n", "1");
  const endpoint = await rep.endpoint();
  const as = (password: string) => {
    const io = new FakeIo();
    io.environment = { WORD: password };
    return zmqWith(t, io, "req", endpoint, "hi", "--plain-username", "joe", "--plain-password", "env:WORD");
  };
  const refused = await as("swordfish").ends(EXIT.failure);
  assert.match(refused.err.text, /EACCES: .*status 400/);
  const admitted = await as("sesame").ends(EXIT.ok);
  await rep.ends(EXIT.ok);
  for (const run of [refused, admitted, rep])
    assert.doesNotMatch(run.err.text + run.out.text, /swordfish|sesame/);
});

test("what a server does wrong after the handshake ends its connection, not the command", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const client = ["--plain-username", "joe", "--plain-password", "sesame"];
  const pull = zmq(t, "pull", listener.endpoint, "-n", "1", ...client);
  const admit = async (): Promise<RawPeer> => {
    const peer = await listener.accept();
    peer.send(zmtp.greeting({ mechanism: "PLAIN", asServer: 1 }));
    await peer.heard(() => peer.texts.some((text) => text.startsWith("HELLO")), "HELLO");
    peer.send(zmtp.command("WELCOME"));
    await peer.heard(() => peer.texts.some((text) => text.startsWith("INITIATE")), "INITIATE");
    peer.send(zmtp.ready("PUSH"));
    return peer;
  };
  const wrong = await admit();
  const right = admit();
  wrong.send(zmtp.frame(zmtp.COMMAND, "\0"));
  assert.ok(await wrong.ends(PATIENCE_MS));
  (await right).send(zmtp.message("on it goes"));
  await pull.ends(EXIT.ok);
  assert.deepEqual(pull.out.lines, ["on it goes"]);

  // Of a server that does so before, it is told as ever.
  const next = zmq(t, "pull", listener.endpoint, ...client);
  const peer = await listener.accept();
  peer.send(zmtp.greeting({ mechanism: "PLAIN", asServer: 1 }), zmtp.ready("PUSH"));
  assert.match((await next.ends(EXIT.failure)).err.text, /EACCES: The handshake with tcp:\S+ failed\./);
});

test("a key that is none, half a pair and a STREAM are usage errors without the key in them", async (t) => {
  const { files, server } = await ground(t);
  const slip = server.secretKey.slice(0, 39);
  const cases = [
    ["push", "tcp://127.0.0.1:1", "x", "--curve-server-key", server.publicKey, "--curve-secret-key", slip],
    ["push", "tcp://127.0.0.1:1", "x", "--curve-secret-key", server.secretKey],
    ["pull", ANY, "--curve-server", "--curve-cert", files.path("nothing")],
    ["pull", ANY, "--set", `curveSecretKey=${slip}`],
    ["pull", ANY, "--set", `curveSecretKey=${server.secretKey}`],
  ];
  for (const args of cases) {
    const run = await zmq(t, ...args).ends(EXIT.usage);
    assert.ok(!run.err.text.includes(slip), run.err.text);
  }
  assert.match((await zmq(t, "stream", ANY, "--curve-server").ends(EXIT.usage)).err.text, /Unknown option/);
});
