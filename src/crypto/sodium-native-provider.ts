import { platform } from "../base/platform.ts";
import { wipe } from "./octets.ts";
import type { BoxProvider, BoxStream } from "./provider.ts";
import { NONCE_PREFIX_SIZE, NONCE_SIZE, TAG_SIZE } from "./provider.ts";

/** What is used of the `sodium-native` package. */
export interface SodiumNative {
  crypto_secretbox_detached(
    cipher: Uint8Array,
    tag: Uint8Array,
    text: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): void;
  crypto_secretbox_open_detached(
    text: Uint8Array,
    cipher: Uint8Array,
    tag: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): boolean;
}

/** Below this many octets a call into native code costs more than it saves (docs/adr/0028). */
const NATIVE_SIZE_MIN = 1536;

/**
 * Long bodies through native libsodium, where the application has installed `sodium-native`; all else through the
 * provider that is there anyway, which has what `sodium-native` lacks (HSalsa20) and is faster for short ones.
 */
export class SodiumNativeProvider implements BoxProvider {
  readonly name: string;
  readonly #sodium: SodiumNative;
  readonly #portable: BoxProvider;

  constructor(sodium: SodiumNative, portable: BoxProvider) {
    this.name = `sodium-native, ${portable.name}`;
    this.#sodium = sodium;
    this.#portable = portable;
  }

  deriveKey(sharedSecret: Uint8Array): Uint8Array {
    return this.#portable.deriveKey(sharedSecret);
  }

  openStream(key: Uint8Array, noncePrefix: Uint8Array): BoxStream {
    return new SodiumNativeStream(
      this.#sodium,
      this.#portable.openStream(key, noncePrefix),
      key,
      noncePrefix,
    );
  }
}

class SodiumNativeStream implements BoxStream {
  readonly #sodium: SodiumNative;
  readonly #portable: BoxStream;
  readonly #key: Uint8Array;
  readonly #nonce: Uint8Array;

  constructor(sodium: SodiumNative, portable: BoxStream, key: Uint8Array, noncePrefix: Uint8Array) {
    this.#sodium = sodium;
    this.#portable = portable;
    this.#key = Uint8Array.from(key);
    this.#nonce = new Uint8Array(NONCE_SIZE);
    this.#nonce.set(noncePrefix);
  }

  seal(high: number, low: number, first: number, body: Uint8Array, target: Uint8Array, at: number): void {
    if (body.length < NATIVE_SIZE_MIN) {
      this.#portable.seal(high, low, first, body, target, at);
      return;
    }
    const textAt = at + TAG_SIZE;
    target[textAt] = first;
    target.set(body, textAt + 1);
    const text = part(target, textAt, textAt + 1 + body.length);
    this.#sodium.crypto_secretbox_detached(
      text,
      part(target, at, textAt),
      text,
      this.#nonceOf(high, low),
      this.#key,
    );
  }

  open(high: number, low: number, octets: Uint8Array, from: number, to: number): boolean {
    if (to - from < NATIVE_SIZE_MIN) return this.#portable.open(high, low, octets, from, to);
    const text = part(octets, from + TAG_SIZE, to);
    const tag = part(octets, from, from + TAG_SIZE);
    return this.#sodium.crypto_secretbox_open_detached(text, text, tag, this.#nonceOf(high, low), this.#key);
  }

  wipe(): void {
    wipe(this.#key);
    this.#portable.wipe();
  }

  #nonceOf(high: number, low: number): Uint8Array {
    const nonce = this.#nonce;
    for (let i = 0; i < 4; i++) {
      nonce[NONCE_PREFIX_SIZE + i] = high >>> (24 - 8 * i);
      nonce[NONCE_PREFIX_SIZE + 4 + i] = low >>> (24 - 8 * i);
    }
    return nonce;
  }
}

function part(octets: Uint8Array, from: number, to: number): Uint8Array {
  return platform.view(octets.buffer, octets.byteOffset + from, to - from);
}
