import { ProtocolError } from "../../src/base/errors.ts";
import type { FrameLimits } from "../../src/wire/decoder.ts";

export interface NaiveFrame {
  readonly flags: number;
  readonly body: Uint8Array;
}

export interface NaiveResult {
  readonly frames: NaiveFrame[];
  /** Why decoding ended, or undefined when it would go on with more octets. */
  readonly errorCode: string | undefined;
  /** Octets of a frame that is not whole yet. */
  readonly restSize: number;
}

const BODY_SIZE_MAX = 0xffffffffn;

/**
 * The twin of src/wire/decoder.ts: 37/ZMTP, Framing, word by word, over the whole stream at once. Slow, and short enough
 * to be seen right.
 */
export function decodeNaively(stream: Uint8Array, limits: FrameLimits): NaiveResult {
  const octets = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const frames: NaiveFrame[] = [];
  let at = 0;
  while (at < stream.length) {
    const flags = octets.getUint8(at);
    const isReservedSet = (flags & 0b11111000) !== 0;
    const isCommand = (flags & 0b100) !== 0;
    const isLong = (flags & 0b10) !== 0;
    if (isReservedSet) return { frames, errorCode: "ERR_ZMTP_UNSPECIFIED", restSize: stream.length - at };

    const headerSize = isLong ? 9 : 2;
    if (stream.length - at < headerSize) break;
    const size = isLong ? octets.getBigUint64(at + 1, false) : BigInt(octets.getUint8(at + 1));
    const limit = isCommand ? limits.commandSizeMax : limits.frameSizeMax;
    const isTooLong = size > BODY_SIZE_MAX || Number(size) > limit;
    if (isTooLong) {
      const kind = isCommand ? "UNSPECIFIED" : "MESSAGE";
      return { frames, errorCode: `ERR_ZMTP_MALFORMED_COMMAND_${kind}`, restSize: stream.length - at };
    }

    const bodyAt = at + headerSize;
    const bodyEnd = bodyAt + Number(size);
    if (bodyEnd > stream.length) break;
    frames.push({ flags, body: stream.slice(bodyAt, bodyEnd) });
    at = bodyEnd;
  }
  return { frames, errorCode: undefined, restSize: stream.length - at };
}

/** The code of a ProtocolError; anything else is a fault of ours and goes on upward. */
export function protocolErrorCode(error: unknown): string {
  if (error instanceof ProtocolError) return error.code;
  throw error;
}
