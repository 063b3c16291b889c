import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { SocketOptionValues } from "./options.ts";
import type { MessageOrigin } from "./origins.ts";
import { isVouchedFor, Origins } from "./origins.ts";
import type { Pattern } from "./pattern.ts";
import type { WaitOptions } from "./waiters.ts";
import { abortError, WaitQueue } from "./waiters.ts";

/** The most messages of one batch unless the caller says otherwise. */
const BATCH_COUNT_MAX = 65536;
/**
 * After so many messages taken without a wait, or after so long, the caller waits one turn of the loop: what comes from
 * other threads comes without the loop, and a caller who takes his time with each would never let it turn.
 */
const BURST_MAX = 65536;
const BURST_MS = 10;
const COUNT_PER_LOOK = 128;
const LOOK = -1;

/** What the receiving half needs of its socket. */
export interface ReceivingHost {
  readonly pattern: Pattern;
  readonly options: SocketOptionValues;
  label(): string;
}

/** The receiving half of a socket: calls that find a message, and a bounded queue of those that wait, in order. */
export class Receiving {
  readonly #host: ReceivingHost;
  readonly #pattern: Pattern;
  /** Payload 0 asks for one message, n for up to n, LOOK for none: only whether there is one. */
  readonly #waits: WaitQueue<number, Message | Message[]>;
  #refusal: (() => Error) | null;
  /** The context was terminated: an iteration then ends with ETERM, not quietly. */
  isTerminated: boolean;
  /** Told when the socket ends, for what else waits for messages. */
  onShut: (() => void) | null;
  #burst: number;
  /** When the burst was first looked at; 0: not yet. */
  #burstMs: number;
  #lookAt: number;
  #isOver: boolean;
  #isServeDeferred: boolean;
  /** `null` until an authenticator vouches for a peer. */
  #origins: Origins | null;

  constructor(host: ReceivingHost) {
    this.#host = host;
    this.#pattern = host.pattern;
    this.#waits = new WaitQueue((timeoutMs) => describeReceiveTimeout(host.label(), timeoutMs));
    this.#refusal = null;
    this.isTerminated = false;
    this.onShut = null;
    this.#burst = 0;
    this.#burstMs = 0;
    this.#lookAt = COUNT_PER_LOOK;
    this.#isOver = false;
    this.#isServeDeferred = false;
    this.#origins = null;
  }

  /** Calls that wait. */
  get pendingCount(): number {
    return this.#waits.length;
  }

  get isShut(): boolean {
    return this.#refusal !== null;
  }

