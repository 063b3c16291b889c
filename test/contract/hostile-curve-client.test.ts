// Section G of the hostile inputs through the engine of a client: whole, octet by octet and split.

import { client, command, initiated, prepareCurve } from "../peers/curve-ground.ts";
import { CurveClientPeer, CurveServerPeer, newKeys } from "../peers/curve-octets.ts";
import type { Row } from "../peers/curve-rows.ts";
import { bent, CRYPTOGRAPHIC, run, SMALL_ORDER, UNEXPECTED } from "../peers/curve-rows.ts";
import * as zmtp from "../peers/octets.ts";

prepareCurve();

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
    title: "a long WELCOME",
    code: "ERR_ZMTP_MALFORMED_COMMAND_WELCOME",
    meet: client,
    octets: (peer) => command(Buffer.concat([peer.welcome(), Buffer.of(0)])),
  },
  {
    title: "another server's WELCOME",
    code: CRYPTOGRAPHIC,
    meet: client,
    octets: (peer) => {
      const other = new CurveServerPeer(newKeys());
      other.clientTransientKey = peer.clientTransientKey;
      return command(other.welcome());
    },
  },
  {
    title: "the client's own HELLO, reflected",
    code: UNEXPECTED,
    meet: client,
    octets: () => command(new CurveClientPeer(newKeys().publicKey).hello()),
  },
  {
    title: "INITIATE of another client",
    code: UNEXPECTED,
    meet: initiated,
    octets: () => command(new CurveClientPeer(newKeys().publicKey).initiate()),
  },
  {
    title: "a bent WELCOME",
    code: CRYPTOGRAPHIC,
    meet: client,
    octets: (peer) => command(bent(peer.welcome(), 50)),
  },
  ...SMALL_ORDER.map((key, i) => ({
    title: `G03: a transient key of small order, ${i}`,
    code: CRYPTOGRAPHIC,
    meet: client,
    octets: (peer: CurveServerPeer) => command(peer.welcome(key)),
  })),
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
    title: "nonce 0 in READY",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    meet: initiated,
    octets: (peer) => command(peer.ready(undefined, 0n)),
  },
  {
    title: "READY with metadata that are none",
    code: "ERR_ZMTP_INVALID_METADATA",
    meet: initiated,
    octets: (peer) => command(peer.ready(Buffer.of(9, 65))),
  },
  {
    title: "D04: READY of a type that PUSH cannot talk to",
    code: "ERR_ZMTP_INVALID_METADATA",
    meet: initiated,
    octets: (peer) => command(peer.ready(zmtp.property("Socket-Type", "PUB"))),
  },
  ...["300", "400", "500"].map((status) => ({
    title: `ERROR ${status} instead of READY`,
    code: `AUTH_${status}`,
    meet: initiated,
    octets: () => zmtp.error(status),
  })),
  { title: "ERROR 400 instead of WELCOME", code: "AUTH_400", meet: client, octets: () => zmtp.error("400") },
  {
    title: "ERROR of no status",
    code: "ERR_ZMTP_UNSPECIFIED",
    meet: client,
    octets: () => zmtp.error("go away"),
  },
  {
    title: "ERROR that is cut",
    code: "ERR_ZMTP_MALFORMED_COMMAND_ERROR",
    meet: client,
    octets: () => zmtp.command("ERROR", "\x09400"),
  },
];

for (const row of clientRows) run("client", row);
