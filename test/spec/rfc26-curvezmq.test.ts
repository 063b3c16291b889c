// 26/CURVEZMQ, sentence by sentence, on the side of the server and of the client; ledger/rfc26.json says which test holds
// which. The other side is made by tweetnacl.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { InitiateChanges } from "../peers/curve-octets.ts";
import { newKeys } from "../peers/curve-octets.ts";
import {
  acceptClient,
  bindServer,
  command,
  enter,
  errorsOf,
  greetServer,
  meetServer,
  SERVER_KEYS,
  welcomeClient,
} from "../peers/curve-sockets.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, RawListener } from "../peers/raw-peer.ts";
import { until } from "../peers/sockets.ts";

const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";
const SEQUENCE = "ERR_ZMTP_INVALID_SEQUENCE";
const DEALER = Buffer.concat([zmtp.property("Socket-Type", "DEALER"), zmtp.property("Identity", "")]);

function changed(octets: Buffer, at: number, value: number): Buffer {
  octets[at] = value;
  return octets;
}

test("a client's first command is a HELLO of 200 octets, and every octet of it is as specified", async (t) => {
  const { peer, script } = await acceptClient(t);
  await peer.heard(() => peer.frames.length > 0, "HELLO");
  const [hello] = peer.frames;
  assert.equal(hello?.flags, zmtp.COMMAND);
  const body = Buffer.from(hello?.body as Uint8Array);
  assert.equal(body.length, 200);
  assert.equal(body.toString("latin1", 0, 8), "\x05HELLO\x01\x00");
  assert.deepEqual(body.subarray(8, 80), Buffer.alloc(72));
  assert.equal(body.readBigUInt64BE(112), 1n);
  assert.ok(
    script.takeHello(body),
    "64 zeros in a box from C' to S under CurveZMQHELLO--- and the short nonce",
  );
  assert.equal(peer.frames.length, 1, "the next command is the server's");
});

test("each connection of a client has a transient key and a vouch nonce of its own", async (t) => {
  const listener = await RawListener.open();
  t.after(() => listener.close());
  const seen = new Set<string>();
  const { client } = await acceptClient(t, listener);
  for (let count = 1; count <= 3; count++) {
    const peer = listener.peers[count - 1] ?? (await listener.accept());
    const { script, initiate } = await welcomeClient(peer);
    const { client: key, vouched } = script.openInitiate(initiate) as {
      client: Uint8Array;
      vouched: Uint8Array;
    };
    seen.add(Buffer.from(script.clientTransientKey).toString("hex"));
    assert.notDeepEqual(Buffer.from(script.clientTransientKey), Buffer.from(key));
    assert.deepEqual(Buffer.from(vouched.subarray(0, 32)), Buffer.from(script.clientTransientKey));
    seen.add(Buffer.from(script.vouchNonce).toString("hex"));
    peer.destroy();
  }
  assert.equal(seen.size, 6);
  assert.equal(client.closed, false);
});

test("a server says nothing before HELLO, and answers it with a WELCOME of 168 octets that is C's alone to open", async (t) => {
  const { server } = await bindServer(t);
  const { peer, script } = await greetServer(t, server);
  await pause(30);
  assert.equal(peer.frames.length, 0);
  peer.send(command(script.hello()));
  await peer.heard(() => peer.frames.length > 0, "WELCOME");
  const [welcome] = peer.frames;
  assert.equal(welcome?.flags, zmtp.COMMAND);
  assert.equal(welcome?.body.length, 168);
  assert.equal(Buffer.from(welcome?.body as Uint8Array).toString("latin1", 0, 8), "\x07WELCOME");
  assert.ok(script.takeWelcome(welcome?.body as Uint8Array));
});

test("transient key, cookie and long nonces of a WELCOME are never the same twice", async (t) => {
  const { server } = await bindServer(t);
  const seen = new Set<string>();
  for (let count = 0; count < 4; count++) {
    const { script, welcome } = await meetServer(t, server);
    for (const part of [
      welcome.subarray(8, 24),
      script.serverTransientKey,
      script.cookie.subarray(0, 16),
      script.cookie.subarray(16),
    ])
      seen.add(Buffer.from(part).toString("hex"));
  }
  assert.equal(seen.size, 16);
});

