import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Dealer, Publisher, Pull, Router, XPublisher } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, type RawPeer } from "../peers/raw-peer.ts";
import { checkProcess, Ground, heldMemory, SHAPES } from "./hostile-ground.ts";

// Hostile commands and heartbeats after an honest handshake.

after(checkProcess);

const MALFORMED = "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED";
const MIB = 1024 * 1024;

async function armed(
  ground: Ground<Pull | Router | Dealer | Publisher | XPublisher>,
  type = "PUSH",
): Promise<RawPeer> {
  const peer = await ground.hostile();
  await peer.handshake(type);
  return peer;
}

/** Hands over octets as fast as they are taken, until all are or the connection ends. */
async function flood(peer: RawPeer, octets: Uint8Array, times: number): Promise<void> {
  for (let i = 0; i < times && !peer.isClosed; i++) {
    if (!peer.socket.write(octets)) {
      await Promise.race([new Promise((resolve) => peer.socket.once("drain", resolve)), peer.closed]);
    }
  }
}

test("C01, C04: a command without a whole name, or a PING without a whole ttl, ends the connection", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const digits of [
    "04 00",
    "04 01 00",
    "04 02 ff 41",
    "04 0a c8 4a554e4b4a554e4b4a",
    "04 05 04 50494e47",
    "04 06 04 50494e47 00",
  ]) {
    for (const shape of SHAPES) {
      const peer = await armed(ground);
      const heard = peer.received.length;
      await ground.deliver(peer, zmtp.fromHex(digits), shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : MALFORMED);
      assert.equal(peer.received.length, heard, "an answer to octets that never came");
    }
  }
  await ground.checkGood();
});

test("C02: well-formed unknown commands mean nothing", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await armed(ground);
  for (const name of ["JUNK", "x".repeat(255), "ping", "JOIN", "LEAVE", "HELLO", "MESSAGE"])
    peer.send(zmtp.command(name, "data"));
  peer.send(zmtp.message("after"));
  await ground.eventually(() => ground.strange.includes("after"), "the message behind them");
  assert.deepEqual(ground.strange, ["after"]);
  await ground.checkGood();
});

test("C03: 300,000 unknown commands hold neither memory nor the good client up", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await armed(ground);
  const before = heldMemory();
  const sent = flood(peer, Buffer.concat(new Array(3_000).fill(zmtp.command("JUNK"))), 100);
  await ground.checkGood();
  await sent;
  peer.send(zmtp.message("after"));
  await ground.eventually(() => ground.strange.includes("after"), "the message behind them", 5_000);
  const grown = heldMemory() - before;
  assert.ok(grown < MIB, `${grown} octets held`);
  await ground.checkGood();
});

test("C05: a context is echoed up to 16 octets; a command over maxCommandSize ends the connection", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await armed(ground);
  for (const size of [0, 1, 16, 17, 255]) {
    const context = "c".repeat(size);
    peer.send(zmtp.ping(0, context));
    const heard = () => peer.texts.filter((text) => text.startsWith("PONG"));
    const before = heard().length;
    await peer.heard(() => heard().length > before, "PONG");
    assert.equal(heard()[before], `PONG${context.slice(0, 16)}`);
  }
  peer.send(zmtp.ping(0, Buffer.alloc(70_000)));
  await ground.expectEnd(peer, MALFORMED);
  await ground.checkGood();
});

test("C06: a ttl of 0 asks for nothing, 5 closes after 500 ms of silence, 0290 and ffff do not wrap", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const silent = async (ttl: number) => {
    const peer = await armed(ground);
    peer.send(zmtp.ping(ttl));
    return { peer, at: performance.now() };
  };
  const kept = await Promise.all([silent(0), silent(0x0290), silent(0xffff)]);
  const { peer, at } = await silent(5);
  await ground.expectEnd(peer, "ETIMEDOUT", 8_000);
  const afterMs = peer.closedAt - at;
  assert.ok(afterMs >= 490 && afterMs < 5_000, `closed after ${afterMs} ms`);
  for (const { peer: other } of kept) await ground.expectKept(other);
  await ground.checkGood();
});

test("C07: a flood of PINGs from a peer that never reads buys no memory", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await armed(ground);
  peer.socket.pause();
  const before = heldMemory();
  const many = Buffer.concat(new Array(2_000).fill(zmtp.ping(0, "0123456789abcdef")));
  const sent = flood(peer, many, 400);
  await Promise.race([sent, pause(3_000)]);
  await ground.checkGood();
  const grown = heldMemory() - before - peer.socket.writableLength;
  peer.reset();
  assert.ok(grown < 2 * MIB, `${grown} octets held`);
  await ground.checkGood();
});

test("C08: unsolicited PONGs are nothing but life; one over maxCommandSize ends the connection", async (t) => {
  const ground = await Ground.bind(t, new Pull({ heartbeatInterval: 100, heartbeatTimeout: 150 }));
  const peer = await armed(ground);
  for (let i = 0; i < 10; i++) {
    await pause(50);
    peer.send(zmtp.pong("nobody asked"));
  }
  await ground.expectKept(peer, 20);
  peer.send(zmtp.pong(Buffer.alloc(MIB)));
  await ground.expectEnd(peer, MALFORMED);
  await ground.checkGood();
});

