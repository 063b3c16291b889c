import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { Pipe } from "../pipe/pipe.ts";
import type { ContextShare } from "./context-share.ts";
import type { MessageLike } from "./message-like.ts";
import { toMessage } from "./message-like.ts";
import type { SocketOptionValues } from "./options.ts";
import type { Pattern } from "./pattern.ts";
import { describeReceiveTimeout } from "./receiving.ts";
import { describeSendTimeout } from "./sending.ts";

/** After so many calls that need not wait, news of other threads is looked at all the same: libzmq's inbound_poll_rate is 100. */
const CALLS_PER_LOOK = 64;

/** Looks at the socket itself, some microseconds, before a call waits for what other threads ring for. */
const LOOKS = 200;

/** How long a call may block its thread. */
export interface BlockingOptions {
  /** Milliseconds; -1 waits for ever, 0 does not wait. Default: the socket's `receiveTimeout` or `sendTimeout`. */
  readonly timeoutMs?: number | undefined;
}

/** A socket, as its blocking calls see it. */
export interface BlockingHost {
  readonly context: { readonly share: ContextShare };
  readonly options: SocketOptionValues;
  readonly pattern: Pattern;
  readonly sending: { readonly pendingCount: number };
  readonly receiving: { readonly pendingCount: number; take(): Message | undefined };
  label(): string;
  /** EBADF, ETERM. */
  checkOpen(): void;
}

/** Where the socket's peers are, and where they may come from. */
export interface BlockingReach {
  /** An endpoint that this thread serves, or `null`. */
  readonly servedHere: string | null;
  /** Whether peers may come to an endpoint that this thread need not serve. */
  readonly isOpen: boolean;
}

/** Pipes that were read to their end, and are let go of later. */
export interface Drained {
  settle(): void;
}

/** Why a socket must not be waited for without the event loop. */
export type Obstacle = "served-here" | "peers-here" | "nobody" | "alone";

/**
 * The calls of a socket that block their thread. Where this thread itself has to serve the socket, or nobody could ever
 * answer, they are refused before they begin, whether or not they would have had to wait.
 */
export class Blocking {
  readonly #socket: BlockingHost;
  readonly #reach: BlockingReach;
  readonly #pipes: ReadonlyMap<Pipe, unknown>;
  readonly #drained: Drained;
  #callCount: number;

  constructor(
    socket: BlockingHost,
    reach: BlockingReach,
    pipes: ReadonlyMap<Pipe, unknown>,
    drained: Drained,
  ) {
    this.#socket = socket;
    this.#reach = reach;
    this.#pipes = pipes;
    this.#drained = drained;
    this.#callCount = 0;
  }

  get share(): ContextShare {
    return this.#socket.context.share;
  }

  /** Whether `receive` would give a message now. */
  get isReadable(): boolean {
    return this.#socket.receiving.pendingCount === 0 && this.#socket.pattern.canReceive();
  }

  /** Whether `send` could succeed now. */
  get isWritable(): boolean {
    return this.#socket.sending.pendingCount === 0 && this.#socket.pattern.canSend();
  }

  receive(options?: BlockingOptions): Message {
    const socket = this.#socket;
    const timeoutMs = checkedTimeout(options?.timeoutMs ?? socket.options.receiveTimeout);
    this.#begin(timeoutMs, true, "receive", socket.receiving.pendingCount);
    const { receiving } = socket;
    let message = receiving.take();
    // Another thread that is about to answer is met here, before either has to wake the other.
    for (let look = timeoutMs === 0 ? 0 : LOOKS; look > 0 && message === undefined; look--)
      message = receiving.take();
    if (message !== undefined) return message;
    const late = blockUntil(this.share, timeoutMs, () => {
      this.refresh();
      const found = receiving.take();
      if (found === undefined && timeoutMs < 0) this.#checkMayBlock(true);
      return found;
    });
    if (late !== undefined) return late;
    throw new ZmqError("EAGAIN", describeReceiveTimeout(socket.label(), timeoutMs));
  }

