import { ZmqError } from "../base/errors.ts";
import type { LibsodiumModule } from "./libsodium-provider.ts";
import { LibsodiumProvider } from "./libsodium-provider.ts";
import type { BoxProvider } from "./provider.ts";
import type { SodiumNative } from "./sodium-native-provider.ts";
import { SodiumNativeProvider } from "./sodium-native-provider.ts";

/**
 * Where boxes come from: libsodium's WebAssembly build, and `sodium-native` beside it where it is installed. Loaded with
 * the first CURVE connection of a thread (some 20 ms) and not at all without one. A handshake waits for it.
 */
let loaded: BoxProvider | null = null;
let loading: Promise<BoxProvider> | null = null;

/** The provider once it is loaded. */
export function loadedBoxes(): BoxProvider | null {
  return loaded;
}

/** Rejects with a ZmqError where there is none; the next call tries again. */
export function loadBoxes(): Promise<BoxProvider> {
  loading ??= load().then(
    (provider) => {
      loaded = provider;
      return provider;
    },
    (cause: unknown) => {
      loading = null;
      throw new ZmqError("ENOTSUP", "CURVE needs the package libsodium-sumo, which cannot be loaded.", {
        remedy: "Install it: npm install libsodium-sumo.",
        cause,
      });
    },
  );
  return loading;
}

async function load(): Promise<BoxProvider> {
  const native = loadNative();
  // @ts-expect-error: the package has no types; LibsodiumModule says what is used of it.
  const { default: createModule } = (await import("libsodium-sumo")) as {
    default: () => Promise<LibsodiumModule>;
  };
  const portable = new LibsodiumProvider(await createModule());
  const sodium = await native;
  return sodium === null ? portable : new SodiumNativeProvider(sodium, portable);
}

/** `sodium-native` is the application's choice: it is not among the dependencies. */
async function loadNative(): Promise<SodiumNative | null> {
  try {
    // @ts-expect-error: installed or not.
    const { default: sodium } = (await import("sodium-native")) as { default: SodiumNative };
    return sodium;
  } catch {
    return null;
  }
}
