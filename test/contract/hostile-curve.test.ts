// Section G of the hostile inputs through the engine of a server: whole, octet by octet and split.

import { command, prepareCurve, server, ungreeted, welcomed } from "../peers/curve-ground.ts";
import { CurveClientPeer, newKeys } from "../peers/curve-octets.ts";
import type { Row } from "../peers/curve-rows.ts";
import { bent, CRYPTOGRAPHIC, replaced, run, SMALL_ORDER, UNEXPECTED } from "../peers/curve-rows.ts";
import * as zmtp from "../peers/octets.ts";

prepareCurve();

const serverRows: Row<CurveClientPeer>[] = [
  ...["NULL", "PLAIN", "curve", "CURVE\0X"].map((mechanism) => ({
    title: `G01: a greeting of ${JSON.stringify(mechanism)}`,
    code: "ERR_ZMTP_MECHANISM_MISMATCH",
    meet: ungreeted,
    octets: () => Buffer.concat([zmtp.greeting({ mechanism }), zmtp.ready("PUSH"), zmtp.message("sneaky")]),
  })),
  {
    title: "G01: ZMTP 1.0",
    code: "ERR_ZMTP_UNSPECIFIED",
    meet: ungreeted,
    octets: () => Buffer.from("\x01\x00\x08\x00sneaky", "latin1"),
  },
  {
    title: "G01: ZMTP 2.0",
    code: "ERR_ZMTP_UNSPECIFIED",
    meet: ungreeted,
    octets: () => zmtp.fromHex("ff 00 00 00 00 00 00 00 00 7f 01 08 00 00 00 06 73 6e 65 61 6b 79"),
  },
  { title: "G01: a message", code: UNEXPECTED, meet: server, octets: () => zmtp.message("sneaky") },
  {
    title: "G02: a short HELLO",
    code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
    meet: server,
    octets: (peer) => command(peer.hello().subarray(0, 199)),
  },
  ...[6, 201].map((size) => ({
    title: `G02: a HELLO of ${size} octets`,
    code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
    meet: server,
    octets: (peer: CurveClientPeer) => command(Buffer.concat([peer.hello(), Buffer.of(0)]).subarray(0, size)),
  })),
  ...[6, 7, 8, 79].map((at) => ({
    title: `G02: version or padding bent at ${at}`,
    code: "ERR_ZMTP_MALFORMED_COMMAND_HELLO",
    meet: server,
    octets: (peer: CurveClientPeer) => command(bent(peer.hello(), at, 2)),
  })),
  { title: "G02: 200 zeros", code: UNEXPECTED, meet: server, octets: () => command(Buffer.alloc(200)) },
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
  ...SMALL_ORDER.map((key, i) => ({
    title: `G03: a transient key of small order, ${i}`,
    code: CRYPTOGRAPHIC,
    meet: server,
    octets: (peer: CurveClientPeer) => command(replaced(peer.hello(), 80, key)),
  })),
  {
    title: "G03: nonce 0 in HELLO",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    meet: server,
    octets: (peer) => command(peer.hello(0n)),
  },
  ...SMALL_ORDER.map((key, i) => ({
    title: `G03: a permanent key of small order, ${i}`,
    code: CRYPTOGRAPHIC,
    meet: welcomed,
    octets: (peer: CurveClientPeer) => command(peer.initiate({ claimed: key })),
  })),
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
  ...[9, 10, 104, 105, 113, 129, 255].map((size) => ({
    title: `G05: an INITIATE of ${size} octets`,
    code: "ERR_ZMTP_MALFORMED_COMMAND_INITIATE",
    meet: welcomed,
    octets: (peer: CurveClientPeer) => command(peer.initiate().subarray(0, size)),
  })),
  {
    title: "G06: another connection's cookie",
    code: CRYPTOGRAPHIC,
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ cookie: welcomed().peer.cookie })),
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
    title: "G07: metadata of 1 MiB",
    code: "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ metadata: Buffer.alloc(1 << 20) })).subarray(0, 300),
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
    title: "G08: a vouch for another connection",
    code: "ERR_ZMTP_KEY_EXCHANGE",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ vouched: [newKeys().publicKey, peer.serverKey] })),
  },
  {
    title: "G08: another client's vouch",
    code: CRYPTOGRAPHIC,
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ voucher: newKeys() })),
  },
  {
    title: "G08: another client's key",
    code: CRYPTOGRAPHIC,
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ claimed: newKeys().publicKey })),
  },
  {
    title: "an ERROR of the client",
    code: UNEXPECTED,
    meet: welcomed,
    octets: () => zmtp.error("400"),
  },
  {
    title: "D04: a type that PULL cannot talk to",
    code: "ERR_ZMTP_INVALID_METADATA",
    meet: welcomed,
    octets: (peer) => command(peer.initiate({ metadata: zmtp.property("Socket-Type", "SUBSCRIBER") })),
  },
];

for (const row of serverRows) run("server", row);
