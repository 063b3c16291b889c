import type { Finding, Severity } from "../../core/finding.ts";
import type { SocketView } from "../../core/socket-view.ts";
import type { Patience } from "../../core/solver.ts";
import type { FindingCode } from "./catalog.ts";

/** What lies around a socket, for rules that must know more than the socket itself. */
export interface Ground {
  /** Names bound over inproc in the socket's own context, in whatever thread. */
  readonly isBoundHere: (inprocName: string) => boolean;
  /** In how many other contexts of this thread such a name is bound. */
  readonly otherContexts: (inprocName: string) => number;
  /** How long things may take before they are taken for wrong, in milliseconds. */
  readonly patience: Patience;
}

export type { Patience } from "../../core/solver.ts";

export const PATIENCE: Patience = { momentMs: 250, connectMs: 2000, waitMs: 5000, quietMs: 300_000 };

/** A finding before its socket and its link are put in. */
export interface Draft {
  readonly code: FindingCode;
  readonly severity: Severity;
  readonly endpoint?: string | null;
  readonly peer?: string | null;
  readonly what: string;
  readonly remedy: string;
  readonly evidence: Finding["evidence"];
  readonly sinceMs?: number | null;
}

/**
 * CONTRACT. A rule looks at one socket and says what it finds; nothing when all is well. It is a function of its
 * arguments, so that it can be run on a view from another process.
 */
export type Rule = (view: SocketView, ground: Ground) => readonly Draft[];
