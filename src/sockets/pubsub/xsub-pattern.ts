import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { Distributor } from "../../routing/distributor.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { Subscribing } from "./subscribing.ts";
import { isSubscription, SUBSCRIBE, TOPIC, takeSubscriptions } from "./subscription-frame.ts";

/**
 * 29/PUBSUB, "The XSUB Socket Type": receives from its publishers in turn whatever they send, and sends subscriptions
 * (`01 topic`, `00 topic`) and other messages to all of them.
 */
export class XsubPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;
  readonly #outward: Distributor;
  readonly #subscribing: Subscribing;

  constructor(host: PatternHost) {
    this.type = SocketType.XSubscriber;
    this.#host = host;
    this.#inward = new FairQueue();
    this.#outward = new Distributor();
    this.#subscribing = new Subscribing();
  }

  /** Different topics that are wanted. */
  get topicsCount(): number {
    return this.#subscribing.topicCount;
  }

  attach(pipe: Pipe): boolean {
    this.#inward.attach(pipe);
    this.#outward.attach(pipe);
    this.#subscribing.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    this.#subscribing.identified(pipe);
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#subscribing.detach(pipe);
    const number = this.#outward.detach(pipe);
    if (number > 0) this.#outward.release(number);
  }

  detach(pipe: Pipe): void {
    this.detachWriter(pipe);
    this.#inward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // Nobody waits to send.
  }

  send(message: Message): boolean {
    if (message.length === 1) {
      if (isSubscription(message[0]!)) this.#handle(message[0]!);
      else this.#distribute(message);
      return true;
    }
    const { onlyFirstSubscribe } = this.#host.options;
    const rest = takeSubscriptions(message, onlyFirstSubscribe, (frame) => this.#handle(frame));
    if (rest.length > 0) this.#distribute(rest);
    return true;
  }

  receive(): Message | undefined {
    return this.#inward.receive();
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return true;
  }

  facts(): PatternFacts {
    return this.#subscribing.facts();
  }

  canReceive(): boolean {
    return this.#inward.canReceive();
  }

  #handle(frame: Frame): void {
    if (frame[0] === SUBSCRIBE) this.#subscribing.subscribe(frame, TOPIC);
    else this.#subscribing.unsubscribe(frame, TOPIC, this.#host.options.verboseUnsubscribe);
  }

  /** 29/PUBSUB, XSUB, For processing outgoing messages: "SHALL send all messages to all connected publishers." */
  #distribute(message: Message): void {
    this.#outward.begin();
    this.#outward.matchAll();
    if (this.#outward.matchedCount === 0) this.#host.countDrop("unroutable");
    else this.#outward.send(message);
  }
}
