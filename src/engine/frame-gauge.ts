import { ProtocolError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { RUN_FRAMES_MAX, RUN_SIZE_MAX } from "../base/run.ts";
import type { FrameLimits } from "../wire/decoder.ts";
import { COMMAND, MORE } from "../wire/frame.ts";
import type { EngineOptions } from "./engine.ts";

/**
 * What a peer may send, and the message that is under way. The decoder measures frames by their headers with
 * `frameSizeMax` and `commandSizeMax`; what only shows in sealed frames is measured when they are open.
 */
export class FrameGauge implements FrameLimits {
  frameSizeMax: number;
  commandSizeMax: number;
  /** No message of a run can break a limit that is not looked at frame by frame. */
  readonly allowsRuns: boolean;
  readonly #options: EngineOptions;
  readonly #messageFrameMax: number;
  readonly #commandMax: number;
  /** Frames of a message whose last has not come, and their octets. */
  #frames: Message | null;
  #framesSize: number;

  constructor(options: EngineOptions, publishes: boolean) {
    const { maxMessageSize, maxMultipartSize, maxFramesPerMessage, maxCommandSize, maxHandshakeSize } =
      options;
    this.frameSizeMax = this.commandSizeMax = maxHandshakeSize;
    this.allowsRuns =
      maxFramesPerMessage >= RUN_FRAMES_MAX && (maxMultipartSize < 0 || maxMultipartSize >= RUN_SIZE_MAX);
    this.#options = options;
    this.#messageFrameMax = Math.min(limitOf(maxMessageSize), limitOf(maxMultipartSize));
    // Topics may be as long as messages; other commands are measured once their name is known.
    this.#commandMax = publishes ? Math.max(maxCommandSize, this.#messageFrameMax) : maxCommandSize;
    this.#frames = null;
    this.#framesSize = 0;
  }

  get isInMessage(): boolean {
    return this.#frames !== null;
  }

  /** A command of the handshake came; less may follow. */
  passHandshake(size: number): void {
    this.frameSizeMax = this.commandSizeMax = Math.max(0, this.commandSizeMax - size);
  }

  /** The handshake is done. Sealed frames are longer by `overhead`, and do not show what they are. */
  openTraffic(overhead: number): void {
    this.frameSizeMax = this.#messageFrameMax;
    this.commandSizeMax = this.#commandMax;
    if (overhead === 0) return;
    this.frameSizeMax = this.commandSizeMax = Math.max(this.#messageFrameMax, this.#commandMax) + overhead;
  }

  /** Throws for a frame that is longer than its kind may be. */
  measure(flags: number, size: number): void {
    const isCommand = (flags & COMMAND) !== 0;
    const limit = isCommand ? this.#commandMax : this.#messageFrameMax;
    if (size <= limit) return;
    throw new ProtocolError(
      isCommand ? "ERR_ZMTP_MALFORMED_COMMAND_UNSPECIFIED" : "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
      `The peer sent a ${isCommand ? "command" : "message frame"} of ${size} octets; ${limit} are allowed.`,
      "libzmq: ZMQ_MAXMSGSIZE",
    );
  }

  /** A frame of a message of several: the message when it is whole. */
  collect(flags: number, body: Uint8Array): Message | null {
    const frames = (this.#frames ??= []);
    frames.push(body);
    this.#framesSize += body.length;
    const { maxFramesPerMessage, maxMultipartSize } = this.#options;
    if (
      frames.length > maxFramesPerMessage ||
      (maxMultipartSize >= 0 && this.#framesSize > maxMultipartSize)
    ) {
      throw new ProtocolError(
        "ERR_ZMTP_MALFORMED_COMMAND_MESSAGE",
        `The peer sent a message of more than ${frames.length - 1} frames or ${this.#framesSize} octets.`,
        "limits maxFramesPerMessage and maxMultipartSize",
      );
    }
    if ((flags & MORE) !== 0) return null;
    this.close();
    return frames;
  }

  /** Forgets the message under way. */
  close(): void {
    this.#frames = null;
    this.#framesSize = 0;
  }
}

function limitOf(size: number): number {
  return size < 0 ? Number.POSITIVE_INFINITY : size;
}
