import { createRequire } from "node:module";
import { test } from "node:test";
// @ts-expect-error: the package has no types.
import createModule from "libsodium-sumo";
import type { LibsodiumModule } from "../../../src/crypto/libsodium-provider.ts";
import { LibsodiumProvider } from "../../../src/crypto/libsodium-provider.ts";
import type { SodiumNative } from "../../../src/crypto/sodium-native-provider.ts";
import { SodiumNativeProvider } from "../../../src/crypto/sodium-native-provider.ts";
import { testBoxes } from "./box-suite.ts";

const sodium = loadNative();

if (sodium === null) {
  test("sodium-native: boxes", { skip: "the package sodium-native is not installed" }, () => undefined);
} else {
  testBoxes("sodium-native", async () => {
    const portable = new LibsodiumProvider((await createModule()) as LibsodiumModule);
    return new SodiumNativeProvider(sodium, portable);
  });
}

function loadNative(): SodiumNative | null {
  try {
    return createRequire(import.meta.url)("sodium-native") as SodiumNative;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND") return null;
    throw error;
  }
}
