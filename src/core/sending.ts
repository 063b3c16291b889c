import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { keepMessage } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { beginBatch, endBatch } from "../pipe/batch.ts";
import type { MessageLike } from "./message-like.ts";
import { toMessage } from "./message-like.ts";
import type { SocketOptionValues } from "./options.ts";
import type { Pattern } from "./pattern.ts";
import type { WaitOptions } from "./waiters.ts";
import { abortError, WaitQueue } from "./waiters.ts";

/** Handed out for every message that is sent at once: awaiting it costs one microtask and no allocation. */
const SENT: Promise<void> = Promise.resolve();
/** After so many messages sent without a wait the caller waits one turn of the loop, or it would starve all I/O. */
const BURST_MAX = 4096;

/** Messages of one call that wait, and how many of them are sent. */
interface Batch {
  readonly messages: readonly Message[];
  sentCount: number;
  /** Messages of a `sendMany` that went out at once; -1 for a `send`, whose caller need not know. */
  readonly sentBefore: number;
}

/** What the sending half needs of its socket. */
export interface SendingHost {
  readonly pattern: Pattern;
  readonly options: SocketOptionValues;
  /** Names the socket and its endpoints in sentences: `Push tcp://127.0.0.1:5555`. */
  label(): string;
}

/** The sending half of a socket: calls that send at once, and a bounded queue of those that wait, in order. */
export class Sending {
  readonly #host: SendingHost;
  readonly #pattern: Pattern;
  readonly #waits: WaitQueue<Batch, void>;
  #refusal: (() => Error) | null;
  #burst: number;
  #isServing: boolean;
  #pendingSinceMs: number;

  constructor(host: SendingHost) {
    this.#host = host;
    this.#pattern = host.pattern;
    this.#waits = new WaitQueue(
      (timeoutMs) => describeSendTimeout(host.label(), timeoutMs),
      (error, { sentBefore, sentCount }) => {
        if (sentBefore >= 0) noteSentCount(error, sentBefore + sentCount);
      },
    );
    this.#refusal = null;
    this.#burst = 0;
    this.#isServing = false;
    this.#pendingSinceMs = -1;
  }

  /** Calls that wait. */
  get pendingCount(): number {
    return this.#waits.length;
  }

  /** Since when there has been one without a break, or -1. */
  get pendingSinceMs(): number {
    return this.#waits.isEmpty ? -1 : this.#pendingSinceMs;
  }

  send(input: MessageLike, options?: WaitOptions): Promise<void> {
    try {
      if (this.#refusal !== null) throw this.#refusal();
      if (options !== undefined && options.signal?.aborted) throw abortError(options.signal);
      const message = toMessage(input);
      if (this.#waits.isEmpty && this.#pattern.send(message)) {
        return ++this.#burst < BURST_MAX ? SENT : this.#yieldTurn();
      }
      return this.#wait([message], -1, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  trySend(input: MessageLike): boolean {
    if (this.#refusal !== null) throw this.#refusal();
    const message = toMessage(input);
    return this.#waits.isEmpty && this.#pattern.send(message);
  }

  sendMany(inputs: readonly MessageLike[], options?: WaitOptions): Promise<void> {
    let sentCount = 0;
    try {
      if (this.#refusal !== null) throw this.#refusal();
      if (options !== undefined && options.signal?.aborted) throw abortError(options.signal);
      const count = inputs.length;
      if (this.#waits.isEmpty) {
        const pattern = this.#pattern;
        beginBatch();
        try {
          while (sentCount < count && pattern.send(toMessage(inputs[sentCount] as MessageLike))) sentCount++;
        } finally {
          endBatch();
        }
      }
      if (sentCount === count) {
        this.#burst += count;
        return this.#burst < BURST_MAX ? SENT : this.#yieldTurn();
      }
      const rest = inputs.slice(sentCount).map(toMessage);
      return this.#wait(rest, sentCount, options);
    } catch (error) {
      noteSentCount(error, sentCount);
      return Promise.reject(error);
    }
  }

  /** The pattern may be able to send again. */
  serve(): void {
    if (this.#isServing || this.#waits.isEmpty) return;
    this.#isServing = true;
    beginBatch();
    try {
      for (let waiter = this.#waits.peek(); waiter !== undefined; waiter = this.#waits.peek()) {
        const batch = waiter.payload;
        try {
          while (batch.sentCount < batch.messages.length) {
            if (!this.#pattern.send(batch.messages[batch.sentCount] as Message)) return;
            batch.sentCount++;
          }
          this.#waits.resolveNext();
        } catch (error) {
          this.#waits.rejectNext(error as Error);
        }
      }
    } finally {
      this.#isServing = false;
      endBatch();
    }
  }

  /** From now on every call, and every one that waits, is rejected. */
  shut(refusal: () => Error, pendingError: () => Error): void {
    this.#refusal = refusal;
    this.#waits.rejectAll(pendingError);
  }

  #wait(messages: Message[], sentBefore: number, options: WaitOptions | undefined): Promise<void> {
    const { maxPendingSends, sendTimeout } = this.#host.options;
    if (this.#waits.length >= maxPendingSends) {
      throw new ZmqError(
        "EBUSY",
        `${this.#host.label()} has ${maxPendingSends} send() calls waiting already.`,
      );
    }
    if (this.#waits.isEmpty) this.#pendingSinceMs = platform.now();
    // The caller may reuse its small buffers as soon as the call returned; large bodies stay by reference.
    const batch: Batch = { messages: messages.map(keepMessage), sentCount: 0, sentBefore };
    return this.#waits.add(batch, options?.timeoutMs ?? sendTimeout, options?.signal, options?.keepAlive);
  }

  #yieldTurn(): Promise<void> {
    this.#burst = 0;
    return new Promise((resolve) => platform.yieldTurn(resolve));
  }
}

export function describeSendTimeout(label: string, timeoutMs: number): string {
  return `${label} could not send within ${timeoutMs} ms: every peer is at its high-water mark, or there is none.`;
}

/** A rejected `sendMany` says how many messages were sent. */
function noteSentCount(error: unknown, count: number): void {
  if (error instanceof Error) Object.assign(error, { sentCount: count });
}
