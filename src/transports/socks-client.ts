import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { TcpEnd } from "../core/endpoint.ts";
import { parseIp } from "../core/ip-address.ts";

/** RFC 1929: both go to the proxy in clear text. */
export interface SocksCredentials {
  readonly username: string;
  readonly password: string;
}

/** The proxy does not do what it was asked for. */
export class SocksFailure extends Error {
  readonly code: SocksCode;
  /** What to do. */
  readonly remedy: string;
  /** The proxy would say the same if it were asked again. */
  readonly isFinal: boolean;

  constructor(code: SocksCode, why: string, remedy: string, isFinal: boolean, cause: unknown = undefined) {
    super(why, cause === undefined ? undefined : { cause });
    this.name = "SocksFailure";
    this.code = code;
    this.remedy = remedy;
    this.isFinal = isFinal;
  }
}

type SocksCode =
  | "EACCES"
  | "ECONNREFUSED"
  | "ECONNRESET"
  | "EHOSTUNREACH"
  | "EIO"
  | "ENETUNREACH"
  | "ENOTSUP"
  | "EPROTO"
  | "ETIMEDOUT";

const VERSION = 5;
const METHOD = { none: 0, password: 2, noneAcceptable: 0xff } as const;
const PASSWORD_VERSION = 1;
const CONNECT = 1;
const ADDRESS = { ipv4: 1, name: 3, ipv6: 4 } as const;
/** RFC 1928, 5: "the first octet of the address field contains the number of octets of name that follow". */
export const SOCKS_NAME_SIZE_MAX = 255;

/** Octets of a reply before its address, and of the port behind it. */
const REPLY_HEAD_SIZE = 4;
const PORT_SIZE = 2;
/** The longest of all answers: a reply with a name of 255 octets. */
const ANSWER_SIZE_MAX = REPLY_HEAD_SIZE + 1 + SOCKS_NAME_SIZE_MAX + PORT_SIZE;

type Step = "method" | "password" | "reply" | "done";

/**
 * The client of a SOCKS5 proxy (RFC 1928, and RFC 1929 for a name and password) for one connection. Sans-I/O: octets of
 * the proxy in by `receive`, octets for it out. A name goes to the proxy as it is: it is looked up there.
 *
 *      us        5 | number of methods | methods            proxy     5 | method
 *      us        1 | size | username | size | password      proxy     1 | 0                     (method 2)
 *      us        5 | 1 | 0 | kind | address | port          proxy     5 | 0 | 0 | kind | address | port
 */
export class SocksClient {
  readonly #target: TcpEnd;
  readonly #credentials: SocksCredentials | null;
  /** What came of the answer that is awaited. */
  readonly #answer: Uint8Array;
  #size: number;
  #step: Step;

  constructor(target: TcpEnd, credentials: SocksCredentials | null) {
    this.#target = target;
    this.#credentials = credentials;
    this.#answer = new Uint8Array(ANSWER_SIZE_MAX);
    this.#size = 0;
    this.#step = "method";
  }

  /** The proxy is connected with the peer; what it sends from now on is the peer's. */
  get isDone(): boolean {
    return this.#step === "done";
  }

