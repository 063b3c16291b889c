import type { Message } from "../base/message.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { PipeRing } from "./pipe-ring.ts";

/**
 * Hands messages to pipes in turn, past those that are full (libzmq behaviour B12): the first goes to the pipe that was
 * attached first, the next to the next. Nothing is dropped: when all are full the caller keeps the message.
 */
export class LoadBalancer {
  /** After `send` answered `true`: where the message went; `null` if that pipe is gone already. */
  lastPipe: Pipe | null;
  readonly #ring: PipeRing<undefined>;

  constructor() {
    this.lastPipe = null;
    this.#ring = new PipeRing();
  }

  /** Attached pipes. */
  get size(): number {
    return this.#ring.size;
  }

  attach(pipe: Pipe): void {
    this.#ring.attach(pipe, undefined);
  }

  detach(pipe: Pipe): void {
    this.#ring.detach(pipe);
    if (this.lastPipe === pipe) this.lastPipe = null;
  }

  /** From the pipe's `onWritable`. */
  activate(pipe: Pipe): void {
    this.#ring.activate(pipe);
  }

  /** `false` when no pipe has room. `owned` as in `Pipe.tryWrite`. */
  send(message: Message, owned: boolean): boolean {
    const ring = this.#ring;
    for (let node = ring.current; node !== null; node = ring.current) {
      // Before the write: writing may end the pipe, and `detach` then clears this.
      this.lastPipe = node.pipe;
      if (node.pipe.tryWrite(message, owned)) {
        ring.advance(node);
        return true;
      }
      ring.unlink(node);
    }
    return false;
  }

  canSend(): boolean {
    const ring = this.#ring;
    for (let node = ring.current; node !== null; node = ring.current) {
      if (node.pipe.checkWritable()) return true;
      ring.unlink(node);
    }
    return false;
  }
}
