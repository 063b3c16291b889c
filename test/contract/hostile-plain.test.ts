import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { after, test } from "node:test";
import { Authenticator, Pull, Push, Router } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { ownContext } from "../peers/own-context.ts";
import { pause } from "../peers/raw-peer.ts";
import { checkProcess, Ground, SHAPES } from "./hostile-ground.ts";

// Hostile handshakes of PLAIN, behind an honest greeting, on both sides.

after(checkProcess);

const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND_HELLO";
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const GREETING = zmtp.greeting({ mechanism: "PLAIN" });
const TYPE = zmtp.property("Socket-Type", "PUSH");
const HELLO = hello("good", "secret");
const INITIATE = zmtp.command("INITIATE", TYPE);

function hello(username: string, password: string): Buffer {
  const sizes = [username, password].map((text) => String.fromCharCode(text.length));
  return zmtp.command("HELLO", `${sizes[0]}${username}${sizes[1]}${password}`);
}

/** Both forms in which a server of PLAIN may say ERROR. */
function errors(status: string): Buffer[] {
  return [
    zmtp.error(status),
    zmtp.frame(zmtp.COMMAND, `\x5eRROR${String.fromCharCode(status.length)}${status}`),
  ];
}

/** A server of PLAIN whose good client has the password, and who was asked about. */
async function bindServer(t: TestContext): Promise<{ ground: Ground<Pull>; asked: string[] }> {
  const context = ownContext();
  const asked: string[] = [];
  const authenticator = new Authenticator({
    context,
    plain: ({ username, password }) => {
      asked.push(`${username}:${password}`);
      return password === "secret";
    },
  });
  t.after(() => authenticator.close());
  const good = new Push({ context, plainUsername: "good", plainPassword: "secret", linger: 0 });
  return { ground: await Ground.bind(t, new Pull({ context, plainServer: true }), good), asked };
}

/** A client of PLAIN whose good server lets it in; a hostile server is to come. */
async function connectClient(t: TestContext): Promise<Ground<Push>> {
  const context = ownContext();
  const authenticator = new Authenticator({ context, plain: () => true });
  t.after(() => authenticator.close());
  const victim = new Push({
    context,
    plainUsername: "joe",
    plainPassword: "secret",
    linger: 0,
    reconnectInterval: 20,
  });
  return Ground.connect(t, victim, new Pull({ context, plainServer: true }));
}

test("F01: a HELLO that is not two credentials is malformed, however it comes", async (t) => {
  const { ground, asked } = await bindServer(t);
  const known = asked.length;
  for (const data of [
    "\xffAA",
    "",
    "\x01A",
    "\x00",
    "\x03joe\x06secre",
    "\x03joe\x06secret\x00",
    "\x00\x00\x00",
  ]) {
    for (const shape of SHAPES) {
      const peer = await ground.hostile();
      peer.send(GREETING);
      await ground.deliver(peer, zmtp.command("HELLO", data), shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : MALFORMED);
    }
  }
  assert.equal(asked.length, known);
  await ground.checkGood();
});

test("F01: credentials of 0 and of 255 octets are asked about", async (t) => {
  const { ground, asked } = await bindServer(t);
  for (const [username, password] of [
    ["", ""],
    ["u".repeat(255), "p".repeat(255)],
  ] as const) {
    const peer = await ground.hostile();
    peer.send(GREETING, hello(username, password));
    await ground.expectEnd(peer, "AUTH_400");
    assert.ok(asked.includes(`${username}:${password}`));
  }
  await ground.checkGood();
});

test("an honest handshake may be split at every offset, or come octet by octet", async (t) => {
  const { ground } = await bindServer(t);
  const first = Buffer.concat([GREETING, HELLO]);
  for (let at = 1; at <= first.length; at++) {
    const peer = await ground.hostile();
    peer.send(first.subarray(0, at));
    await pause(1);
    peer.send(first.subarray(at));
    await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
    const cut = at % INITIATE.length;
    peer.send(INITIATE.subarray(0, cut));
    await pause(1);
    peer.send(INITIATE.subarray(cut));
    await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
    peer.destroy();
  }
  const slow = await ground.hostile();
  await slow.sendSlowly(first);
  await slow.heard(() => slow.texts.includes("WELCOME"), "WELCOME");
  await slow.sendSlowly(INITIATE);
  await slow.heard(() => slow.texts.some((text) => text.startsWith("READY")), "READY");
  slow.send(zmtp.message("honest"));
  await ground.eventually(() => ground.strange.includes("honest"), "the message");
  await ground.checkGood();
});

