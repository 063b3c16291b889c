import { ZmqError } from "../base/errors.ts";
import { nodeCrypto } from "./node-crypto.ts";

/** Octets that nobody can guess. EIO where the system has none: then there is no handshake. */
export function randomOctets(size: number): Uint8Array {
  try {
    return nodeCrypto().randomFillSync(new Uint8Array(size));
  } catch (cause) {
    throw noRandomness(cause);
  }
}

/** The system has nothing to make keys of. It costs the connection that needed one, and nobody else. */
export function noRandomness(cause: unknown): ZmqError {
  const sentence = "The system gave no random octets, and without them no key can be made.";
  return new ZmqError("EIO", sentence, { cause, remedy: "Look at the cause; a later attempt may succeed." });
}

/** Compares in a time that tells nothing of where they differ. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && nodeCrypto().timingSafeEqual(a, b);
}

/** Overwrites secrets that are done with. */
export function wipe(...secrets: readonly (Uint8Array | null)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
