import { keyBytes, readU32, writeU32 } from "../base/bytes.ts";
import type { ProtocolErrorCode } from "../base/errors.ts";
import { invariant, ProtocolError } from "../base/errors.ts";
import { NONCE_SIZE } from "../crypto/provider.ts";

/**
 * The commands of 26/CURVEZMQ. C and S are the permanent keys of client and server, C' and S' those of this connection,
 * in small letters their secret halves; K is a key of the server's own. A box is written [text](from->to).
 *
 *      0        6           8        80        112     120         200
 *      | HELLO  | version 1 | zeros  | C'      | nonce | [64 zeros](C'->S)
 *
 *      0         8       24                     168
 *      | WELCOME | nonce | [S', cookie](S->C')         cookie: nonce (16), [C', 32 octets](K)
 *
 *      0          9        105     113
 *      | INITIATE | cookie | nonce | [C, vouch, metadata](C'->S')      vouch: nonce (16), [C', S](C->S')
 *
 *      0       6       14
 *      | READY | nonce | [metadata](S'->C')
 *
 *      0         8       16
 *      | MESSAGE | nonce | [flags, body](S'->C') or (C'->S')
 *
 * A nonce of eight octets is a number that its sender counts up from 1 through all his commands.
 */
export const HELLO_SIZE = 200;
export const WELCOME_SIZE = 168;
export const COOKIE_SIZE = 96;
export const VOUCH_SIZE = 96;
/** With no metadata. */
export const INITIATE_SIZE_MIN = 257;
export const READY_SIZE_MIN = 30;
export const SHORT_NONCE_SIZE = 8;
export const LONG_NONCE_SIZE = 16;

export const HELLO_NONCE: Uint8Array = keyBytes("CurveZMQHELLO---");
export const INITIATE_NONCE: Uint8Array = keyBytes("CurveZMQINITIATE");
export const READY_NONCE: Uint8Array = keyBytes("CurveZMQREADY---");
export const CLIENT_MESSAGE_NONCE: Uint8Array = keyBytes("CurveZMQMESSAGEC");
export const SERVER_MESSAGE_NONCE: Uint8Array = keyBytes("CurveZMQMESSAGES");
export const WELCOME_NONCE: Uint8Array = keyBytes("WELCOME-");
export const COOKIE_NONCE: Uint8Array = keyBytes("COOKIE--");
export const VOUCH_NONCE: Uint8Array = keyBytes("VOUCH---");

/** The 24 octets of a nonce: the prefix, and what travels. */
export function nonceOf(prefix: Uint8Array, octets: Uint8Array): Uint8Array {
  const nonce = new Uint8Array(NONCE_SIZE);
  nonce.set(prefix);
  nonce.set(octets, prefix.length);
  return nonce;
}

/** A number of 64 bits in two words: as one number it would be rounded from 2^53 on, and two nonces become one. */
export class NonceCounter {
  high: number;
  low: number;

  constructor() {
    this.high = 0;
    this.low = 0;
  }

  /** Counts up. */
  advance(): void {
    this.low = (this.low + 1) >>> 0;
    if (this.low !== 0) return;
    this.high = (this.high + 1) >>> 0;
    // "SHALL NOT send more than 2^64-1 commands in one connection": half a million years at a million a second.
    invariant(this.high !== 0, "the nonces of a connection have run out");
  }

  /** Whether the number in `octets` is greater. */
  isBelow(octets: Uint8Array, at: number): boolean {
    const high = readU32(octets, at);
    return high > this.high || (high === this.high && readU32(octets, at + 4) > this.low);
  }

  /** Takes the number in `octets`. */
  read(octets: Uint8Array, at: number): void {
    this.high = readU32(octets, at);
    this.low = readU32(octets, at + 4);
  }

  write(octets: Uint8Array, at: number): void {
    writeU32(octets, at, this.high);
    writeU32(octets, at + 4, this.low);
  }
}

/** Throws unless the peer's nonce in `octets` is greater than its last one, and takes it. */
export function passNonce(last: NonceCounter, octets: Uint8Array, at: number): void {
  if (!last.isBelow(octets, at)) {
    throw curveError(
      "ERR_ZMTP_INVALID_SEQUENCE",
      "The peer sent a command whose nonce is not greater than the one before.",
      'The HELLO Command: "SHALL disconnect clients that reuse a short nonce"',
    );
  }
  last.read(octets, at);
}

export function curveError(code: ProtocolErrorCode, sentence: string, section: string): ProtocolError {
  return new ProtocolError(code, sentence, `26/CURVEZMQ, ${section}`);
}

/** A box that does not open, or a key that makes all secrets the same. */
export function forged(sentence: string, section: string): ProtocolError {
  return curveError("ERR_ZMTP_CRYPTOGRAPHIC", sentence, section);
}

export function unexpected(sentence: string): ProtocolError {
  const rule =
    "High-level Grammar: C:hello ( S:welcome | S:error ) C:initiate ( S:ready | S:error ) *message";
  return curveError("ERR_ZMTP_UNEXPECTED_COMMAND", sentence, rule);
}
