import { ZmqError } from "../base/errors.ts";
import type { BoxProvider } from "./provider.ts";
import type { SodiumNative } from "./sodium-native-provider.ts";

/**
 * Where boxes come from: libsodium's code in WebAssembly, and `sodium-native` beside it where it is installed. Loaded with
 * the first CURVE connection of a thread (some 5 ms) and not at all without one. A handshake waits for it.
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
      throw new ZmqError("ENOTSUP", "CURVE needs WebAssembly, which cannot be used here.", {
        remedy: "Start Node without --jitless; in a browser, allow 'wasm-unsafe-eval'.",
        cause,
      });
    },
  );
  return loading;
}

async function load(): Promise<BoxProvider> {
  const [{ createLibsodium }, sodium] = await Promise.all([import("./libsodium-provider.ts"), loadNative()]);
  const portable = createLibsodium();
  if (sodium === null) return portable;
  const { SodiumNativeProvider } = await import("./sodium-native-provider.ts");
  return new SodiumNativeProvider(sodium, portable);
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
