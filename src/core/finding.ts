/** How bad a finding is: messages are lost or cannot arrive, may be lost or late, worth knowing. */
export type Severity = "error" | "warning" | "info";

/**
 * What the solver found out about a socket: stable in `code`, plain in `what` and `remedy`, exact in `evidence`. Plain
 * data: it can be logged, posted and sent.
 */
export interface Finding {
  /** Stable name of the cause, e.g. `"late-subscriber"`; docs/guide/missing-messages.md has a section for each. */
  readonly code: string;
  readonly severity: Severity;
  /** The socket concerned: a number that is unique in its thread, its type, and its class with the last endpoint. */
  readonly socket: { readonly id: number; readonly type: string; readonly label: string };
  /** The endpoint concerned, where it is one. */
  readonly endpoint: string | null;
  /** The address of the peer concerned, where it is one. */
  readonly peer: string | null;
  /** What happened: one sentence or two, with the numbers. */
  readonly what: string;
  /** What to do about it. */
  readonly remedy: string;
  /** The numbers, times (milliseconds) and names behind the sentence. */
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
  /** Milliseconds since it began, where that is known. */
  readonly sinceMs: number | null;
  /** Where to read on. */
  readonly help: string;
}
