import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pull, Push, Router } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause } from "../peers/raw-peer.ts";
import { checkProcess, Ground, SHAPES, type Shape } from "./hostile-ground.ts";

// Hostile handshakes and metadata, behind an honest greeting.

after(checkProcess);

const INVALID = "ERR_ZMTP_INVALID_METADATA";
const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const TYPE = zmtp.property("Socket-Type", "PUSH");

/** Sends the greeting and then `octets` in every shape, and expects the end of the connection each time. */
async function expectRefusal(
  ground: Ground<Pull>,
  octets: Uint8Array,
  code: string,
  shapes = SHAPES,
): Promise<void> {
  for (const shape of shapes) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting());
    await ground.deliver(peer, octets, shape);
    await ground.expectEnd(peer, shape === "reset" ? undefined : code);
  }
}

async function expectAccepted(ground: Ground<Pull>, octets: Uint8Array, name: string): Promise<void> {
  const peer = await ground.hostile();
  peer.send(zmtp.greeting());
  await ground.deliver(peer, octets, "split");
  await peer.heard(() => peer.texts.length > 0, "READY");
  peer.send(zmtp.message(name));
  await ground.eventually(
    () => ground.strange.includes(name),
    `${name} is accepted (${ground.codes.join(", ")})`,
  );
}

test("D01, D02: a message before READY, or READY as a message, ends the connection", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const ready = zmtp.commandBody("READY", TYPE);
  await expectRefusal(ground, zmtp.fromHex("00 01 41"), UNEXPECTED);
  await expectRefusal(ground, zmtp.frame(0, ready), UNEXPECTED);
  await expectRefusal(ground, zmtp.frame(zmtp.COMMAND | zmtp.MORE, ready), UNEXPECTED);
  await expectRefusal(ground, zmtp.command("HELLO"), UNEXPECTED);
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
});

test("D03: two READYs end the connection, however they come", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (let round = 0; round < 5; round++) {
    await expectRefusal(ground, Buffer.concat([zmtp.ready("PUSH"), zmtp.ready("PUSH")]), UNEXPECTED);
  }
  await ground.checkGood();
});

test("D04: a socket type that is illegal, unknown or there twice ends the connection, with an ERROR for the first two", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const type of ["BOGUS", "PUB", "PULL", "", "push", "PUSH\0"]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(), zmtp.ready(type));
    await ground.expectEnd(peer, INVALID);
    assert.ok(
      peer.texts.some((text) => text.startsWith("ERROR")),
      `no ERROR for ${type}`,
    );
  }
  await expectRefusal(ground, zmtp.ready("PUSH", TYPE), INVALID);
  await expectRefusal(ground, zmtp.ready("PUSH", zmtp.property("SOCKET-TYPE", "PUSH")), INVALID);
  await expectAccepted(ground, zmtp.command("READY"), "no type at all");
  await expectAccepted(ground, zmtp.command("READY", zmtp.property("socket-type", "PUSH")), "lower case");
  await expectRefusal(ground, zmtp.command("READY", zmtp.property("socket-type", "PUB")), INVALID);
  await ground.checkGood();
});

test("D05, D06, D07: empty names, sizes beyond the end, and READY cut anywhere", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const shapes: Shape[] = ["whole"];
  await expectRefusal(ground, zmtp.ready("PUSH", zmtp.property("", "value")), INVALID);
  for (const size of ["ffffffff", "7fffffff", "80000000"]) {
    for (const rest of ["", "00", "00000000"]) {
      const property = Buffer.concat([Buffer.from("\x01a"), zmtp.fromHex(size + rest)]);
      await expectRefusal(ground, zmtp.ready("PUSH", property), INVALID, shapes);
    }
  }
  const metadata = Buffer.concat([TYPE, zmtp.property("Identity", "me")]);
  for (let end = 1; end < metadata.length; end++) {
    if (end === TYPE.length) continue;
    await expectRefusal(ground, zmtp.command("READY", metadata.subarray(0, end)), INVALID, shapes);
  }
  await expectRefusal(
    ground,
    zmtp.command("READY", Buffer.concat([metadata, Buffer.of(1)])),
    INVALID,
    shapes,
  );
  await ground.checkGood();
});

test("D08: names of Object.prototype and names that are no UTF-8 are names like any other", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "\xff\xfe", "\xfe\xff"];
  const properties = names.map((name) => zmtp.property(name, `value of ${name}`));
  await expectAccepted(ground, zmtp.ready("PUSH", ...properties), "odd names");
  assert.deepEqual(Object.keys(Object.prototype), []);
  assert.equal(({} as Record<string, unknown>).value, undefined);
  await ground.checkGood();
});

test("D09: metadata up to the limit are taken, beyond it not, in linear time", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const padded = (size: number) => zmtp.ready("PUSH", zmtp.property("X-fill", Buffer.alloc(size)));
  await expectAccepted(ground, padded(60_000), "60,000 octets");
  const repeated = Buffer.concat(new Array(10_000).fill(zmtp.property("a", "")));
  await expectAccepted(ground, zmtp.ready("PUSH", repeated), "10,000 of one name");
  const distinct = Array.from({ length: 6_000 }, (_, i) => zmtp.property(`p${i}`, ""));
  await expectAccepted(ground, zmtp.ready("PUSH", ...distinct), "6,000 names");
  for (const size of [66_000, 1024 * 1024]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(), padded(size));
    await ground.expectEnd(peer, undefined);
  }
  await ground.checkGood();
});

test("D10: ERROR in the handshake is told as what it is, or as malformed", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  await expectRefusal(ground, zmtp.error("400"), "AUTH_400");
  await expectRefusal(ground, zmtp.error("300"), "AUTH_300");
  await expectRefusal(ground, zmtp.error("abc"), "ERR_ZMTP_UNSPECIFIED");
  for (const data of ["\xc84", "", "\x03400x"]) {
    await expectRefusal(ground, zmtp.command("ERROR", data), "ERR_ZMTP_MALFORMED_COMMAND_ERROR");
  }
  assert.equal(ground.eventsOf("handshake:error:auth").length >= 6, true);
  await ground.checkGood();
});

test("D10: a server that refuses us is not asked again fast", async (t) => {
  const ground = await Ground.connect(t, new Push({ reconnectInterval: 20, linger: 0 }));
  const listener = await ground.listener();
  const serve = async () => {
    for (;;) (await listener.accept()).send(zmtp.greeting(), zmtp.error("400"));
  };
  serve().catch(() => undefined);
  ground.victim.connect(listener.endpoint);
  await ground.eventually(() => ground.codes.includes("AUTH_400"), "the refusal");
  await pause(700);
  // At 20 ms each it would have been more than twenty.
  assert.ok(listener.peers.length <= 6, `${listener.peers.length} attempts in 700 ms`);
  await ground.checkGood();
});

test("what a refused peer sent behind its handshake is not delivered, and nothing is sent to it", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true }));
  for (const bad of [zmtp.ready("PUB", zmtp.identity("bad")), zmtp.error("400")]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(), bad, zmtp.message("", "behind"));
    await ground.expectEnd(peer, undefined);
  }
  await assert.rejects(ground.victim.send(["bad", "reply"]), { code: "EHOSTUNREACH" });
  assert.deepEqual(ground.strange, []);
  await ground.checkGood();
});