  receive(options?: WaitOptions): Promise<Message> {
    try {
      if (this.#refusal !== null) throw this.#refusal();
      if (options !== undefined && options.signal?.aborted) throw abortError(options.signal);
      const message = this.#takeNow();
      if (message !== undefined) return Promise.resolve(message);
      return this.#wait(0, options) as Promise<Message>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Resolves when there is a message, and takes none. */
  async waitForMessage(options?: WaitOptions): Promise<void> {
    if (this.#refusal !== null) throw this.#refusal();
    if (options?.signal?.aborted) throw abortError(options.signal);
    if (!this.#waits.isEmpty || !this.#pattern.canReceive()) await this.#wait(LOOK, options);
  }

  /** A message for an iterator: at once if there is one, `undefined` if the caller must `receive`. */
  takeNow(): Message | undefined {
    return this.#refusal === null ? this.#takeNow() : undefined;
  }

  tryReceive(): Message | undefined {
    if (this.#refusal !== null) throw this.#refusal();
    return this.#waits.isEmpty ? this.take() : undefined;
  }

  /** There is a peer: if an authenticator vouched for it, it is noted from now on whom messages come from. */
  onIdentified({ peer, received }: Pipe): void {
    if (!isVouchedFor(peer)) return;
    // What a pipe that we connected holds already came over an earlier connection.
    if (peer.outgoing) peer.vouchedFrom = received.accepted;
    this.#origins ??= new Origins();
    this.#origins.renew(peer);
  }

  /** The pattern gave a message away, just now. */
  noteOrigin(message: Message): void {
    const pipe = this.#origins === null ? null : this.#pattern.origin?.();
    if (pipe) this.#origins?.note(message, pipe);
  }

  originOf(message: Message): MessageOrigin | undefined {
    return this.#origins?.find(message);
  }

  /** The next message out of the pattern, whoever waits. */
  take(): Message | undefined {
    const message = this.#pattern.receive();
    if (this.#origins !== null && message !== undefined) this.noteOrigin(message);
    return message;
  }

  receiveMany(countMax = BATCH_COUNT_MAX, options?: WaitOptions): Promise<Message[]> {
    try {
      if (this.#refusal !== null) throw this.#refusal();
      if (options !== undefined && options.signal?.aborted) throw abortError(options.signal);
      if (!Number.isInteger(countMax) || countMax < 1) {
        throw new ZmqError(
          "EINVAL",
          `receiveMany() takes a whole number of messages from 1, not ${countMax}.`,
        );
      }
      if (!this.#waits.isEmpty || (this.#burst >= this.#lookAt && this.#isBurstOver()))
        return this.#wait(countMax, options) as Promise<Message[]>;
      const messages = this.#takeMany(countMax);
      if (messages !== undefined) return Promise.resolve(messages);
      this.#endBurst();
      return this.#wait(countMax, options) as Promise<Message[]>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The pattern may have messages. */
  serve(): void {
    const first = this.#waits.peek();
    if (first === undefined || this.#isServeDeferred) return;
    // One who asked for many waits until the chunk at hand is decoded.
    if (first.payload > 0) this.#deferServe();
    else this.#serveNow();
  }

  /** From now on every call, and every one that waits, is rejected. */
  shut(refusal: () => Error, pendingError: () => Error): void {
    this.#refusal = refusal;
    this.#waits.rejectAll(pendingError);
    this.onShut?.();
  }

  #takeNow(): Message | undefined {
    if (!this.#waits.isEmpty || (this.#burst >= this.#lookAt && this.#isBurstOver())) return undefined;
    const message = this.take();
    if (message !== undefined) this.#burst++;
    else this.#endBurst();
    return message;
  }

  /** All that is there, up to `countMax`; `undefined` if nothing is. */
  #takeMany(countMax: number): Message[] | undefined {
    let messages = this.#origins === null ? this.#pattern.receiveMany?.(countMax) : undefined;
    if (messages === undefined) {
      const first = this.take();
      if (first === undefined) return undefined;
      messages = [first];
      try {
        for (let count = 1; count < countMax; count++) {
          const message = this.take();
          if (message === undefined) break;
          messages.push(message);
        }
      } catch (error) {
        // REQ and REP: after one message it is the other side's turn, and the batch ends.
        if (!(error instanceof ZmqError) || error.code !== "EFSM") throw error;
      }
    }
    this.#burst += messages.length;
    return messages;
  }

  #wait(payload: number, options: WaitOptions | undefined): Promise<Message | Message[]> {
    const { maxPendingReceives, receiveTimeout } = this.#host.options;
    if (this.#waits.length >= maxPendingReceives) {
      throw new ZmqError(
        "EBUSY",
        `${this.#host.label()} has ${maxPendingReceives} receive() calls waiting already.`,
      );
    }
    const timeoutMs = options?.timeoutMs ?? receiveTimeout;
    if (!this.#isOver) return this.#waits.add(payload, timeoutMs, options?.signal, options?.keepAlive);
    // A message may be there: this call only lets the loop turn first, however short its time is.
    this.#endBurst();
    const waitMs = timeoutMs === 0 ? 1 : timeoutMs;
    const promise = this.#waits.add(payload, waitMs, options?.signal, options?.keepAlive);
    platform.yieldTurn(() => this.#serveNow());
    return promise;
  }

  /** Whether enough was taken since the loop turned. */
  #isBurstOver(): boolean {
    const now = platform.now();
    if (this.#burstMs === 0) this.#burstMs = now;
    this.#lookAt = this.#burst + COUNT_PER_LOOK;
    this.#isOver = this.#burst >= BURST_MAX || now - this.#burstMs >= BURST_MS;
    return this.#isOver;
  }

  #endBurst(): void {
    this.#burst = 0;
    this.#burstMs = 0;
    this.#lookAt = COUNT_PER_LOOK;
    this.#isOver = false;
  }

  #deferServe(): void {
    this.#isServeDeferred = true;
    platform.defer(() => {
      this.#isServeDeferred = false;
      this.#serveNow();
    });
  }

  #takeFor(payload: number): Message | Message[] | undefined {
    if (payload === LOOK) return this.#pattern.canReceive() ? [] : undefined;
    return payload === 0 ? this.take() : this.#takeMany(payload);
  }

  #serveNow(): void {
    for (let waiter = this.#waits.peek(); waiter !== undefined; waiter = this.#waits.peek()) {
      let result: Message | Message[] | undefined;
      try {
        result = this.#takeFor(waiter.payload);
      } catch (error) {
        this.#waits.rejectNext(error as Error);
        continue;
      }
      if (result === undefined) return;
      this.#waits.resolveNext(result);
    }
  }
}

export function describeReceiveTimeout(label: string, timeoutMs: number): string {
  return `${label} received nothing within ${timeoutMs} ms.`;
}
