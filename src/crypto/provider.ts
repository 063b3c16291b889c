/**
 * CONTRACT. Boxes: NaCl's `crypto_box` and `crypto_secretbox` (XSalsa20-Poly1305) out of audited code. Each
 * implementation is an adapter; no primitive is written here.
 *
 * A box is a tag of 16 octets and the ciphertext behind it. The nonce has 24 octets: in CURVE the first 16 are constant
 * for a direction of a connection, so the key that HSalsa20 makes of them is made once (`openStream`).
 */
export interface BoxProvider {
  /** Whose code it is, with its version. */
  readonly name: string;
  /** The key of `crypto_box` for what X25519 gave: HSalsa20 of it. */
  deriveKey(sharedSecret: Uint8Array): Uint8Array;
  /** One direction of a session. `noncePrefix` has 16 octets. */
  openStream(key: Uint8Array, noncePrefix: Uint8Array): BoxStream;
}

/** Seals or opens under one key and 16 constant octets of the nonce; the other eight are a number of two words. */
export interface BoxStream {
  /** Writes the box of `first` and `body`, 17 octets longer than `body`, into `target` from `at` on. */
  seal(high: number, low: number, first: number, body: Uint8Array, target: Uint8Array, at: number): void;
  /** Writes the text of the box in `octets[from, to)` over its ciphertext. `false`: forged, and nothing is written. */
  open(high: number, low: number, octets: Uint8Array, from: number, to: number): boolean;
  /** Forgets the key; the stream is of no use any more. */
  wipe(): void;
}

/** Octets of every key, secret or public. */
export const KEY_SIZE = 32;
/** Octets of the tag in front of a box's ciphertext. */
export const TAG_SIZE = 16;
/** Octets of a nonce. */
export const NONCE_SIZE = 24;
/** Octets of a nonce that a stream is opened with. */
export const NONCE_PREFIX_SIZE = 16;
