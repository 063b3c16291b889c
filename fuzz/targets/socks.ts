import assert from "node:assert/strict";
import { SocksClient, type SocksCredentials, SocksFailure } from "../../src/transports/socks-client.ts";
import { cut, mutate } from "../mutate.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const CREDENTIALS: SocksCredentials = { username: "joe", password: "secret" };
const GREETING = { without: "050100", with: "05020200" };
const LOGIN = `0103${Buffer.from("joe").toString("hex")}06${Buffer.from("secret").toString("hex")}`;
/** To far.example, port 5555. */
const REQUEST = `050100030b${Buffer.from("far.example").toString("hex")}15b3`;
/** RFC 1928, 6, and which of them the proxy would say again. */
const CODES = [
  "EIO",
  "EACCES",
  "ENETUNREACH",
  "EHOSTUNREACH",
  "ECONNREFUSED",
  "ETIMEDOUT",
  "ENOTSUP",
  "ENOTSUP",
];
const FINAL = [2, 7, 8];

function input(random: Random, hasCredentials: boolean): Uint8Array {
  if (random.chance(0.05)) return random.octets(random.below(40));
  const method = hasCredentials && random.chance(0.7) ? 2 : 0;
  const login = method === 2 ? [1, 0] : [];
  const status = random.chance(0.7) ? 0 : random.below(11);
  const name = random.octets(random.pick([0, 1, 11, 255]));
  const address = random.pick([
    [1, ...random.octets(4)],
    [4, ...random.octets(16)],
    [3, name.length, ...name],
  ]);
  const peer = random.octets(random.pick([0, 1, 64]));
  const stream = [5, method, ...login, 5, status, 0, ...address, ...random.octets(2), ...peer];
  return mutate(random, Uint8Array.from(stream), 3);
}

interface Outcome {
  /** Octets of the proxy's own, or -1 while it has more to say. */
  readonly size: number;
  readonly sent: readonly string[];
  readonly failure?: readonly [code: string, isFinal: boolean];
}

/** RFC 1928 and RFC 1929 over the whole of what the proxy says. */
function playNaively(octets: Uint8Array, hasCredentials: boolean): Outcome {
  const sent = [hasCredentials ? GREETING.with : GREETING.without];
  const more: Outcome = { size: -1, sent };
  const broken: Outcome = { size: -1, sent, failure: ["EPROTO", true] };
  const [version, method] = octets;
  if (version === undefined) return more;
  if (version !== 5) return broken;
  if (method === undefined) return more;
  if (method === 255 || (method === 2 && !hasCredentials)) return { ...more, failure: ["EACCES", true] };
  if (method !== 0 && method !== 2) return broken;
  if (method === 2) {
    sent.push(LOGIN);
    if (octets.length > 2 && octets[2] !== 1) return broken;
    if (octets.length < 4) return more;
    if (octets[3] !== 0) return { ...more, failure: ["EACCES", true] };
  }
  sent.push(REQUEST);
  const replyAt = method === 2 ? 4 : 2;
  const reply = octets.subarray(replyAt);
  const [, status, , kind] = reply;
  if (reply.length > 0 && reply[0] !== 5) return broken;
  if (status === undefined) return more;
  if (status !== 0) return { ...more, failure: [CODES[status - 1] ?? "EIO", FINAL.includes(status)] };
  if (kind === undefined) return more;
  if (kind !== 1 && kind !== 3 && kind !== 4) return broken;
  if (kind === 3 && reply.length < 5) return more;
  const size = 4 + (kind === 1 ? 4 : kind === 4 ? 16 : 1 + reply[4]!) + 2;
  return reply.length < size ? more : { size: replyAt + size, sent };
}

function play(octets: readonly Uint8Array[], credentials: SocksCredentials | null): Outcome {
  const client = new SocksClient({ host: "far.example", family: 0, port: 5555, zone: "" }, credentials);
  const sent = [Buffer.from(client.greeting()).toString("hex")];
  let size = 0;
  try {
    for (const piece of octets) {
      const count = client.receive(piece, (said) => sent.push(Buffer.from(said).toString("hex")));
      assert.ok(count === piece.length || client.isDone, "octets are left before it is done");
      size += count;
      piece.fill(0xee);
    }
  } catch (error) {
    if (!(error instanceof SocksFailure)) throw error;
    return { size: -1, sent, failure: [error.code, error.isFinal] };
  }
  return { size: client.isDone ? size : -1, sent };
}

export const socks: Target = {
  invariant:
    "done, refused or waiting as the RFCs' naive reader says, however cut; no octet of the peer taken; SocksFailure only",
  smokeRounds: 20_000,
  round(random) {
    const credentials = random.chance(0.5) ? CREDENTIALS : null;
    const octets = input(random, credentials !== null);
    assert.deepEqual(play(cut(random, octets), credentials), playNaively(octets, credentials !== null));
  },
};
