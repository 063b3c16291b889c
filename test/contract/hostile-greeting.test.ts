import assert from "node:assert/strict";
import { after, test } from "node:test";
import { chooseSeed, Random } from "../../fuzz/random.ts";
import { Pull, Push } from "../../src/index.ts";
import * as zmtp from "../peers/octets.ts";
import { pause, RawPeer } from "../peers/raw-peer.ts";
import { AT_ONCE_MS, checkProcess, Ground, SHAPES } from "./hostile-ground.ts";

// Hostile greetings and versions, against a bound and a connecting socket over tcp.

after(checkProcess);

const UNSPECIFIED = "ERR_ZMTP_UNSPECIFIED";
const MISMATCH = "ERR_ZMTP_MECHANISM_MISMATCH";
const FIRST_OCTETS = [
  "GET / HTTP/1.1\r\n\r\n",
  "\x16\x03\x01\x02\x00\x01\x00",
  "SSH-2.0-OpenSSH_9.2\r\n",
  "\xfb\x18\xff\xfb\x1f\xff\xfb\x20",
  "\x01\x00\x02\x00\x41",
  "\x08\x00sneaky",
  "\0",
];

test("A01: silence, or a greeting cut anywhere, ends at the handshake interval", async (t) => {
  const ground = await Ground.bind(t, new Pull({ handshakeInterval: 300 }));
  const startedAt = performance.now();
  const cuts = [0, 1, 9, 10, 11, 12, 32, 63, 64];
  const peers = await Promise.all(
    cuts.map(async (cut) => {
      const peer = await ground.hostile();
      peer.send(zmtp.greeting().subarray(0, cut));
      return peer;
    }),
  );
  await ground.checkGood();
  for (const peer of peers) {
    await ground.expectEnd(peer, undefined, 8_000);
    const afterMs = peer.closedAt - startedAt;
    assert.ok(afterMs >= 270 && afterMs < 5_000, `ended after ${afterMs} ms`);
  }
  await ground.eventually(
    () => ground.eventsOf("handshake:error:other").length === cuts.length,
    "one event each",
  );
  await ground.checkGood();
});

test("A02: octets that trickle in do not move the handshake deadline", async (t) => {
  const ground = await Ground.bind(t, new Pull({ handshakeInterval: 300 }));
  const trickle = async (start: Uint8Array, pauseMs: number) => {
    const startedAt = performance.now();
    const peer = await ground.hostile();
    peer.send(start);
    await peer.sendSlowly(
      Buffer.concat([zmtp.greeting().subarray(start.length), zmtp.ready("PUSH")]),
      pauseMs,
    );
    await ground.expectEnd(peer, undefined);
    const afterMs = peer.closedAt - startedAt;
    assert.ok(afterMs >= 270 && afterMs < 5_000, `ended after ${afterMs} ms`);
  };
  await Promise.all([trickle(Buffer.alloc(0), 10), trickle(zmtp.greeting(), 100)]);
  await ground.checkGood();
});

test("A03, A05: other protocols and ZMTP 1.0 are refused from their first octet on", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const text of FIRST_OCTETS) {
    for (const shape of SHAPES) {
      const peer = await ground.hostile();
      await ground.deliver(peer, Buffer.from(text, "latin1"), shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : UNSPECIFIED);
    }
  }
  await ground.checkGood();
  const legacy = await ground.hostile();
  legacy.send(zmtp.fromHex("ff ffffffffffffffda 00"), Buffer.alloc(5_000, 0x41));
  await ground.expectEnd(legacy, UNSPECIFIED);
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
});

test("A03: random octets end the connection or wait, and never more", async (t) => {
  const seed = chooseSeed(process.env.SEED);
  t.diagnostic(`SEED=${seed}`);
  const random = new Random(seed);
  const ground = await Ground.bind(t, new Pull({ handshakeInterval: 400 }));
  for (let round = 0; round < 10; round++) {
    const peers = await Promise.all(Array.from({ length: 20 }, () => ground.hostile()));
    for (const peer of peers) peer.send(random.octets(random.between(1, 64)));
    for (const peer of peers) await ground.expectEnd(peer, undefined, 8_000);
  }
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
});

test("A04, A09: revisions 0, 1 and 2 are refused, whatever follows", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const zmtp20 = zmtp.fromHex("ff 0000000000000000 7f 01 08 00 00 00 01 41");
  const older = [0, 1, 2].map((major) =>
    Buffer.concat([zmtp.greeting({ major }), zmtp.ready("PUSH"), zmtp.message("A")]),
  );
  for (const octets of [zmtp20, ...older]) {
    for (const shape of SHAPES) {
      const peer = await ground.hostile();
      await ground.deliver(peer, octets, shape);
      await ground.expectEnd(peer, shape === "reset" ? undefined : UNSPECIFIED);
    }
  }
  await ground.checkGood();
  assert.deepEqual(ground.strange, []);
});

