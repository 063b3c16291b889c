import assert from "node:assert/strict";
import nacl from "tweetnacl";
import { installPlatform } from "../../src/base/platform.ts";
import { loadBoxes } from "../../src/crypto/load-boxes.ts";
import { ADMITTED } from "../../src/security/authenticator.ts";
import { CurveClient } from "../../src/security/curve-client.ts";
import { CurveServer } from "../../src/security/curve-server.ts";
import { decodeNaively, type NaiveFrame } from "../../test/oracle/naive-decoder.ts";
import { EngineProbe } from "../../test/peers/engine-probe.ts";
import * as zmtp from "../../test/peers/octets.ts";
import { giveOctets, READINGS, type Reading } from "../../test/peers/reading.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

// Permanent keys are the same in all rounds. Those of a connection are chance, and no seed's: what is done to its octets
// repeats, and what they are does not.
const serverKeys = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(7));
const clientKeys = nacl.box.keyPair.fromSecretKey(new Uint8Array(32).fill(9));
const IDENTITY = { socketTypeName: "PAIR", routingId: new Uint8Array(0), announcesIdentity: false } as const;
const NO_LIMITS = { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: Number.POSITIVE_INFINITY };
const GREETING_SIZE = 64;

/** Every handshake has its turn at once: the queue of those that wait has a test of its own. */
export function prepareCurve(): Promise<unknown> {
  installPlatform({ now: () => 0, yieldTurn: (callback) => callback() });
  return loadBoxes();
}

function framesOf(octets: Uint8Array): NaiveFrame[] {
  return decodeNaively(octets, NO_LIMITS).frames;
}

function sealedFrame({ flags, body }: NaiveFrame): Buffer {
  return zmtp.frame(flags, body);
}

/** The name of the command, and as many octets behind it. */
function forge(random: Random, { flags, body }: NaiveFrame): NaiveFrame {
  const nameEnd = 1 + body[0]!;
  return { flags, body: Buffer.concat([body.subarray(0, nameEnd), random.octets(body.length - nameEnd)]) };
}

/** What somebody between the two makes of whole frames: of what goes this way, `genuine`, and of what went the other. */
function tamper(random: Random, genuine: readonly NaiveFrame[], reflected: readonly NaiveFrame[]): Buffer {
  const frames = [...genuine];
  for (let count = random.between(1, 2); count > 0 && frames.length > 0; count--) {
    const at = random.below(frames.length);
    const frame = frames[at]!;
    const place = random.below(frames.length + 1);
    const kind = random.below(6);
    if (kind === 0) frames.splice(at, 1);
    else if (kind === 1) frames.splice(place, 0, frame);
    else if (kind === 2) frames.splice(place, 0, ...frames.splice(at, 1));
    else if (kind === 3 && reflected.length > 0) frames.splice(place, 0, random.pick(reflected));
    else if (kind === 4) frames[at] = forge(random, frame);
    else frames[at] = { ...frame, flags: frame.flags ^ random.pick([zmtp.MORE, zmtp.LONG, zmtp.COMMAND]) };
  }
  return Buffer.concat(frames.map(sealedFrame));
}

/** One flight of octets to the victim, after somebody had it in his hands. */
function spoil(random: Random, flight: Buffer, ofVictim: Buffer): Uint8Array {
  const reflected = ofVictim.length < GREETING_SIZE ? [] : framesOf(ofVictim.subarray(GREETING_SIZE));
  return random.chance(0.5) ? mutate(random, flight, 3) : tamper(random, framesOf(flight), reflected);
}

function give(probe: EngineProbe, pieces: readonly Uint8Array[], reading: Reading): void {
  for (const piece of pieces) giveOctets(probe.engine, piece, reading, 0);
}

interface Told {
  /** What the victim was given behind the greeting, and what was meant for it. */
  readonly given: Buffer;
  readonly meant: Buffer;
  /** The messages in it. */
  readonly said: readonly Uint8Array[][];
}

/** Plays a connection in which the `spoiltAt`th flight to the victim, from 0, is spoilt. */
function play(random: Random, victim: EngineProbe, peer: EngineProbe, spoiltAt: number): Told {
  const reading = random.pick(READINGS);
  const given: Uint8Array[] = [];
  const meant: Uint8Array[] = [];
  const said: Uint8Array[][] = [];
  victim.engine.start(0);
  peer.engine.start(0);
  victim.receive(peer.takeSent().subarray(0, GREETING_SIZE));
  let back = victim.takeSent();
  for (let flight = 0; flight < 3; flight++) {
    peer.receive(back);
    if (peer.peers.length > 0) said.push(...converse(random, peer, "peer"));
    const octets = peer.takeSent();
    const arriving = flight === spoiltAt ? spoil(random, octets, victim.sent) : octets;
    meant.push(octets);
    given.push(arriving);
    give(victim, cut(random, arriving), reading);
    if (victim.peers.length > 0 && victim.failures.length === 0) converse(random, victim, "victim");
    back = victim.takeSent();
  }
  return { given: Buffer.concat(given), meant: Buffer.concat(meant), said };
}

