import type { Message } from "../base/message.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { RingNode } from "./pipe-ring.ts";
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

  /**
   * As `send`, to peers that are reachable alone, and to `shunned` only when no other takes it. `false` while there is
   * none: a full one is told of by `onWritable`, one that comes by its handshake.
   */
  sendLive(message: Message, owned: boolean, shunned: Pipe | null): boolean {
    const nodes: RingNode<undefined>[] = [];
    let last: RingNode<undefined> | null = null;
    const first = this.#ring.current;
    // Writing may change the ring: who is asked is settled before.
    for (let node = first; node !== null; node = node.next === first ? null : node.next) {
      if (node.pipe.live && node.pipe !== shunned) nodes.push(node);
      else if (node.pipe.live) last = node;
    }
    if (last !== null) nodes.push(last);
    for (const node of nodes) {
      this.lastPipe = node.pipe;
      if (node.pipe.tryWrite(message, owned)) {
        if (node.isActive) this.#ring.current = node.next;
        return true;
      }
      this.#ring.unlink(node);
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
