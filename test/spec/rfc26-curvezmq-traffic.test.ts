// 26/CURVEZMQ behind the handshake: MESSAGE, ERROR, and who comes in; ledger/rfc26.json says which test holds which. The
// other side is made by tweetnacl.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Authenticator, Dealer } from "../../src/index.ts";
import { newKeys } from "../peers/curve-octets.ts";
import {
  acceptClient,
  bindServer,
  command,
  enter,
  errorsOf,
  meetServer,
  serverOptions,
  welcomeClient,
} from "../peers/curve-sockets.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { pause, RawListener } from "../peers/raw-peer.ts";
import { closing, until } from "../peers/sockets.ts";

const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const DEALER = Buffer.concat([zmtp.property("Socket-Type", "DEALER"), zmtp.property("Identity", "")]);

function changed(octets: Buffer, at: number, value: number): Buffer {
  octets[at] = value;
  return octets;
}

test("a client sends MESSAGE behind READY and not before; a server at once behind READY", async (t) => {
  const { server } = await bindServer(t);
  const { client, peer: asServer } = await acceptClient(t);
  await client.send("waits");
  const { script: serverScript } = await welcomeClient(asServer);
  await pause(50);
  assert.equal(asServer.frames.length, 2, "HELLO and INITIATE");
  asServer.send(command(serverScript.ready(DEALER)));
  await asServer.heard(() => asServer.frames.length === 3, "MESSAGE");
  const sealed = asServer.frames[2]?.body as Uint8Array;
  assert.equal(Buffer.from(sealed).readBigUInt64BE(8), 3n);
  assert.equal(String(Buffer.from(serverScript.openMessage(sealed) as Uint8Array)), "\0waits");

  const sent = server.send(["of two", ""]);
  const { peer, script } = await enter(t, server);
  await sent;
  await peer.heard(() => peer.frames.length === 4, "two MESSAGEs");
  const [, , first, second] = peer.frames.map(({ body }) => Buffer.from(body));
  assert.equal(first?.toString("latin1", 0, 8), "\x07MESSAGE");
  assert.equal((second as Buffer).length, 33, "the least");
  const opened = [first, second].map((one) => Buffer.from(script.openMessage(one as Buffer) as Uint8Array));
  assert.deepEqual(
    opened.map(String),
    ["\x01of two", "\0"],
    "bit 0 says that more follows, the others are zero",
  );
  assert.deepEqual(
    [first, second].map((one) => (one as Buffer).readBigUInt64BE(8)),
    [2n, 3n],
  );
});

test("a malformed MESSAGE costs its sender the connection, on either side, and nobody sends ERROR for it", async (t) => {
  type Sealer = { message(flags: number, body: string, count?: bigint): Buffer };
  const wrong: [string, string, (sealer: Sealer) => Buffer][] = [
    ["of 32 octets", "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE", (one) => one.message(0, "").subarray(0, 32)],
    ["bit 2", "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE", (one) => one.message(4, "x")],
    ["bit 7", "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE", (one) => one.message(128, "x")],
    ["box", CRYPTOGRAPHIC, (one) => changed(one.message(0, "x"), 33, 7)],
    ["name", "ERR_ZMTP_UNEXPECTED_COMMAND", (one) => changed(one.message(0, "x"), 7, 0x46)],
    ["a nonce that was there before", SEQUENCE, (one) => one.message(0, "x", 1n)],
  ];
  const { server } = await bindServer(t);
  const serverErrors = errorsOf(server);
  for (const [what, code, make] of wrong) {
    serverErrors.length = 0;
    const { peer, script } = await enter(t, server);
    peer.send(zmtp.frame(0, make(script)));
    assert.ok(await peer.ends(2000), what);
    assert.equal(peer.frames.length, 2, what);
    await until(what, () => serverErrors.length > 0);
    assert.equal(serverErrors[0], code, what);

    const { client, peer: asServer } = await acceptClient(t);
    const clientErrors = errorsOf(client);
    const { script: serverScript } = await welcomeClient(asServer);
    asServer.send(command(serverScript.ready(DEALER)));
    asServer.send(zmtp.frame(0, make(serverScript)));
    assert.ok(await asServer.ends(2000), what);
    assert.equal(asServer.frames.length, 2, what);
    await until(what, () => clientErrors.length > 0);
    assert.equal(clientErrors[0], code, what);
    await client.close();
  }
});

test("a client that is not let in gets an ERROR with the reason, and none of its own is taken", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({ context, curve: new Set<string>() });
  t.after(() => authenticator.close());
  const { server } = await bindServer(t, { context });
  const { peer, script } = await meetServer(t, server);
  peer.send(command(script.initiate()));
  assert.ok(await peer.ends(2000));
  assert.deepEqual(peer.texts.slice(1), ["ERROR\x03400"]);
  const errors = errorsOf(server);
  const rude = await meetServer(t, server);
  rude.peer.send(zmtp.error("400"));
  assert.ok(await rude.peer.ends(2000));
  await until("the event", () => errors.includes("ERR_ZMTP_UNEXPECTED_COMMAND"));
});

test("a client that was told ERROR does not come back as it would after a loss", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const { client, peer } = await acceptClient(t, listener, { reconnectInterval: 10 });
  const errors = errorsOf(client);
  const refuse = async (one: typeof peer) => {
    await welcomeClient(one);
    one.send(zmtp.error("400"));
  };
  let failure: unknown;
  // Whoever comes is awaited before the last one is sent away: nobody is left without an answer.
  const again = (async () => {
    for (let next = listener.accept(), one = peer; ; one = await next, next = listener.accept()) {
      await refuse(one);
    }
  })();
  again.catch((error: unknown) => {
    failure = error;
  });
  await until("the event", () => errors.includes("400"));
  await pause(400);
  const count = listener.peers.length;
  assert.ok(count <= 7, `${count} attempts in 400 ms at an interval of 10 ms`);
  await until("it comes back", () => errors.filter((code) => code === "400").length >= 3);
  assert.equal(failure, undefined);
});

test("a client knows the server's key before it connects, and a server admits whom its keys or its handler say", async (t) => {
  const bare = closing(t, new Dealer({ curveSecretKey: serverOptions().curveSecretKey }));
  assert.throws(() => bare.connect("tcp://127.0.0.1:9"), { code: "EINVAL", message: /curveServerKey/ });
  const anybody = await bindServer(t);
  await enter(t, anybody.server);
  const context = ownContext();
  const known = newKeys();
  const asked: string[] = [];
  const curve = ({ publicKey }: { publicKey: string }): boolean => {
    asked.push(publicKey);
    return asked.length === 2;
  };
  const authenticator = new Authenticator({ context, curve });
  t.after(() => authenticator.close());
  const { server } = await bindServer(t, { context });
  const stranger = await meetServer(t, server);
  stranger.peer.send(command(stranger.script.initiate()));
  assert.ok(await stranger.peer.ends(2000));
  await enter(t, server, {}, known);
  assert.equal(asked.length, 2);
  assert.notEqual(asked[0], asked[1]);
});

test("the octets of the wire tell no stranger who the client is", async (t) => {
  const { peer, permanent } = await acceptClient(t);
  const { script } = await welcomeClient(peer);
  peer.send(command(script.ready(DEALER)));
  await pause(20);
  assert.ok(!peer.received.includes(Buffer.from(permanent.publicKey)));
  assert.ok(!peer.received.includes(Buffer.from(permanent.secretKey)));
  assert.ok(!peer.received.includes(Buffer.from("DEALER")));
});