test("A07, A08, A11, A12: what has no significance is not looked at", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const signatureEnd of [0x7e, 0x00]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting({ signatureEnd }));
    await ground.expectEnd(peer, UNSPECIFIED);
  }
  const accepted = [
    { signatureEnd: 1 },
    { padding: 0x55 },
    { asServer: 1, filler: 0xaa },
    ...[
      [3, 0],
      [3, 1],
      [3, 2],
      [3, 255],
      [4, 0],
      [255, 255],
    ].map(([major, minor]) => ({ major, minor })),
  ] as zmtp.GreetingFields[];
  for (const [index, fields] of accepted.entries()) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting(fields), zmtp.ready("PUSH"));
    await peer.heard(() => peer.texts.some((text) => text.startsWith("READY")), "READY");
    peer.send(zmtp.message(`version ${index}`));
    await ground.eventually(
      () => ground.strange.includes(`version ${index}`),
      `the message of ${JSON.stringify(fields)}`,
    );
  }
  await ground.checkGood();
});

test("A10: another mechanism reads our whole greeting, and is then left", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (const mechanism of ["PLAIN", "null", "NULL\0X", "A".repeat(20), "\xff".repeat(20), ""]) {
    const peer = await ground.hostile();
    peer.send(zmtp.greeting({ mechanism }));
    await ground.expectEnd(peer, MISMATCH);
    assert.deepEqual(peer.received, zmtp.greeting(), "the greeting was not readable");
    assert.equal(peer.failure, undefined, "reset instead of an orderly end");
  }
  await ground.checkGood();
  assert.equal(
    ground.codes.filter((code) => code === MISMATCH).length,
    12,
    "once in the cause, once in the disconnect",
  );
});

test("A15: our own octets reflected end where the types do not fit", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  const peer = await ground.hostile();
  peer.socket.pipe(peer.socket);
  await ground.expectEnd(peer, "ERR_ZMTP_INVALID_METADATA");
  await ground.checkGood();
});

test("on the connecting side a bad server is left, tried again ever more seldom, and holds nobody up", async (t) => {
  const ground = await Ground.connect(t, new Push({ reconnectInterval: 20, linger: 0 }));
  const bad: [string, Uint8Array, string][] = [
    ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"), UNSPECIFIED],
    ["ZMTP 2.0", zmtp.greeting({ major: 1 }), UNSPECIFIED],
    ["PLAIN", zmtp.greeting({ mechanism: "PLAIN" }), MISMATCH],
    ["a PUSH", Buffer.concat([zmtp.greeting(), zmtp.ready("PUSH")]), "ERR_ZMTP_INVALID_METADATA"],
  ];
  for (const [name, octets, code] of bad) {
    const listener = await ground.listener();
    const serve = async () => {
      for (;;) (await listener.accept()).send(octets);
    };
    serve().catch(() => undefined);
    const before = ground.codes.length;
    ground.victim.connect(listener.endpoint);
    await ground.eventually(() => listener.peers.length >= 3, `${name}: tried again`);
    await ground.eventually(() => ground.codes.slice(before).includes(code), `${name}: ${code}`);
    await ground.checkGood();
    ground.victim.disconnect(listener.endpoint);
    const [first, second, third] = listener.times as [number, number, number];
    assert.ok(
      second - first >= 19 && third - second >= 19,
      `${name}: gaps of ${second - first} and ${third - second} ms`,
    );
  }
});

test("a connecting socket gives a silent server the handshake interval, no more", async (t) => {
  const ground = await Ground.connect(t, new Push({ handshakeInterval: 200, linger: 0 }));
  const listener = await ground.listener();
  ground.victim.connect(listener.endpoint);
  const peer = await listener.accept();
  await peer.heard(() => peer.received.length === 64, "the greeting");
  assert.ok(await peer.ends(200 + AT_ONCE_MS));
  await ground.checkGood();
});

test("peers that come and reset at once leave nothing behind", async (t) => {
  const ground = await Ground.bind(t, new Pull());
  for (let round = 0; round < 100; round++) {
    const peer = await RawPeer.connect(ground.victim.lastEndpoint);
    if (round % 2 === 0) peer.send(zmtp.greeting().subarray(0, round));
    peer.reset();
    if (round % 10 === 0) await ground.checkGood();
  }
  await pause(20);
  await ground.eventually(() => ground.victim.peers.length === 1, "only the good client is left");
  await ground.checkGood();
});
