import assert from "node:assert/strict";
import { after, test } from "node:test";
import { Publisher, Pull, Push, type Socket } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, RawPeer, within } from "../peers/raw-peer.ts";
import { checkProcess, Ground, heldMemory } from "./hostile-ground.ts";

// Hostile use of memory, and option values that would overflow.

after(checkProcess);

const TOO_LONG = "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE";
const MIB = 1024 * 1024;

test("E01: silent connections beyond maxPendingHandshakes are closed, and a good client still gets in", async (t) => {
  const ground = await Ground.bind(t, new Pull({ maxPendingHandshakes: 20, handshakeInterval: 400 }));
  const silent = await Promise.all(Array.from({ length: 50 }, () => ground.hostile()));
  await ground.eventually(() => silent.filter((peer) => peer.isClosed).length === 30, "30 of 50 are closed");
  await ground.checkGood();
  assert.equal(ground.eventsOf("accept:error").length, 30);
  for (const peer of silent) await ground.expectEnd(peer, undefined, 8_000);
  const late = await ground.hostile();
  await late.handshake("PUSH");
  late.send(zmtp.message("late"));
  await ground.eventually(() => ground.strange.includes("late"), "a newcomer is served");
  await ground.checkGood();
});

test("E03: a message without an end is ended at maxFramesPerMessage or maxMultipartSize", async (t) => {
  const frames = Buffer.concat(new Array(100).fill(zmtp.frame(zmtp.MORE, Buffer.alloc(1_000))));
  for (const limits of [{ maxFramesPerMessage: 1_000 }, { maxMultipartSize: MIB }]) {
    const ground = await Ground.bind(t, new Pull({ ...limits, receiveHighWaterMark: 10 }));
    const peer = await ground.hostile();
    await peer.handshake("PUSH");
    const before = heldMemory();
    for (let i = 0; i < 9; i++) peer.send(frames);
    await pause(30);
    assert.equal(peer.isClosed, false);
    for (let i = 0; i < 2; i++) peer.send(frames);
    await ground.expectEnd(peer, TOO_LONG);
    const grown = heldMemory() - before;
    assert.ok(grown < 2 * MIB, `${grown} octets held`);
    await ground.checkGood();
    assert.deepEqual(ground.strange, []);
  }
});

test("E04: a million empty frames of one message are ended at 131,072", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await ground.hostile();
  await peer.handshake("PUSH");
  const before = heldMemory();
  const many = Buffer.concat(new Array(10_000).fill(zmtp.frame(zmtp.MORE, "")));
  let most = 0;
  for (let i = 0; i < 100 && !peer.isClosed; i++) {
    peer.send(many);
    await pause(0);
    if (i === 10) most = heldMemory() - before;
  }
  await ground.expectEnd(peer, TOO_LONG, 5_000);
  assert.ok(most < 32 * MIB, `${most} octets held for 110,000 frames`);
  const grown = heldMemory() - before;
  assert.ok(grown < 2 * MIB, `${grown} octets held at the end`);
  await ground.checkGood();
});

/** Fills a PULL that nobody reads from with tiny messages, each among `junkSize` octets that mean nothing. */
async function heldByQueue(t: { after(hook: () => unknown): void }, junkSize: number): Promise<number> {
  const count = 1_000;
  const pull = new Pull();
  t.after(() => pull.close());
  await pull.bind("tcp://127.0.0.1:*");
  const peer = await RawPeer.connect(pull.lastEndpoint);
  t.after(() => peer.destroy());
  await peer.handshake("PUSH");
  const octets = Buffer.concat([zmtp.message("0123456789"), zmtp.command("JUNK", Buffer.alloc(junkSize))]);
  const before = heldMemory();
  for (let i = 0; i < count; i++) {
    if (!peer.socket.write(octets)) await new Promise((resolve) => peer.socket.once("drain", resolve));
    await pause(0);
  }
  const deadline = performance.now() + 5_000;
  while (pull.stats().received.queued < count) {
    assert.ok(performance.now() < deadline, `${pull.stats().received.queued} queued`);
    await pause(5);
  }
  const held = heldMemory() - before;
  for (let i = 0; i < count; i++)
    assert.equal(String(await within(pull.receive(), `message ${i}`)), "0123456789");
  return held;
}

test("E05: queued small messages do not keep the chunks that they came in", async (t) => {
  for (const junkSize of [60_000, 7_500, 500]) {
    const held = await heldByQueue(t, junkSize);
    assert.ok(held < 4 * MIB, `1,000 messages of 10 octets among ${junkSize} octets hold ${held}`);
  }
});