test("F02: what comes out of turn is unexpected", async (t) => {
  const { ground, asked } = await bindServer(t);
  const known = asked.length;
  const first = [
    INITIATE,
    zmtp.command("READY", TYPE),
    zmtp.command("WELCOME"),
    zmtp.command("MESSAGE", "x"),
    zmtp.message("early"),
    zmtp.frame(0, zmtp.commandBody("HELLO", "\x00\x00")),
    zmtp.command("hello", "\x00\x00"),
  ];
  for (const octets of first) {
    for (const shape of SHAPES) {
      const peer = await ground.hostile();
      peer.send(GREETING);
      await ground.deliver(peer, octets, shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : UNEXPECTED);
    }
  }
  assert.equal(asked.length, known);
  for (const second of [HELLO, zmtp.command("READY", TYPE), zmtp.message("early")]) {
    const peer = await ground.hostile();
    peer.send(GREETING, HELLO);
    await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
    peer.send(second);
    await ground.expectEnd(peer, UNEXPECTED);
  }
  assert.deepEqual(ground.strange, []);
  await ground.checkGood();
});

test("F02: INITIATE or HELLO again is no message and changes nothing", async (t) => {
  const { ground } = await bindServer(t);
  for (const again of [INITIATE, HELLO]) {
    const peer = await ground.hostile();
    peer.send(GREETING, HELLO);
    await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
    peer.send(INITIATE, again);
    await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
    await ground.checkGood();
    peer.destroy();
  }
  assert.deepEqual(ground.strange, []);
});

test("D04 to D07 in INITIATE: wrong types, empty names and properties that are cut", async (t) => {
  const { ground } = await bindServer(t);
  const metadata = Buffer.concat([TYPE, zmtp.property("Identity", "me")]);
  const wrong = [
    zmtp.property("Socket-Type", "PUB"),
    zmtp.property("Socket-Type", "BOGUS"),
    Buffer.concat([TYPE, TYPE]),
    Buffer.concat([TYPE, zmtp.property("", "x")]),
    Buffer.concat([metadata, Buffer.of(1)]),
  ];
  for (let end = 1; end < metadata.length; end++)
    if (end !== TYPE.length) wrong.push(metadata.subarray(0, end));
  for (const properties of wrong) {
    const peer = await ground.hostile();
    peer.send(GREETING, HELLO);
    await peer.heard(() => peer.texts.includes("WELCOME"), "WELCOME");
    peer.send(zmtp.command("INITIATE", properties));
    await ground.expectEnd(peer, "ERR_ZMTP_INVALID_METADATA");
  }
  await ground.checkGood();
});

test("F08: after a refusal there is no way on, and nothing behind it is delivered", async (t) => {
  const { ground } = await bindServer(t);
  const peer = await ground.hostile();
  peer.send(GREETING, hello("joe", "wrong"));
  await peer.heard(() => peer.texts.length > 0, "ERROR");
  peer.send(INITIATE, zmtp.message("sneaky"));
  await ground.expectEnd(peer, "AUTH_400");
  assert.deepEqual(peer.texts, ["RROR\x03400", "ERROR\x03400"]);
  assert.deepEqual(ground.strange, []);
  await ground.checkGood();
});

test("A06, A10: another mechanism, and versions before 3.0, come nowhere near", async (t) => {
  const { ground, asked } = await bindServer(t);
  const known = asked.length;
  for (const mechanism of ["NULL", "CURVE", "plain", "PLAIN\0X"]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting({ mechanism }), zmtp.ready("PUSH"), zmtp.message("sneaky"));
    await ground.expectEnd(peer, "ERR_ZMTP_MECHANISM_MISMATCH");
  }
  for (const octets of ["01 00 02 00 41", "ff 00 00 00 00 00 00 00 00 7f 01 08 00 00 00 01 41"]) {
    const peer = await ground.hostile();
    peer.send(zmtp.fromHex(octets));
    await ground.expectEnd(peer, undefined);
  }
  assert.equal(asked.length, known);
  assert.deepEqual(ground.strange, []);
  await ground.checkGood();
});

test("A13, A14: two servers wait for each other, two clients do not", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({ context, plain: () => true });
  t.after(() => authenticator.close());
  const good = new Push({ context, plainUsername: "a", linger: 0 });
  const server = new Pull({ context, plainServer: true, handshakeInterval: 200 });
  const ground = await Ground.bind(t, server, good);
  const other = new Push({ context, plainServer: true, handshakeInterval: 0, linger: 0 });
  t.after(() => other.close());
  other.connect(server.lastEndpoint as string);
  await ground.eventually(() => ground.codes.includes("ETIMEDOUT"), "the end of the patience");
  const client = await connectClient(t);
  const listener = await client.listener();
  client.victim.connect(listener.endpoint);
  const peer = await listener.accept();
  peer.send(GREETING, HELLO);
  await client.expectEnd(peer, UNEXPECTED);
  await client.checkGood();
});

