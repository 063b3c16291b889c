import { bytesKey } from "../../base/bytes.ts";
import type { Frame, Message } from "../../base/message.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { TOPIC } from "./subscription-frame.ts";

/** A subscription or cancellation that the application has not received yet. */
export interface SubscriptionEvent {
  /** `null` once its opposite came before anyone received it. */
  message: Message | null;
  /** The peer that sent it, if one did. */
  readonly pipe: Pipe | null;
  /** Events are numbered as they come. */
  readonly number: number;
  /** The topic, if the event may yet be cancelled out. */
  readonly key: string | null;
}

/**
 * What an XPUB has to tell its application about topics, in order.
 *
 * An application that does not receive must neither lose events nor keep us from serving peers, nor may peers fill our
 * memory by changing their minds. So beyond `limit` events a topic's beginning and end cancel each other out: what is
 * kept is bounded by the topics that there are and were known, not by what happened to them.
 */
export class SubscriptionEvents {
  readonly #queue: RingQueue<SubscriptionEvent>;
  /** Events beyond the limit, by topic. */
  readonly #cancellable: Map<string, SubscriptionEvent>;
  #lastNumber: number;
  #voidCount: number;

  constructor() {
    this.#queue = new RingQueue();
    this.#cancellable = new Map();
    this.#lastNumber = 0;
    this.#voidCount = 0;
  }

  get length(): number {
    return this.#queue.length - this.#voidCount;
  }

  /** The number of the last event that came. */
  get lastNumber(): number {
    return this.#lastNumber;
  }

  /** The number of the oldest event that waits; infinite if none does. */
  get oldestNumber(): number {
    this.#dropVoids();
    return this.#queue.peek()?.number ?? Number.POSITIVE_INFINITY;
  }

  /** Adds an event that is told whatever comes after it. */
  push(message: Message, pipe: Pipe | null): void {
    // Beginning and end no longer alternate: nothing that waits may be cancelled out any more.
    this.#cancellable.clear();
    this.#queue.push({ message, pipe, number: ++this.#lastNumber, key: null });
  }

  /** Adds the beginning or the end of a topic. They must alternate for each topic. */
  pushChange(frame: Frame, pipe: Pipe | null, limit: number): void {
    const isBeyond = this.length >= limit;
    if (!isBeyond && this.#cancellable.size === 0) {
      this.#queue.push({ message: [frame], pipe, number: ++this.#lastNumber, key: null });
      return;
    }
    const key = bytesKey(frame, TOPIC);
    const opposite = this.#cancellable.get(key);
    if (opposite !== undefined) {
      this.#cancellable.delete(key);
      opposite.message = null;
      this.#voidCount++;
      if (this.#voidCount > this.length + SWEEP_MIN) this.#sweep();
      return;
    }
    const event: SubscriptionEvent = {
      message: [frame],
      pipe,
      number: ++this.#lastNumber,
      key: isBeyond ? key : null,
    };
    if (isBeyond) this.#cancellable.set(key, event);
    this.#queue.push(event);
  }

  take(): SubscriptionEvent | undefined {
    this.#dropVoids();
    const event = this.#queue.take();
    // A topic's event is forgotten with its key unless a later one took the key over.
    if (event !== undefined && event.key !== null && this.#cancellable.get(event.key) === event) {
      this.#cancellable.delete(event.key);
    }
    return event;
  }

  #dropVoids(): void {
    while (this.#voidCount > 0 && this.#queue.peek()?.message === null) {
      this.#queue.take();
      this.#voidCount--;
    }
  }

  #sweep(): void {
    for (let count = this.#queue.length; count > 0; count--) {
      const event = this.#queue.take() as SubscriptionEvent;
      if (event.message !== null) this.#queue.push(event);
    }
    this.#voidCount = 0;
  }
}

const SWEEP_MIN = 1024;