test("E06: what peers leave behind is kept up to maxOrphans, and the rest is counted", async (t) => {
  const pull = new Pull({ receiveHighWaterMark: 100, maxOrphans: 150 });
  t.after(() => pull.close());
  await pull.bind("tcp://127.0.0.1:*");
  const rounds = 10;
  for (let round = 0; round < rounds; round++) {
    const peer = await RawPeer.connect(pull.lastEndpoint);
    await peer.handshake("PUSH");
    peer.send(...Array.from({ length: 100 }, () => zmtp.message(Buffer.alloc(1_000))));
    const deadline = performance.now() + 5_000;
    while (pull.stats().received.accepted < (round + 1) * 100) {
      assert.ok(performance.now() < deadline, JSON.stringify(pull.stats().received));
      await pause(2);
    }
    peer.destroy();
    await peer.closed;
    await pause(10);
    const { queued } = pull.stats().received;
    assert.ok(queued <= 250, `${queued} messages are kept after ${round + 1} peers`);
  }
  const { accepted, queued, dropped } = pull.stats().received;
  assert.equal(accepted, rounds * 100);
  assert.equal(queued, 150);
  assert.equal(dropped.orphaned, accepted - queued);
  for (let i = 0; i < queued; i++) assert.notEqual(pull.tryReceive(), undefined);
  assert.equal(pull.tryReceive(), undefined);
});

test("E09: a frame that comes one octet a segment costs time and memory in proportion", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await ground.hostile();
  await peer.handshake("PUSH");
  const before = heldMemory();
  await peer.sendSlowly(zmtp.message(Buffer.alloc(16_384)));
  await ground.eventually(() => ground.strange.length === 1, "the message");
  assert.equal(ground.strange[0]?.length, 16_384);
  ground.strange.length = 0;
  const grown = heldMemory() - before;
  assert.ok(grown < MIB, `${grown} octets held`);
  await ground.checkGood();
});

test("E10: a peer that never reads lets a PUB drop and count, and a PUSH wait, in bounded memory", async (t) => {
  const ground = await Ground.bind(t, new Publisher({ linger: 0, sendHighWaterMark: 100 }));
  const deaf = await ground.hostile();
  await deaf.handshake("SUB");
  deaf.send(zmtp.subscribe("flood"));
  await within(ground.victim.waitForSubscribers(1, "flood"), "the deaf subscriber");
  deaf.socket.pause();
  const before = heldMemory();
  const body = Buffer.concat([Buffer.from("flood"), Buffer.alloc(10_000)]);
  for (let i = 0; i < 3_000; i++) {
    await ground.victim.send(body);
    if (i % 100 === 0) await pause(0);
  }
  const { sent } = ground.victim.stats();
  assert.ok(sent.dropped.hwm > 0, "nothing was dropped");
  assert.equal(
    sent.accepted,
    sent.delivered + sent.queued + Object.values(sent.dropped).reduce((sum, one) => sum + one),
  );
  const grown = heldMemory() - before - deaf.socket.readableLength;
  assert.ok(grown < 4 * MIB, `${grown} octets held`);
  await ground.checkGood();

  const push = new Push({ linger: 0, sendTimeout: 100 });
  t.after(() => push.close());
  await push.bind("tcp://127.0.0.1:*");
  const idle = await RawPeer.connect(push.lastEndpoint);
  t.after(() => idle.destroy());
  await idle.handshake("PULL");
  idle.socket.pause();
  const fill = async () => {
    for (let i = 0; i < 100_000; i++) await push.send(body);
  };
  await assert.rejects(fill(), { code: "EAGAIN" });
});

test("E11: times and counts that would overflow are refused when they are set", () => {
  const sockets: Socket[] = [new Push({ linger: 0 }), new Pull()];
  const names = [
    "reconnectInterval",
    "reconnectMaxInterval",
    "heartbeatInterval",
    "heartbeatTimeout",
    "handshakeInterval",
    "linger",
  ];
  for (const socket of sockets) {
    for (const name of [...names, "connectTimeout"]) {
      for (const value of [
        2 ** 31,
        2 ** 32,
        2 ** 53,
        Number.NaN,
        Number.POSITIVE_INFINITY,
        -2,
        1.5,
        "1",
        null,
      ]) {
        const set = () => Object.assign(socket, { [name]: value });
        assert.throws(set, { name: "ZmqError", code: "EINVAL" }, `${name} = ${value}`);
      }
    }
    void socket.close();
  }
});