/** Sends a few messages, no two of which are alike. */
function converse(random: Random, probe: EngineProbe, who: string): Uint8Array[][] {
  const messages = Array.from({ length: random.below(4) }, () =>
    Array.from({ length: random.between(1, 3) }, () =>
      Buffer.concat([Buffer.from(`${who} ${random.next()} `), random.octets(random.pick([0, 9, 250, 3000]))]),
    ),
  );
  for (const message of messages) probe.engine.send(message);
  return messages;
}

/** Which of the sealed frames are let through, and whether one comes that must not be. */
function judge({ given, meant }: Told): { readonly passed: number[]; readonly isRefused: boolean } {
  const genuine = framesOf(meant)
    .slice(2)
    .map(({ body }) => Buffer.from(body).toString("latin1"));
  const { frames, errorCode } = decodeNaively(given, NO_LIMITS);
  const passed: number[] = [];
  let last = -1;
  for (const { flags, body } of frames.slice(2)) {
    const index = genuine.indexOf(Buffer.from(body).toString("latin1"));
    if ((flags & zmtp.MORE) !== 0 || index <= last) return { passed, isRefused: true };
    passed.push(index);
    last = index;
  }
  return { passed, isRefused: errorCode !== undefined };
}

/** Both commands of the handshake are there, unchanged, and before anything else. */
function isGenuine({ given, meant }: Told): boolean {
  const [wanted, found] = [framesOf(meant), framesOf(given)];
  return [0, 1].every((i) => {
    const [frame, original] = [found[i], wanted[i]];
    if (frame === undefined || original === undefined) return false;
    return (frame.flags & 5) === zmtp.COMMAND && Buffer.from(frame.body).equals(original.body);
  });
}

export const curveFlight: Target = {
  invariant:
    "whoever changes, repeats, reorders or reflects octets gets nobody in and nothing delivered; what is whole comes",
  smokeRounds: 300,
  prepare: async () => {
    await prepareCurve();
  },
  round(random) {
    const server = new EngineProbe("PAIR", {
      mechanism: new CurveServer(IDENTITY, serverKeys.secretKey, (_request, answer) => {
        answer(ADMITTED);
        return undefined;
      }),
    });
    const keys = { secretKey: clientKeys.secretKey, serverKey: serverKeys.publicKey };
    const client = new EngineProbe("PAIR", { mechanism: new CurveClient(IDENTITY, keys) });
    const [victim, peer] = random.chance(0.5) ? [server, client] : [client, server];
    const told = play(random, victim, peer, random.below(4));
    const isReady = isGenuine(told);
    assert.equal(victim.peers.length, isReady ? 1 : 0, "whether the peer is in");
    assert.ok(victim.failures.length <= 1, "it failed twice");
    const names = framesOf(victim.sent.subarray(GREETING_SIZE)).map(({ body }) => body[1]);
    if (victim === server)
      assert.equal(names.includes("READY".charCodeAt(0)), isReady, "whether READY was said");
    if (!isReady) {
      assert.deepEqual(victim.messages, []);
      victim.engine.handleDeadline(30_000, true);
      assert.equal(victim.failures.length, 1, "a handshake that does not go on never ends");
      return;
    }
    const { passed, isRefused } = judge(told);
    assert.equal(victim.failures.length, isRefused ? 1 : 0, "whether it was ended");
    assert.deepEqual(victim.texts, assemble(told.said, passed));
  },
};

/** The messages of the frames that are let through; one whose last frame is not there has not come. */
function assemble(said: readonly Uint8Array[][], passed: readonly number[]): string[] {
  const frames = said.flatMap((message) =>
    message.map((body, i) => ({
      text: Buffer.from(body).toString("latin1"),
      isLast: i === message.length - 1,
    })),
  );
  const messages: string[] = [];
  let parts: string[] = [];
  for (const index of passed) {
    const { text, isLast } = frames[index]!;
    parts.push(text);
    if (!isLast) continue;
    messages.push(parts.join("|"));
    parts = [];
  }
  return messages;
}
