import type * as NodeCrypto from "node:crypto";

let loaded: typeof NodeCrypto | null = null;

/**
 * Node's cryptography, loaded when it is first needed: that takes about two milliseconds, and most
 * sockets have no keys.
 */
export function nodeCrypto(): typeof NodeCrypto {
  loaded ??= process.getBuiltinModule("node:crypto");
  return loaded;
}
