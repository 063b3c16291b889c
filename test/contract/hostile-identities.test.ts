import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pull, Router } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, type RawPeer } from "../peers/raw-peer.ts";
import { checkProcess, Ground } from "./hostile-ground.ts";

// Hostile identities: announced to a ROUTER, and to sockets that have no use for them.

after(checkProcess);

const INVALID = "ERR_ZMTP_INVALID_METADATA";

async function dealer(ground: Ground<Router>, id: zmtp.Octets | undefined): Promise<RawPeer> {
  const peer = await ground.hostile();
  await peer.handshake("DEALER", ...(id === undefined ? [] : [zmtp.identity(id)]));
  return peer;
}

/** Sends through the peer and waits until the application has it: the routing id that it came under. */
async function routingIdOf(ground: Ground<Router>, peer: RawPeer, text: string): Promise<string> {
  peer.send(zmtp.message(text));
  await ground.eventually(() => ground.strange.some((got) => got.endsWith(`|${text}`)), text);
  return ground.strange.find((got) => got.endsWith(`|${text}`))!.slice(0, -text.length - 1);
}

test("H01: without handover a second peer of one identity is closed, and the first does not notice", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true }));
  const first = await dealer(ground, "same");
  assert.equal(await routingIdOf(ground, first, "one"), "same");
  for (let round = 0; round < 5; round++) {
    const second = await ground.hostile();
    second.send(zmtp.greeting(), zmtp.ready("DEALER", zmtp.identity("same")), zmtp.message("intruder"));
    await ground.expectEnd(second, undefined);
  }
  await ground.eventually(() => ground.eventsOf("accept:error").length === 5, "an event for each");
  await ground.victim.send(["same", "reply"]);
  await first.heard(() => first.texts.includes("reply"));
  assert.equal(await routingIdOf(ground, first, "two"), "same");
  assert.ok(!ground.strange.some((text) => text.includes("intruder")));
  await ground.checkGood();
});

test("H02: with handover the newcomer takes the identity, and half a message of the old peer is gone", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true, handover: true }));
  const first = await dealer(ground, "same");
  await routingIdOf(ground, first, "one");
  first.send(zmtp.message("half", "of it").subarray(0, 8));
  await pause(10);
  const second = await dealer(ground, "same");
  await ground.expectEnd(first, undefined);
  await ground.victim.send(["same", "reply"]);
  await second.heard(() => second.texts.includes("reply"));
  assert.ok(!first.texts.includes("reply"));
  let latest = second;
  for (let round = 0; round < 100; round++) {
    const next = await dealer(ground, "same");
    await ground.expectEnd(latest, undefined);
    latest = next;
  }
  assert.equal(await routingIdOf(ground, latest, "still here"), "same");
  assert.ok(!ground.strange.some((text) => text.includes("half")));
  await ground.checkGood();
});

test("H03: an identity that starts with a zero octet is refused: generated ones begin so", async (t) => {
  const ground = await Ground.bind(t, new Router());
  const generated = await routingIdOf(ground, await dealer(ground, ""), "generated");
  assert.equal(generated[0], "\0");
  for (const id of ["\0", "\0\x01\x02\x03\x04", generated]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(), zmtp.ready("DEALER", zmtp.identity(id)), zmtp.message("intruder"));
    await ground.expectEnd(peer, INVALID);
  }
  assert.ok(!ground.strange.some((text) => text.includes("intruder")));
  await ground.checkGood();
});

test("H04: 255 octets are an identity, 256 are none, 0 or nothing lets the ROUTER make one", async (t) => {
  const ground = await Ground.bind(t, new Router());
  assert.equal(await routingIdOf(ground, await dealer(ground, "i".repeat(255)), "long"), "i".repeat(255));
  for (const size of [256, 50_000]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(), zmtp.ready("DEALER", zmtp.identity("i".repeat(size))));
    await ground.expectEnd(peer, INVALID);
  }
  const made = await Promise.all(
    ["", undefined, ""].map(async (id, index) =>
      routingIdOf(ground, await dealer(ground, id), `made ${index}`),
    ),
  );
  assert.equal(new Set(made).size, 3);
  await ground.checkGood();
});

test("H05: identities that are equal only as UTF-8 are three peers", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true }));
  const ids = ["\xff\x01", "\xfe\x01", "\xef\xbf\xbd\x01"];
  const peers = await Promise.all(ids.map((id) => dealer(ground, id)));
  for (const [index, id] of ids.entries()) {
    assert.equal(await routingIdOf(ground, peers[index] as RawPeer, `from ${index}`), id);
    await ground.victim.send([Buffer.from(id, "latin1"), `to ${index}`]);
  }
  for (const [index, peer] of peers.entries()) {
    await peer.heard(() => peer.texts.includes(`to ${index}`));
    assert.equal(peer.texts.filter((text) => text.startsWith("to ")).length, 1);
  }
  await ground.checkGood();
});

test("H06: two identities end the connection; __proto__ is one like any other; a PULL ignores them all", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true }));
  const twice = await ground.hostile();
  twice.send(zmtp.greeting(), zmtp.ready("DEALER", zmtp.identity("a"), zmtp.property("identity", "b")));
  await ground.expectEnd(twice, INVALID);
  for (const id of ["__proto__", "constructor", "toString"]) {
    const peer = await dealer(ground, id);
    assert.equal(await routingIdOf(ground, peer, `I am ${id}`), id);
    await ground.victim.send([id, "reply"]);
    await peer.heard(() => peer.texts.includes("reply"));
  }
  await assert.rejects(ground.victim.send(["hasOwnProperty", "reply"]), { code: "EHOSTUNREACH" });
  await ground.checkGood();

  const pull = await Ground.bind(t, new Pull());
  for (const id of ["\0", "i".repeat(300), "same", "same"]) {
    const peer = await pull.hostile();
    await peer.handshake("PUSH", zmtp.identity(id));
    const before = pull.strange.length;
    peer.send(zmtp.message("ignored"));
    await pull.eventually(() => pull.strange.length > before, "the message");
  }
  await pull.checkGood();
});

test("H07: peers that come and go leave no identity behind", async (t) => {
  const ground = await Ground.bind(t, new Router({ mandatory: true }));
  for (let round = 0; round < 100; round++) {
    const peer = await dealer(ground, `id ${round}`);
    peer.destroy();
  }
  await ground.eventually(() => ground.victim.peers.length === 1, "only the good client is left");
  await assert.rejects(ground.victim.send(["id 99", "reply"]), { code: "EHOSTUNREACH" });
  await ground.checkGood();
});
