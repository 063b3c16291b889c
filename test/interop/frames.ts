import { createHash } from "node:crypto";

/**
 * How a command writes a frame: text, bytes in hexadecimal, or so many bytes of a pattern that every peer can make for
 * itself, so that a megabyte travels in a command as a dozen characters.
 */
export type FrameSpec = string | { readonly hex: string } | { readonly size: number; readonly seed: number };
export type MessageSpec = readonly FrameSpec[];

/** How a peer reports a frame that it received: itself when it is short, its size and digest otherwise. */
export type FrameReport = string;
export type MessageReport = FrameReport[];

/** The pattern repeats after a prime number of bytes: bytes lost or moved by any power of two show up in the digest. */
const PATTERN_PERIOD = 251;
const SHORT_FRAME_SIZE = 64;

export function fill(size: number, seed = size): FrameSpec {
  return { size, seed };
}

export function hex(text: string): FrameSpec {
  return { hex: text };
}

export function toBytes(spec: FrameSpec): Buffer {
  if (typeof spec === "string") return Buffer.from(spec);
  if ("hex" in spec) return Buffer.from(spec.hex, "hex");
  if (spec.size === 0) return Buffer.alloc(0);
  return Buffer.alloc(spec.size, patternBlock(spec.seed));
}

export function reportBytes(bytes: Uint8Array): FrameReport {
  if (bytes.length > SHORT_FRAME_SIZE) {
    const digest = createHash("sha1").update(bytes).digest("hex");
    return `[${bytes.length} bytes, sha1 ${digest}]`;
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const printable = bytes.every((byte) => byte >= 0x20 && byte < 0x7f);
  return printable ? `'${buffer.toString("latin1")}'` : `<${buffer.toString("hex")}>`;
}

/** What a peer must report for a message sent as `spec`. */
export function report(spec: MessageSpec): MessageReport {
  return spec.map((frame) => reportBytes(toBytes(frame)));
}

export function reportAll(specs: readonly MessageSpec[]): MessageReport[] {
  return specs.map(report);
}

/** The way back, for short frames: a routing id that a peer reported can be put into a message. */
export function toSpec(frame: FrameReport): FrameSpec {
  if (frame.startsWith("<")) return hex(frame.slice(1, -1));
  if (frame.startsWith("'")) return frame.slice(1, -1);
  throw new Error(`a long frame cannot be sent back from its report: ${frame}`);
}

function patternBlock(seed: number): Buffer {
  const block = Buffer.alloc(PATTERN_PERIOD);
  for (let index = 0; index < PATTERN_PERIOD; index++) block[index] = (index * 7 + seed) & 0xff;
  return block;
}
