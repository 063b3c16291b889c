import { ZmqError } from "../base/errors.ts";
import { randomOctets, wipe } from "./octets.ts";
import { KEY_SIZE } from "./provider.ts";
import { importSecretKey } from "./x25519.ts";
import { decodeZ85, encodeZ85 } from "./z85.ts";

/** Two keys that belong together, each 40 characters in Z85 (32/Z85). */
export interface CurveKeyPair {
  /** For everybody who shall know this socket. */
  publicKey: string;
  /** For this socket alone. */
  secretKey: string;
}

/**
 * A fresh pair of CURVE keys, as `zmq_curve_keypair` makes them: for `curvePublicKey` and `curveSecretKey`, or for a
 * certificate file.
 */
export function curveKeyPair(): CurveKeyPair {
  const secret = randomOctets(KEY_SIZE);
  const pair = {
    publicKey: encodeZ85(importSecretKey(secret).publicKey),
    secretKey: encodeZ85(secret),
  };
  wipe(secret);
  return pair;
}

/** The public key of a secret one, both 40 characters in Z85, as `zmq_curve_public`. EINVAL for what is no key. */
export function curvePublicKey(secretKey: string): string {
  const secret = decodeZ85(secretKey);
  if (secret.length !== KEY_SIZE) {
    const sentence = `A secret key has 40 characters in Z85; ${secretKey.length} were given.`;
    throw new ZmqError("EINVAL", sentence, { remedy: "curveKeyPair() makes a pair." });
  }
  const publicKey = encodeZ85(importSecretKey(secret).publicKey);
  wipe(secret);
  return publicKey;
}
