import { invariant } from "../base/errors.ts";
import { LIBSODIUM_VERSION, SCALAR_MODULE, SIMD_MODULE } from "./libsodium-wasm.ts";
import { wipe } from "./octets.ts";
import type { BoxProvider, BoxStream } from "./provider.ts";
import { KEY_SIZE, NONCE_PREFIX_SIZE, TAG_SIZE } from "./provider.ts";

/** What tools/libsodium/boxes.c exports: where its memory is, and what it does there. */
interface LibsodiumExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  source(): number;
  target(): number;
  key(): number;
  block(): number;
  textSize(): number;
  hash(): void;
  seal(high: number, low: number, size: number): void;
  open(high: number, low: number, size: number): number;
  begin(high: number, low: number): void;
  crypt(from: number, size: number, block: number): void;
  authenticate(from: number, size: number): void;
  finish(): void;
  expect(): void;
  check(): number;
}

/** The little of WebAssembly that is used; TypeScript has types of it for browsers only. */
declare const WebAssembly: {
  validate(octets: Uint8Array): boolean;
  Module: new (octets: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: object };
};

/** In front of the text stands what becomes Poly1305's key; its second half is then the tag's place. */
const PAD_SIZE = 32;
const BLOCK_SIZE = 64;
/** Below this a loop of octets beats the call of `set`. */
const LOOP_SIZE_MAX = 40;

/** libsodium for this host. Throws where there is no WebAssembly, or none is allowed. */
export function createLibsodium(): LibsodiumProvider {
  const octets = decodeBase64(SIMD_MODULE);
  return WebAssembly.validate(octets) ? instantiate(octets, "SIMD") : createScalarLibsodium();
}

/** The same without vectors, which a few processors lack: half as fast for long messages. */
export function createScalarLibsodium(): LibsodiumProvider {
  return instantiate(decodeBase64(SCALAR_MODULE), "scalar");
}

function instantiate(octets: Uint8Array, kind: string): LibsodiumProvider {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(octets));
  return new LibsodiumProvider(`libsodium ${LIBSODIUM_VERSION} (WebAssembly, ${kind})`, exports);
}

function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * XSalsa20-Poly1305 by libsodium's code, compiled to WebAssembly. A text goes into the module's memory, is sealed or
 * opened there in one call, and comes out; what is longer than that memory, in pieces.
 */
export class LibsodiumProvider implements BoxProvider {
  readonly name: string;
  readonly #libsodium: LibsodiumExports;
  readonly #heap: Uint8Array;
  /** Offsets of texts in `#heap`: where they go in, and where an opened one comes out. */
  readonly #source: number;
  readonly #target: number;
  readonly #key: number;
  readonly #block: number;
  /** Octets of a piece, PAD_SIZE included: whole blocks of Salsa20. */
  readonly #pieceSize: number;
  /** The stream whose key lies at `#key`. */
  #loaded: object | null;
  /** Octets of the longest text that may lie in the memory yet. */
  #usedSize: number;

