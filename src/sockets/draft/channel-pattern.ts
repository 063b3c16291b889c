import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { checkSingle } from "./single-frame.ts";

/**
 * 52/CHANNEL: exactly one peer, as PAIR, and messages of one frame. A surplus peer is refused, and the place is free again
 * only when the pipe before is gone with all that was unread in it (libzmq behaviours B131, B132).
 */
export class ChannelPattern implements Pattern {
  readonly type: SocketType;
  readonly refusal: string;
  readonly #host: PatternHost;
  #pipe: Pipe | null;
  /** The one before. */
  #endedPipe: Pipe | null;
  #isWritable: boolean;

  constructor(host: PatternHost) {
    this.type = SocketType.Channel;
    this.refusal = "A CHANNEL socket has one peer, and another holds its place.";
    this.#host = host;
    this.#pipe = null;
    this.#endedPipe = null;
    this.#isWritable = false;
  }

  attach(pipe: Pipe): boolean {
    if (this.#pipe !== null) return false;
    this.#pipe = pipe;
    this.#isWritable = true;
    return true;
  }

  identified(pipe: Pipe): boolean {
    return pipe === this.#pipe;
  }

  detachWriter(pipe: Pipe): void {
    if (pipe === this.#pipe) this.#isWritable = false;
  }

  detach(pipe: Pipe): void {
    if (pipe !== this.#pipe) return;
    this.#pipe = null;
    this.#endedPipe = pipe;
    this.#isWritable = false;
  }

  onReadable(): void {
    // There is no turn to keep: the one pipe is asked every time.
  }

  onWritable(): void {
    // As above.
  }

  send(message: Message): boolean {
    checkSingle("CHANNEL", message);
    const pipe = this.#pipe;
    return pipe !== null && this.#isWritable && pipe.tryWrite(message, false);
  }

  /** 52/CHANNEL: it "MUST discard any part of a multipart message". */
  receive(): Message | undefined {
    const pipe = this.#pipe;
    if (pipe === null) return undefined;
    for (;;) {
      const message = pipe.tryRead();
      if (message === undefined || message.length === 1) return message;
      this.#host.countReceivedDrop(pipe, "protocol");
    }
  }

  origin(): Pipe | null {
    return this.#pipe ?? this.#endedPipe;
  }

  canSend(): boolean {
    const pipe = this.#pipe;
    return pipe !== null && this.#isWritable && pipe.checkWritable();
  }

  canReceive(): boolean {
    return this.#pipe?.checkReadable() ?? false;
  }
}
