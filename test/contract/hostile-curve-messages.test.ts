// Section G of the hostile inputs behind the handshake, on both sides: whole, octet by octet and split.

import { admitted, connected, prepareCurve } from "../peers/curve-ground.ts";
import type { Sealer } from "../peers/curve-rows.ts";
import { bent, CRYPTOGRAPHIC, run, UNEXPECTED } from "../peers/curve-rows.ts";
import * as zmtp from "../peers/octets.ts";

prepareCurve();

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
    title: "G09: nonce 0",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(0, "x", 0n)),
    texts: [],
  },
  {
    title: "G09: the handshake's last nonce again",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(0, "x", peer.count)),
    texts: [],
  },
  {
    title: "G10: nonces that one number cannot tell apart, and then the middle one again",
    code: "ERR_ZMTP_INVALID_SEQUENCE",
    octets: (peer: Sealer) =>
      Buffer.concat(
        [0n, 1n, 2n, 1n].map((more) => zmtp.frame(0, peer.message(0, `${more}`, (1n << 53n) + more))),
      ),
    texts: ["0", "1", "2"],
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
  ...[1, 7, 8, 15, 16, 17, 31].map((size) => ({
    title: `G13: a MESSAGE of ${size} octets`,
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(0, "").subarray(0, size)),
    texts: [],
  })),
  ...[4, 0x40, 0x80, 0xff].map((flags) => ({
    title: `G13: flags ${flags}`,
    code: "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
    octets: (peer: Sealer) => zmtp.frame(0, peer.message(flags, "x")),
    texts: [],
  })),
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

for (const { texts, ...row } of sealedRows) {
  run("server", { ...row, meet: admitted }, texts);
  run("client", { ...row, meet: connected }, texts);
}
