import type { Message } from "../../base/message.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { SubscriptionTrie } from "../../routing/subscription-trie.ts";
import { CANCEL, SUBSCRIBE, subscriptionFrame } from "./subscription-frame.ts";

/**
 * The upstream half of SUB and XSUB: the topics that are wanted, and telling them to every publisher, all at each new
 * connection and each change to those that are connected.
 */
export class Subscribing {
  readonly #topics: SubscriptionTrie;
  readonly #pipes: Set<Pipe>;

  constructor() {
    this.#topics = new SubscriptionTrie();
    this.#pipes = new Set();
  }

  attach(pipe: Pipe): void {
    this.#pipes.add(pipe);
  }

  detach(pipe: Pipe): void {
    this.#pipes.delete(pipe);
  }

  /** A publisher that knows nothing of us yet. */
  tellAll(pipe: Pipe): void {
    const messages: Message[] = [];
    this.#topics.forEach(1, (frame) => {
      frame[0] = SUBSCRIBE;
      messages.push([frame]);
    });
    pipe.restartControl(messages);
  }

  /** Every call is told, also of a topic that is there (libzmq behaviour B53). */
  subscribe(octets: Uint8Array, start: number): void {
    this.#topics.add(octets, start);
    this.#tell(SUBSCRIBE, octets, start);
  }

  /** Told only when it was the last; a topic that is not there is ignored. */
  unsubscribe(octets: Uint8Array, start: number): void {
    if (this.#topics.remove(octets, start)) this.#tell(CANCEL, octets, start);
  }

  matches(message: Message): boolean {
    return this.#topics.matches(message[0]!);
  }

  #tell(kind: number, octets: Uint8Array, start: number): void {
    let message: Message | null = null;
    for (const pipe of this.#pipes) {
      if (!pipe.live) continue;
      message ??= [subscriptionFrame(kind, octets, start)];
      pipe.writeControl(message);
    }
  }
}
