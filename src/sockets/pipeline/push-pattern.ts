import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";

/** 30/PIPELINE, "The PUSH Socket Type": sends to its peers in turn, receives nothing. */
export class PushPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #outward: LoadBalancer;

  constructor(host: PatternHost, type: SocketType = SocketType.Push) {
    this.type = type;
    this.#host = host;
    this.#outward = new LoadBalancer();
  }

  attach(pipe: Pipe): boolean {
    this.#outward.attach(pipe);
    this.#discardUnread(pipe);
    return true;
  }

  identified(): boolean {
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#outward.detach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#outward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#discardUnread(pipe);
  }

  onWritable(pipe: Pipe): void {
    this.#outward.activate(pipe);
  }

  send(message: Message): boolean {
    return this.#outward.send(message, false);
  }

  receive(): Message | undefined {
    const isPush = this.type === SocketType.Push;
    throw new ZmqError("ENOTSUP", `A ${isPush ? "PUSH" : "SCATTER"} socket does not receive.`, {
      remedy: `Receive with a ${isPush ? "PULL" : "GATHER"} socket.`,
    });
  }

  canSend(): boolean {
    return this.#outward.canSend();
  }

  canReceive(): boolean {
    return false;
  }

  /** A PULL peer sends nothing; what another sends must not wait here, where nobody reads, up to the high-water mark. */
  #discardUnread(pipe: Pipe): void {
    while (pipe.tryRead() !== undefined) this.#host.countReceivedDrop(pipe, "protocol");
  }
}
