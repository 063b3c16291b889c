import assert from "node:assert/strict";
import { test } from "node:test";
import { viewSocket } from "../../../src/core/socket-view.ts";
import { curveKeyPair, Pull, Push } from "../../../src/index.ts";
import { coreOf } from "../../../src/sockets/socket.ts";
import { closing } from "../../peers/sockets.ts";

const NOTHING = {
  mechanism: "NULL",
  role: null,
  username: null,
  publicKey: null,
  serverKey: null,
  zapDomain: null,
};

test("a socket's security is its mechanism, its role, and what of its keys and names is public", (t) => {
  const server = curveKeyPair();
  const client = curveKeyPair();
  const views = [
    {},
    { zapDomain: "global" },
    { plainServer: true },
    { plainUsername: "joe", plainPassword: "secret-word" },
    { plainPassword: "secret-word" },
    { curveServer: true, curveSecretKey: server.secretKey },
    { curveServerKey: server.publicKey, curveSecretKey: client.secretKey, curvePublicKey: client.publicKey },
  ].map((options) => viewSocket(coreOf(closing(t, new Pull(options)))).security);
  assert.deepEqual(views, [
    NOTHING,
    { ...NOTHING, zapDomain: "global" },
    { ...NOTHING, mechanism: "PLAIN", role: "server" },
    { ...NOTHING, mechanism: "PLAIN", role: "client", username: "joe" },
    { ...NOTHING, mechanism: "PLAIN", role: "client", username: "" },
    { ...NOTHING, mechanism: "CURVE", role: "server", publicKey: server.publicKey },
    {
      ...NOTHING,
      mechanism: "CURVE",
      role: "client",
      publicKey: client.publicKey,
      serverKey: server.publicKey,
    },
  ]);
  const said = JSON.stringify(views);
  for (const secret of ["secret-word", server.secretKey, client.secretKey]) assert.ok(!said.includes(secret));
});

test("the public key is computed once for a secret key, and anew for another one", (t) => {
  const push = closing(t, new Push({ curveServer: true }));
  for (const { publicKey, secretKey } of [curveKeyPair(), curveKeyPair()]) {
    push.curveSecretKey = secretKey;
    for (let i = 0; i < 2; i++) assert.equal(viewSocket(coreOf(push)).security.publicKey, publicKey);
  }
  push.curveSecretKey = null;
  assert.equal(viewSocket(coreOf(push)).security.publicKey, null);
});
