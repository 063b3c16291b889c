// CURVE as an application sees it: options, events, secrets.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { curveKeyPair, Pull, Push } from "../../src/index.ts";
import { within } from "../peers/raw-peer.ts";

const server = curveKeyPair();
const client = curveKeyPair();

const SERVER = { curveServer: true, curveSecretKey: server.secretKey };
const CLIENT = { curveServerKey: server.publicKey, curveSecretKey: client.secretKey, linger: 0 };

test("a socket with keys works at once: bind, connect and send need no preparation", async (t) => {
  const pull = new Pull(SERVER);
  const push = new Push(CLIENT);
  t.after(() => Promise.all([pull.close(), push.close()]));
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint as string);
  await push.send(["a", "b"]);
  assert.deepEqual((await within(pull.receive(), "a message")).map(String), ["a", "b"]);
  assert.equal(pull.securityMechanism, "curve");
  assert.equal(push.securityMechanism, "curve");
});

test("G18: nothing that is logged of a socket shows a secret key", async (t) => {
  const pull = new Pull(SERVER);
  const push = new Push({ ...CLIENT, curvePublicKey: client.publicKey });
  t.after(() => Promise.all([pull.close(), push.close()]));
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint as string);
  await push.send("x");
  await within(pull.receive(), "a message");
  for (const socket of [pull, push]) {
    const shown =
      inspect(socket, { depth: 12, showHidden: true }) +
      JSON.stringify(socket) +
      inspect(socket.context, { depth: 12, showHidden: true }) +
      JSON.stringify(socket.peers) +
      inspect(socket.stats(), { depth: 12 });
    for (const { secretKey } of [server, client]) assert.ok(!shown.includes(secretKey));
  }
  assert.equal(push.curveSecretKey, client.secretKey, "who asks by its name is answered");
  assert.throws(
    () => new Push({ curveSecretKey: `${client.secretKey}x` }),
    (error: Error) => !error.message.includes(client.secretKey),
  );
});

test("a role with half of its keys is EINVAL where it would be used", async (t) => {
  const pull = new Pull({ curveServer: true });
  const push = new Push({ curveServerKey: server.publicKey });
  t.after(() => Promise.all([pull.close(), push.close()]));
  await assert.rejects(pull.bind("tcp://127.0.0.1:*"), { code: "EINVAL", message: /curveSecretKey/ });
  assert.throws(() => push.connect("tcp://127.0.0.1:9"), { code: "EINVAL", message: /curveSecretKey/ });
});

test("G14: a client with another server's key is told what is wrong and backs off", async (t) => {
  const pull = new Pull(SERVER);
  const push = new Push({
    ...CLIENT,
    curveServerKey: curveKeyPair().publicKey,
    reconnectInterval: 50,
    reconnectMaxInterval: 400,
  });
  t.after(() => Promise.all([pull.close(), push.close()]));
  const sentences: string[] = [];
  pull.events.on("handshake:error:protocol", (event) => sentences.push(event.error.message));
  await pull.bind("tcp://127.0.0.1:*");
  push.connect(pull.lastEndpoint as string);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  assert.ok(sentences.length >= 1 && sentences.length <= 7, `${sentences.length} attempts in a second`);
  assert.match(sentences[0] as string, /HELLO does not open: it is meant for a server with another key/);
});
