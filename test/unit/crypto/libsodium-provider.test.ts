// @ts-expect-error: the package has no types.
import createModule from "libsodium-sumo";
import type { LibsodiumModule } from "../../../src/crypto/libsodium-provider.ts";
import { LibsodiumProvider } from "../../../src/crypto/libsodium-provider.ts";
import { testBoxes } from "./box-suite.ts";

testBoxes("libsodium", async () => new LibsodiumProvider((await createModule()) as LibsodiumModule));