test("F02, F03: a server that says something out of turn, or wrong, is left", async (t) => {
  const ground = await connectClient(t);
  const cases: [Buffer, string][] = [
    [zmtp.command("WELCOME", "x"), "ERR_ZMTP_MALFORMED_COMMAND_WELCOME"],
    [zmtp.command("READY", TYPE), UNEXPECTED],
    [zmtp.message("early"), UNEXPECTED],
    [Buffer.concat([zmtp.command("WELCOME"), zmtp.command("WELCOME")]), UNEXPECTED],
    [Buffer.concat([zmtp.command("WELCOME"), zmtp.message("early")]), UNEXPECTED],
    [Buffer.concat([zmtp.command("WELCOME"), zmtp.command("READY", "\x05")]), "ERR_ZMTP_INVALID_METADATA"],
    [zmtp.error("nonsense"), "ERR_ZMTP_UNSPECIFIED"],
    [zmtp.command("ERROR", "\x05400"), "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
    ...errors("300").map((one): [Buffer, string] => [one, "AUTH_300"]),
    ...errors("400").map((one): [Buffer, string] => [one, "AUTH_400"]),
    ...errors("500").map((one): [Buffer, string] => [one, "AUTH_500"]),
    [Buffer.concat([zmtp.command("WELCOME"), ...errors("400")]), "AUTH_400"],
  ];
  for (const [octets, code] of cases) {
    for (const shape of SHAPES) {
      ground.events.length = 0;
      const listener = await ground.listener();
      ground.victim.connect(listener.endpoint);
      const peer = await listener.accept();
      peer.send(GREETING);
      await ground.deliver(peer, octets, shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : code);
      ground.victim.disconnect(listener.endpoint);
      await listener.close();
    }
  }
  await ground.checkGood();
});

test("F03, F08: after 400 and 500 a client comes back ever more seldom, after 300 as after any loss", async (t) => {
  const counts: Record<string, number> = {};
  for (const status of ["300", "400", "500"]) {
    const ground = await connectClient(t);
    const listener = await ground.listener();
    const serve = async () => {
      for (;;) (await listener.accept()).send(GREETING, ...errors(status));
    };
    let failure: unknown;
    serve().catch((error: unknown) => {
      failure = error;
    });
    ground.victim.connect(listener.endpoint);
    await ground.eventually(() => ground.codes.includes(`AUTH_${status}`), "the refusal");
    await pause(700);
    counts[status] = listener.peers.length;
    await ground.eventually(
      () => ground.codes.filter((code) => code === `AUTH_${status}`).length >= 3,
      "it comes back",
    );
    assert.equal(failure, undefined);
    await ground.checkGood();
  }
  // At 20 ms to 40 ms each there would be more than 17.
  assert.ok((counts[400] as number) <= 6 && (counts[500] as number) <= 6, JSON.stringify(counts));
  assert.ok((counts[300] as number) >= 10, JSON.stringify(counts));
});

test("a client says nothing of its password before the server has spoken PLAIN", async (t) => {
  const ground = await connectClient(t);
  const listener = await ground.listener();
  ground.victim.connect(listener.endpoint);
  const peer = await listener.accept();
  peer.send(zmtp.greeting({ mechanism: "NULL" }), zmtp.ready("PULL"));
  await ground.expectEnd(peer, "ERR_ZMTP_MECHANISM_MISMATCH");
  assert.ok(!peer.received.includes("secret"));
  assert.equal(peer.received.length, 64);
  await ground.checkGood();
});

test("a ROUTER keeps no name of a client that was refused", async (t) => {
  const context = ownContext();
  const authenticator = new Authenticator({ context, plain: new Map([["good", "secret"]]) });
  t.after(() => authenticator.close());
  const router = new Router({ context, plainServer: true, mandatory: true });
  t.after(() => router.close());
  await router.bind("tcp://127.0.0.1:*");
  const ground = new Ground(t, router);
  const peer = await ground.hostile();
  peer.send(GREETING, hello("joe", "wrong"), zmtp.command("INITIATE", zmtp.identity("joe")));
  await ground.expectEnd(peer, undefined);
  await assert.rejects(router.send(["joe", "x"]), { code: "EHOSTUNREACH" });
});
