// 24/ZMTP-PLAIN, sentence by sentence; ledger/rfc24.json says which test holds which.

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { test } from "node:test";
import { Authenticator, Dealer } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { pause, RawListener, RawPeer } from "../peers/raw-peer.ts";
import { closing } from "../peers/sockets.ts";

const PLAIN = zmtp.greeting({ mechanism: "PLAIN" });
const METADATA = Buffer.concat([zmtp.property("Socket-Type", "DEALER"), zmtp.property("Identity", "")]);
const INITIATE = zmtp.command("INITIATE", METADATA);

function hello(username: string, password: string): Buffer {
  const sized = (text: string): string => String.fromCharCode(text.length) + text;
  return zmtp.command("HELLO", sized(username) + sized(password));
}

async function bindServer(t: TestContext): Promise<{ server: Dealer; asked: string[][] }> {
  const context = ownContext();
  const asked: string[][] = [];
  const plain = ({ username, password }: { username: string; password: string }): boolean => {
    asked.push([username, password]);
    return password !== "wrong";
  };
  const authenticator = new Authenticator({ context, plain });
  t.after(() => authenticator.close());
  const server = closing(t, new Dealer({ context, plainServer: true }));
  await server.bind("tcp://127.0.0.1:*");
  return { server, asked };
}

async function connect(t: TestContext, server: Dealer, ...octets: Buffer[]): Promise<RawPeer> {
  const peer = await RawPeer.connect(server.lastEndpoint);
  t.after(() => peer.destroy());
  peer.send(...octets);
  return peer;
}

/** A client of ours at a server that the test plays. */
async function acceptClient(t: TestContext): Promise<{ client: Dealer; peer: RawPeer }> {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const client = closing(t, new Dealer({ plainUsername: "joe", plainPassword: "secret" }));
  client.connect(listener.endpoint);
  return { client, peer: await listener.accept() };
}

test("the server says so in its greeting, and nobody relies on what the peer says there", async (t) => {
  const { server } = await bindServer(t);
  for (const asServer of [0, 1]) {
    const peer = await connect(t, server, zmtp.greeting({ mechanism: "PLAIN", asServer }), hello("joe", "x"));
    await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
    assert.equal(peer.received[32], 1);
  }
  const { peer } = await acceptClient(t);
  peer.send(zmtp.greeting({ mechanism: "PLAIN", asServer: 0 }));
  await peer.heard(() => peer.texts.length > 0, "HELLO");
  assert.equal(peer.received[32], 0);
});

test("a client shows its credentials in HELLO, and nothing before the server's greeting", async (t) => {
  const { peer } = await acceptClient(t);
  await peer.heard(() => peer.received.length >= 64, "the greeting");
  await pause(20);
  assert.equal(peer.received.length, 64);
  peer.send(PLAIN);
  await peer.heard(() => peer.texts.length > 0, "HELLO");
  assert.deepEqual(peer.received.subarray(64), hello("joe", "secret"));
});

test("whom the authenticator accepts is welcomed, and who is rejected is told why and closed", async (t) => {
  const { server } = await bindServer(t);
  const accepted = await connect(t, server, PLAIN, hello("joe", "right"));
  await accepted.heard(() => accepted.texts.length > 0, "WELCOME");
  assert.deepEqual(accepted.received.subarray(64), zmtp.command("WELCOME"));
  const rejected = await connect(t, server, PLAIN, hello("joe", "wrong"));
  assert.ok(await rejected.ends(1000));
  assert.ok(rejected.texts.includes("ERROR\x03400"));
});

test("the grammar is kept to on both sides, command by command", async (t) => {
  const { server } = await bindServer(t);
  const { client, peer: asServer } = await acceptClient(t);
  const asClient = await connect(t, server, PLAIN, hello("joe", "x"));
  await asClient.heard(() => asClient.texts.length === 1, "WELCOME");
  asClient.send(INITIATE);
  await asClient.heard(() => asClient.texts.length === 2, "READY");
  const ready = zmtp.command("READY", METADATA);
  assert.deepEqual(asClient.received.subarray(64), Buffer.concat([zmtp.command("WELCOME"), ready]));
  asServer.send(PLAIN);
  await asServer.heard(() => asServer.texts.length === 1, "HELLO");
  asServer.send(zmtp.command("WELCOME"));
  await asServer.heard(() => asServer.texts.length === 2, "INITIATE");
  assert.deepEqual(asServer.received.subarray(64), Buffer.concat([hello("joe", "secret"), INITIATE]));
  asServer.send(ready);
  await client.waitForPeers(1, { timeoutMs: 2000 });
});

test("messages flow behind READY, from the server at once", async (t) => {
  const { server } = await bindServer(t);
  const peer = await connect(t, server, PLAIN, hello("joe", "x"));
  await peer.heard(() => peer.texts.length === 1, "WELCOME");
  const sent = server.send("from the server");
  peer.send(INITIATE);
  await sent;
  await peer.heard(() => peer.texts.length === 3, "READY and the message");
  assert.equal(peer.texts[2], "from the server");
  peer.send(zmtp.message("from the client"));
  assert.equal(String((await server.receive())[0]), "from the client");
});

test("credentials of 0 to 255 octets of any value are passed on as they are", async (t) => {
  const { server, asked } = await bindServer(t);
  const long = "\0é".repeat(85);
  const octets = Buffer.from(long).toString("latin1");
  for (const [username, password] of [
    ["", ""],
    [octets, octets],
    ["\0", " "],
  ] as const) {
    const peer = await connect(t, server, PLAIN, hello(username, password));
    await peer.heard(() => peer.texts.length > 0, "WELCOME");
  }
  assert.deepEqual(asked, [
    ["", ""],
    [long, long],
    ["\0", " "],
  ]);
});

test("ERROR is written as ZMTP has it and, before that, as libzmq reads it; both are read", async (t) => {
  const { server } = await bindServer(t);
  const peer = await connect(t, server, PLAIN, hello("joe", "wrong"));
  assert.ok(await peer.ends(1000));
  const theirs = zmtp.fromHex("04 09 5e 52 52 4f 52 03 34 30 30");
  const correct = zmtp.fromHex("04 0a 05 45 52 52 4f 52 03 34 30 30");
  assert.deepEqual(peer.received.subarray(64), Buffer.concat([theirs, correct]));
  for (const error of [theirs, correct]) {
    const { client, peer: asServer } = await acceptClient(t);
    const refused = new Promise<number>((resolve) =>
      client.events.on("handshake:error:auth", (event) => resolve(event.error.status as number)),
    );
    asServer.send(PLAIN, error);
    assert.equal(await refused, 400);
  }
});
