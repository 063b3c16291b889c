import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../src/index.ts";
import { loadBoxes } from "../../../src/crypto/load-boxes.ts";
import type { Answer, Ask } from "../../../src/security/authenticator.ts";
import { ADMITTED } from "../../../src/security/authenticator.ts";
import { CurveClient } from "../../../src/security/curve-client.ts";
import { CurveServer } from "../../../src/security/curve-server.ts";
import type { Mechanism } from "../../../src/security/mechanism.ts";
import { localProperties, refusal } from "../../../src/security/mechanism.ts";
import { NullMechanism } from "../../../src/security/null.ts";
import { PlainClient } from "../../../src/security/plain-client.ts";
import { PlainServer } from "../../../src/security/plain-server.ts";
import { newKeys } from "../../peers/curve-octets.ts";
import * as zmtp from "../../peers/octets.ts";

test("every socket tells its type, and its identity where that is announced, even an empty one", () => {
  const told = (announcesIdentity: boolean, id: string) =>
    localProperties({ socketTypeName: "DEALER", routingId: Buffer.from(id), announcesIdentity }).map(
      ([name, value]) => `${name}=${Buffer.from(value)}`,
    );
  assert.deepEqual(told(true, "me"), ["Socket-Type=DEALER", "Identity=me"]);
  assert.deepEqual(told(true, ""), ["Socket-Type=DEALER", "Identity="]);
  assert.deepEqual(told(false, "me"), ["Socket-Type=DEALER"]);
});

test("a status is an authentication error, a text a protocol error that quotes it safely", () => {
  for (const status of [300, 400, 500]) {
    const error = refusal(zmtp.commandBody("ERROR", `\x03${status}`));
    assert.equal(error.name, "AuthError");
    assert.equal((error as { status?: number }).status, status);
  }
  const error = refusal(zmtp.commandBody("ERROR", "\x05a\n\x1b[m"));
  assert.equal(error.name, "ProtocolError");
  assert.match(error.message, /"a\?\?\[m"/);
  assert.throws(() => refusal(zmtp.commandBody("ERROR", "\x05a")), {
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
  });
});

const IDENTITY = { socketTypeName: "PAIR", routingId: Buffer.alloc(0), announcesIdentity: false } as const;

/** What one side says goes to the other as long as there is something; what both await is noted after each command. */
async function converse(
  client: Mechanism,
  server: Mechanism,
  isOver: () => boolean,
): Promise<(string | null)[][]> {
  const awaited = [[client.awaited, server.awaited]];
  for (let turn = 0; turn < 1000 && !isOver(); turn++) {
    // Servers of CURVE take turns.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const said = from.nextCommand();
      if (said === null) continue;
      to.receive(Uint8Array.from(said));
      awaited.push([client.awaited, server.awaited]);
    }
  }
  return awaited;
}

test("each mechanism tells which word of its peer comes next, or that an authenticator is asked", async () => {
  await loadBoxes();
  const keys = newKeys();
  const clientKeys = { secretKey: newKeys().secretKey, serverKey: keys.publicKey };
  const credentials = { username: Buffer.from("joe"), password: Buffer.from("x") };
  for (const [client, server] of [
    [new PlainClient(IDENTITY, credentials), (ask: Ask) => new PlainServer(IDENTITY, ask)],
    [new CurveClient(IDENTITY, clientKeys), (ask: Ask) => new CurveServer(IDENTITY, keys.secretKey, ask)],
  ] as const) {
    let answer: Answer | null = null;
    const asking = server((_request, give) => {
      answer = give;
    });
    const before = await converse(client, asking, () => answer !== null);
    assert.deepEqual(before[0], ["WELCOME", "HELLO"]);
    assert.deepEqual(before.at(-1), [client.name === "PLAIN" ? "WELCOME" : "READY", null]);
    (answer as unknown as Answer)(ADMITTED);
    const after = await converse(client, asking, () => client.isComplete && asking.isComplete);
    if (client.name === "PLAIN") assert.deepEqual(after[1], ["READY", "INITIATE"]);
  }
  const free = new NullMechanism(IDENTITY);
  const asking = new NullMechanism(IDENTITY, () => undefined);
  asking.nextCommand();
  assert.deepEqual([free.awaited, asking.awaited], ["READY", null]);
});

test("two clients of CURVE tell each other apart from what is no handshake at all", async () => {
  await loadBoxes();
  const [one, other] = [newKeys(), newKeys()].map(
    (keys) => new CurveClient(IDENTITY, { secretKey: keys.secretKey, serverKey: newKeys().publicKey }),
  ) as [CurveClient, CurveClient];
  other.nextCommand();
  assert.throws(() => other.receive(one.nextCommand() as Uint8Array), {
    code: "ERR_ZMTP_UNEXPECTED_COMMAND",
    message: /^The peer is a client of CURVE like this socket/,
  });
});
