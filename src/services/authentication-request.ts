import { decodeText } from "../base/bytes.ts";
import { platform } from "../base/platform.ts";
import { encodeZ85 } from "../crypto/z85.ts";
import type { Verdict } from "../security/authenticator.ts";
import type { ZapRequest } from "../security/zap.ts";
import { zapMetadata } from "../security/zap.ts";

/** Who wants to come in. */
export interface AuthenticationRequest {
  /** The `zapDomain` of the socket that the peer came to; empty if it has none. */
  readonly domain: string;
  /** The peer's IP address; empty for a peer over ipc. */
  readonly address: string;
  /** The `routingId` of the socket that the peer came to; empty if it has none. */
  readonly identity: Uint8Array;
  /** `"NULL"`, `"PLAIN"` or `"CURVE"`. */
  readonly mechanism: string;
  /** PLAIN: what the peer says it is. Empty with the other mechanisms. */
  readonly username: string;
  /** PLAIN: a secret, not shown by `console.log` and `JSON.stringify`. Empty with the other mechanisms. */
  readonly password: string;
  /** CURVE: the peer's permanent public key, in Z85. Empty with the other mechanisms. */
  readonly publicKey: string;
}

/**
 * Whether the peer may come in: `true` for a yes, whose user id is the user name or the key; a text for a yes with that
 * user id; `false` for a no (400); or everything that ZAP can say.
 */
export type AuthenticationAnswer = boolean | string | AuthenticationVerdict;

/** Everything that ZAP can say. */
export interface AuthenticationVerdict {
  /** 200: may come in. 300: not now, and may try again. 400: may not. 500: the authenticator failed. Default 200. */
  readonly status?: 200 | 300 | 400 | 500 | undefined;
  /** Why, for the events of the server. */
  readonly text?: string | undefined;
  /** With 200: at most 255 octets. Default: the user name or the key. */
  readonly userId?: string | undefined;
  /** With 200: what `peers[i].metadata` shows of the peer. */
  readonly metadata?: Readonly<Record<string, string | Uint8Array>> | undefined;
}

/** Decides about one peer; a rejection is status 500. */
export type AuthenticationCallback = (
  request: AuthenticationRequest,
) => AuthenticationAnswer | Promise<AuthenticationAnswer>;

const KEY_SIZE = 32;

/** What ZAP was asked, by name; `undefined` where the credentials are not those of the mechanism. */
export function describeRequest(request: ZapRequest): AuthenticationRequest | undefined {
  const { domain, address, identity, mechanism, credentials } = request;
  const known = { domain, address, identity, mechanism, username: "", password: "", publicKey: "" };
  Object.defineProperty(known, "password", { enumerable: false, writable: true });
  const [first, second] = credentials;
  if (mechanism === "NULL") return credentials.length === 0 ? known : undefined;
  if (mechanism === "PLAIN") {
    if (credentials.length !== 2) return undefined;
    known.username = decodeText(first);
    known.password = decodeText(second);
    return known;
  }
  if (mechanism !== "CURVE" || credentials.length !== 1 || first?.length !== KEY_SIZE) return undefined;
  known.publicKey = encodeZ85(first);
  return known;
}

/** An answer as ZAP says it. */
export function verdictOf(
  answer: AuthenticationAnswer,
  { username, publicKey }: AuthenticationRequest,
): Verdict {
  const own = username === "" ? publicKey : username;
  if (answer === true) return admit(own);
  if (answer === false) return refuse("No access");
  if (typeof answer === "string") return admit(answer);
  const { status = 200, text = status === 200 ? "OK" : "No access", userId = own, metadata } = answer;
  if (status !== 200) return { status, text, userId: "", metadata: null };
  const entries = Object.entries(metadata ?? {}).map(
    ([name, value]) => [name, typeof value === "string" ? platform.encodeText(value) : value] as const,
  );
  return { status, text, userId, metadata: entries.length === 0 ? null : zapMetadata(entries) };
}

export function admit(userId: string): Verdict {
  return { status: 200, text: "OK", userId, metadata: null };
}

export function refuse(text: string): Verdict {
  return { status: 400, text, userId: "", metadata: null };
}
