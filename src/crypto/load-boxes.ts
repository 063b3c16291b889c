import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
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
  } catch (error) {
    if (!isAbsent(error)) warnUnusable(error);
    return null;
  }
}

/** What runtimes and bundlers say of a module that is not there; browsers have no code for it. */
const ABSENT_CODES: readonly unknown[] = [
  "ERR_MODULE_NOT_FOUND",
  "MODULE_NOT_FOUND",
  "ERR_UNKNOWN_BUILTIN_MODULE",
  undefined,
];
/** It, and not one that it needs: its path has no quotation mark before the name. */
const NAMED = /(?:['"`\u201c]|module: )sodium-native(?:['"`\u201d]|$)/m;

function isAbsent(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ABSENT_CODES.includes((error as { code?: unknown }).code) && NAMED.test(error.message);
}

function warnUnusable(error: unknown): void {
  const [why] = String(error).split("\n");
  platform.warn(
    `sodium-native is installed and cannot be loaded (${why}). CURVE goes on with libsodium in WebAssembly, which is slower with long messages. Install sodium-native anew for this version and machine, or remove it.`,
    "ZMQ_SODIUM_NATIVE",
  );
}
