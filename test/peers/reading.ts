import type { Engine } from "../../src/engine/engine.ts";

/**
 * How a transport brings octets to an engine: in chunks that the engine may keep, in memory that is lent for the call,
 * or, where the engine offers a target, read straight into that and lent otherwise.
 */
export const READINGS = ["kept", "lent", "target"] as const;
export type Reading = (typeof READINGS)[number];

/**
 * Gives an engine the octets of `piece` that it takes before it stops, and says how many those are. Lent memory is
 * spoilt after the call: an engine that still looks at it is found out.
 */
export function giveOctets(engine: Engine, piece: Uint8Array, reading: Reading, now: number): number {
  if (reading === "kept") {
    engine.receive(piece.slice(), now);
    return piece.length;
  }
  let at = 0;
  while (reading === "target" && at < piece.length) {
    const { target } = engine;
    if (target === null) break;
    const count = Math.min(target.length, piece.length - at);
    target.set(piece.subarray(at, at + count));
    engine.receiveTarget(count, now);
    at += count;
    if (engine.isStopped) return at;
  }
  if (at === piece.length) return at;
  const lent = piece.slice(at);
  engine.receive(lent, now, true);
  lent.fill(0xee);
  return piece.length;
}
