import assert from "node:assert/strict";
import nacl from "tweetnacl";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { ADMITTED } from "../../src/security/authenticator.ts";
import { CurveClient } from "../../src/security/curve-client.ts";
import { CurveServer } from "../../src/security/curve-server.ts";
import { decodeNaively } from "../../test/oracle/naive-decoder.ts";
import { type NaiveSession, playNaively, type SessionLimits } from "../../test/oracle/naive-session.ts";
import { CurveClientPeer, CurveServerPeer, type InitiateChanges } from "../../test/peers/curve-octets.ts";
import { EngineProbe } from "../../test/peers/engine-probe.ts";
import * as zmtp from "../../test/peers/octets.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";
import { prepareCurve } from "./curve-flight.ts";
import { limitsOf, TYPES, traffic } from "./engine.ts";

const keysOf = (octet: number) => nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(octet));
const serverKeys = keysOf(7);
const clientKeys = keysOf(9);
const strangerKeys = keysOf(11);
/** Of every connection: the peer is no measure of what it costs to make them. */
const clientTransient = keysOf(13);
const serverTransient = keysOf(15);
const GREETING = zmtp.greeting({ mechanism: "CURVE" });
const NO_LIMITS = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: Number.POSITIVE_INFINITY };
const FAILED: NaiveSession = { isReady: false, messages: [], hasFailed: true };

/** Flags and body of what goes into a box; frames of ZMTP where the flags are sound. */
interface Sealed {
  readonly flags: number;
  readonly body: Uint8Array;
}

/** What is said after the handshake, now and then with flags that are reserved. */
function conversation(random: Random): Sealed[] {
  const said: Sealed[] = [];
  for (let count = random.below(6); count > 0; count--) {
    for (const { flags, body } of decodeNaively(traffic(random), NO_LIMITS).frames) {
      const isCommand = (flags & zmtp.COMMAND) !== 0;
      const inner = (flags & zmtp.MORE) | (isCommand ? 2 : 0);
      const spoilt = random.chance(0.1) && body.length > 0 ? mutate(random, body, 2) : body;
      said.push({ flags: random.chance(0.03) ? random.below(256) : inner, body: spoilt.subarray(0, 4000) });
    }
  }
  return said;
}

/** The same without CURVE, up to the first box with reserved flags. */
function playOpen(
  type: SocketTypeName,
  metadata: Uint8Array,
  said: readonly Sealed[],
  limits: SessionLimits,
): NaiveSession {
  const reservedAt = said.findIndex(({ flags }) => flags > 3);
  const legal = reservedAt < 0 ? said : said.slice(0, reservedAt);
  const frames = legal.map(({ flags, body }) =>
    zmtp.frame((flags & 1) | ((flags & 2) !== 0 ? zmtp.COMMAND : 0), body),
  );
  const stream = [zmtp.greeting(), zmtp.command("READY", metadata), ...frames];
  const session = playNaively(type, Buffer.concat(stream), limits);
  return reservedAt >= 0 && session.isReady ? { ...session, hasFailed: true } : session;
}

function metadataOf(random: Random, type: SocketTypeName): Uint8Array {
  const name = random.chance(0.9) ? (zmtp.LEGAL_PEER[type] as string) : random.pick(["REQ", "FOO", ""]);
  const metadata = zmtp.property("Socket-Type", name);
  const whole = random.chance(0.5)
    ? metadata
    : Buffer.concat([metadata, zmtp.identity(random.octets(random.below(8)))]);
  return random.chance(0.3) ? mutate(random, whole, 2) : whole;
}

/** An INITIATE that is sealed as it must be; `isFair` unless it says what no honest client does. */
function initiate(
  random: Random,
  peer: CurveClientPeer,
  metadata: Uint8Array,
): { octets: Buffer; isFair: boolean } {
  const unfair: (() => InitiateChanges)[] = [
    () => ({ cookie: mutateSurely(random, peer.cookie) }),
    () => ({ count: 1n }),
    () => ({ vouched: [strangerKeys.publicKey, serverKeys.publicKey] }),
    () => ({ vouched: [clientTransient.publicKey, strangerKeys.publicKey] }),
    () => ({ voucher: strangerKeys }),
    () => ({ claimed: strangerKeys.publicKey }),
    () => ({ claimed: new Uint8Array(32) }),
    () => ({ text: random.octets(random.pick([0, 1, 127, 128, 129, 400])) }),
  ];
  if (random.chance(0.5)) return { octets: peer.initiate({ metadata }), isFair: true };
  return { octets: peer.initiate({ metadata, ...random.pick(unfair)() }), isFair: false };
}

function mutateSurely(random: Random, octets: Uint8Array): Uint8Array {
  const changed = octets.slice();
  changed[random.below(changed.length)]! ^= 1 << random.below(8);
  return changed;
}

