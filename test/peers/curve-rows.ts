// What is said to an engine that speaks CURVE and must end it, in every shape: whole, octet by octet, and in two parts.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Met } from "./curve-ground.ts";
import { shapesFor } from "./curve-ground.ts";
import type { CurveClientPeer } from "./curve-octets.ts";
import * as zmtp from "./octets.ts";

export const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
export const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";

/** What both sides can do. */
export type Sealer = Pick<CurveClientPeer, "message" | "count">;

export interface Row<Peer> {
  readonly title: string;
  readonly code: string;
  readonly meet: () => Met<Peer>;
  readonly octets: (peer: Peer) => Buffer;
}

export function bent(octets: Buffer, at: number, bit = 1): Buffer {
  octets[at < 0 ? octets.length + at : at]! ^= bit;
  return octets;
}

export function replaced(octets: Buffer, at: number, by: Uint8Array): Buffer {
  octets.set(by, at);
  return octets;
}

/** Public keys with which every secret comes out as zeros. RFC 7748, section 6.1. */
export const SMALL_ORDER: readonly Uint8Array[] = [
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  `ec${"ff".repeat(30)}7f`,
].map((digits) => Buffer.from(digits, "hex"));

/** One row in every shape; what came before its fault may have been delivered, and nothing else. */
export function run<Peer extends Sealer>(side: string, row: Row<Peer>, texts: readonly string[] = []): void {
  test(`${side}, ${row.title}`, () => {
    const first = row.meet();
    const shapes = shapesFor(row.octets(first.peer).length);
    for (const give of shapes) {
      const { probe, peer } = row.meet();
      const octets = row.octets(peer);
      give(probe, octets);
      assert.equal(probe.failureCode, row.code);
      assert.deepEqual(probe.texts, texts);
      probe.receive(zmtp.frame(0, peer.message(0, "late", 99n)));
      assert.equal(probe.failures.length, 1, "it fails once, and hears nothing more");
      assert.deepEqual(probe.texts, texts);
    }
  });
}
