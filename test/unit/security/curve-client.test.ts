import assert from "node:assert/strict";
import { before, test } from "node:test";
import { inspect } from "node:util";
import { loadBoxes } from "../../../src/crypto/load-boxes.ts";
import { CurveClient } from "../../../src/security/curve-client.ts";
import { CurveServerPeer, newKeys } from "../../peers/curve-octets.ts";
import { NACL, octets } from "../crypto/nacl-vectors.ts";

const keys = newKeys();

before(async () => {
  await loadBoxes();
});

function connect(serverKey: Uint8Array): CurveClient {
  return new CurveClient(
    { socketTypeName: "DEALER", routingId: Buffer.from("me"), announcesIdentity: true },
    { secretKey: keys.secretKey, serverKey },
  );
}

function greeted() {
  const server = new CurveServerPeer();
  const client = connect(server.permanent.publicKey);
  assert.ok(server.takeHello(client.nextCommand()!));
  return { server, client };
}

function ready() {
  const { server, client } = greeted();
  client.receive(server.welcome());
  const initiate = server.openInitiate(client.nextCommand()!)!;
  client.receive(server.ready());
  return { server, client, initiate };
}

test("it keeps to 26/CURVEZMQ, vouches for C' and S, and both sides' messages open", () => {
  const { server, client, initiate } = ready();
  assert.deepEqual(Uint8Array.from(initiate.client), keys.publicKey);
  assert.deepEqual(
    Buffer.from(initiate.vouched),
    Buffer.concat([server.clientTransientKey, server.permanent.publicKey]),
  );
  assert.equal(
    Buffer.from(initiate.metadata).toString("latin1"),
    "\x0bSocket-Type\0\0\0\x06DEALER\x08Identity\0\0\0\x02me",
  );
  assert.ok(client.isComplete);
  assert.equal(String(Buffer.from(client.peerProperties.find("Socket-Type")!)), "PULL");
  const codec = client.codec!;
  assert.equal(Buffer.from(codec.open(server.message(2, "\x04PINGxx"))).toString("latin1"), "\x04PINGxx");
  assert.equal(codec.openedFlags, 4);
  const target = new Uint8Array(codec.overhead + 3);
  codec.seal(1, Buffer.from("abc"), target, 0);
  assert.deepEqual(Buffer.from(server.openMessage(target)!), Buffer.from("\x01abc"));
  assert.equal(Buffer.from(target).readBigUInt64BE(8), 3n, "HELLO has nonce 1, INITIATE 2, as libzmq's");
});

test("each connection has a transient key of its own", () => {
  const keysSeen = new Set<string>();
  for (let i = 0; i < 20; i++) {
    const hello = connect(newKeys().publicKey).nextCommand()!;
    keysSeen.add(Buffer.from(hello.subarray(80, 112)).toString("hex"));
  }
  assert.equal(keysSeen.size, 20);
});

test("a server key of small order is refused before anything is said", () => {
  for (const key of [new Uint8Array(32), octets(NACL.smallOrder)])
    assert.throws(() => connect(key).nextCommand(), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
});

test("G03: a server with another key, and transient keys of small order", () => {
  const { server, client } = greeted();
  const other = new CurveServerPeer();
  other.clientTransientKey = server.clientTransientKey;
  assert.throws(() => client.receive(other.welcome()), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
  const { server: small, client: victim } = greeted();
  victim.receive(small.welcome(new Uint8Array(32)));
  assert.throws(() => victim.nextCommand(), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
});

test("a WELCOME of another size, or with any octet bent", () => {
  const { server, client } = greeted();
  const welcome = server.welcome();
  for (const size of [8, 167]) {
    assert.throws(() => client.receive(welcome.subarray(0, size + (size === 8 ? 1 : 0))), {
      code: "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
    });
  }
  for (let at = 8; at < 168; at += 7) {
    const bent = Buffer.from(welcome);
    bent[at]! ^= 1;
    assert.throws(() => client.receive(bent), { code: "ERR_ZMTP_CRYPTOGRAPHIC" });
  }
  client.receive(welcome);
});

test("a READY of another size, with any octet bent, or with metadata that are none", () => {
  const begun = () => {
    const { server, client } = greeted();
    client.receive(server.welcome());
    client.nextCommand();
    return { server, client };
  };
  const { server, client } = begun();
  const command = server.ready();
  for (let size = 7; size < 30; size++) {
    const cut = command.subarray(0, size);
    assert.throws(() => client.receive(cut), { code: "ERR_ZMTP_MALFORMED_COMMAND_READY" });
  }
  for (let at = 6; at < command.length; at++) {
    const other = begun();
    const bent = other.server.ready();
    bent[at]! ^= 1;
    assert.throws(() => other.client.receive(bent), /READY|nonce/);
  }
  const zero = begun();
  assert.throws(() => zero.client.receive(zero.server.ready(undefined, 0n)), {
    code: "ERR_ZMTP_INVALID_SEQUENCE",
  });
  const bad = begun();
  assert.throws(() => bad.client.receive(bad.server.ready(Buffer.from("\x05ab"))), {
    code: "ERR_ZMTP_INVALID_METADATA",
  });
});

test("commands out of turn", () => {
  const unexpected = { code: "ERR_ZMTP_UNEXPECTED_COMMAND" };
  const early = connect(newKeys().publicKey);
  assert.throws(
    () => early.receive(Buffer.concat([Buffer.from("\x07WELCOME"), Buffer.alloc(160)])),
    unexpected,
  );
  const { server, client } = greeted();
  assert.throws(() => client.receive(server.ready()), unexpected);
  assert.throws(() => client.receive(server.message(0, "x")), unexpected);
  client.receive(server.welcome());
  assert.throws(() => client.receive(server.welcome()), unexpected);
  client.nextCommand();
  assert.throws(() => client.receive(server.message(0, "x")), unexpected);
});

test("an ERROR is a refusal with its status, or malformed", () => {
  const { client } = greeted();
  assert.throws(() => client.receive(Buffer.from("\x05ERROR\x03400")), { name: "AuthError", status: 400 });
  assert.throws(() => client.receive(Buffer.from("\x05ERROR\x04400")), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  });
  assert.throws(() => client.receive(Buffer.from("\x05ERROR\x02no")), { code: "ERR_ZMTP_UNSPECIFIED" });
});

test("G18: nothing shows a key", () => {
  const { client } = ready();
  const secret = Buffer.from(keys.secretKey);
  for (const shown of [inspect(client, { depth: 9, showHidden: true }), JSON.stringify(client)]) {
    assert.ok(!shown.includes(secret.toString("hex")));
    assert.ok(!shown.includes([...secret.subarray(0, 6)].join(",")));
    assert.ok(!shown.includes([...secret.subarray(0, 6)].join(", ")));
  }
});
