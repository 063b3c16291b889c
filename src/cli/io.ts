import type { Readable } from "node:stream";

/** The command's surroundings. */
export interface Io {
  readonly stdin: Readable;
  readonly isInputTerminal: boolean;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Variables of the environment, for secrets that shall not stand on the command line. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C, SIGTERM, or when nobody reads stdout any more. Its reason is an `Interruption`. */
  readonly signal: AbortSignal;
}

/** A place for output. */
export interface Sink {
  /** Resolves when there is room for more. Rejects with an `Interruption` when nobody reads any more. */
  write(data: string | Uint8Array): Promise<void>;
  readonly isTerminal: boolean;
  /** A terminal, and the user has nothing against colours. */
  readonly isColoured: boolean;
  /** The width in characters, now. */
  readonly columns: number;
  /** The height in lines, now, where it is known. */
  readonly rows?: number;
}