  /** The first octets. */
  greeting(): Uint8Array {
    if (this.#credentials === null) return Uint8Array.of(VERSION, 1, METHOD.none);
    return Uint8Array.of(VERSION, 2, METHOD.password, METHOD.none);
  }

  /**
   * Takes octets of the proxy and answers how many of them were its own: fewer than all once it is done, when the rest is
   * the peer's. `send` is given what the proxy shall be sent. Throws SocksFailure.
   */
  receive(octets: Uint8Array, send: (octets: Uint8Array) => void): number {
    let count = 0;
    while (count < octets.length && this.#step !== "done") {
      this.#answer[this.#size++] = octets[count++]!;
      if (this.#isAnswerWhole()) {
        this.#size = 0;
        this.#goOn(send);
      }
    }
    return count;
  }

  /** Checks each octet as it comes: what is no SOCKS is found at its first. */
  #isAnswerWhole(): boolean {
    const [version, status] = this.#answer as unknown as [number, number];
    const wanted = this.#step === "password" ? PASSWORD_VERSION : VERSION;
    if (version !== wanted) throw this.#notSocks(version);
    if (this.#size < 2) return false;
    if (this.#step === "method") this.#checkMethod(status);
    if (this.#step === "password" && status !== 0) throw refusedCredentials();
    if (this.#step !== "reply") return true;
    if (status !== 0) throw failureOf(status);
    return this.#size === this.#replySize();
  }

  /** Of the reply that has begun; infinite while it is not known. */
  #replySize(): number {
    const [, , , kind, nameSize] = this.#answer as unknown as [number, number, number, number, number];
    if (this.#size < REPLY_HEAD_SIZE) return Number.POSITIVE_INFINITY;
    if (kind === ADDRESS.ipv4) return REPLY_HEAD_SIZE + 4 + PORT_SIZE;
    if (kind === ADDRESS.ipv6) return REPLY_HEAD_SIZE + 16 + PORT_SIZE;
    if (kind !== ADDRESS.name) throw broken(`names an address of the unknown kind ${kind}`);
    return this.#size === REPLY_HEAD_SIZE
      ? Number.POSITIVE_INFINITY
      : REPLY_HEAD_SIZE + 1 + nameSize + PORT_SIZE;
  }

  #goOn(send: (octets: Uint8Array) => void): void {
    if (this.#step === "method" && this.#answer[1] === METHOD.password) {
      this.#step = "password";
      send(passwordRequest(this.#credentials as SocksCredentials));
    } else if (this.#step === "reply") {
      this.#step = "done";
    } else {
      this.#step = "reply";
      send(connectRequest(this.#target));
    }
  }

  #checkMethod(method: number): void {
    if (method === METHOD.none) return;
    const hasPassword = this.#credentials !== null;
    if (method === METHOD.password && hasPassword) return;
    if (method !== METHOD.noneAcceptable && method !== METHOD.password)
      throw broken(`chose the method ${method}, which it was not offered`);
    const why = hasPassword
      ? "accepts none of the ways to authenticate that it was offered"
      : "lets nobody in without a username and password";
    throw new SocksFailure("EACCES", why, "Set socksUsername and socksPassword to what it asks for.", true);
  }

  #notSocks(version: number): SocksFailure {
    if (this.#step !== "method") return broken(`answered with version ${version}`);
    const what = version === 0 ? "speaks SOCKS4" : "does not speak SOCKS5";
    return new SocksFailure("EPROTO", what, "Check the host and port of socksProxy.", true);
  }
}

function passwordRequest({ username, password }: SocksCredentials): Uint8Array {
  const [name, secret] = [username, password].map((text) => platform.encodeText(text)) as [
    Uint8Array,
    Uint8Array,
  ];
  return Uint8Array.of(PASSWORD_VERSION, name.length, ...name, secret.length, ...secret);
}

function connectRequest({ host, port }: TcpEnd): Uint8Array {
  const address = parseIp(host);
  const name = platform.encodeText(host);
  const where =
    address === undefined
      ? [ADDRESS.name, name.length, ...name]
      : [address.length === 4 ? ADDRESS.ipv4 : ADDRESS.ipv6, ...address];
  return Uint8Array.of(VERSION, CONNECT, 0, ...where, port >> 8, port & 0xff);
}

function refusedCredentials(): SocksFailure {
  const why = "does not accept the username and password";
  return new SocksFailure("EACCES", why, "Check socksUsername and socksPassword.", true);
}

function broken(what: string): SocksFailure {
  return new SocksFailure("EPROTO", what, "It breaks RFC 1928; check what is listening there.", true);
}

const AGAIN = "Connecting goes on by itself.";

/** RFC 1928, 6: what a reply says, in words. */
const REPLIES: Readonly<Record<number, readonly [SocksCode, string, string, boolean]>> = {
  1: ["EIO", "failed, and does not say why", AGAIN, false],
  2: ["EACCES", "does not allow this connection", "Its rules have to allow the peer's address.", true],
  3: ["ENETUNREACH", "has no way to the peer's network", AGAIN, false],
  4: ["EHOSTUNREACH", "has no way to the peer's host, or does not know its name", AGAIN, false],
  5: ["ECONNREFUSED", "was refused: nobody listens there", `Start the peer. ${AGAIN}`, false],
  6: ["ETIMEDOUT", "lost its way to the peer: the time to live expired", AGAIN, false],
  7: ["ENOTSUP", "does not make connections (SOCKS command CONNECT)", "Use another proxy.", true],
  8: [
    "ENOTSUP",
    "does not take this kind of address",
    "Give the peer's IPv4 address, its IPv6 address or its name, whichever the proxy takes.",
    true,
  ],
};

function failureOf(status: number): SocksFailure {
  const known = REPLIES[status];
  if (known !== undefined) return new SocksFailure(...known);
  return new SocksFailure("EIO", `failed with the unknown status ${status}`, AGAIN, false);
}

/** The failure as the error of an attempt to connect. */
export function socksError(endpoint: string, proxy: string, failure: SocksFailure): ZmqError {
  const sentence = `Cannot connect to ${endpoint}: the SOCKS proxy ${proxy} ${failure.message}.`;
  return new ZmqError(failure.code, sentence, {
    address: endpoint,
    cause: failure.cause,
    remedy: failure.remedy,
  });
}
