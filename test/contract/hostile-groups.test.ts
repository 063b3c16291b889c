import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Dish, Radio } from "../../src/draft.ts";
import { Pull, type Socket } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { RawPeer } from "../peers/raw-peer.ts";
import { assertLaw, closing, join, lostOf, until, watch } from "../peers/sockets.ts";
import { heldMemory } from "./hostile-ground.ts";

// Hostile peers of RADIO and DISH, beside a good one that is not to notice.

const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED";
const WAIT = { timeoutMs: 5000 };

async function goodPair(t: TestContext, options = {}): Promise<{ radio: Radio; dish: Dish }> {
  const radio = closing(t, new Radio({ linger: 0, ...options }));
  const dish = closing(t, new Dish({ receiveTimeout: 5000 }));
  dish.join("good");
  await join(radio, dish);
  await radio.waitForSubscribers(1, "good", WAIT);
  return { radio, dish };
}

async function checkGood({ radio, dish }: { radio: Radio; dish: Dish }): Promise<void> {
  const text = `good ${Math.random()}`;
  await radio.send(text, { group: "good" });
  assert.equal(String((await dish.receive())[0]), text);
  for (const socket of [radio, dish]) {
    assertLaw(socket.stats());
    assert.ok(Array.isArray(socket.explain()));
  }
}

async function hostile(t: TestContext, victim: Socket, type: string): Promise<RawPeer> {
  const peer = await RawPeer.connect(victim.lastEndpoint);
  t.after(() => peer.destroy());
  await peer.handshake(type);
  return peer;
}

for (const [what, octets] of [
  ["a JOIN of 256 octets", zmtp.command("JOIN", "g".repeat(256))],
  ["a LEAVE of 256 octets", zmtp.command("LEAVE", "g".repeat(256))],
  ["a JOIN of 60,000 octets", zmtp.command("JOIN", "g".repeat(60_000))],
  ["a JOIN with a zero octet", zmtp.command("JOIN", "a\0")],
  ["a LEAVE of a zero octet", zmtp.command("LEAVE", "\0")],
  ["a JOIN with MORE set", zmtp.frame(zmtp.COMMAND | zmtp.MORE, zmtp.commandBody("JOIN", "a"))],
] as const) {
  test(`${what} ends the connection and nothing else`, async (t) => {
    const good = await goodPair(t);
    const events = watch(good.radio);
    for (const isSlow of [false, true]) {
      const peer = await hostile(t, good.radio, "DISH");
      if (isSlow && octets.length < 400) await peer.sendSlowly(octets);
      else peer.send(octets);
      await until("the end", () => peer.isClosed);
    }
    const errors = events.filter((event) => event.type === "handshake:error:protocol");
    assert.deepEqual(
      errors.map((event) => (event as { error: { code?: string } }).error.code),
      [MALFORMED, MALFORMED],
    );
    await checkGood(good);
  });
}

test("empty groups, repeated JOINs and LEAVEs of what was not joined are no error", async (t) => {
  const good = await goodPair(t);
  const peer = await hostile(t, good.radio, "DISH");
  for (const [name, group] of [
    ["JOIN", ""],
    ["JOIN", ""],
    ["LEAVE", "never"],
    ["JOIN", "a"],
    ["JOIN", "a"],
    ["LEAVE", "a"],
    ["LEAVE", "a"],
    ["SUBSCRIBE", "a"],
    ["CANCEL", ""],
    ["JOIN", "b"],
  ] as const)
    peer.send(zmtp.command(name, group));
  await good.radio.waitForSubscribers(1, "b", WAIT);
  for (const group of ["", "a", "b"]) await good.radio.send(`to ${group}`, { group });
  await peer.heard(() => peer.texts.some((text) => text.includes("to b")), "b");
  assert.ok(!peer.texts.some((text) => text.includes("to a")));
  assert.equal(peer.isClosed, false);
  await checkGood(good);
});

test("JOIN and LEAVE to a socket of another type mean nothing", async (t) => {
  const pull = closing(t, new Pull({ receiveTimeout: 5000 }));
  await pull.bind("tcp://127.0.0.1:*");
  const dish = closing(t, new Dish());
  await dish.bind("tcp://127.0.0.1:*");
  const peers = [await hostile(t, pull, "PUSH"), await hostile(t, dish, "RADIO")];
  for (const peer of peers)
    for (const name of ["JOIN", "LEAVE"])
      peer.send(zmtp.command(name, "g".repeat(300)), zmtp.command(name, ""));
  peers[0]?.send(zmtp.message("after"));
  assert.equal(String((await pull.receive())[0]), "after");
  assert.ok(peers.every((peer) => !peer.isClosed));
  assert.equal(dish.stats().received.accepted, 0);
});

test("messages that dishes send are dropped and counted, and join no group", async (t) => {
  const good = await goodPair(t);
  const peer = await hostile(t, good.radio, "DISH");
  const messages = [zmtp.message("\x01a"), zmtp.message("\0good"), zmtp.message(""), zmtp.message("a", "b")];
  for (let i = 0; i < 1000; i++) peer.send(...messages);
  await until("all", () => lostOf(good.radio.stats().received, "protocol") === 4000);
  await good.radio.send("nobody", { group: "a" });
  assert.equal(lostOf(good.radio.stats().sent, "no-subscriber"), 1);
  await checkGood(good);
});

test("what is no group and one frame is dropped by a DISH and counted, and what is comes through", async (t) => {
  const dish = closing(t, new Dish({ receiveTimeout: 5000 }));
  await dish.bind("tcp://127.0.0.1:*");
  dish.join("a", "g".repeat(255));
  const peer = await hostile(t, dish, "RADIO");
  await peer.heard(() => peer.texts.length >= 2, "JOIN");
  peer.send(
    zmtp.message("a"),
    zmtp.message("\x01a"),
    zmtp.message("a", "b", "c"),
    zmtp.message("g".repeat(256), "too long"),
    zmtp.message("g".repeat(70_000), "far too long"),
    zmtp.message("", "not joined"),
    zmtp.message("a", "good"),
  );
  const [body, { group }] = await dish.receive();
  assert.deepEqual([String(body), String(group)], ["good", "a"]);
  const { received } = dish.stats();
  assert.deepEqual([lostOf(received, "protocol"), lostOf(received, "no-subscriber")], [3, 3]);
  assert.equal(peer.isClosed, false);
  assertLaw(dish.stats());
});

test("a flood of JOINs is bounded by maxSubscriptionsPerPeer, and does not stop others", async (t) => {
  const good = await goodPair(t, { maxSubscriptionsPerPeer: 1000 });
  const before = heldMemory();
  for (let round = 0; round < 3; round++) {
    const peer = await hostile(t, good.radio, "DISH");
    const joins = Buffer.concat(Array.from({ length: 5000 }, (_, i) => zmtp.command("JOIN", `group ${i}`)));
    peer.send(joins);
    await until("the end", () => peer.isClosed);
    await checkGood(good);
  }
  await until("forgotten", () => good.radio.peers.length === 1);
  assert.ok(heldMemory() - before < 4 * 1024 * 1024);
});

test("a PUB is no peer of a DISH, nor a SUB of a RADIO", async (t) => {
  const good = await goodPair(t);
  const peer = await RawPeer.connect(good.radio.lastEndpoint);
  t.after(() => peer.destroy());
  peer.send(zmtp.greeting(), zmtp.ready("SUB"));
  await until("refused", () => peer.isClosed);
  assert.equal(good.radio.peers.length, 1);
  await checkGood(good);
});
