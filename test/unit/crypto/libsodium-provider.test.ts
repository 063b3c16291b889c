import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
// @ts-expect-error: the package has no types.
import createModule from "libsodium-sumo";
import nacl from "tweetnacl";
import { chooseSeed, Random } from "../../../fuzz/random.ts";
import { openBox, sealBox } from "../../../src/crypto/box.ts";
import {
  createLibsodium,
  createScalarLibsodium,
  LibsodiumProvider,
} from "../../../src/crypto/libsodium-provider.ts";
import { LIBSODIUM_VERSION, SCALAR_MODULE, SIMD_MODULE } from "../../../src/crypto/libsodium-wasm.ts";
import { testBoxes } from "./box-suite.ts";

/** What is used of libsodium as its authors compile it. */
interface Original {
  readonly HEAPU8: Uint8Array;
  _malloc(size: number): number;
  _sodium_version_string(): number;
  UTF8ToString(at: number): string;
  _crypto_secretbox_easy(
    box: number,
    text: number,
    size: number,
    sizeHigh: number,
    nonce: number,
    key: number,
  ): number;
}

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  key(): number;
  source(): number;
  target(): number;
  textSize(): number;
}

const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    Module: (new (octets: Uint8Array) => object) & { imports(module: object): object[] };
    Instance: new (module: object) => { readonly exports: Exports };
  };
};

const builds = [
  ["with vectors", createLibsodium],
  ["without vectors", createScalarLibsodium],
] as const;

for (const [name, create] of builds) {
  testBoxes(`libsodium ${name}`, async () => create());

  test(`libsodium ${name}: every size from 0 to 300 is tweetnacl's and noble's, and no bent box opens`, () => {
    const boxes = create();
    const key = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    const nonce = Uint8Array.from({ length: 24 }, (_, i) => 200 - i);
    for (let size = 1; size <= 300; size++) {
      const text = Uint8Array.from({ length: size }, (_, i) => i ^ size);
      const box = sealBox(boxes, key, nonce, text);
      assert.deepEqual(box, nacl.secretbox(text, nonce, key), `size ${size}`);
      assert.deepEqual(box, Uint8Array.from(xsalsa20poly1305(key, nonce).encrypt(text)), `size ${size}`);
      assert.deepEqual(openBox(boxes, key, nonce, box), text);
      const bent = Uint8Array.from(box);
      bent[(size * 11) % box.length]! ^= 1 << (size % 8);
      assert.equal(openBox(boxes, key, nonce, bent), null, `size ${size}`);
    }
  });

  test(`libsodium ${name}: what it seals is what libsodium's own build seals`, async (t) => {
    const original = (await createModule()) as Original;
    assert.equal(original.UTF8ToString(original._sodium_version_string()), LIBSODIUM_VERSION);
    const seed = chooseSeed(process.env.SEED);
    t.diagnostic(`SEED=${seed}`);
    const random = new Random(seed);
    const [boxAt, textAt, nonceAt, keyAt] = [90_016, 90_000, 24, 32].map((size) => original._malloc(size));
    const heap = original.HEAPU8;
    const boxes = create();
    for (let i = 0; i < 300; i++) {
      const [key, nonce] = [random.octets(32), random.octets(24)];
      const text = random.octets(1 + (i < 290 ? random.below(3000) : random.below(90_000)));
      heap.set(text, textAt);
      heap.set(nonce, nonceAt);
      heap.set(key, keyAt);
      original._crypto_secretbox_easy(boxAt!, textAt!, text.length, 0, nonceAt!, keyAt!);
      const theirs = Buffer.from(heap.slice(boxAt, boxAt! + 16 + text.length));
      assert.deepEqual(Buffer.from(sealBox(boxes, key, nonce, text)), theirs, `size ${text.length}`);
      assert.deepEqual(
        Buffer.from(openBox(boxes, key, nonce, theirs) ?? []),
        Buffer.from(text),
        `size ${text.length}`,
      );
    }
  });
}

test("libsodium: this host has vectors, and uses them", () => {
  assert.match(
    createLibsodium().name,
    new RegExp(`^libsodium ${LIBSODIUM_VERSION} \\(WebAssembly, SIMD\\)$`),
  );
});

test("libsodium: neither keys nor texts stay in its memory when a stream is wiped", () => {
  for (const module of [SIMD_MODULE, SCALAR_MODULE]) {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Buffer.from(module, "base64")));
    const memory = Buffer.from(exports.memory.buffer);
    const boxes = new LibsodiumProvider("libsodium", exports);
    const [key, prefix] = [Buffer.alloc(32, "key!"), Buffer.alloc(16, "prefix")];
    const stream = boxes.openStream(key, prefix);
    for (const size of [10, 5_000, 65_536, 150_000]) {
      const box = new Uint8Array(17 + size);
      stream.seal(0, 1, 0, Buffer.alloc(size, "secret text"), box, 0);
      assert.ok(stream.open(0, 1, Uint8Array.from(box), 0, box.length));
      box[20]! ^= 1;
      assert.ok(!stream.open(0, 1, box, 0, box.length));
      if (size > 10) assert.ok(stream.open(0, 1, box.with(20, box[20]! ^ 1), 0, box.length));
    }
    assert.ok(memory.includes("secret text"), "a text lies there while the stream is in use");
    stream.wipe();
    assert.ok(!memory.includes("secret text") && !memory.includes("key!key!"));
    const used = memory.subarray(exports.key(), exports.key() + 32);
    assert.ok(used.every((octet) => octet === 0));
    for (const at of [exports.source(), exports.target()]) {
      const text = memory.subarray(at, at + 32 + exports.textSize());
      assert.ok(text.every((octet) => octet === 0));
    }
  }
});

test("libsodium: the modules are small, whole, and need nothing of their host", () => {
  const text = readFileSync("src/crypto/libsodium-wasm.ts", "utf8");
  for (const module of [SIMD_MODULE, SCALAR_MODULE]) {
    const octets = Buffer.from(module, "base64");
    assert.ok(octets.length < 20_000);
    // The build writes the hash beside what it built: an edit by hand, or a merge gone wrong, shows.
    assert.ok(text.includes(createHash("sha256").update(octets).digest("hex")));
    assert.deepEqual(WebAssembly.Module.imports(new WebAssembly.Module(octets)), []);
  }
});
