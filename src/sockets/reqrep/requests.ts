import { ZmqError } from "../../base/errors.ts";
import type { Message } from "../../base/message.ts";
import { keepMessage } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { MessageLike } from "../../core/message-like.ts";
import { toMessage } from "../../core/message-like.ts";
import type { SocketCore } from "../../core/socket.ts";
import { abortError } from "../../core/waiters.ts";
import { beginBatch, endBatch } from "../../pipe/batch.ts";
import type { AskingPattern } from "./asker.ts";
import { requestMessage } from "./asker.ts";
import type { CallOwner, RetryOptions } from "./request-call.ts";
import { RequestCall } from "./request-call.ts";
import { noReplyError } from "./request-failure.ts";

/** The listener on a signal, and the calls that it aborts. */
interface Watch {
  readonly listener: () => void;
  readonly calls: Set<RequestCall>;
}

/**
 * The `request()` calls of one socket. On a DEALER all are under way at once; on a REQ one is, and the others queue.
 *
 *     queued --its turn--> unsent --a peer has room--> sent --reply--> over
 *                            ^                          |
 *                            `--time, or server lost----'             no attempt is left: EAGAIN
 *
 * A request goes to a peer that is connected, and waits here for one, not in the queue of a peer that is away: what is
 * sent to a server that comes back is what somebody still waits for.
 */
export class Requests implements CallOwner {
  readonly #core: SocketCore;
  readonly #pattern: AskingPattern;
  readonly #countMax: number;
  /** All that are not over. While there is one the process is kept alive. */
  readonly #calls: Set<RequestCall>;
  readonly #queued: Set<RequestCall>;
  readonly #unsent: Set<RequestCall>;
  readonly #watches: Map<AbortSignal, Watch>;
  #underWayCount: number;
  #isStarting: boolean;
  #isFlushDue: boolean;

  constructor(core: SocketCore) {
    this.#core = core;
    this.#pattern = core.pattern as AskingPattern;
    this.#countMax = core.type === SocketType.Request ? 1 : Number.POSITIVE_INFINITY;
    this.#calls = new Set();
    this.#queued = new Set();
    this.#unsent = new Set();
    this.#watches = new Map();
    this.#underWayCount = 0;
    this.#isStarting = false;
    this.#isFlushDue = false;
    this.#pattern.onRequestRoom = () => this.#flushLater();
    core.receiving.onShut = () => this.#shut();
  }

