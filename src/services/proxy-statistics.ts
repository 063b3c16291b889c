import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";

/** What went one way through one of a proxy's sockets since `run`. */
export interface ProxyFlow {
  readonly messages: number;
  readonly frames: number;
  /** Of all frames together. */
  readonly bytes: number;
}

/** What a proxy has taken from, and given to, each of its sockets since `run`. */
export interface ProxyStatistics {
  readonly frontEnd: { readonly received: ProxyFlow; readonly sent: ProxyFlow };
  readonly backEnd: { readonly received: ProxyFlow; readonly sent: ProxyFlow };
}

/** Counts in one direction. */
export class FlowCount {
  messages: number;
  frames: number;
  bytes: number;

  constructor() {
    this.messages = 0;
    this.frames = 0;
    this.bytes = 0;
  }

  add(message: Message): void {
    this.messages++;
    this.frames += message.length;
    let size = 0;
    for (let i = 0; i < message.length; i++) size += message[i]!.length;
    this.bytes += size;
  }

  /** The counts as they are now, without `missing` where it is a message. */
  without(missing: Message | null): ProxyFlow {
    const { messages, frames, bytes } = this;
    if (missing === null) return { messages, frames, bytes };
    const one = new FlowCount();
    one.add(missing);
    return { messages: messages - one.messages, frames: frames - one.frames, bytes: bytes - one.bytes };
  }
}

/**
 * Statistics as libzmq's steerable proxy sends them: eight frames of 64 bits each, in the order of octets of this machine.
 * libzmq counts frames where it says messages.
 *
 *      front end received    front end sent     back end received    back end sent
 *      frames | bytes        frames | bytes     frames | bytes       frames | bytes
 */
export function encodeStatistics({ frontEnd, backEnd }: ProxyStatistics): Message {
  const flows = [frontEnd.received, frontEnd.sent, backEnd.received, backEnd.sent];
  return flows.flatMap(({ frames, bytes }) => [encodeCount(frames), encodeCount(bytes)]);
}

function encodeCount(count: number): Uint8Array {
  const { buffer } = BigUint64Array.of(BigInt(count));
  return platform.view(buffer, 0, 8);
}