test("a HELLO with anything wrong costs the client its connection, without an answer", async (t) => {
  const { server } = await bindServer(t);
  const errors = errorsOf(server);
  const wrong: [string, string, (hello: Buffer) => Buffer][] = [
    ["short", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => hello.subarray(0, 199)],
    ["long", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => Buffer.concat([hello, Buffer.alloc(1)])],
    ["major version", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => changed(hello, 6, 2)],
    ["minor version", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => changed(hello, 7, 1)],
    ["first padding", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => changed(hello, 8, 1)],
    ["last padding", "ERR_ZMTP_MALFORMED_COMMAND_HELLO", (hello) => changed(hello, 79, 1)],
    ["C'", CRYPTOGRAPHIC, (hello) => changed(hello, 90, hello[90]! ^ 1)],
    ["nonce 0", SEQUENCE, (hello) => changed(hello, 119, 0)],
    ["nonce", CRYPTOGRAPHIC, (hello) => changed(hello, 112, 1)],
    ["signature", CRYPTOGRAPHIC, (hello) => changed(hello, 199, hello[199]! ^ 1)],
  ];
  for (const [what, code, change] of wrong) {
    errors.length = 0;
    const { peer, script } = await greetServer(t, server);
    peer.send(command(change(script.hello())));
    assert.ok(await peer.ends(2000), what);
    assert.equal(peer.frames.length, 0, what);
    await until(what, () => errors.length > 0);
    assert.equal(errors[0], code, what);
  }
  const { peer, script } = await greetServer(t, server);
  peer.send(command(script.hello(1n, Buffer.alloc(64, 1))));
  assert.ok(await peer.ends(2000), "a signature of anything else than zeros");
});

test("a client's short nonces increase from command to command, or it is disconnected", async (t) => {
  const { server } = await bindServer(t);
  const errors = errorsOf(server);
  for (const count of [0n, 4n, 5n]) {
    errors.length = 0;
    const { peer, script } = await greetServer(t, server);
    peer.send(command(script.hello(5n)));
    await peer.heard(() => peer.frames.length > 0, "WELCOME");
    script.takeWelcome(peer.frames[0]?.body as Uint8Array);
    peer.send(command(script.initiate({ count })));
    assert.ok(await peer.ends(2000));
    await until("the event", () => errors.includes(SEQUENCE));
  }
  const { peer, script } = await enter(t, server);
  peer.send(
    zmtp.frame(0, script.message(0, "first", 3n)),
    zmtp.frame(0, script.message(0, "gap", 1n << 60n)),
  );
  assert.deepEqual([String(await server.receive()), String(await server.receive())], ["first", "gap"]);
  errors.length = 0;
  peer.send(zmtp.frame(0, script.message(0, "again", 1n << 60n)));
  assert.ok(await peer.ends(2000));
  await until("the event", () => errors.includes(SEQUENCE));
});

test("a WELCOME with anything wrong costs the server its client", async (t) => {
  const wrong: [string, string, (welcome: Buffer) => Buffer][] = [
    ["short", "ERR_ZMTP_MALFORMED_COMMAND_WELCOME", (welcome) => welcome.subarray(0, 167)],
    ["long", "ERR_ZMTP_MALFORMED_COMMAND_WELCOME", (welcome) => Buffer.concat([welcome, Buffer.alloc(1)])],
    ["nonce", CRYPTOGRAPHIC, (welcome) => changed(welcome, 8, welcome[8]! ^ 1)],
    ["box", CRYPTOGRAPHIC, (welcome) => changed(welcome, 167, welcome[167]! ^ 1)],
    ["name", "ERR_ZMTP_UNEXPECTED_COMMAND", (welcome) => changed(welcome, 7, 0x46)],
  ];
  for (const [what, code, change] of wrong) {
    const { client, peer, script } = await acceptClient(t);
    const errors = errorsOf(client);
    await peer.heard(() => peer.frames.length > 0, "HELLO");
    script.takeHello(peer.frames[0]?.body as Uint8Array);
    peer.send(command(change(script.welcome())));
    assert.ok(await peer.ends(2000), what);
    await until(what, () => errors.length > 0);
    assert.equal(errors[0], code, what);
    await client.close();
  }
});

test("an INITIATE gives back the cookie and holds C, a vouch for C' and S, and the metadata", async (t) => {
  const { peer, permanent } = await acceptClient(t);
  const { script, initiate, welcome } = await welcomeClient(peer);
  assert.ok(initiate.length >= 257);
  assert.equal(Buffer.from(initiate).toString("latin1", 0, 9), "\x08INITIATE");
  assert.deepEqual(Buffer.from(initiate.subarray(9, 105)), script.sentCookie);
  assert.equal(Buffer.from(initiate).readBigUInt64BE(105), 2n);
  const opened = script.openInitiate(initiate);
  assert.ok(opened !== null, `for the WELCOME ${Buffer.from(welcome).toString("hex")}`);
  assert.deepEqual(Buffer.from(opened.client), Buffer.from(permanent.publicKey));
  assert.deepEqual(
    Buffer.from(opened.vouched),
    Buffer.concat([script.clientTransientKey, SERVER_KEYS.publicKey]),
  );
  assert.deepEqual(Buffer.from(opened.metadata), DEALER);
});