  /** `exports` are those of an instance of the module. */
  constructor(name: string, exports: object) {
    const libsodium = exports as LibsodiumExports;
    this.name = name;
    this.#libsodium = libsodium;
    this.#heap = new Uint8Array(libsodium.memory.buffer);
    this.#source = libsodium.source() + PAD_SIZE;
    this.#target = libsodium.target() + PAD_SIZE;
    this.#key = libsodium.key();
    this.#block = libsodium.block();
    this.#pieceSize = libsodium.textSize() + PAD_SIZE;
    this.#loaded = null;
    this.#usedSize = 0;
    invariant(this.#pieceSize % BLOCK_SIZE === 0, "a piece is whole blocks");
  }

  deriveKey(sharedSecret: Uint8Array): Uint8Array {
    return this.#hash(sharedSecret, new Uint8Array(NONCE_PREFIX_SIZE));
  }

  openStream(key: Uint8Array, noncePrefix: Uint8Array): BoxStream {
    return new LibsodiumStream(this, this.#hash(key, noncePrefix));
  }

  /** HSalsa20. */
  #hash(key: Uint8Array, block: Uint8Array): Uint8Array {
    invariant(
      key.length === KEY_SIZE && block.length === NONCE_PREFIX_SIZE,
      "a key of 32 octets, a block of 16",
    );
    const heap = this.#heap;
    const at = this.#key;
    this.#loaded = null;
    heap.set(key, at);
    heap.set(block, this.#block);
    this.#libsodium.hash();
    const hash = heap.slice(at, at + KEY_SIZE);
    heap.fill(0, at, at + KEY_SIZE);
    return hash;
  }

  seal(
    stream: object,
    key: Uint8Array,
    high: number,
    low: number,
    first: number,
    body: Uint8Array,
    target: Uint8Array,
    at: number,
  ): void {
    const heap = this.#heap;
    const { length } = body;
    const size = length + 1;
    if (this.#loaded !== stream) this.#load(stream, key);
    if (size > this.#pieceSize - PAD_SIZE) {
      this.#sealPieces(high, low, first, body, target, at);
      return;
    }
    if (size > this.#usedSize) this.#usedSize = size;
    const text = this.#source;
    heap[text] = first;
    if (length <= LOOP_SIZE_MAX) for (let i = 0; i < length; i++) heap[text + 1 + i] = body[i]!;
    else heap.set(body, text + 1);
    this.#libsodium.seal(high, low, size);
    const box = text - TAG_SIZE;
    const boxSize = TAG_SIZE + size;
    if (boxSize <= LOOP_SIZE_MAX) for (let i = 0; i < boxSize; i++) target[at + i] = heap[box + i]!;
    else target.set(heap.subarray(box, box + boxSize), at);
  }

  open(
    stream: object,
    key: Uint8Array,
    high: number,
    low: number,
    octets: Uint8Array,
    from: number,
    to: number,
  ): boolean {
    const heap = this.#heap;
    const begin = from + TAG_SIZE;
    const size = to - begin;
    if (size < 0) return false;
    if (this.#loaded !== stream) this.#load(stream, key);
    if (size > this.#pieceSize - PAD_SIZE) return this.#openPieces(high, low, octets, from, to);
    if (size > this.#usedSize) this.#usedSize = size;
    const boxSize = TAG_SIZE + size;
    const box = this.#source - TAG_SIZE;
    if (boxSize <= LOOP_SIZE_MAX) for (let i = 0; i < boxSize; i++) heap[box + i] = octets[from + i]!;
    else heap.set(octets.subarray(from, to), box);
    if (this.#libsodium.open(high, low, size) === 0) return false;
    const text = this.#target;
    if (size <= LOOP_SIZE_MAX) for (let i = 0; i < size; i++) octets[begin + i] = heap[text + i]!;
    else octets.set(heap.subarray(text, text + size), begin);
    return true;
  }

  /** Neither the stream's key nor a text stays behind here. */
  forget(stream: object): void {
    const heap = this.#heap;
    if (this.#loaded === stream) {
      this.#loaded = null;
      heap.fill(0, this.#key, this.#key + KEY_SIZE);
    }
    const size = this.#usedSize;
    this.#usedSize = 0;
    heap.fill(0, this.#source - PAD_SIZE, this.#source + size);
    heap.fill(0, this.#target - PAD_SIZE, this.#target + size);
  }

  #load(stream: object, key: Uint8Array): void {
    this.#heap.set(key, this.#key);
    this.#loaded = stream;
  }

  #sealPieces(
    high: number,
    low: number,
    first: number,
    body: Uint8Array,
    target: Uint8Array,
    at: number,
  ): void {
    const heap = this.#heap;
    const libsodium = this.#libsodium;
    const { length } = body;
    const piece = this.#source - PAD_SIZE;
    libsodium.begin(high, low);
    this.#usedSize = this.#pieceSize - PAD_SIZE;
    let done = 0;
    for (let position = 0; done < length; position += this.#pieceSize) {
      // The first piece begins with the pad and the octet in front of the body.
      const skipped = position === 0 ? PAD_SIZE : 0;
      const ahead = position === 0 ? 1 : 0;
      const count = Math.min(this.#pieceSize - skipped - ahead, length - done);
      heap[piece + skipped] = first;
      heap.set(body.subarray(done, done + count), piece + skipped + ahead);
      libsodium.crypt(0, skipped + ahead + count, position / BLOCK_SIZE);
      libsodium.authenticate(skipped, ahead + count);
      const begin = piece + skipped;
      target.set(heap.subarray(begin, begin + ahead + count), at + TAG_SIZE + 1 - ahead + done);
      done += count;
    }
    libsodium.finish();
    target.set(heap.subarray(this.#source - TAG_SIZE, this.#source), at);
    heap.fill(0, piece, piece + PAD_SIZE);
  }

  #openPieces(high: number, low: number, octets: Uint8Array, from: number, to: number): boolean {
    const heap = this.#heap;
    const libsodium = this.#libsodium;
    const begin = from + TAG_SIZE;
    const piece = this.#source - PAD_SIZE;
    const size = this.#pieceSize;
    libsodium.begin(high, low);
    this.#usedSize = size - PAD_SIZE;
    heap.set(octets.subarray(from, begin), this.#source - TAG_SIZE);
    libsodium.expect();
    for (let at = begin; at < to; at += size) {
      const count = Math.min(size, to - at);
      heap.set(octets.subarray(at, at + count), piece);
      libsodium.authenticate(0, count);
    }
    if (libsodium.check() === 0) return false;
    for (let at = begin, position = 0; at < to; position += size) {
      const skipped = position === 0 ? PAD_SIZE : 0;
      const count = Math.min(size - skipped, to - at);
      heap.set(octets.subarray(at, at + count), piece + skipped);
      libsodium.crypt(0, skipped + count, position / BLOCK_SIZE);
      octets.set(heap.subarray(piece + skipped, piece + skipped + count), at);
      at += count;
    }
    heap.fill(0, piece, piece + PAD_SIZE);
    return true;
  }
}

class LibsodiumStream implements BoxStream {
  readonly #provider: LibsodiumProvider;
  readonly #key: Uint8Array;

  constructor(provider: LibsodiumProvider, key: Uint8Array) {
    this.#provider = provider;
    this.#key = key;
  }

  seal(high: number, low: number, first: number, body: Uint8Array, target: Uint8Array, at: number): void {
    this.#provider.seal(this, this.#key, high, low, first, body, target, at);
  }

  open(high: number, low: number, octets: Uint8Array, from: number, to: number): boolean {
    return this.#provider.open(this, this.#key, high, low, octets, from, to);
  }

  wipe(): void {
    wipe(this.#key);
    this.#provider.forget(this);
  }
}
