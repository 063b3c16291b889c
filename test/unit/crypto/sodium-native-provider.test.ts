import { createRequire } from "node:module";
import { test } from "node:test";
import { createLibsodium } from "../../../src/crypto/libsodium-provider.ts";
import type { SodiumNative } from "../../../src/crypto/sodium-native-provider.ts";
import { SodiumNativeProvider } from "../../../src/crypto/sodium-native-provider.ts";
import { testBoxes } from "./box-suite.ts";

const sodium = loadNative();

if (sodium === null) {
  test("sodium-native: boxes", { skip: "the package sodium-native is not installed" }, () => undefined);
} else {
  testBoxes("sodium-native", async () => new SodiumNativeProvider(sodium, createLibsodium()));
}

function loadNative(): SodiumNative | null {
  try {
    return createRequire(import.meta.url)("sodium-native") as SodiumNative;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
