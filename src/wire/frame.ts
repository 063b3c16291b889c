import { writeU64 } from "../base/bytes.ts";

/**
 * The frame, in which everything after the greeting travels. 37/ZMTP, Framing:
 *
 *   short     0       1       2 ...
 *         +-------+-------+------------- - -
 *         | flags | size  | body               size: 0 to 255
 *         +-------+-------+------------- - -
 *
 *   long      0       1 ... 8         9 ...
 *         +-------+-----------------+------------- - -
 *         | flags |  size, 64 bits  | body     size: big-endian, 0 to 2^63 - 1
 *         +-------+-----------------+------------- - -
 *
 *   flags   7  6  5  4  3      2       1      0
 *         |   must be 0   | COMMAND | LONG | MORE |
 */

/** "A value of 1 indicates that more frames will follow. This bit SHALL be zero on command frames." */
export const MORE = 0x01;
/** The size is a 64-bit number. A small body may come in the long form too. */
export const LONG = 0x02;
/** "A value of 1 indicates that the frame is a command frame." */
export const COMMAND = 0x04;
/** "Bits 7-3 are reserved for future use and MUST be zero." */
export const RESERVED_MASK = 0xf8;

export const SHORT_HEADER_SIZE = 2;
export const LONG_HEADER_SIZE = 9;
/** "A short frame has a body of 0 to 255 octets." */
export const SHORT_BODY_MAX = 255;

/** Octets in front of a body of `bodySize` octets. */
export function headerSize(bodySize: number): number {
  return bodySize > SHORT_BODY_MAX ? LONG_HEADER_SIZE : SHORT_HEADER_SIZE;
}

/**
 * Writes the header of a frame and gives the offset behind it. `flags` is MORE, COMMAND or 0; LONG follows from the
 * size: "If the body is 0-255 octets, the command SHOULD use a short size field", and messages do the same.
 */
export function writeHeader(target: Uint8Array, offset: number, flags: number, bodySize: number): number {
  if (bodySize > SHORT_BODY_MAX) {
    target[offset] = flags | LONG;
    writeU64(target, offset + 1, bodySize);
    return offset + LONG_HEADER_SIZE;
  }
  target[offset] = flags;
  target[offset + 1] = bodySize;
  return offset + SHORT_HEADER_SIZE;
}

/** Octets of output that are worth a system call of their own. */
export const BATCH_SIZE = 65536;
