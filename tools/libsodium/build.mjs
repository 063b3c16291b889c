// Compiles libsodium's boxes to WebAssembly and writes them as src/crypto/libsodium-wasm.ts:
//
//     git clone --depth 1 --branch 1.0.22-RELEASE https://github.com/jedisct1/libsodium
//     node tools/libsodium/build.mjs libsodium
//
// Wants clang and wasm-ld of LLVM 14 (Debian 12: clang-14, lld-14; else name them in CLANG and WASM_LD): with them the
// result is the same to the octet, and with others its text alone differs. libsodium's files are compiled as they are,
// and what they must be stands here. No part of the tests: they check what was built (test/unit/crypto).
// Why it is built here at all: docs/adr/0028.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const VERSION = "1.0.22";
/** Of the files below, in this order. */
const SOURCES_SHA256 = "3ced0b4323407a22ba3adb98e4224878413090006859e7eece134389cb09e7aa";
/** All of libsodium that decides about a secret; headers have no code but loads and stores. */
const SOURCES = [
  "LICENSE",
  "src/libsodium/crypto_core/hsalsa20/ref2/core_hsalsa20_ref2.c",
  "src/libsodium/crypto_core/salsa/ref/core_salsa_ref.c",
  "src/libsodium/crypto_onetimeauth/poly1305/donna/poly1305_donna.c",
  "src/libsodium/crypto_onetimeauth/poly1305/donna/poly1305_donna.h",
  "src/libsodium/crypto_onetimeauth/poly1305/donna/poly1305_donna32.h",
  "src/libsodium/crypto_stream/salsa20/ref/salsa20_ref.c",
  "src/libsodium/crypto_stream/salsa20/xmm6int/salsa20_xmm6int-sse2.c",
  "src/libsodium/crypto_stream/salsa20/xmm6int/u0.h",
  "src/libsodium/crypto_stream/salsa20/xmm6int/u1.h",
  "src/libsodium/crypto_stream/salsa20/xmm6int/u4.h",
  "src/libsodium/crypto_verify/verify.c",
  "src/libsodium/include/sodium/private/common.h",
  "src/libsodium/include/sodium/private/sse2_64_32.h",
];

const here = dirname(fileURLToPath(import.meta.url));
const target = join(dirname(dirname(here)), "src", "crypto", "libsodium-wasm.ts");
const clang = process.env.CLANG ?? "clang-14";
const linker = process.env.WASM_LD ?? "wasm-ld-14";

const COMPILE = [
  "--target=wasm32",
  "-std=c11",
  "-O2",
  // Poly1305's loop in line: a function of its own takes half as long again.
  ...["-mllvm", "-inline-threshold=600"],
  "-ffreestanding",
  "-fno-builtin",
  // libsodium marks functions for SSE2, which is no feature of this target.
  "-Wno-ignored-attributes",
  "-DSODIUM_STATIC",
  "-DCONFIGURED=1",
  "-DNATIVE_LITTLE_ENDIAN",
  "-c",
];
const SIMD = ["-msimd128", "-DWITH_SIMD", "-DHAVE_EMMINTRIN_H", "-D__SSE2__"];
const LINK = ["--no-entry", "--strip-all", "--stack-first", "-z", "stack-size=8192"];

function checkSources(libsodium) {
  const hash = createHash("sha256");
  for (const name of SOURCES) hash.update(readFileSync(join(libsodium, name)));
  const found = hash.digest("hex");
  if (found !== SOURCES_SHA256)
    throw new Error(`${libsodium} is not libsodium ${VERSION} as released: its files hash to ${found}`);
}

function build(libsodium, folder, flags) {
  const root = join(libsodium, "src", "libsodium");
  const includes = [join(here, "include"), join(root, "include", "sodium"), join(root, "include"), root];
  const object = join(folder, "boxes.o");
  const module = join(folder, "boxes.wasm");
  const args = [
    ...COMPILE,
    ...flags,
    ...includes.map((path) => `-I${path}`),
    join(here, "boxes.c"),
    "-o",
    object,
  ];
  execFileSync(clang, args, { stdio: "inherit" });
  // Not by way of the compiler, which would call wasm-opt wherever it finds one.
  execFileSync(linker, [...LINK, object, "-o", module], { stdio: "inherit" });
  return readFileSync(module);
}

function constant([name, what, octets]) {
  const sha256 = createHash("sha256").update(octets).digest("hex");
  return `/**
 * ${what}: ${octets.length} octets, SHA-256
 * ${sha256}.
 */
export const ${name}: string =
  "${octets.toString("base64")}";
`;
}

function moduleText(licence, constants) {
  // The licence is a comment already; with "!" it stays where comments are removed.
  const notice = licence.trim().replace("/*\n", `/*!\n * Compiled from libsodium ${VERSION}.\n *\n`);
  return `${notice}
// Made by tools/libsodium/build.mjs, which says how. In base64, so that no file is read to load it.

/** The release of libsodium. */
export const LIBSODIUM_VERSION = "${VERSION}";

${constants.map(constant).join("\n")}`;
}

const [libsodium] = process.argv.slice(2);
if (libsodium === undefined)
  throw new Error("usage: node tools/libsodium/build.mjs <folder of libsodium's sources>");
checkSources(libsodium);
const folder = mkdtempSync(join(tmpdir(), "libsodium-"));
try {
  const simd = build(libsodium, folder, SIMD);
  const scalar = build(libsodium, folder, []);
  const licence = readFileSync(join(libsodium, "LICENSE"), "utf8");
  const text = moduleText(licence, [
    ["SIMD_MODULE", "libsodium's SSE2 code, by the vectors of WebAssembly", simd],
    ["SCALAR_MODULE", "The same without vectors", scalar],
  ]);
  writeFileSync(target, text);
  process.stdout.write(`${target}: ${simd.length} and ${scalar.length} octets\n`);
} finally {
  rmSync(folder, { recursive: true });
}
