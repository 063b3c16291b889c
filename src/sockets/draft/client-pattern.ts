import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";
import { checkSingle, receiveSingle } from "./single-frame.ts";

/** 41/CLIENTSERVER, "The CLIENT Socket Type": sends to its peers in turn and receives from them in turn. */
export class ClientPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #outward: LoadBalancer;
  readonly #inward: FairQueue;

  constructor(host: PatternHost) {
    this.type = SocketType.Client;
    this.#host = host;
    this.#outward = new LoadBalancer();
    this.#inward = new FairQueue();
  }

  attach(pipe: Pipe): boolean {
    this.#outward.attach(pipe);
    this.#inward.attach(pipe);
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
    this.#inward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(pipe: Pipe): void {
    this.#outward.activate(pipe);
  }

  send(message: Message): boolean {
    checkSingle("CLIENT", message);
    return this.#outward.send(message, false);
  }

  receive(): Message | undefined {
    return receiveSingle(this.#host, this.#inward);
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return this.#outward.canSend();
  }

  canReceive(): boolean {
    return this.#inward.canReceive();
  }
}
