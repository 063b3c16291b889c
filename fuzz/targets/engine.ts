import assert from "node:assert/strict";
import type { SocketTypeName } from "../../src/base/socket-type.ts";
import { decodeNaively } from "../../test/oracle/naive-decoder.ts";
import { playNaively, type SessionLimits } from "../../test/oracle/naive-session.ts";
import { EngineProbe } from "../../test/peers/engine-probe.ts";
import * as zmtp from "../../test/peers/octets.ts";
import { giveOctets, READINGS, type Reading } from "../../test/peers/reading.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

export const TYPES: readonly SocketTypeName[] = [
  "PULL",
  "PUSH",
  "PUB",
  "XPUB",
  "SUB",
  "ROUTER",
  "REP",
  "PAIR",
];
const OUTPUT_SIZE_MAX = 65_536 + 1_000;

/** What a peer may say after the handshake: one frame or more. */
export function traffic(random: Random): Buffer {
  const bodies = () => Array.from({ length: random.between(1, 4) }, () => random.octets(random.size()));
  switch (random.below(10)) {
    case 0:
      return zmtp.ping(random.below(0x10000), random.octets(random.below(17)));
    case 1:
      return zmtp.pong(random.octets(random.below(17)));
    case 2:
      return zmtp.subscribe(random.octets(random.below(300)));
    case 3:
      return zmtp.cancel(random.octets(random.below(10)));
    case 4:
      return zmtp.command(random.pick(["JUNK", "ping", "READY", "ERROR"]), random.octets(random.below(5)));
    default:
      return zmtp.message(...bodies());
  }
}

function session(random: Random, type: SocketTypeName): Buffer {
  const parts: Buffer[] = [];
  const properties = random.chance(0.5) ? [zmtp.identity(random.octets(random.below(8)))] : [];
  const handshake = [
    zmtp.greeting({ minor: random.below(3) }),
    zmtp.ready(zmtp.LEGAL_PEER[type] as string, ...properties),
  ];
  for (let count = random.below(20); count > 0; count--) parts.push(traffic(random));
  // Most rounds leave the handshake whole, or hardly one would come to the traffic.
  if (random.chance(0.3)) return Buffer.from(mutate(random, Buffer.concat([...handshake, ...parts])));
  return Buffer.concat([...handshake, mutate(random, Buffer.concat(parts))]);
}

interface Outcome {
  readonly isReady: boolean;
  readonly messages: string[];
  readonly hasFailed: boolean;
}

export function limitsOf(random: Random): SessionLimits {
  return {
    maxMessageSize: random.pick([-1, 100, 30_000]),
    maxMultipartSize: random.pick([-1, 500, 40_000]),
    maxFramesPerMessage: random.pick([3, 6, 131_072]),
    maxCommandSize: random.pick([200, 65_536]),
  };
}

function play(
  type: SocketTypeName,
  limits: SessionLimits,
  pieces: readonly Uint8Array[],
  takes: () => boolean,
  reading: Reading,
): Outcome {
  const probe = new EngineProbe(type, limits);
  probe.takes = takes;
  probe.engine.start(0);
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      at += giveOctets(probe.engine, piece.subarray(at), reading, 0);
      for (let patience = 1000; probe.engine.isStopped && patience > 0; patience--) probe.engine.resume(0);
    }
    assert.ok(
      probe.engine.outputSize <= OUTPUT_SIZE_MAX,
      `${probe.engine.outputSize} octets wait to be sent`,
    );
    if (takes()) probe.takeSent();
  }
  const { log } = probe;
  assert.ok(log.filter((entry) => entry === "failed").length <= 1, "it failed twice");
  assert.ok(!log.includes("failed") || log[log.length - 1] === "failed", "something came after the failure");
  assert.ok(log.indexOf("message") < 0 || log[0] === "ready", "a message came before the handshake");
  const own = decodeNaively(probe.sent.subarray(64), { frameSizeMax: 300_000, commandSizeMax: 300 });
  assert.deepEqual([own.errorCode, own.restSize], [undefined, 0], "our own octets are no ZMTP");
  return { isReady: probe.peers.length === 1, messages: probe.texts, hasFailed: probe.failures.length === 1 };
}

export const engine: Target = {
  invariant:
    "never throws; ready before messages, nothing after a failure; outcome is the naive session's however cut",
  smokeRounds: 2_500,
  round(random) {
    const type = random.pick(TYPES);
    const limits = limitsOf(random);
    const stream = session(random, type);
    const expected = playNaively(type, stream, limits);
    const stopChance = random.pick([0, 0.2, 0.6]);
    assert.deepEqual(
      play(type, limits, cut(random, stream), () => !random.chance(stopChance), random.pick(READINGS)),
      expected,
    );
  },
};