test("an INITIATE with anything wrong costs the client its connection, without an answer", async (t) => {
  const { server } = await bindServer(t);
  const errors = errorsOf(server);
  const other = newKeys();
  const elsewhere = await meetServer(t, server);
  const changes: [string, string, InitiateChanges][] = [
    ["another connection's cookie", CRYPTOGRAPHIC, { cookie: elsewhere.script.cookie }],
    ["no cookie", CRYPTOGRAPHIC, { cookie: Buffer.alloc(96) }],
    ["another's vouch", CRYPTOGRAPHIC, { voucher: other }],
    ["another's key", CRYPTOGRAPHIC, { claimed: other.publicKey }],
    [
      "a vouch for another C'",
      "ERR_ZMTP_KEY_EXCHANGE",
      { vouched: [other.publicKey, SERVER_KEYS.publicKey] },
    ],
    ["metadata that are none", "ERR_ZMTP_INVALID_METADATA", { metadata: Buffer.of(5) }],
    ["a property without a name", "ERR_ZMTP_INVALID_METADATA", { metadata: zmtp.property("", "x") }],
  ];
  for (const [what, code, change] of changes) {
    errors.length = 0;
    const { peer, script } = await meetServer(t, server);
    peer.send(command(script.initiate(change)));
    assert.ok(await peer.ends(2000), what);
    assert.equal(peer.frames.length, 1, what);
    await until(what, () => errors.length > 0);
    assert.equal(errors[0], code, what);
  }
  for (const size of [9, 105, 113, 256]) {
    errors.length = 0;
    const { peer, script } = await meetServer(t, server);
    peer.send(command(script.initiate({ metadata: new Uint8Array(0) }).subarray(0, size)));
    assert.ok(await peer.ends(2000));
    await until(`${size} octets`, () => errors.includes("ERR_ZMTP_MALFORMED_COMMAND_INITIATE"));
  }
});

test("a cookie serves once: with the connection that it was made for it is forgotten", async (t) => {
  const { server } = await bindServer(t);
  const first = await meetServer(t, server);
  const initiate = first.script.initiate({ metadata: DEALER });
  first.peer.send(command(initiate));
  await first.peer.heard(() => first.peer.frames.length === 2, "READY");
  const errors = errorsOf(server);
  const second = await meetServer(t, server, first.script.permanent, first.script.transient);
  second.peer.send(command(initiate));
  assert.ok(await second.peer.ends(2000));
  await until("the event", () => errors.includes(CRYPTOGRAPHIC));
});

test("names of properties are significant in no case, and values of any octets and no octets are taken", async (t) => {
  const { server } = await bindServer(t);
  const metadata = Buffer.concat([
    zmtp.property("sOCKET-tYPE", "DEALER"),
    zmtp.property("X".repeat(255), ""),
    zmtp.property("X-Octets", Buffer.from([0, 255, 0])),
  ]);
  const { peer, script } = await enter(t, server, { metadata });
  peer.send(zmtp.frame(0, script.message(0, "in")));
  assert.equal(String(await server.receive()), "in");
  assert.equal(server.peers[0]?.socketType, "DEALER");
});

test("READY has 30 octets or more, and the metadata in a box from S' to C'", async (t) => {
  const { server } = await bindServer(t);
  const { ready, script } = await enter(t, server);
  assert.ok(ready.length >= 30);
  assert.equal(Buffer.from(ready).toString("latin1", 0, 6), "\x05READY");
  assert.equal(Buffer.from(ready).readBigUInt64BE(6), 1n);
  assert.deepEqual(Buffer.from(script.openReady(ready) as Uint8Array), DEALER);
});

test("a READY with anything wrong costs the server its client", async (t) => {
  const wrong: [string, string, (ready: Buffer) => Buffer][] = [
    ["short", "ERR_ZMTP_MALFORMED_COMMAND_READY", (ready) => ready.subarray(0, 29)],
    ["nonce 0", SEQUENCE, (ready) => changed(ready, 13, 0)],
    ["nonce", CRYPTOGRAPHIC, (ready) => changed(ready, 6, 1)],
    ["box", CRYPTOGRAPHIC, (ready) => changed(ready, 29, ready[29]! ^ 1)],
  ];
  for (const [what, code, change] of wrong) {
    const { client, peer } = await acceptClient(t);
    const errors = errorsOf(client);
    const { script } = await welcomeClient(peer);
    peer.send(command(change(script.ready(DEALER))));
    assert.ok(await peer.ends(2000), what);
    await until(what, () => errors.length > 0);
    assert.equal(errors[0], code, what);
    await client.close();
  }
  const { client, peer } = await acceptClient(t);
  const errors = errorsOf(client);
  const { script } = await welcomeClient(peer);
  peer.send(command(script.ready(zmtp.property("Socket-Type", "PUB"))));
  await until("the event", () => errors.includes("ERR_ZMTP_INVALID_METADATA"));
});
