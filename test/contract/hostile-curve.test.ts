// Section G of the hostile inputs through the engine, on both sides: whole, octet by octet and split at every offset.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Met } from "../peers/curve-ground.ts";
import {
  admitted,
  client,
  command,
  connected,
  initiated,
  prepareCurve,
  server,
  shapesFor,
  welcomed,
} from "../peers/curve-ground.ts";
import type { CurveServerPeer } from "../peers/curve-octets.ts";
import { CurveClientPeer, newKeys } from "../peers/curve-octets.ts";
import * as zmtp from "../peers/octets.ts";

const UNEXPECTED = "ERR_ZMTP_UNEXPECTED_COMMAND";
const CRYPTOGRAPHIC = "ERR_ZMTP_CRYPTOGRAPHIC";

prepareCurve();

interface Row<Peer> {
  readonly title: string;
  readonly code: string;
  readonly meet: () => Met<Peer>;
  readonly octets: (peer: Peer) => Buffer;
}

function bent(octets: Buffer, at: number, bit = 1): Buffer {
  octets[at < 0 ? octets.length + at : at]! ^= bit;
  return octets;
}

const serverRows: Row<CurveClientPeer>[] = [
  { title: "G01: a message", code: UNEXPECTED, meet: server, octets: () => zmtp.message("sneaky") },
  {
    title: "G02: a short HELLO",
    code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
    meet: server,
    octets: (peer) => command(peer.hello().subarray(0, 199)),
  },
  { title: "G02: HELLP", code: UNEXPECTED, meet: server, octets: (peer) => command(bent(peer.hello(), 5)) },
  {
    title: "G02: HELLO as a message",
    code: UNEXPECTED,
    meet: server,
    octets: (peer) => zmtp.message(peer.hello()),
  },
  {
    title: "G03: a bent HELLO",
    code: CRYPTOGRAPHIC,
    meet: server,
    octets: (peer) => command(bent(peer.hello(), 130)),
  },
  {
    title: "G03: another server's HELLO",
    code: CRYPTOGRAPHIC,
    meet: server,
    octets: () => command(new CurveClientPeer(newKeys().publicKey).hello()),
  },
  {
    title: "G04: INITIATE first",
    code: UNEXPECTED,
    meet: server,
    octets: (peer) => command(peer.initiate()),
  },
  {
    title: "G04: MESSAGE first",
    code: UNEXPECTED,
    meet: server,
    octets: (peer) => zmtp.frame(0, peer.message(0, "x")),
  },
  {
    title: "G04: HELLO twice",
    code: UNEXPECTED,
    meet: server,
    octets: (peer) => Buffer.concat([command(peer.hello()), command(peer.hello())]),
  },
  {
    title: "G04: MESSAGE before READY",
    code: UNEXPECTED,
    meet: welcomed,
    octets: (peer) => zmtp.frame(0, peer.message(0, "x")),
  },
  {
    title: "G04: MESSAGE as a command before READY",
    code: UNEXPECTED,
    meet: welcomed,
    octets: (peer) => command(peer.message(0, "x")),
  },
  {
    title: "G05: a short INITIATE",
    code: "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
    meet: welcomed,
    octets: (peer) => command(peer.initiate().subarray(0, 256)),
  },
  {
    title: "G06: a bent cookie",
    code: CRYPTOGRAPHIC,
    meet: welcomed,
    octets: (peer) => command(bent(peer.initiate(), 40)),
  },
  {
    title: "G07: metadata of 64 KiB",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ metadata: Buffer.alloc(65_536) })).subarray(0, 300),
  },
  {
    title: "G07: a gigabyte declared",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    meet: welcomed,
    octets: () =>
      Buffer.concat([zmtp.longHeader(zmtp.COMMAND | zmtp.LONG, 1n << 30n), Buffer.from("\x08INITIATE")]),
  },
  {
    title: "G08: a vouch for another server",
    code: "ERR_ZMTP_KEY_EXCHANGE",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ vouched: [peer.transient.publicKey, newKeys().publicKey] })),
  },
  {
    title: "D04: a type that PULL cannot talk to",
    code: "ERR_ZMTP_INVALID_METADATA",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ metadata: zmtp.property("Socket-Type", "SUBSCRIBER") })),
  },
];

