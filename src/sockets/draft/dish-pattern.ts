import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { GroupSet } from "../../routing/group-set.ts";
import { Subscribing } from "../pubsub/subscribing.ts";

/**
 * 48/RADIO-DISH, "The DISH Socket Type": receives from its radios in turn, `[group, body]`, what is for a group that it has
 * joined, and sends nothing.
 */
export class DishPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;
  readonly #groups: GroupSet;
  readonly #subscribing: Subscribing;
  /** The message that `canReceive` found. */
  #prefetched: Message | undefined;

  constructor(host: PatternHost) {
    this.type = SocketType.Dish;
    this.#host = host;
    this.#inward = new FairQueue();
    this.#groups = new GroupSet();
    this.#subscribing = new Subscribing(this.#groups);
    this.#prefetched = undefined;
  }

  hasJoined(group: Uint8Array): boolean {
    return this.#groups.has(group);
  }

  /** The caller has made sure that it is new. */
  join(group: Uint8Array): void {
    this.#subscribing.subscribe(group, 0);
  }

  /** The caller has made sure that it is there. */
  leave(group: Uint8Array): void {
    this.#subscribing.unsubscribe(group, 0);
  }

  attach(pipe: Pipe): boolean {
    this.#inward.attach(pipe);
    this.#subscribing.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    this.#subscribing.identified(pipe);
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#subscribing.detach(pipe);
  }

  detach(pipe: Pipe): void {
    this.#subscribing.detach(pipe);
    this.#inward.detach(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // Memberships are never refused.
  }

  send(): boolean {
    throw new ZmqError("ENOTSUP", "A DISH socket does not send.", {
      remedy: "Answer radios on a socket of another type.",
    });
  }

  receive(): Message | undefined {
    const prefetched = this.#prefetched;
    if (prefetched === undefined) return this.#take();
    this.#prefetched = undefined;
    return prefetched;
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return false;
  }

  facts(): PatternFacts {
    return this.#subscribing.facts();
  }

  canReceive(): boolean {
    this.#prefetched ??= this.#take();
    return this.#prefetched !== undefined;
  }

  receiveMany(countMax: number): Message[] | undefined {
    if (this.#prefetched !== undefined) return undefined;
    const inward = this.#inward;
    for (
      let messages = inward.receiveMany(countMax);
      messages !== undefined;
      messages = inward.receiveMany(countMax)
    ) {
      const pipe = inward.origin;
      const wanted = messages.filter((message) => this.#admits(message, pipe));
      if (wanted.length > 0) return wanted;
    }
    return undefined;
  }

  #take(): Message | undefined {
    const inward = this.#inward;
    for (let message = inward.receive(); message !== undefined; message = inward.receive()) {
      if (this.#admits(message, inward.origin)) return message;
    }
    return undefined;
  }

  /**
   * A radio may send what was for a group when it was joined and is not any more; and over udp whatever it has to say. What
   * is no group and one frame behind it is not ours to make sense of (libzmq behaviour B120).
   */
  #admits(message: Message, pipe: Pipe | null): boolean {
    const isWhole = message.length === 2;
    if (isWhole && this.#subscribing.matches(message)) return true;
    if (pipe !== null) this.#host.countReceivedDrop(pipe, isWhole ? "no-subscriber" : "protocol");
    return false;
  }
}
