import { RUN_SIZE_MAX } from "../../base/run.ts";
import { FLOW_AT, PIPE_HEADER_SIZE } from "../layout.ts";

/**
 * How messages lie in a segment. Every record begins at a multiple of 8, never runs over the segment's end, and is
 * known by the upper four bits of its first word:
 *
 *     RUN      | count of messages | skip, size | ...skip | messages of short frames as on the wire |   the common case: they
 *                                                                go through without being taken apart (base/run.ts)
 *     PAD      | size                          |                  nothing until the segment's end
 *     SINGLE   | size of the body | nothing    | body |           one frame of `ALIGNED_SIZE` or more
 *     MESSAGE  | count of frames | size | a word for each frame ... | bodies, each at a multiple of 8 |
 *     CONTROL  | count of frames | size | generation | a word for each frame ... | bodies |
 *     LINK     | 0               | index |                         goes on in another segment, which was given before
 *     FORGET   | 0               | index |                         memory given before is not spoken of again
 *     MARK     | 0               | number |                        what follows waits until the reader has passed the mark
 *
 * The word of a frame is its size; or there are four words: `BY_REFERENCE` or `BY_COPY`, the index of memory that was
 * given, the offset and the size in it.
 */
export const KIND = {
  PAD: 0,
  SINGLE: 1,
  MESSAGE: 2,
  CONTROL: 3,
  LINK: 4,
  FORGET: 5,
  MARK: 6,
  RUN: 7,
} as const;

export const KIND_SHIFT = 28;
export const SIZE_MASK = 0x0fffffff;

/**
 * Bodies from here on are copied by words, which needs both ends of the copy aligned: by octets it takes eight times as long.
 * Shorter ones go in runs.
 */
export const ALIGNED_SIZE = 64;

/** Octets in front of the body of a SINGLE. */
export const SINGLE_HEAD_SIZE = 8;

/** Octets that a record of one frame takes. */
export function singleSize(bodySize: number): number {
  return (SINGLE_HEAD_SIZE + bodySize + 7) & ~7;
}

export const RUN_HEAD_SIZE = 8;
/** The second word of a run: octets to skip, so that a copy goes by words, above its size. */
export const RUN_SKIP_SHIFT = 16;
const RUN_SIZE_MASK = 0xffff;

/** Where the messages of a run begin in its record, and where they end, by its second word. */
export function runBegin(word: number): number {
  return RUN_HEAD_SIZE + (word >> RUN_SKIP_SHIFT);
}

export function runEnd(word: number): number {
  return runBegin(word) + (word & RUN_SIZE_MASK);
}

/** The largest record of a run: head, what is skipped, messages. */
export const RUN_RECORD_MAX = RUN_HEAD_SIZE + 8 + RUN_SIZE_MAX;

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