const sealedRows = [
  {
    title: "G09: a nonce again",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) =>
      Buffer.concat([zmtp.frame(0, peer.message(0, "1", 9n)), zmtp.frame(0, peer.message(0, "2", 9n))]),
    texts: ["1"],
  },
  {
    title: "G09: a lower nonce",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) =>
      Buffer.concat([zmtp.frame(0, peer.message(0, "1", 9n)), zmtp.frame(0, peer.message(0, "2", 8n))]),
    texts: ["1"],
  },
  {
    title: "G10: after the last nonce",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) =>
      Buffer.concat([
        zmtp.frame(0, peer.message(0, "1", (1n << 64n) - 1n)),
        zmtp.frame(0, peer.message(0, "2", 1n << 63n)),
      ]),
    texts: ["1"],
  },
  {
    title: "G13: a MESSAGE of 32 octets",
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(0, "").subarray(0, 32)),
    texts: [],
  },
  {
    title: "G13: nothing",
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: () => zmtp.frame(0, ""),
    texts: [],
  },
  {
    title: "G13: a bent box",
    code: CRYPTOGRAPHIC,
    octets: (peer: Sealer) => zmtp.frame(0, bent(peer.message(0, "x"), -1)),
    texts: [],
  },
  {
    title: "G13: reserved flags",
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(8, "x")),
    texts: [],
  },
  {
    title: "G13: a command without a name",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(2, "\0")),
    texts: [],
  },
  {
    title: "G13: a command with MORE",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(3, "\x04PING\0\0")),
    texts: [],
  },
  {
    title: "G17: MORE outside",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    octets: (peer: Sealer) => zmtp.frame(zmtp.MORE, peer.message(0, "x")),
    texts: [],
  },
  {
    title: "clear text after the handshake",
    code: UNEXPECTED,
    octets: () => zmtp.message("a long enough message in clear text, of 40 octets"),
    texts: [],
  },
  {
    title: "a clear PING after the handshake",
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: () => zmtp.ping(0),
    texts: [],
  },
];

type Sealer = Pick<CurveClientPeer, "message">;

const clientRows: Row<CurveServerPeer>[] = [
  {
    title: "a message instead of WELCOME",
    code: UNEXPECTED,
    meet: client,
    octets: () => zmtp.message("sneaky"),
  },
  {
    title: "READY instead of WELCOME",
    code: UNEXPECTED,
    meet: client,
    octets: (peer) => command(peer.ready()),
  },
  {
    title: "a short WELCOME",
    code: "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
    meet: client,
    octets: (peer) => command(peer.welcome().subarray(0, 167)),
  },
  {
    title: "a bent WELCOME",
    code: CRYPTOGRAPHIC,
    meet: client,
    octets: (peer) => command(bent(peer.welcome(), 50)),
  },
  {
    title: "a transient key of small order",
    code: CRYPTOGRAPHIC,
    meet: client,
    octets: (peer) => command(peer.welcome(new Uint8Array(32))),
  },
  {
    title: "WELCOME twice",
    code: UNEXPECTED,
    meet: client,
    octets: (peer) => Buffer.concat([command(peer.welcome()), command(peer.welcome())]),
  },
  {
    title: "MESSAGE before READY",
    code: UNEXPECTED,
    meet: initiated,
    octets: (peer) => zmtp.frame(0, peer.message(0, "x")),
  },
  {
    title: "a short READY",
    code: "ERR_ZMTP_MALFORMED_COMMAND_READY",
    meet: initiated,
    octets: (peer) => command(peer.ready().subarray(0, 29)),
  },
  {
    title: "a bent READY",
    code: CRYPTOGRAPHIC,
    meet: initiated,
    octets: (peer) => command(bent(peer.ready(), -1)),
  },
  {
    title: "an ERROR",
    code: "AUTH_400",
    meet: initiated,
    octets: () => command(Buffer.from("\x05ERROR\x03400")),
  },
];

/** One row in every shape; what came before its fault may have been delivered, and nothing else. */
function run<Peer extends Sealer>(side: string, row: Row<Peer>, texts: readonly string[] = []): void {
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

for (const row of serverRows) run("server", row);
for (const row of clientRows) run("client", row);
for (const { texts, ...row } of sealedRows) {
  run("server", { ...row, meet: admitted }, texts);
  run("client", { ...row, meet: connected }, texts);
}
