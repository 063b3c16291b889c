/** A piece of memory that the ring went or will go through. */
export interface Segment {
  readonly memory: SharedArrayBuffer;
  readonly index: number;
  /** The reader is through with it when `HEAD` has come here. */
  end: number;
}

/** Segments that are kept while the reader is behind: 80 MiB of the largest, a thousand messages of 64 KiB and more. */
const COUNT_MAX = 20;
/** They are let go when so much passed without them: a reader is now ahead, now behind. */
const KEPT_FOR_SIZE = 1 << 26;

/** Segments that the ring has left behind, the oldest first, to be used again: fresh memory costs a page fault for each page. */
export class SpentSegments {
  readonly #segments: Segment[];
  /** The position at which one segment was not enough. */
  #grownAt: number;

  constructor() {
    this.#segments = [];
    this.#grownAt = 0;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0;
  }

  /** One of this size that the reader, who has come to `head`, is through with. */
  take(size: number, head: number): Segment | undefined {
    const first = this.#segments[0];
    if (first === undefined || first.memory.byteLength !== size || ((head - first.end) | 0) < 0)
      return undefined;
    this.#segments.splice(0, 1);
    return first;
  }

  /** The ring goes on at `position` in another segment, of `size` octets. Answers whether the former one is kept: not if it is smaller. */
  keep(former: Segment, size: number, position: number): boolean {
    this.#grownAt = position;
    former.end = position;
    if (former.memory.byteLength !== size || this.#segments.length >= COUNT_MAX) return false;
    this.#segments.push(former);
    return true;
  }

  /** Whether the reader is through with one that was not needed for long. */
  isIdle(head: number, position: number): boolean {
    const first = this.#segments[0];
    return (
      first !== undefined &&
      ((head - first.end) | 0) >= 0 &&
      ((position - this.#grownAt) | 0) >= KEPT_FOR_SIZE
    );
  }

  /** The oldest is kept no more. */
  drop(): Segment | undefined {
    return this.#segments.splice(0, 1)[0];
  }
}