  send(input: MessageLike, options?: BlockingOptions): void {
    const socket = this.#socket;
    const timeoutMs = checkedTimeout(options?.timeoutMs ?? socket.options.sendTimeout);
    this.#begin(timeoutMs, false, "send", socket.sending.pendingCount);
    const message = toMessage(input);
    if (socket.pattern.send(message)) return;
    const isSent = blockUntil(this.share, timeoutMs, () => {
      this.refresh();
      if (socket.pattern.send(message)) return true;
      if (timeoutMs < 0) this.#checkMayBlock(false);
      return undefined;
    });
    if (!isSent) throw new ZmqError("EAGAIN", describeSendTimeout(socket.label(), timeoutMs));
  }

  /** After news of other threads: EBADF or ETERM if they ended the socket, and peers that left make room for others. */
  refresh(): void {
    this.#socket.checkOpen();
    this.#drained.settle();
  }

  /** What keeps a call from blocking; `null`: it may. `isReading`: what peers sent before they left may be read yet. */
  obstacle(isReading: boolean): Obstacle | null {
    if (this.#reach.servedHere !== null) return "served-here";
    let hasPeersHere = false;
    let hasPeers = false;
    for (const pipe of this.#pipes.keys()) {
      if (pipe.isClosed || (pipe.isEnded && !(isReading && pipe.unreadCount > 0))) continue;
      hasPeers = pipe.crossesThreads;
      if (hasPeers) break;
      hasPeersHere = true;
    }
    if (!hasPeers) {
      if (hasPeersHere) return "peers-here";
      if (!this.#reach.isOpen) return "nobody";
    }
    return this.share.canBlock ? null : "alone";
  }

  deadlock(obstacle: Obstacle): ZmqError {
    const label = this.#socket.label();
    if (obstacle === "served-here") {
      const why = `${label} must not block this thread, which has to serve ${this.#reach.servedHere}.`;
      return new ZmqError("EDEADLK", why);
    }
    if (obstacle === "peers-here") {
      const why = `${label} would wait for peers in this very thread, which could not answer.`;
      return new ZmqError("EDEADLK", why, {
        remedy: "Use the call with await, or connect it to a socket of another thread.",
      });
    }
    if (obstacle === "nobody") {
      const why = `${label} would wait for ever: it is not bound, and connected to nobody or only to peers that left.`;
      return new ZmqError("EDEADLK", why, {
        remedy: "Call bind() or connect() before; over inproc a peer that left does not come back.",
      });
    }
    const why = `${label} would wait for ever: no other thread has its context.`;
    return new ZmqError("EDEADLK", why);
  }

  #begin(timeoutMs: number, isReading: boolean, name: string, pendingCount: number): void {
    const socket = this.#socket;
    socket.checkOpen();
    if (timeoutMs !== 0) this.#checkMayBlock(isReading);
    if (pendingCount > 0) {
      const why = `${name}Sync() would overtake ${pendingCount} ${name}() that wait on ${socket.label()}.`;
      throw new ZmqError("EBUSY", why, {
        remedy: `Let them settle first, or use ${name}() for this one too.`,
      });
    }
    if (++this.#callCount >= CALLS_PER_LOOK) {
      this.#callCount = 0;
      this.share.block(0);
    }
    this.refresh();
  }

  #checkMayBlock(isReading: boolean): void {
    const obstacle = this.obstacle(isReading);
    if (obstacle !== null) throw this.deadlock(obstacle);
  }
}

/** Blocks this thread and tries again whenever another had news, until there is a result or the time is over. */
export function blockUntil<T>(
  share: ContextShare,
  timeoutMs: number,
  attempt: () => T | undefined,
): T | undefined {
  const deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : platform.now() + timeoutMs;
  let leftMs = timeoutMs;
  for (;;) {
    share.block(leftMs);
    const result = attempt();
    if (result !== undefined || leftMs === 0) return result;
    if (leftMs > 0) leftMs = Math.max(0, deadline - platform.now());
  }
}

/** Milliseconds as they were given, or EINVAL. */
export function checkedTimeout(timeoutMs: number): number {
  if (timeoutMs === -1 || (Number.isFinite(timeoutMs) && timeoutMs >= 0)) return timeoutMs;
  throw new ZmqError(
    "EINVAL",
    `timeoutMs is -1 or a number of milliseconds from 0, not ${String(timeoutMs)}.`,
  );
}
