import { ZmqError } from "../base/errors.ts";

/** How a sequence number is written into a frame. */
export interface SequenceFormat {
  /** Octets of the number, after whose largest value it begins again at 0: 4 or 8. Default 4. */
  readonly width?: 4 | 8 | undefined;
  /** Which octet comes first. Default `"little"`, as Bitcoin Core has it. */
  readonly byteOrder?: "little" | "big" | undefined;
}

/** Reads and writes numbers of one format. 64 bits do not fit into a double: all numbers are bigints. */
export class SequenceNumber {
  readonly width: 4 | 8;
  /** How many numbers there are: what follows the largest is 0. */
  readonly range: bigint;
  readonly #isLittle: boolean;

  constructor({ width = 4, byteOrder = "little" }: SequenceFormat) {
    if (width !== 4 && width !== 8)
      throw new ZmqError("EINVAL", `width is 4 or 8 octets, not ${String(width)}.`);
    if (byteOrder !== "little" && byteOrder !== "big")
      throw new ZmqError("EINVAL", `byteOrder is "little" or "big", not ${String(byteOrder)}.`);
    this.width = width;
    this.range = 1n << BigInt(8 * width);
    this.#isLittle = byteOrder === "little";
  }

  read(frame: Uint8Array, offset: number): bigint {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    return this.width === 4
      ? BigInt(view.getUint32(offset, this.#isLittle))
      : view.getBigUint64(offset, this.#isLittle);
  }

  /** A frame of its own. */
  write(value: bigint): Buffer {
    const frame = Buffer.alloc(this.width);
    const view = new DataView(frame.buffer, frame.byteOffset, this.width);
    if (this.width === 4) view.setUint32(0, Number(value), this.#isLittle);
    else view.setBigUint64(0, value, this.#isLittle);
    return frame;
  }

  /** A number that the caller gave. */
  checked(name: string, value: number | bigint): bigint {
    const isWhole = typeof value === "bigint" || Number.isSafeInteger(value);
    if (isWhole && value >= 0 && value < this.range) return BigInt(value);
    throw new ZmqError(
      "EINVAL",
      `${name} is a whole number from 0 to ${this.range - 1n}, not ${String(value)}. Beyond 2^53 give a bigint.`,
    );
  }
}

/** A bound for the topics that are remembered. */
export function checkedTopicMax(maxTopics: number): number {
  if (Number.isSafeInteger(maxTopics) && maxTopics > 0) return maxTopics;
  throw new ZmqError("EINVAL", `maxTopics is a whole number of topics from 1, not ${String(maxTopics)}.`);
}
