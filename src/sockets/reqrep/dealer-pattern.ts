import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";
import { probe } from "../envelope.ts";

/** 28/REQREP, "The DEALER Socket Type": sends to its peers in turn and receives from them in turn. */
export class DealerPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #outward: LoadBalancer;
  readonly #inward: FairQueue;

  constructor(host: PatternHost) {
    this.type = SocketType.Dealer;
    this.#host = host;
    this.#outward = new LoadBalancer();
    this.#inward = new FairQueue();
  }

  attach(pipe: Pipe): boolean {
    this.#outward.attach(pipe);
    this.#inward.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    if (this.#host.options.probeRouter) probe(pipe);
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
    return this.#outward.send(message, false);
  }

  receive(): Message | undefined {
    return this.#inward.receive();
  }

  receiveMany(countMax: number): Message[] | undefined {
    return this.#inward.receiveMany(countMax);
  }

  canSend(): boolean {
    return this.#outward.canSend();
  }

  canReceive(): boolean {
    return this.#inward.canReceive();
  }
}
