import { bytesKey, keyBytes } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { FrameLike } from "../core/message-like.ts";
import { toMessage } from "../core/message-like.ts";
import type { SequenceFormat } from "./sequence-number.ts";
import { checkedTopicMax, SequenceNumber } from "./sequence-number.ts";

/** Where SequenceGaps finds topics and numbers in a message. Frames count from 0; from the end they count from -1. */
export interface SequenceGapsOptions extends SequenceFormat {
  /** The frame that says what is numbered together. Default 0, the topic. */
  readonly topicFrame?: number | undefined;
  /** The frame with the number. Default -1, the last. */
  readonly numberFrame?: number | undefined;
  /** Where in that frame the number begins, in octets. Default: the number is the whole frame. */
  readonly numberOffset?: number | undefined;
  /** The number that a publisher begins with: what a late subscriber missed is then a gap. Default: none is expected. */
  readonly first?: number | bigint | undefined;
  /** The most topics that are remembered: beyond it the one is forgotten that was silent longest. Default 10000. */
  readonly maxTopics?: number | undefined;
}

/** A number that was not the one expected. */
export interface SequenceGap {
  /**
   * `gap`: numbers are missing. `duplicate`: the last number again. `restart`: the number went back, as when a publisher
   * begins anew; what it lost before that is not known.
   */
  readonly kind: "gap" | "duplicate" | "restart";
  readonly topic: Buffer;
  readonly expected: bigint;
  readonly received: bigint;
  /** Messages of the topic that did not come. */
  readonly missedCount: bigint;
}

/** Sums, of one topic or of all. */
export interface SequenceTotals {
  readonly receivedCount: bigint;
  readonly missedCount: bigint;
  readonly gapCount: number;
  readonly duplicateCount: number;
  readonly restartCount: number;
}

interface Topic extends Totals {
  expected: bigint;
}

interface Totals {
  receivedCount: bigint;
  missedCount: bigint;
  gapCount: number;
  duplicateCount: number;
  restartCount: number;
}

const TOPICS_MAX = 10_000;

/**
 * Tells a subscriber what it missed: a publisher drops what a slow subscriber has no room for, and only numbers show it at
 * this end. They are those of SequenceCounter, of Bitcoin Core (the defaults) or of any publisher that counts by one.
 *
 *     for await (const message of subscriber) {
 *       const gap = gaps.check(message);
 *       if (gap !== undefined) console.warn(`${gap.topic}: missed ${gap.missedCount}`);
 *     }
 *
 * Messages of one publisher cannot overtake each other, so a number that goes back is a publisher that began anew. A jump
 * counts as forward up to half of all numbers, also past the largest. Publishers that number the same topic each for
 * itself need a SequenceGaps each.
 */
export class SequenceGaps {
  readonly #number: SequenceNumber;
  readonly #topicFrame: number;
  readonly #numberFrame: number;
  readonly #numberOffset: number | undefined;
  readonly #first: bigint | null;
  readonly #topicMax: number;
  readonly #topics: Map<string, Topic>;
  readonly #totals: Totals;

  constructor(options: SequenceGapsOptions = {}) {
    this.#number = new SequenceNumber(options);
    this.#topicFrame = checkedIndex("topicFrame", options.topicFrame ?? 0);
    this.#numberFrame = checkedIndex("numberFrame", options.numberFrame ?? -1);
    this.#numberOffset = checkedOffset(options.numberOffset);
    this.#first = options.first === undefined ? null : this.#number.checked("first", options.first);
    this.#topicMax = checkedTopicMax(options.maxTopics ?? TOPICS_MAX);
    this.#topics = new Map();
    this.#totals = noTotals();
  }

  /** Topics that are remembered. */
  get topicCount(): number {
    return this.#topics.size;
  }

