import type { Random } from "../../fuzz/random.ts";
import { FrameDecoder, type FrameLimits } from "../../src/wire/decoder.ts";
import { COMMAND, LONG, MORE, writeHeader } from "../../src/wire/frame.ts";
import type { Reading } from "../peers/reading.ts";
import { type NaiveFrame, type NaiveResult, protocolErrorCode } from "./naive-decoder.ts";
import { messagesOfRun } from "./run-messages.ts";

/** A legal stream of frames of all sorts, the long form for small bodies among them. */
export function randomFrames(random: Random, count: number): Uint8Array {
  const parts: Uint8Array[] = [];
  // Now and then the chunks hold many small bodies, as under load.
  const isDense = random.chance(0.15);
  for (let i = isDense ? count * 20 : count; i > 0; i--) {
    const body = random.octets(isDense ? random.below(300) : random.size());
    const header = new Uint8Array(9);
    let headerSize = writeHeader(header, 0, random.pick([0, 0, 0, MORE, COMMAND]), body.length);
    if (headerSize === 2 && random.chance(0.1)) {
      header[8] = header[1]!;
      header.fill(0, 1, 8);
      header[0] = header[0]! | LONG;
      headerSize = 9;
    }
    parts.push(header.subarray(0, headerSize), body);
  }
  return Uint8Array.from(Buffer.concat(parts));
}

export function randomLimits(random: Random): FrameLimits {
  const limit = () => random.pick([Number.POSITIVE_INFINITY, 0, 100, 255, 256, 65_536]);
  return random.chance(0.6)
    ? { frameSizeMax: Number.POSITIVE_INFINITY, commandSizeMax: 65_536 }
    : { frameSizeMax: limit(), commandSizeMax: limit() };
}

/** What the real decoder makes of the pieces, in the form of the naive one. `stops`: whether the sink says "stop". */
export function decodePieces(
  pieces: readonly Uint8Array[],
  limits: FrameLimits,
  stops: () => boolean,
  reading: Reading = "kept",
  runMax: () => number = () => 0,
): NaiveResult {
  const frames: NaiveFrame[] = [];
  let size = 0;
  const decoder = new FrameDecoder(
    {
      get onRunMax() {
        return runMax();
      },
      onRun(octets, from, to, count) {
        for (const message of messagesOfRun(octets, from, to, count)) {
          for (const [i, body] of message.entries())
            frames.push({ flags: i + 1 < message.length ? MORE : 0, body });
        }
        size += to - from;
      },
      onFrame(flags, body) {
        if (decoder.isStopped) throw new Error("a frame was given while the sink had it stopped");
        frames.push({ flags, body });
        size += (flags & LONG) === 0 ? 2 : 9;
        size += body.length;
        return !stops();
      },
    },
    limits,
  );
  let received = 0;
  try {
    for (const piece of pieces) {
      received += piece.length;
      giveTo(decoder, piece, reading);
      while (decoder.isStopped) decoder.resume();
      const isInFrame = received > size;
      if (decoder.isInFrame !== isInFrame) {
        throw new Error(`isInFrame is ${decoder.isInFrame}, not ${isInFrame}`);
      }
    }
  } catch (error) {
    return { frames, errorCode: protocolErrorCode(error), restSize: -1 };
  }
  return { frames, errorCode: undefined, restSize: received - size };
}

function giveTo(decoder: FrameDecoder, piece: Uint8Array, reading: Reading): void {
  if (reading === "kept") {
    decoder.receive(piece, 0);
    return;
  }
  let at = 0;
  while (reading === "target" && at < piece.length) {
    const { target } = decoder;
    if (target === null) break;
    const count = Math.min(target.length, piece.length - at);
    target.set(piece.subarray(at, at + count));
    decoder.receiveTarget(count);
    at += count;
    while (decoder.isStopped) decoder.resume();
  }
  if (at === piece.length) return;
  // Memory that serves for the next read as well: what the decoder still looks at after the call is spoilt.
  const lent = piece.slice(at);
  decoder.receive(lent, 0, true);
  lent.fill(0xee);
}
