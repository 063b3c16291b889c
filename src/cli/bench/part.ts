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
}

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
