import { randomFillSync, timingSafeEqual } from "node:crypto";

/** Octets that nobody can guess. Throws where the system has none: then there is no handshake. */
export function randomOctets(size: number): Uint8Array {
  return randomFillSync(new Uint8Array(size));
}

/** Compares in a time that tells nothing of where they differ. */
export function equalSecrets(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Overwrites secrets that are done with. */
export function wipe(...secrets: readonly (Uint8Array | null)[]): void {
  for (const secret of secrets) secret?.fill(0);
}
