import type { Random } from "./random.ts";

type Mutation = (random: Random, stream: Uint8Array) => Uint8Array;

function replace(stream: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const result = new Uint8Array(stream.length - removed + inserted.length);
  result.set(stream.subarray(0, at));
  result.set(inserted, at);
  result.set(stream.subarray(at + removed), at + inserted.length);
  return result;
}

/** An offset and how many octets from there, seldom many. */
function range(random: Random, stream: Uint8Array): [number, number] {
  const at = random.below(stream.length + 1);
  return [at, Math.min(stream.length - at, 1 + random.below(random.chance(0.8) ? 4 : 64))];
}

const flipBit: Mutation = (random, stream) => {
  const changed = stream.slice();
  const at = random.below(stream.length);
  changed[at] = changed[at]! ^ (1 << random.below(8));
  return changed;
};

const remove: Mutation = (random, stream) => {
  const [at, count] = range(random, stream);
  return replace(stream, at, count, new Uint8Array(0));
};

const duplicate: Mutation = (random, stream) => {
  const [at, count] = range(random, stream);
  return replace(stream, at, 0, stream.slice(at, at + count));
};

const insert: Mutation = (random, stream) => {
  const [at, count] = range(random, stream);
  return replace(stream, at, 0, random.octets(count));
};

/** A piece of the stream over another place of it. */
const splice: Mutation = (random, stream) => {
  const [from, count] = range(random, stream);
  const piece = stream.slice(from, from + count);
  const at = random.below(stream.length - piece.length + 1);
  return replace(stream, at, piece.length, piece);
};

/** An octet one more or one less: among others the sizes. */
const stepOctet: Mutation = (random, stream) => {
  const changed = stream.slice();
  const at = random.below(stream.length);
  changed[at] = changed[at]! + (random.chance(0.5) ? 1 : -1);
  return changed;
};

/** An octet at the border of its range. */
const extreme: Mutation = (random, stream) => {
  const changed = stream.slice();
  changed[random.below(stream.length)] = random.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff]);
  return changed;
};

const truncate: Mutation = (random, stream) => stream.slice(0, random.below(stream.length + 1));

const MUTATIONS = [flipBit, remove, duplicate, insert, splice, stepOctet, extreme, truncate];

/** The stream with up to `countMax` faults, none included. */
export function mutate(random: Random, stream: Uint8Array, countMax = 8): Uint8Array {
  // Of a Buffer `slice` is a view, and the original would change with it.
  let mutated: Uint8Array = new Uint8Array(stream);
  for (let count = random.below(countMax + 1); count > 0 && mutated.length > 0; count--) {
    mutated = random.pick(MUTATIONS)(random, mutated);
  }
  return mutated;
}

/**
 * The stream in pieces: whole, octet by octet, cut once anywhere, or cut often. Every piece is memory of its own, as
 * what a socket reads is, so that a reader which keeps a piece too long or changes it is noticed.
 */
export function cut(random: Random, stream: Uint8Array): Uint8Array[] {
  const ends: number[] = [];
  const kind = random.below(4);
  if (kind === 1 && stream.length < 4096) for (let at = 1; at < stream.length; at++) ends.push(at);
  if (kind === 2) ends.push(random.below(stream.length + 1));
  if (kind === 3) {
    const stepMax = random.pick([3, 12, 300, 9000, 60_000]);
    for (let at = random.between(1, stepMax); at < stream.length; at += random.between(1, stepMax))
      ends.push(at);
  }
  ends.push(stream.length);
  let start = 0;
  const pieces: Uint8Array[] = [];
  for (const end of ends) {
    if (end > start) pieces.push(new Uint8Array(stream.subarray(start, end)));
    start = end;
  }
  return pieces;
}
