import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { receiveSingle } from "./single-frame.ts";

/** 49/SCATTERGATHER, "The GATHER Socket Type": receives messages of one frame from its peers in turn, sends nothing. */
export class GatherPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;

  constructor(host: PatternHost) {
    this.type = SocketType.Gather;
    this.#host = host;
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
    throw new ZmqError("ENOTSUP", "A GATHER socket does not send.", {
      remedy: "Send with a SCATTER socket.",
    });
  }

  receive(): Message | undefined {
    return receiveSingle(this.#host, this.#inward);
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
