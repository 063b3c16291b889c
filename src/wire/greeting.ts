import { bytesKey, hex } from "../base/bytes.ts";
import { invariant, ProtocolError } from "../base/errors.ts";

/**
 * The greeting, the first 64 octets of both directions. 37/ZMTP, Formal Grammar:
 *
 *     0     1 ... 8     9     10      11      12 ... 31      32        33 ... 63
 *   +----+-----------+----+-------+-------+-------------+-----------+------------+
 *   | ff |  padding  | 7f | major | minor |  mechanism  | as-server |   filler   |
 *   +----+-----------+----+-------+-------+-------------+-----------+------------+
 *   |     signature       |    version    | NUL padded  |  0 or 1   | 31 zeros   |
 */
export const GREETING_SIZE = 64;

const VERSION_MAJOR = 3;
const VERSION_MINOR = 1;
const SIGNATURE_START = 0;
const SIGNATURE_END = 9;
const MAJOR_AT = 10;
const MINOR_AT = 11;
const MECHANISM_AT = 12;
const MECHANISM_SIZE = 20;
const AS_SERVER_AT = 32;

/**
 * Our greeting. It goes out whole and at once: "When a peer does not need backwards interoperability, it SHOULD send
 * its full greeting immediately". The padding is eight zeros, as for every peer that detects no older protocol.
 */
export function encodeGreeting(mechanism: string, asServer: boolean): Uint8Array {
  invariant(/^[A-Z0-9_.+-]{1,20}$/.test(mechanism), `"${mechanism}" is no mechanism name`);
  const greeting = new Uint8Array(GREETING_SIZE);
  greeting[SIGNATURE_START] = 0xff;
  greeting[SIGNATURE_END] = 0x7f;
  greeting[MAJOR_AT] = VERSION_MAJOR;
  greeting[MINOR_AT] = VERSION_MINOR;
  for (let i = 0; i < mechanism.length; i++) greeting[MECHANISM_AT + i] = mechanism.charCodeAt(i);
  greeting[AS_SERVER_AT] = asServer ? 1 : 0;
  return greeting;
}

/**
 * Reads the peer's greeting, however it is cut, and throws a ProtocolError at the first octet that is wrong: an HTTP
 * client learns it from its first octet, a ZMTP 2.0 peer from its eleventh.
 *
 * ZMTP 1.0 and 2.0 are refused: they know no security mechanism, so taking them would be the downgrade that 37/ZMTP,
 * Security Considerations forbids. A higher version is a 3.1 peer: "A peer MUST accept higher protocol versions as
 * valid." Padding, filler and as-server are not validated; libzmq sends as-server 0 even as a server.
 */
export class GreetingReader {
  readonly #octets: Uint8Array;
  #length: number;

  constructor() {
    this.#octets = new Uint8Array(GREETING_SIZE);
    this.#length = 0;
  }

  /** Takes what belongs to the greeting from `chunk[start, end)` and gives the offset behind it. */
  receive(chunk: Uint8Array, start: number, end: number): number {
    const octets = this.#octets;
    let length = this.#length;
    let offset = start;
    while (offset < end && length < GREETING_SIZE) {
      octets[length] = chunk[offset]!;
      // A refusal leaves the count in front of the wrong octet: every further call is refused likewise.
      this.#length = length;
      if (length <= MAJOR_AT) this.#check(length);
      offset++;
      length++;
    }
    this.#length = length;
    return offset;
  }

  #check(at: number): void {
    const octet = this.#octets[at]!;
    if (at === SIGNATURE_START && octet !== 0xff) {
      throw refusal(
        `The peer does not speak ZMTP 3: its first octet is ${hex(this.#octets.subarray(0, 1))}, not ff.`,
        'Formal Grammar: "signature = %xFF padding %x7F"',
      );
    }
    // Only bit 0 tells a ZMTP 1.0 identity length from a signature; libzmq looks at no other bit.
    if (at === SIGNATURE_END && (octet & 1) === 0) {
      throw refusal("The peer speaks ZMTP 1.0, which has no security.", "Detecting ZMTP 1.0 and 2.0 Peers");
    }
    if (at === MAJOR_AT && octet < VERSION_MAJOR) {
      throw refusal(
        `The peer speaks an older ZMTP (revision ${octet}), which has no security.`,
        'Version Negotiation: "If a peer cannot downgrade its protocol to match its peer, it MUST close"',
      );
    }
  }

  /** Octets received so far. */
  get length(): number {
    return this.#length;
  }

  get isComplete(): boolean {
    return this.#length === GREETING_SIZE;
  }

  get major(): number {
    return this.#octets[MAJOR_AT]!;
  }

  get minor(): number {
    return this.#octets[MINOR_AT]!;
  }

  /** True for 3.0: no SUBSCRIBE, CANCEL or PING commands for this peer. Complete greetings only. */
  get isVersion30(): boolean {
    return this.major === VERSION_MAJOR && this.minor === 0;
  }

  /**
   * The mechanism without its NUL padding, one UTF-16 unit an octet: equal to a name exactly when the 20 octets are.
   * What stands behind an embedded NUL is part of it, so `NULL\0X` is not `NULL`.
   */
  get mechanism(): string {
    let size = MECHANISM_SIZE;
    while (size > 0 && this.#octets[MECHANISM_AT + size - 1] === 0) size--;
    return bytesKey(this.#octets, MECHANISM_AT, MECHANISM_AT + size);
  }

  get asServer(): boolean {
    return this.#octets[AS_SERVER_AT] === 1;
  }
}

function refusal(sentence: string, section: string): ProtocolError {
  return new ProtocolError("ERR_ZMTP_UNSPECIFIED", sentence, `37/ZMTP, ${section}`);
}
