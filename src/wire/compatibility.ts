import type { SocketTypeName } from "../base/socket-type.ts";

/**
 * Which socket type may meet which. 37/ZMTP, The Socket-Type Property: "For each socket type, its legal peer types are
 * as follows"; the draft types as libzmq pairs them. STREAM and DGRAM speak no ZMTP and meet nobody.
 */
const LEGAL_PEERS: Readonly<Record<SocketTypeName, readonly string[]>> = {
  PAIR: ["PAIR"],
  PUB: ["SUB", "XSUB"],
  SUB: ["PUB", "XPUB"],
  REQ: ["REP", "ROUTER"],
  REP: ["REQ", "DEALER"],
  DEALER: ["REP", "DEALER", "ROUTER"],
  ROUTER: ["REQ", "DEALER", "ROUTER"],
  PULL: ["PUSH"],
  PUSH: ["PULL"],
  XPUB: ["SUB", "XSUB"],
  XSUB: ["PUB", "XPUB"],
  STREAM: [],
  SERVER: ["CLIENT"],
  CLIENT: ["SERVER"],
  RADIO: ["DISH"],
  DISH: ["RADIO"],
  GATHER: ["SCATTER"],
  SCATTER: ["GATHER"],
  DGRAM: [],
  PEER: ["PEER"],
  CHANNEL: ["CHANNEL"],
};

/** Whether a socket of type `ours` may talk to one that calls itself `theirs`, a text out of READY. */
export function mayMeet(ours: SocketTypeName, theirs: string): boolean {
  return LEGAL_PEERS[ours].includes(theirs);
}

/** The types that `ours` may meet, for sentences in events. */
export function legalPeers(ours: SocketTypeName): readonly string[] {
  return LEGAL_PEERS[ours];
}
