import type { EngineFailure } from "../engine/engine.ts";

/** What a connection keeps back. */
export interface KeptBack {
  /** Nothing is read from the pipe: the socket has control messages to put in front. */
  readonly written: boolean;
  /** Nothing is given to the pipe. */
  readonly received: boolean;
}

/** Why a connection is over. */
export interface ConnectionEnd {
  /** `closed`: by the peer, or the stream broke. `local`: by us, all written. The rest: see EngineFailure. */
  readonly kind: "closed" | "local" | EngineFailure["kind"];
  readonly wasReady: boolean;
  readonly error: Error | null;
}
