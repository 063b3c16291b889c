import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Pull, Push } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause } from "../peers/raw-peer.ts";
import { checkProcess, Ground, heldMemory, SHAPES } from "./hostile-ground.ts";

// Hostile frames after an honest handshake.

after(checkProcess);

const TOO_LONG = "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE";
const MIB = 1024 * 1024;

async function armed(ground: Ground<Pull>) {
  const peer = await ground.hostile();
  await peer.handshake("PUSH");
  return peer;
}

test("B01: a size over the limit, or that no array can have, ends the connection before any memory is taken", async (t) => {
  const open = await Ground.bind(t, new Pull());
  const strict = await Ground.bind(t, new Pull({ maxMessageSize: 100 }));
  const before = heldMemory();
  const impossible = [
    2n ** 32n,
    2n ** 32n + 1n,
    2n ** 40n,
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 63n - 1n,
    2n ** 63n,
    2n ** 64n - 8n,
    2n ** 64n - 1n,
  ];
  for (const size of impossible) {
    const peer = await armed(open);
    peer.send(zmtp.longHeader(zmtp.LONG, size), Buffer.alloc(1_000));
    await open.expectEnd(peer, TOO_LONG);
  }
  for (const size of [101n, 2n ** 31n, ...impossible]) {
    const peer = await armed(strict);
    peer.send(zmtp.longHeader(zmtp.LONG, size), Buffer.alloc(1_000));
    await strict.expectEnd(peer, TOO_LONG);
  }
  const peer = await armed(open);
  peer.send(zmtp.longHeader(zmtp.LONG, 2n ** 31n), Buffer.alloc(1_000));
  await open.expectKept(peer);
  const grown = heldMemory() - before;
  assert.ok(grown < MIB, `${grown} octets held`);
  peer.reset();
  await open.checkGood();
  await strict.checkGood();
  assert.deepEqual(open.strange, []);
});

test("B02: inside the handshake nothing longer than maxHandshakeSize is let in", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const flags of [6, 2]) {
    for (const size of [65_537n, 2n ** 31n, 2n ** 63n]) {
      const peer = await ground.hostile();
      peer.send(zmtp.greeting(), zmtp.longHeader(flags, size), Buffer.alloc(1_000));
      await ground.expectEnd(peer, undefined);
    }
  }
  await ground.checkGood();
});

test("B03: two hundred peers that declare 2 GiB each take no memory for it", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peers = await Promise.all(Array.from({ length: 200 }, () => armed(ground)));
  const before = heldMemory();
  const rssBefore = process.memoryUsage().rss;
  for (const peer of peers) peer.send(zmtp.longHeader(zmtp.LONG, 2n ** 31n), Buffer.alloc(1_000));
  await ground.checkGood();
  await pause(100);
  const grown = heldMemory() - before;
  const rss = process.memoryUsage().rss - rssBefore;
  for (const peer of peers) peer.reset();
  assert.ok(grown < 200 * 6_000 + MIB, `${grown} octets held for 200,000 received`);
  assert.ok(rss < 32 * MIB, `${rss} octets of RSS`);
  await ground.checkGood();
});

test("B04: the limit is exact, for the short and the long form, and holds for each frame", async (t) => {
  const ground = await Ground.bind(t, new Pull({ maxMessageSize: 100 }));
  const text = (size: number) => "x".repeat(size);
  const peer = await armed(ground);
  peer.send(
    zmtp.message(text(100)),
    zmtp.frame(zmtp.LONG, text(100)),
    zmtp.frame(zmtp.LONG, ""),
    zmtp.message(text(100), text(100)),
  );
  const expected = [text(100), text(100), "", `${text(100)}|${text(100)}`];
  await ground.eventually(() => ground.strange.length >= 4, "four messages");
  assert.deepEqual(ground.strange, expected);
  for (const flags of [0, zmtp.LONG, zmtp.MORE]) {
    for (const shape of SHAPES) {
      const over = await armed(ground);
      await ground.deliver(over, zmtp.frame(flags, text(101)), shape);
      await ground.expectEnd(over, shape === "reset" ? undefined : TOO_LONG);
    }
  }
  await ground.checkGood();
  assert.equal(ground.strange.length, 4);
});

test("B05: reserved flag bits end the connection", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const flags of [0x08, 0x10, 0x20, 0x40, 0x80, 0xf8]) {
    for (const shape of SHAPES) {
      const peer = await armed(ground);
      await ground.deliver(peer, zmtp.frame(flags, "a"), shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : "ERR_ZMTP_UNSPECIFIED");
    }
  }
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
});

test("B06: a command with MORE ends the connection; a command between frames does no harm", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const body of [zmtp.commandBody("PING", "\0\0"), zmtp.commandBody("SUBSCRIBE", "A")]) {
    const peer = await armed(ground);
    peer.send(zmtp.frame(zmtp.COMMAND | zmtp.MORE, body));
    await ground.expectEnd(peer, "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED");
  }
  const peer = await armed(ground);
  peer.send(zmtp.frame(zmtp.MORE, "a"), zmtp.ping(0, "between"), zmtp.subscribe("x"), zmtp.frame(0, "b"));
  await ground.eventually(() => ground.strange.length > 0, "the message");
  assert.deepEqual(ground.strange, ["a|b"]);
  await peer.heard(() => peer.texts.includes("PONGbetween"), "PONG");
  await ground.checkGood();
});

test("B07: RST, FIN or a half-close at any offset of a message leaves nothing of it", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const octets = zmtp.message("one", "two", "three");
  for (let cut = 0; cut < octets.length; cut++) {
    for (const end of ["reset", "end", "destroy"] as const) {
      const peer = await armed(ground);
      peer.send(octets.subarray(0, cut));
      await pause(0);
      peer[end]();
    }
    if (cut % 5 === 0) await ground.checkGood();
  }
  await ground.eventually(() => ground.victim.peers.length === 1, "only the good client is left");
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
  const { received } = ground.victim.stats();
  assert.equal(received.accepted, received.delivered + received.queued);
});

test("a bad frame from a server ends that connection of a connecting socket, and no other", async (t) => {
  const ground = await Ground.connect(t, new Push({ reconnectInterval: 20, linger: 0 }));
  const listener = await ground.listener();
  ground.victim.connect(listener.endpoint);
  for (const bad of [
    zmtp.frame(0x80, "a"),
    zmtp.longHeader(zmtp.LONG, 2n ** 63n),
    zmtp.frame(5, zmtp.commandBody("PING", "\0\0")),
  ]) {
    const peer = await listener.accept();
    await peer.handshake("PULL");
    peer.send(bad);
    assert.ok(await peer.ends(1_000));
  }
  const back = await listener.accept();
  await back.handshake("PULL");
  ground.victim.disconnect(listener.endpoint);
  await ground.checkGood();
});
