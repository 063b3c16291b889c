import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { SocketType } from "../../base/socket-type.ts";
import { DATAGRAM_SIZE_MAX } from "../../core/datagram.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { Publishing } from "../pubsub/publishing.ts";
import { isSubscription, SUBSCRIBE, TOPIC } from "../pubsub/subscription-frame.ts";

/**
 * 48/RADIO-DISH, "The RADIO Socket Type": sends each message, `[group, body]`, to the dishes that joined its group and to
 * every udp endpoint, and receives nothing. What a dish wants comes as `01 group` and `00 group`.
 */
export class RadioPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #publishing: Publishing;

  constructor(host: PatternHost) {
    this.type = SocketType.Radio;
    this.#host = host;
    this.#publishing = new Publishing(host, null, "exact");
  }

  /** Called after each change of the memberships. */
  get onSubscription(): (() => void) | null {
    return this.#publishing.onSubscription;
  }

  set onSubscription(listener: (() => void) | null) {
    this.#publishing.onSubscription = listener;
  }

  /** Peers that joined a group, or this one; udp endpoints take part in all. */
  subscriberCount(group?: Uint8Array): number {
    return this.#publishing.subscriberCount(group);
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
    const { length: groupSize } = message[0] as Frame;
    const size = 1 + groupSize + (message[1] as Frame).length;
    if (size > DATAGRAM_SIZE_MAX && this.#publishing.hasUnasked) {
      throw new ZmqError(
        "EMSGSIZE",
        `A message of ${size - 1 - groupSize} octets does not fit into a datagram, and this Radio is connected over udp.`,
        {
          remedy: `Over udp a message and its group have ${DATAGRAM_SIZE_MAX - 1} octets at most; send larger ones with a Radio of its own over tcp.`,
        },
      );
    }
    return this.#publishing.send(message);
  }

  receive(): Message | undefined {
    throw new ZmqError("ENOTSUP", "A RADIO socket does not receive.", {
      remedy: "Let the dishes answer on sockets of another type.",
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

  /** Memberships take effect as they arrive, however idle the application is (libzmq behaviour B133). */
  #read(pipe: Pipe): void {
    for (let message = pipe.tryRead(); message !== undefined; message = pipe.tryRead()) {
      const frame = message[0] as Frame;
      if (message.length === 1 && isSubscription(frame)) this.#handle(pipe, frame);
      // 48/RADIO-DISH, RADIO, General behavior: "SHALL silently discard any messages that dishes send it."
      else this.#host.countReceivedDrop(pipe, "protocol");
    }
  }

  #handle(pipe: Pipe, frame: Frame): void {
    const publishing = this.#publishing;
    // A peer that left, or that this loop disconnected, wants nothing any more.
    if (!publishing.has(pipe)) return;
    if (frame[0] !== SUBSCRIBE) publishing.cancel(pipe, frame, TOPIC);
    else if (publishing.admits(pipe, frame)) publishing.subscribe(pipe, frame, TOPIC);
  }
}
