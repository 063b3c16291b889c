import assert from "node:assert/strict";
import { bytesKey } from "../../src/base/bytes.ts";
import { encodeMetadata, findProperty, parseMetadata } from "../../src/wire/metadata.ts";
import { mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import { refusalOf, type Target } from "../target.ts";

const NAMES = [
  "Socket-Type",
  "socket-type",
  "Identity",
  "IDENTITY",
  "Resource",
  "X-a",
  "x-A",
  "__proto__",
  "constructor",
];

function input(random: Random): Uint8Array {
  const properties: [string, Uint8Array][] = [];
  for (let i = random.below(8); i > 0; i--) {
    const name = random.chance(0.8) ? random.pick(NAMES) : "n".repeat(random.between(1, 255));
    properties.push([name, random.octets(random.size())]);
  }
  const encoded = encodeMetadata(properties);
  if (random.chance(0.05)) return Uint8Array.from([...encoded, 0, 0, 0, 0, 0]);
  return mutate(random, encoded);
}

type Property = readonly [name: string, value: Buffer];

/** The properties, or undefined where the octets are no properties up to their end; the grammar, word by word. */
export function parseNaively(octets: Buffer): Property[] | undefined {
  const properties: Property[] = [];
  let rest = octets;
  while (rest.length > 0) {
    const nameSize = rest.readUInt8(0);
    if (nameSize === 0 || rest.length < 1 + nameSize + 4) return undefined;
    const valueSize = rest.readUInt32BE(1 + nameSize);
    if (valueSize > 2 ** 31 - 1 || rest.length < 1 + nameSize + 4 + valueSize) return undefined;
    const name = rest.toString("latin1", 1, 1 + nameSize);
    properties.push([name, rest.subarray(1 + nameSize + 4, 1 + nameSize + 4 + valueSize)]);
    rest = rest.subarray(1 + nameSize + 4 + valueSize);
  }
  const ofName = (name: string) => properties.filter((property) => isSame(property[0], name)).length;
  return ofName("socket-type") > 1 || ofName("identity") > 1 ? undefined : properties;
}

function isSame(one: string, other: string): boolean {
  return fold(one) === fold(other);
}

function fold(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export const metadata: Target = {
  invariant:
    "accepts whole properties only, finds the first of each name, keeps no memory of the input; ProtocolError only",
  smokeRounds: 8_000,
  round(random) {
    const octets = input(random);
    const expected = parseNaively(Buffer.from(octets));
    const before = random.octets(random.below(5));
    const around = Uint8Array.from(Buffer.concat([before, octets, random.octets(random.below(5))]));
    let parsed: ReturnType<typeof parseMetadata> | undefined;
    const code = refusalOf(() => {
      parsed = parseMetadata(around, before.length, before.length + octets.length);
    });
    assert.equal(code, expected === undefined ? "ERR_ZMTP_INVALID_METADATA" : undefined);
    if (parsed === undefined || expected === undefined) return;
    around.fill(0xee);
    assert.equal(parsed.count, expected.length);
    const map = parsed.toMap();
    for (const [name] of expected) {
      const first = expected.find((property) => isSame(property[0], name)) as Property;
      for (const found of [findProperty(parsed, name), findProperty(map, name.toUpperCase())]) {
        // Upper case of Latin-1 may leave it; the octets may not.
        if (found === undefined && /[^\0-\x7f]/.test(name)) continue;
        assert.equal(bytesKey(found as Uint8Array), first[1].toString("latin1"));
      }
    }
    assert.equal(map.size, new Set(expected.map((property) => fold(property[0]))).size);
  },
};
