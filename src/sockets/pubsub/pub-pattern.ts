import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { Publishing } from "./publishing.ts";
import { isSubscription, SUBSCRIBE, TOPIC, takeSubscriptions } from "./subscription-frame.ts";

/**
 * 29/PUBSUB, "The PUB Socket Type": sends each message to those who want its topic, receives nothing. RADIO is one whose
 * topics are groups: a message is for those who named its first frame, not a beginning of it.
 */
export class PubPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #publishing: Publishing;

  constructor(
    host: PatternHost,
    type: typeof SocketType.Publisher | typeof SocketType.Radio = SocketType.Publisher,
  ) {
    this.type = type;
    this.#host = host;
    this.#publishing = new Publishing(host, null, type === SocketType.Radio ? "exact" : "prefix");
  }

  /** Called after each change of the subscriptions. */
  get onSubscription(): (() => void) | null {
    return this.#publishing.onSubscription;
  }

  set onSubscription(listener: (() => void) | null) {
    this.#publishing.onSubscription = listener;
  }

  /** Different topics of all peers together. */
  get topicsCount(): number {
    return this.#publishing.topicsCount;
  }

  /** Whether there is a peer in datagrams. */
  get hasUnasked(): boolean {
    return this.#publishing.hasUnasked;
  }

  /** Peers that have a subscription, or that would get a message that starts with `topic`. */
  subscriberCount(topic?: Uint8Array): number {
    return this.#publishing.subscriberCount(topic);
  }

  attach(pipe: Pipe): boolean {
    this.#publishing.attach(pipe);
    this.#read(pipe);
    return this.#publishing.has(pipe);
  }

  identified(pipe: Pipe): boolean {
    if (!this.#publishing.has(pipe)) return false;
    this.#publishing.identified(pipe, null, null);
    return true;
  }

  detachWriter(pipe: Pipe): void {
    this.#publishing.leave(pipe, null, null);
  }

  detach(pipe: Pipe): void {
    this.#publishing.leave(pipe, null, null);
  }

  onReadable(pipe: Pipe): void {
    this.#read(pipe);
  }

  onWritable(): void {
    this.#publishing.unblock();
  }

  send(message: Message): boolean {
    return this.#publishing.send(message);
  }

  receive(): Message | undefined {
    if (this.type === SocketType.Radio) {
      throw new ZmqError("ENOTSUP", "A RADIO socket does not receive.", {
        remedy: "Let the dishes answer on sockets of another type.",
      });
    }
    throw new ZmqError("ENOTSUP", "A PUB socket does not receive.", {
      remedy: "Receive subscriptions and messages of subscribers with an XPUB socket.",
    });
  }

  canSend(): boolean {
    return this.#publishing.canSend();
  }

  facts(): PatternFacts {
    return { subscriberCount: this.#publishing.subscriberCount() };
  }

  peerFacts(pipe: Pipe): PatternFacts {
    return { topicCount: this.#publishing.has(pipe) ? this.#publishing.topicCount(pipe) : 0 };
  }

  canReceive(): boolean {
    return false;
  }

  /** Subscriptions take effect as they arrive, however idle the application is (libzmq behaviour B133). */
  #read(pipe: Pipe): void {
    const publishing = this.#publishing;
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      if (publishing.has(pipe)) publishing.welcome(pipe);
      if (message.length === 1 && isSubscription(message[0]!)) {
        this.#handle(pipe, message[0]!);
        continue;
      }
      // 29/PUBSUB, PUB, General behavior: "SHALL silently discard any messages that subscribers send it." RADIO: likewise.
      if (this.#userFrames(pipe, message).length > 0) this.#host.countReceivedDrop(pipe, "protocol");
    }
  }

  /** Handles what a message of more than a subscription asks for, and gives the rest of it. */
  #userFrames(pipe: Pipe, message: Message): Message {
    // JOIN and LEAVE are commands: a message of dishes holds none.
    if (this.type === SocketType.Radio) return message;
    const { onlyFirstSubscribe } = this.#host.options;
    return takeSubscriptions(message, onlyFirstSubscribe, (frame) => this.#handle(pipe, frame));
  }

  #handle(pipe: Pipe, frame: Frame): void {
    const publishing = this.#publishing;
    // A peer that left, or that this loop disconnected, wants nothing any more.
    if (!publishing.has(pipe)) return;
    if (frame[0] !== SUBSCRIBE) publishing.cancel(pipe, frame, TOPIC);
    else if (publishing.admits(pipe, frame)) publishing.subscribe(pipe, frame, TOPIC);
  }
}
