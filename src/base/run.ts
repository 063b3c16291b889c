/**
 * A run: whole messages of short frames, one behind the other as they lie on the wire. Between the wire and an
 * application in another thread they need not be taken apart: to look where they end takes a tenth of the time.
 */
export interface Run {
  /** Good until the next call on what gave it. */
  readonly octets: Uint8Array;
  /** How many messages they are. */
  readonly count: number;
}

/** A run is no longer, so that the views of its bodies keep no more memory than those of other small bodies. */
export const RUN_SIZE_MAX = 8160;
/** Messages of more frames travel by themselves. */
export const RUN_FRAMES_MAX = 16;
