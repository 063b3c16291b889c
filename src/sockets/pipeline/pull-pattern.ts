import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";

/** 30/PIPELINE, "The PULL Socket Type": receives from its peers in turn, sends nothing. GATHER is one, too. */
export class PullPattern implements Pattern {
  readonly type: SocketType;
  readonly #inward: FairQueue;

  constructor(_host: PatternHost, type: typeof SocketType.Pull | typeof SocketType.Gather = SocketType.Pull) {
    this.type = type;
    this.#inward = new FairQueue();
  }

  attach(pipe: Pipe): boolean {
    this.#inward.attach(pipe);
    return true;
  }

  identified(): boolean {
    return true;
  }

  detachWriter(): void {
    // Nothing is written anyway; what was received stays readable.
  }

  detach(pipe: Pipe): void {
    this.#inward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // Nobody waits to send.
  }

  send(_message: Message): boolean {
    const isPull = this.type === SocketType.Pull;
    throw new ZmqError("ENOTSUP", `A ${isPull ? "PULL" : "GATHER"} socket does not send.`, {
      remedy: `Send with a ${isPull ? "PUSH" : "SCATTER"} socket.`,
    });
  }

  receive(): Message | undefined {
    return this.#inward.receive();
  }

  receiveMany(countMax: number): Message[] | undefined {
    return this.#inward.receiveMany(countMax);
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return false;
  }

  canReceive(): boolean {
    return this.#inward.canReceive();
  }
}
