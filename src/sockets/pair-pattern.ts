import type { Message } from "../base/message.ts";
import { SOCKET_TYPE_NAMES, SocketType } from "../base/socket-type.ts";
import type { Pattern, PatternHost } from "../core/pattern.ts";
import type { Pipe } from "../pipe/pipe.ts";

/**
 * 31/EXPAIR: exactly one peer. A surplus peer is refused, and the place is free again only when the pipe before is gone
 * with all that was unread in it (libzmq behaviours B131, B132).
 */
export class PairPattern implements Pattern {
  readonly type: SocketType;
  readonly refusal: string;
  #pipe: Pipe | null;
  /** The one before. */
  #endedPipe: Pipe | null;
  #isWritable: boolean;

  constructor(
    _host: PatternHost,
    type: typeof SocketType.Pair | typeof SocketType.Channel | typeof SocketType.Datagram = SocketType.Pair,
  ) {
    this.type = type;
    this.refusal = `A ${SOCKET_TYPE_NAMES[type]} socket has one peer, and another holds its place.`;
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
    const pipe = this.#pipe;
    return pipe !== null && this.#isWritable && pipe.tryWrite(message, false);
  }

  receive(): Message | undefined {
    return this.#pipe?.tryRead();
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
