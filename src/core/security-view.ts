import { importSecretKey } from "../crypto/x25519.ts";
import { encodeZ85 } from "../crypto/z85.ts";
import type { SocketOptionValues } from "./options.ts";
import { mechanismOf } from "./security-options.ts";

/** How a socket is protected: all that may be told of it. Passwords and secret keys are not among it. */
export interface SecurityView {
  /** `NULL`, `PLAIN`, `CURVE`. */
  readonly mechanism: string;
  /** `null` with NULL. */
  readonly role: "server" | "client" | null;
  /** Of a client of PLAIN. */
  readonly username: string | null;
  /** With CURVE, in Z85: the socket's own, and the one that a client takes for the server's. */
  readonly publicKey: string | null;
  readonly serverKey: string | null;
  readonly zapDomain: string | null;
}

/** By secret key: its public one costs a multiplication, and views are made often. */
const publicKeys = new WeakMap<Uint8Array, string>();

export function viewSecurity(options: SocketOptionValues): SecurityView {
  const { curveServer, plainServer, plainUsername, curveSecretKey, curveServerKey, zapDomain } = options;
  const mechanism = mechanismOf(options);
  return {
    mechanism,
    role: mechanism === "NULL" ? null : curveServer || plainServer ? "server" : "client",
    username: mechanism === "PLAIN" && !plainServer ? (plainUsername ?? "") : null,
    publicKey: mechanism === "CURVE" && curveSecretKey !== null ? publicKeyOf(curveSecretKey) : null,
    serverKey: curveServerKey === null ? null : encodeZ85(curveServerKey),
    zapDomain,
  };
}

function publicKeyOf(secretKey: Uint8Array): string {
  let text = publicKeys.get(secretKey);
  if (text === undefined) {
    text = encodeZ85(importSecretKey(secretKey).publicKey);
    publicKeys.set(secretKey, text);
  }
  return text;
}
