import { ZmqError } from "../base/errors.ts";
import type { Mechanism } from "../security/mechanism.ts";
import type { GreetingReader } from "../wire/greeting.ts";

/**
 * Where a handshake stood when it ended too early: which word of the peer did not come. That alone tells a wrong key from
 * a wrong password, for most who refuse a peer close without a word.
 */
export interface HandshakeStage {
  /** `before its WELCOME (CURVE)`: ends the sentences below. */
  readonly at: string;
  /** What mostly keeps that word from coming. */
  readonly remedy: string;
}

/** `greeting` is `null` once it is complete. */
export function handshakeStage(greeting: GreetingReader | null, mechanism: Mechanism): HandshakeStage {
  if (greeting !== null) return greetingStage(greeting.length);
  const { name, awaited } = mechanism;
  if (awaited === null) return { at: `before the authenticator answered (${name})`, remedy: ASKED };
  const remedy = name === "CURVE" && awaited === "WELCOME" ? WRONG_KEY : (REMEDIES[awaited] ?? "");
  return { at: `before its ${awaited} (${name})`, remedy };
}

function greetingStage(length: number): HandshakeStage {
  if (length === 0) return { at: "before its greeting", remedy: REMEDIES["greeting"] as string };
  return { at: `after ${length} octets of its greeting`, remedy: MISMATCH };
}

/** The stream ended before the handshake did. */
export function handshakeCut({ at, remedy }: HandshakeStage, cause: ZmqError | null): ZmqError {
  const sentence = `The peer closed the connection during the handshake, ${at}.`;
  // Octets that the peer had not read when it closed make a break of it.
  return new ZmqError(cause?.code === "ECONNRESET" ? "ECONNRESET" : "EPIPE", sentence, {
    remedy,
    ...(cause !== null && { cause }),
  });
}

/** Time is up. */
export function handshakeLate({ at, remedy }: HandshakeStage, limitMs: number): ZmqError {
  const sentence = `The peer did not finish its handshake within ${limitMs} ms, and stopped ${at}.`;
  return new ZmqError("ETIMEDOUT", sentence, { remedy });
}

const MISMATCH = "A peer of libzmq closes so when its security mechanism is another one.";
const WRONG_KEY = "A server of CURVE closes so when curveServerKey is not its public key.";
const ASKED = "Look at the ZAP handler of this socket's context: it has to answer every request.";

/** By the word that did not come. */
const REMEDIES: Readonly<Record<string, string>> = {
  greeting:
    "What is there may be no ZeroMQ socket, a forwarded port with nobody behind it, or one of libzmq with another security mechanism.",
  HELLO: "The peer may be a server like this socket: one of the two must be the client.",
  WELCOME: "The server's authenticator may not have answered, or have asked to try again later (300).",
  INITIATE: "The client stopped in its midst; look at its own log.",
  READY: "The peer's authenticator may not have answered, or have asked to try again later (300).",
};
