import { bytesKey } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { FrameLike, MessageLike } from "../core/message-like.ts";
import { toMessage } from "../core/message-like.ts";
import type { SequenceFormat } from "./sequence-number.ts";
import { checkedTopicMax, SequenceNumber } from "./sequence-number.ts";

/** How a SequenceCounter counts. */
export interface SequenceCounterOptions extends SequenceFormat {
  /** The first number of each topic. Default 0. */
  readonly first?: number | bigint | undefined;
  /** The most topics. Default 100000. */
  readonly maxTopics?: number | undefined;
}

const TOPICS_MAX = 100_000;

/**
 * Numbers what a publisher sends, each topic for itself, so that subscribers can tell with SequenceGaps what they missed:
 *
 *     await publisher.send(counter.append(["hashtx", body]));
 */
export class SequenceCounter {
  readonly #number: SequenceNumber;
  readonly #first: bigint;
  readonly #topicMax: number;
  readonly #nextOf: Map<string, bigint>;

  constructor(options: SequenceCounterOptions = {}) {
    this.#number = new SequenceNumber(options);
    this.#first = this.#number.checked("first", options.first ?? 0n);
    this.#topicMax = checkedTopicMax(options.maxTopics ?? TOPICS_MAX);
    this.#nextOf = new Map();
  }

  /** The message with the next number of its topic, the first frame, as its last frame. EINVAL as for `next`. */
  append(message: MessageLike): Uint8Array[] {
    const frames = toMessage(message);
    return [...frames, this.#take(frames[0] as Uint8Array)];
  }

  /** The next number of a topic, as a frame. EINVAL for a topic beyond `maxTopics`. */
  next(topic: FrameLike): Buffer {
    return this.#take(toMessage(topic)[0] as Uint8Array);
  }

  #take(topic: Uint8Array): Buffer {
    const key = bytesKey(topic);
    const value = this.#nextOf.get(key);
    // To forget one would be to number it from the beginning again: subscribers would take that for a restart.
    if (value === undefined && this.#nextOf.size >= this.#topicMax) {
      throw new ZmqError("EINVAL", `The counter has ${this.#topicMax} topics already.`, {
        remedy: "Raise maxTopics, or let the first frame be a topic and not an id of each message.",
      });
    }
    const taken = value ?? this.#first;
    this.#nextOf.set(key, (taken + 1n) % this.#number.range);
    return this.#number.write(taken);
  }
}
