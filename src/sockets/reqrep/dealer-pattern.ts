import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";
import { probe } from "../envelope.ts";
import type { Asker, AskingPattern } from "./asker.ts";
import { ReplySorter } from "./reply-sorter.ts";

/** 28/REQREP, "The DEALER Socket Type": sends to its peers in turn and receives from them in turn. */
export class DealerPattern implements AskingPattern {
  readonly type: SocketType;
  onRequestRoom: (() => void) | null;
  readonly #host: PatternHost;
  readonly #outward: LoadBalancer;
  readonly #inward: FairQueue;
  /** Made for the first `request()`: a socket without requests pays for none. */
  #sorter: ReplySorter | null;

  constructor(host: PatternHost) {
    this.type = SocketType.Dealer;
    this.onRequestRoom = null;
    this.#host = host;
    this.#outward = new LoadBalancer();
    this.#inward = new FairQueue();
    this.#sorter = null;
  }

  attach(pipe: Pipe): boolean {
    this.#outward.attach(pipe);
    this.#inward.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    if (this.#host.options.probeRouter) probe(pipe);
    this.onRequestRoom?.();
    return true;
  }

  lost(pipe: Pipe): void {
    this.#sorter?.lost(pipe);
  }

  detachWriter(pipe: Pipe): void {
    this.#outward.detach(pipe);
    this.#sorter?.lost(pipe);
  }

  detach(pipe: Pipe): void {
    this.#outward.detach(pipe);
    this.#inward.detach(pipe);
    this.#sorter?.lost(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
    this.#sorter?.sort();
  }

  onWritable(pipe: Pipe): void {
    this.#outward.activate(pipe);
    this.onRequestRoom?.();
  }

  send(message: Message): boolean {
    return this.#outward.send(message, false);
  }

  receive(): Message | undefined {
    return this.#sorter === null ? this.#inward.receive() : this.#sorter.receive();
  }

  receiveMany(countMax: number): Message[] | undefined {
    return this.#sorter === null ? this.#inward.receiveMany(countMax) : undefined;
  }

  origin(): Pipe | null {
    return this.#sorter === null ? this.#inward.origin : this.#sorter.origin;
  }

  canSend(): boolean {
    return this.#outward.canSend();
  }

  canReceive(): boolean {
    return this.#sorter === null ? this.#inward.canReceive() : this.#sorter.canReceive();
  }

  openRequest(asker: Asker): number {
    this.#sorter ??= new ReplySorter(this.#host, this.#inward);
    return this.#sorter.open(asker);
  }

  sendRequest(asker: Asker): boolean {
    if (!this.#outward.sendLive(asker.message, false, asker.server)) return false;
    asker.server = this.#outward.lastPipe;
    return true;
  }

  closeRequest(id: number): void {
    this.#sorter?.close(id);
  }

  facts(): PatternFacts {
    return this.#sorter === null
      ? {}
      : { requestCount: this.#sorter.askerCount, heldBackCount: this.#sorter.asideCount };
  }

  get heldBackCount(): number {
    return this.#sorter === null ? 0 : this.#sorter.asideCount;
  }

  shutRequests(): void {
    this.#sorter?.shut();
  }
}