/** Seldom something that has no place there, and what is sealed behind it counts on. */
function interruption(random: Random, peer: CurveClientPeer | CurveServerPeer): Buffer {
  const again = peer instanceof CurveClientPeer ? peer.hello() : peer.welcome();
  if (!random.chance(0.1)) return Buffer.alloc(0);
  return random.pick([
    zmtp.frame(zmtp.COMMAND, again),
    zmtp.error(random.pick(["400", "no"])),
    zmtp.command("JUNK"),
    zmtp.frame(0, peer.message(0, "early")),
  ]);
}

interface Meeting {
  readonly probe: EngineProbe;
  readonly isFair: boolean;
  readonly last: Buffer;
  readonly peer: CurveClientPeer | CurveServerPeer;
}

function identityOf(socketTypeName: SocketTypeName) {
  return { socketTypeName, routingId: new Uint8Array(0), announcesIdentity: false };
}

function begin(probe: EngineProbe): void {
  probe.engine.start(0);
  probe.takeSent();
  probe.receive(GREETING);
}

/** A server, and a client that has its WELCOME; the last command of its handshake is still to be given. */
function meetServer(
  random: Random,
  type: SocketTypeName,
  limits: SessionLimits,
  metadata: Uint8Array,
): Meeting {
  const asked: string[] = [];
  const mechanism = new CurveServer(identityOf(type), serverKeys.secretKey, ({ credentials }, answer) => {
    asked.push(Buffer.from(credentials[0] as Uint8Array).toString("hex"));
    assert.deepEqual(asked, [Buffer.from(clientKeys.publicKey).toString("hex")], "asked about somebody else");
    answer(ADMITTED);
    return undefined;
  });
  const probe = new EngineProbe(type, { ...limits, mechanism });
  const peer = new CurveClientPeer(serverKeys.publicKey, clientKeys, clientTransient);
  begin(probe);
  const isHonest = random.chance(0.95);
  probe.receive(zmtp.frame(zmtp.COMMAND, isHonest ? peer.hello() : peer.hello(1n, random.octets(64))));
  const [welcome] = probe.takeFrames();
  assert.equal(welcome !== undefined, isHonest, "whether WELCOME was said");
  if (welcome === undefined) return { probe, peer, isFair: false, last: Buffer.alloc(0) };
  assert.ok(peer.takeWelcome(welcome.body));
  const early = interruption(random, peer);
  const { octets, isFair } = initiate(random, peer, metadata);
  const last = Buffer.concat([early, zmtp.frame(zmtp.COMMAND, octets)]);
  return { probe, peer, isFair: isFair && early.length === 0, last };
}

/** A client, and a server that has its INITIATE. */
function meetClient(
  random: Random,
  type: SocketTypeName,
  limits: SessionLimits,
  metadata: Uint8Array,
): Meeting {
  const keys = { secretKey: clientKeys.secretKey, serverKey: serverKeys.publicKey };
  const probe = new EngineProbe(type, { ...limits, mechanism: new CurveClient(identityOf(type), keys) });
  const peer = new CurveServerPeer(serverKeys, serverTransient);
  begin(probe);
  assert.ok(peer.takeHello(probe.takeFrames()[0]!.body));
  const isHonest = random.chance(0.95);
  // With this key every secret comes out as zeros.
  const welcome = isHonest ? peer.welcome() : peer.welcome(new Uint8Array(32));
  probe.receive(zmtp.frame(zmtp.COMMAND, welcome));
  const [answer] = probe.takeFrames();
  assert.equal(answer !== undefined, isHonest, "whether INITIATE was said");
  if (answer === undefined) return { probe, peer, isFair: false, last: Buffer.alloc(0) };
  assert.ok(peer.openInitiate(answer.body) !== null);
  const early = interruption(random, peer);
  const isFair = random.chance(0.9);
  const ready = isFair ? peer.ready(metadata) : peer.ready(metadata, 0n);
  const last = Buffer.concat([early, zmtp.frame(zmtp.COMMAND, ready)]);
  return { probe, peer, isFair: isFair && early.length === 0, last };
}

export const curvePeer: Target = {
  invariant:
    "what a peer with keys seals means what it means with NULL, and unfair handshakes let nobody in; never throws",
  smokeRounds: 300,
  prepare: async () => {
    await prepareCurve();
  },
  round(random) {
    const type = random.pick(TYPES);
    const limits = limitsOf(random);
    const metadata = metadataOf(random, type);
    const meet = random.chance(0.5) ? meetServer : meetClient;
    const { probe, peer, isFair, last } = meet(random, type, limits, metadata);
    const said = conversation(random);
    // Nonces may leave numbers out.
    const sealed = said.map(({ flags, body }) => {
      peer.count += BigInt(1 + random.below(3));
      return zmtp.frame(0, peer.message(flags, body, peer.count));
    });
    for (const piece of cut(random, Buffer.concat([last, ...sealed]))) probe.receive(piece);
    const { isReady, messages, hasFailed } = isFair ? playOpen(type, metadata, said, limits) : FAILED;
    assert.deepEqual(
      { isReady: probe.peers.length === 1, messages: probe.texts, hasFailed: probe.failures.length === 1 },
      { isReady, messages, hasFailed },
    );
    assert.ok(probe.failures.length <= 1, "it failed twice");
  },
};
