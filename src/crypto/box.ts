import { readU32 } from "../base/bytes.ts";
import type { BoxProvider } from "./provider.ts";
import { NONCE_PREFIX_SIZE, TAG_SIZE } from "./provider.ts";

/** A single box, under a nonce of its own. A text has an octet at least. */
export function sealBox(
  provider: BoxProvider,
  key: Uint8Array,
  nonce: Uint8Array,
  text: Uint8Array,
): Uint8Array {
  const box = new Uint8Array(TAG_SIZE + text.length);
  const stream = provider.openStream(key, nonce.subarray(0, NONCE_PREFIX_SIZE));
  const low = readU32(nonce, NONCE_PREFIX_SIZE + 4);
  stream.seal(readU32(nonce, NONCE_PREFIX_SIZE), low, text[0]!, text.subarray(1), box, 0);
  stream.wipe();
  return box;
}

/** What is in a box, or `null` for a forged one. */
export function openBox(
  provider: BoxProvider,
  key: Uint8Array,
  nonce: Uint8Array,
  box: Uint8Array,
): Uint8Array | null {
  const octets = Uint8Array.from(box);
  const stream = provider.openStream(key, nonce.subarray(0, NONCE_PREFIX_SIZE));
  const low = readU32(nonce, NONCE_PREFIX_SIZE + 4);
  const isGenuine = stream.open(readU32(nonce, NONCE_PREFIX_SIZE), low, octets, 0, octets.length);
  stream.wipe();
  return isGenuine ? octets.subarray(TAG_SIZE) : null;
}