  /** Of all topics, also of those that were forgotten. */
  get totals(): SequenceTotals {
    return { ...this.#totals };
  }

  /** Of one topic; `undefined` if it is not remembered. */
  totalsOf(topic: FrameLike): SequenceTotals | undefined {
    const found = this.#topics.get(bytesKey(toMessage(topic)[0] as Uint8Array));
    if (found === undefined) return undefined;
    const { expected: _, ...totals } = found;
    return totals;
  }

  /**
   * Looks at the next message; `undefined` if it is the one that was expected. Throws EINVAL for a message without the
   * frames, or with another frame where the number should be; nothing is counted then.
   */
  check(message: readonly Uint8Array[]): SequenceGap | undefined {
    const received = this.#read(message);
    const key = bytesKey(frameAt(message, this.#topicFrame, "topicFrame"));
    const topic = this.#topics.get(key) ?? { ...noTotals(), expected: received - this.#sinceFirst(received) };
    this.#remember(key, topic);
    const { expected } = topic;
    const { range } = this.#number;
    topic.expected = (received + 1n) % range;
    topic.receivedCount++;
    this.#totals.receivedCount++;
    if (received === expected) return undefined;
    const gap = this.#judge(key, expected, received, topic.receivedCount === 1n);
    this.#count(topic, gap);
    this.#count(this.#totals, gap);
    return gap;
  }

  #judge(key: string, expected: bigint, received: bigint, isFirst: boolean): SequenceGap {
    const { range } = this.#number;
    const topic = Buffer.from(keyBytes(key));
    const ahead = (received - expected + range) % range;
    if (isFirst || ahead < range / 2n) return { kind: "gap", topic, expected, received, missedCount: ahead };
    if (ahead === range - 1n) return { kind: "duplicate", topic, expected, received, missedCount: 0n };
    return { kind: "restart", topic, expected, received, missedCount: this.#sinceFirst(received) };
  }

  /** What came before this number, where that is known. */
  #sinceFirst(received: bigint): bigint {
    return this.#first === null || received < this.#first ? 0n : received - this.#first;
  }

  #count(totals: Totals, { kind, missedCount }: SequenceGap): void {
    totals.missedCount += missedCount;
    if (kind === "gap") totals.gapCount++;
    else if (kind === "duplicate") totals.duplicateCount++;
    else totals.restartCount++;
  }

  /** Only where one must be forgotten it matters which was heard last. */
  #remember(key: string, topic: Topic): void {
    const topics = this.#topics;
    if (topics.size >= this.#topicMax) {
      const isKnown = topics.delete(key);
      if (!isKnown) topics.delete(topics.keys().next().value as string);
    }
    topics.set(key, topic);
  }

  #read(message: readonly Uint8Array[]): bigint {
    const frame = frameAt(message, this.#numberFrame, "numberFrame");
    const { width } = this.#number;
    const offset = this.#numberOffset ?? 0;
    const size = frame.length;
    if (this.#numberOffset === undefined ? size === width : size >= offset + width)
      return this.#number.read(frame, offset);
    const where = this.#numberOffset === undefined ? "" : ` from octet ${offset} on`;
    throw new ZmqError(
      "EINVAL",
      `Frame ${this.#numberFrame} of the message has ${size} octets: no number of ${width} octets${where}.`,
      { remedy: "Set width, numberFrame and numberOffset to what the publisher sends." },
    );
  }
}

function frameAt(message: readonly Uint8Array[], index: number, name: string): Uint8Array {
  const frame = Array.isArray(message) ? message.at(index) : undefined;
  if (frame instanceof Uint8Array) return frame;
  throw new ZmqError("EINVAL", `The message has no frame ${index}, which ${name} names.`);
}

function checkedIndex(name: string, index: number): number {
  if (Number.isSafeInteger(index)) return index;
  throw new ZmqError("EINVAL", `${name} is the whole number of a frame, not ${String(index)}.`);
}

function checkedOffset(offset: number | undefined): number | undefined {
  if (offset === undefined || (Number.isSafeInteger(offset) && offset >= 0)) return offset;
  throw new ZmqError("EINVAL", `numberOffset is a whole number of octets from 0, not ${String(offset)}.`);
}

function noTotals(): Totals {
  return { receivedCount: 0n, missedCount: 0n, gapCount: 0, duplicateCount: 0, restartCount: 0 };
}
