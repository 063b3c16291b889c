import type { Message } from "../base/message.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { PipeRing } from "./pipe-ring.ts";

/**
 * Takes messages from pipes in turn: of N pipes that hold messages, N receives take one from each (libzmq behaviour
 * B13). An ended pipe that was read empty simply gives nothing more, until the socket detaches it.
 */
export class FairQueue<Label = undefined> {
  /** Where the last message came from, though reading it may have ended the pipe. */
  origin: Pipe | null;
  /** The label of that pipe. */
  lastLabel: Label | undefined;
  readonly #ring: PipeRing<Label>;

  constructor() {
    this.origin = null;
    this.lastLabel = undefined;
    this.#ring = new PipeRing();
  }

  /** Attached pipes. */
  get size(): number {
    return this.#ring.size;
  }

  attach(pipe: Pipe, label?: Label): void {
    this.#ring.attach(pipe, label);
  }

  detach(pipe: Pipe): void {
    this.#ring.detach(pipe);
  }

  /** From the pipe's `onReadable`. */
  activate(pipe: Pipe): void {
    this.#ring.activate(pipe);
  }

  receive(): Message | undefined {
    const ring = this.#ring;
    for (let node = ring.current; node !== null; node = ring.current) {
      const message = node.pipe.tryRead();
      if (message !== undefined) {
        this.origin = node.pipe;
        this.lastLabel = node.label;
        ring.advance(node);
        return message;
      }
      ring.unlink(node);
    }
    return undefined;
  }

  /** Several messages at once where only one pipe has any, so that nobody's turn is passed over; else `undefined`. */
  receiveMany(countMax: number): Message[] | undefined {
    const node = this.#ring.current;
    if (node === null || node.next !== node) return undefined;
    const messages = node.pipe.tryReadMany(countMax);
    if (messages === undefined) return undefined;
    this.origin = node.pipe;
    this.lastLabel = node.label;
    return messages;
  }

  canReceive(): boolean {
    const ring = this.#ring;
    for (let node = ring.current; node !== null; node = ring.current) {
      if (node.pipe.checkReadable()) return true;
      ring.unlink(node);
    }
    return false;
  }
}
