import { FLOW_AT, PIPE_HEADER_SIZE } from "./layout.ts";

/**
 * How messages lie in a segment. Every record begins at a multiple of 8, never runs over the segment's end, and is
 * known by the upper four bits of its first word:
 *
 *     PAD      | size                          |                  nothing until the segment's end
 *     SINGLE   | size of the body              | body |           the common case: one frame; from `ALIGNED_SIZE` on the
 *                                                                body begins at a multiple of 8
 *     MESSAGE  | count of frames | size | a word for each frame ... | bodies, each at a multiple of 8 |
 *     CONTROL  | count of frames | size | generation | a word for each frame ... | bodies |
 *     LINK     | 0               | index |                         goes on in another segment, which was given before
 *     FORGET   | 0               | index |                         memory given before is not spoken of again
 *     MARK     | 0               | number |                        what follows waits until the reader has passed the mark
 *
 * The word of a frame is its size; or there are four words: `BY_REFERENCE` or `BY_COPY`, the index of memory that was
 * given, the offset and the size in it.
 */
export const KIND = { PAD: 0, SINGLE: 1, MESSAGE: 2, CONTROL: 3, LINK: 4, FORGET: 5, MARK: 6 } as const;

export const KIND_SHIFT = 28;
export const SIZE_MASK = 0x0fffffff;

/** Larger bodies are copied by words, which needs both ends of the copy aligned: bytes take eight times as long. */
export const ALIGNED_SIZE = 64;

/** Octets that a record of one frame takes. */
export function singleSize(bodySize: number): number {
  return bodySize < ALIGNED_SIZE ? (bodySize + 11) & ~7 : (bodySize + 15) & ~7;
}

/** For the word of a frame: the body lies in memory that the application shared; it is handed on as it is. */
export const BY_REFERENCE = -1;
/** The body lies in memory of the pipe's own; the reader copies it out. */
export const BY_COPY = -2;
export const ASIDE_WORDS = 4;

/** Room that is left for a LINK behind whatever is written. */
export const LINK_SIZE = 8;

/** The first segment of each direction lies behind the pipe's words. */
export const FIRST_SEGMENT_SIZE = 8192;
export const SEGMENT_SIZE_MAX = 1 << 22;
export const PIPE_SIZE = PIPE_HEADER_SIZE + FLOW_AT.length * FIRST_SEGMENT_SIZE;

/** Bodies from here on travel beside the ring, in memory of their own. */
export const ASIDE_SIZE = 1 << 18;

/** Where the first segment of a direction begins. */
export function firstSegmentAt(direction: number): number {
  return PIPE_HEADER_SIZE + direction * FIRST_SEGMENT_SIZE;
}