test("C08: a peer that does not answer our PINGs is given up within interval and timeout", async (t) => {
  const ground = await Ground.bind(t, new Pull({ heartbeatInterval: 100, heartbeatTimeout: 200 }));
  const peer = await armed(ground);
  const startedAt = performance.now();
  await ground.expectEnd(peer, "ETIMEDOUT", 8_000);
  const afterMs = peer.closedAt - startedAt;
  assert.ok(afterMs >= 200 && afterMs < 5_000, `after ${afterMs} ms`);
  await ground.checkGood();
});

test("C09, C10: ERROR or a second READY after the handshake ends the connection; the identity stays", async (t) => {
  const ground = await Ground.bind(t, new Router());
  const bad: [Uint8Array, string][] = [
    [zmtp.error("400"), "AUTH_400"],
    [zmtp.error("whatever"), "ERR_ZMTP_UNSPECIFIED"],
    [zmtp.fromHex("04 0a 05 4552524f52 c8 343030"), "ERR_ZMTP_MALFORMED_COMMAND_ERROR"],
    [zmtp.ready("DEALER"), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [zmtp.ready("REQ"), "ERR_ZMTP_UNEXPECTED_COMMAND"],
    [zmtp.ready("DEALER", zmtp.identity("good client")), "ERR_ZMTP_UNEXPECTED_COMMAND"],
  ];
  for (const [octets, code] of bad) {
    const peer = await armed(ground, "DEALER");
    peer.send(octets);
    await ground.expectEnd(peer, code);
    await ground.checkGood();
  }
  assert.deepEqual(ground.strange, []);
});

test("C11: subscriptions are nothing to sockets that do not publish", async (t) => {
  for (const [victim, peerType] of [
    [new Pull(), "PUSH"],
    [new Dealer(), "DEALER"],
  ] as const) {
    const ground = await Ground.bind<Pull | Dealer>(t, victim);
    const peer = await armed(ground, peerType);
    peer.send(zmtp.subscribe("A"), zmtp.cancel("A"), zmtp.message("after"));
    await ground.eventually(() => ground.strange.includes("after"), "the message behind them");
    assert.deepEqual(ground.strange, ["after"]);
    await ground.checkGood();
  }
});

test("C12: CANCELs without a subscription do no harm, and both forms of subscription are taken under 3.1", async (t) => {
  const ground = await Ground.bind(t, new XPublisher({ linger: 0 }));
  const peer = await armed(ground, "SUB");
  await flood(peer, Buffer.concat(new Array(5_000).fill(zmtp.cancel("never"))), 20);
  await flood(peer, Buffer.concat(new Array(5_000).fill(zmtp.message("\0never"))), 20);
  peer.send(zmtp.subscribe("command"), zmtp.message("\x01message"));
  await ground.eventually(() => ground.strange.includes("\x01message"), "both subscriptions", 5_000);
  await ground.victim.send("command 1");
  await ground.victim.send("message 1");
  await ground.victim.send("never 1");
  await peer.heard(() => peer.texts.includes("message 1"));
  assert.deepEqual(peer.texts.slice(1), ["command 1", "message 1"]);
  peer.send(zmtp.message("\0command"), zmtp.cancel("message"));
  await ground.eventually(() => ground.strange.includes("\0message"), "both cancelled");
  await ground.checkGood();
  await ground.victim.send("command 2");
  await ground.victim.send("message 2");
  await pause(30);
  assert.equal(peer.texts.length, 3);
});

test("C13: what a subscriber sends a PUB as data is dropped and kept nowhere", async (t) => {
  const ground = await Ground.bind(t, new Publisher({ linger: 0 }));
  const peer = await armed(ground, "SUB");
  const before = heldMemory();
  await flood(peer, Buffer.concat(new Array(1_000).fill(zmtp.message(`data ${"x".repeat(100)}`))), 50);
  peer.send(zmtp.subscribe("still here"));
  await ground.victim.waitForSubscribers(1, "still here");
  const grown = heldMemory() - before;
  assert.ok(grown < MIB, `${grown} octets held`);
  await ground.checkGood();
});

test("C14: a peer whose long message is on its way is alive, though it answers no PING", async (t) => {
  const ground = await Ground.bind(t, new Pull({ heartbeatInterval: 100, heartbeatTimeout: 150 }));
  const peer = await armed(ground);
  const message = zmtp.message(Buffer.alloc(20_000, "m"));
  for (let at = 0; at < message.length; at += 1_000) {
    peer.send(message.subarray(at, at + 1_000));
    await pause(40);
  }
  await ground.eventually(() => ground.strange.length === 1, "the message");
  assert.ok(!peer.isClosed);
  await ground.checkGood();
});