  request(input: MessageLike, options: RetryOptions = {}): Promise<Message> {
    try {
      const core = this.#core;
      core.checkOpen();
      if (options.signal?.aborted) throw abortError(options.signal);
      if (core.options.conflate) {
        throw new ZmqError("ENOTSUP", `${core.label()} has conflate set, which keeps single frames alone.`, {
          remedy: "Make requests on a socket without conflate: they have several frames.",
        });
      }
      const call = new RequestCall(this, keepMessage(toMessage(input)), options);
      const { maxPendingSends } = core.options;
      if (this.#queued.size + this.#unsent.size >= maxPendingSends) {
        throw new ZmqError(
          "EBUSY",
          `${core.label()} has ${maxPendingSends} request() calls waiting already.`,
          {
            remedy: "Await earlier request() calls, or raise maxPendingSends.",
          },
        );
      }
      this.#enter(call);
      return call.promise;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  // CallOwner.

  onReply(call: RequestCall, reply: Message): void {
    this.#core.receiving.noteOrigin(reply);
    this.#end(call);
    call.resolve(reply);
  }

  onTimeout(call: RequestCall): void {
    if (call.hasAttempts) this.#attempt(call);
    else this.#fail(call, noReplyError(this.#core, call, this.#pattern.heldBackCount));
  }

  /** Without an attempt left the time is waited out: the reply may have been read, or the server come back with it. */
  onServerLost(call: RequestCall): void {
    const { attemptCount } = call;
    // In its own time: the pattern is in the middle of letting the peer go.
    platform.defer(() => {
      if (!call.isOver && call.hasAttempts && call.attemptCount === attemptCount) this.#attempt(call);
    });
  }

  #enter(call: RequestCall): void {
    // First of all: it throws for what is no signal.
    if (call.signal !== undefined) this.#watch(call.signal, call);
    if (this.#calls.size === 0) platform.hold();
    this.#calls.add(call);
    this.#queued.add(call);
    this.#startQueued();
  }

  #startQueued(): void {
    if (this.#isStarting) return;
    this.#isStarting = true;
    for (const call of this.#queued) {
      if (this.#underWayCount >= this.#countMax) break;
      this.#start(call);
    }
    this.#isStarting = false;
  }

  #start(call: RequestCall): void {
    try {
      this.#checkTurn();
      call.id = this.#pattern.openRequest(call);
    } catch (error) {
      this.#fail(call, error as Error);
      return;
    }
    this.#queued.delete(call);
    this.#underWayCount++;
    call.message = requestMessage(call.id, call.body);
    call.startMs = platform.now();
    this.#attempt(call);
  }

  /** On a REQ a `send` that waits for a peer came first. */
  #checkTurn(): void {
    if (this.#countMax > 1 || this.#core.sending.pendingCount === 0) return;
    throw new ZmqError("EFSM", `A send() waits on ${this.#core.label()}.`, {
      remedy: "Await it, and receive its reply, before request().",
    });
  }

  #attempt(call: RequestCall): void {
    call.begin();
    // Behind those that wait already.
    if (this.#unsent.size > 0 || !this.#trySend(call)) this.#unsent.add(call);
  }

  #trySend(call: RequestCall): boolean {
    if (!this.#pattern.sendRequest(call)) return false;
    call.sentCount++;
    return true;
  }

  #flushLater(): void {
    if (this.#isFlushDue || this.#unsent.size === 0) return;
    this.#isFlushDue = true;
    platform.defer(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  #flush(): void {
    beginBatch();
    try {
      for (const call of this.#unsent) {
        if (!this.#trySend(call)) return;
        this.#unsent.delete(call);
      }
    } finally {
      endBatch();
    }
  }

  #fail(call: RequestCall, error: Error): void {
    this.#end(call);
    call.reject(error);
  }

  #end(call: RequestCall): void {
    call.end();
    this.#calls.delete(call);
    this.#unsent.delete(call);
    if (!this.#queued.delete(call)) {
      this.#underWayCount--;
      this.#pattern.closeRequest(call.id);
    }
    if (call.signal !== undefined) this.#unwatch(call.signal, call);
    if (this.#calls.size === 0) platform.release();
    else this.#startQueued();
  }

  #watch(signal: AbortSignal, call: RequestCall): void {
    let watch = this.#watches.get(signal);
    if (watch === undefined) {
      const calls = new Set<RequestCall>();
      watch = { listener: () => this.#abort(signal, calls), calls };
      signal.addEventListener("abort", watch.listener, { once: true });
      this.#watches.set(signal, watch);
    }
    watch.calls.add(call);
  }

  #unwatch(signal: AbortSignal, call: RequestCall): void {
    const watch = this.#watches.get(signal) as Watch;
    watch.calls.delete(call);
    if (watch.calls.size > 0) return;
    this.#watches.delete(signal);
    signal.removeEventListener("abort", watch.listener);
  }

  #abort(signal: AbortSignal, calls: ReadonlySet<RequestCall>): void {
    for (const call of [...calls]) this.#fail(call, abortError(signal));
  }

  /** The socket ends, and with it all that waits: a program that dropped their promises is not brought down by it. */
  #shut(): void {
    const core = this.#core;
    this.#pattern.shutRequests();
    this.#isStarting = true;
    for (const call of [...this.#calls]) {
      call.promise.catch(() => undefined);
      this.#fail(
        call,
        core.receiving.isTerminated
          ? core.closedError()
          : new ZmqError("EAGAIN", `${core.label()} was closed while request() waited.`, {
              remedy: "Await its reply before close(), or abort it.",
            }),
      );
    }
  }
}
