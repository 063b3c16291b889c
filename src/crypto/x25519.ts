import type { KeyObject } from "node:crypto";
import { nodeCrypto } from "./node-crypto.ts";
import { noRandomness } from "./octets.ts";
import { KEY_SIZE } from "./provider.ts";

/** A secret key that cannot be looked into: its octets are Node's. */
export interface SecretKey {
  readonly publicKey: Uint8Array;
  readonly handle: KeyObject;
}

/** RFC 8410: an X25519 private key in PKCS #8, up to its 32 octets. */
const PKCS8_PREFIX: readonly number[] = [
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20,
];
/** RFC 7748, section 6.1: the u-coordinate 9. */
let basePoint: KeyObject | null = null;
/** Imported keys by the octets that they were imported from: it takes as long as a handshake. */
const imported = new WeakMap<Uint8Array, SecretKey>();

/**
 * A fresh pair. The public key is computed and never exported: Node 20's export of a key that was just generated can
 * hang the process (its collector runs the generator's end, which waits for the lock that the export holds). EIO where
 * the system gives no random octets.
 */
export function createSecretKey(): SecretKey {
  let pair: { readonly privateKey: KeyObject };
  try {
    pair = nodeCrypto().generateKeyPairSync("x25519");
  } catch (cause) {
    throw noRandomness(cause);
  }
  return secretKeyOf(pair.privateKey);
}

/** The key with these 32 octets. They may be wiped afterwards only if the same array is never given again. */
export function importSecretKey(octets: Uint8Array): SecretKey {
  let key = imported.get(octets);
  if (key === undefined) {
    if (octets.length !== KEY_SIZE) throw new RangeError(`A secret key has ${KEY_SIZE} octets.`);
    const der = new Uint8Array(PKCS8_PREFIX.length + KEY_SIZE);
    der.set(PKCS8_PREFIX);
    der.set(octets, PKCS8_PREFIX.length);
    key = secretKeyOf(nodeCrypto().createPrivateKey({ key: der as Buffer, format: "der", type: "pkcs8" }));
    der.fill(0);
    imported.set(octets, key);
  }
  return key;
}

/**
 * What the owners of both keys share, or `null` for a public key of small order: with it all secrets would come out as
 * zeros. RFC 7748, section 6.1: the check for the all-zero value.
 */
export function shareSecret(secret: SecretKey, publicKey: Uint8Array): Uint8Array | null {
  try {
    const shared = agree(secret.handle, importPublicKey(publicKey));
    let union = 0;
    for (let i = 0; i < shared.length; i++) union |= shared[i]!;
    return union === 0 ? null : shared;
  } catch (error) {
    // OpenSSL fails for such keys, and only for them.
    if ((error as Error).name === "Error") return null;
    throw error;
  }
}

function secretKeyOf(handle: KeyObject): SecretKey {
  if (basePoint === null) {
    const nine = new Uint8Array(KEY_SIZE);
    nine[0] = 9;
    basePoint = importPublicKey(nine);
  }
  return { publicKey: agree(handle, basePoint), handle };
}

function agree(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  return nodeCrypto().diffieHellman({ privateKey, publicKey });
}

function importPublicKey(octets: Uint8Array): KeyObject {
  return nodeCrypto().createPublicKey({
    key: { kty: "OKP", crv: "X25519", x: base64Url(octets) },
    format: "jwk",
  });
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648, section 5, without padding. */
function base64Url(octets: Uint8Array): string {
  let text = "";
  for (let i = 0; i < octets.length; i += 3) {
    const bits = (octets[i]! << 16) | ((octets[i + 1] ?? 0) << 8) | (octets[i + 2] ?? 0);
    text += DIGITS[bits >>> 18]! + DIGITS[(bits >>> 12) & 63]!;
    if (i + 1 < octets.length) text += DIGITS[(bits >>> 6) & 63]!;
    if (i + 2 < octets.length) text += DIGITS[bits & 63]!;
  }
  return text;
}
