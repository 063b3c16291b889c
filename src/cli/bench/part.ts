import type { LibraryName } from "./library.ts";

/** What one process of an exchange does. */
export type Role = "push" | "pull" | "inproc-push-pull" | "req" | "rep" | "inproc-req-rep";

/** One process of an exchange: handed to it as JSON. */
export interface Part {
  readonly library: LibraryName;
  readonly role: Role;
  /** Where to bind, or for `push` and `req` to connect. */
  readonly endpoint: string;
  readonly size: number;
  readonly mode: "await" | "batch";
  readonly mechanism: BenchMechanism;
}

/** PLAIN costs nothing once the handshake is over. */
export type BenchMechanism = "NULL" | "CURVE";

/** Where a process of a measurement with CURVE finds the secret key that all of them have: not on its command line. */
export const SECRET_KEY_VARIABLE = "ZMQ_BENCH_SECRET_KEY";

/** What a process says, a line each. */
export type Said =
  | { readonly event: "ready"; readonly endpoint: string }
  | { readonly event: "armed" }
  | { readonly event: "sent" }
  | {
      readonly event: "result";
      readonly count: number;
      readonly ns: number;
      readonly p50?: number;
      readonly p99?: number;
    };
