import type { Frame, Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Pipe } from "../pipe/pipe.ts";

/** A frame of no octets: the delimiter of 28/REQREP, and the body of notices. Nobody can write to it: share it. */
export function emptyFrame(): Frame {
  return platform.view(new ArrayBuffer(0), 0, 0);
}

/** A new message with one more frame in front. The usual sizes are literals: a spread costs several times as much. */
export function withFrame(first: Frame, message: Message): Message {
  const count = message.length;
  if (count === 1) return [first, message[0]!];
  if (count === 2) return [first, message[0]!, message[1]!];
  if (count === 3) return [first, message[0]!, message[1]!, message[2]!];
  const whole: Message = new Array(count + 1);
  whole[0] = first;
  for (let i = 0; i < count; i++) whole[i + 1] = message[i]!;
  return whole;
}

/** A new message of the frames from `start` on. */
export function framesFrom(message: Message, start: number): Message {
  const count = message.length - start;
  if (count === 1) return [message[start]!];
  if (count === 2) return [message[start]!, message[start + 1]!];
  return message.slice(start);
}

/**
 * The empty message of `probeRouter`, which makes a ROUTER know this peer (libzmq behaviour B48). A full pipe holds
 * messages that do so just as well, and the probe is left out.
 */
export function probe(pipe: Pipe): void {
  pipe.tryWrite([emptyFrame()], true);
}
