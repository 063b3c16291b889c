import { bytesKey, keyBytes } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import { SOCKET_TYPE_NAMES, SocketType } from "../base/socket-type.ts";
import type { PeerInfo, Pipe, PipeCounters, PipeEvents } from "../pipe/pipe.ts";
import type { Outcome, Withdraw } from "../security/authenticator.ts";
import type { ZapRequest } from "../security/zap.ts";
import { encodeZapRequest, parseZapReply, ZAP_ENDPOINT, zapError, zapReplyId } from "../security/zap.ts";
import type { ContextOptionValues } from "./context-options.ts";
import type { SocketOptionValues } from "./options.ts";
import { createSocketOptions } from "./options.ts";
import type { PipeHost, PipeLink, PipeTransport } from "./transport.ts";

/** A question about one connection. */
export interface ZapQuestion extends ZapRequest {
  /** The connection is over after it, and no answer wanted; 0 is never. */
  readonly timeoutMs: number;
}

/** `null`: no handler is bound. */
export type ZapAnswer = (outcome: Outcome | null) => void;

/** The context, as far as authentication needs it. */
export interface ZapContext {
  readonly optionValues: ContextOptionValues;
  readonly pipeTransports: readonly PipeTransport[];
}

interface Pending {
  readonly answer: ZapAnswer;
  readonly timer: Timer | null;
}

const [SCHEME, NAME] = ZAP_ENDPOINT.split("://") as [string, string];
/** A handler that does not answer must not cost more memory than this many questions. */
export const QUESTIONS_MAX = 16384;
/** How long the connection to the handler stays when there is nothing to ask. */
const IDLE_MS = 100;

/**
 * 27/ZAP: asks the handler that is bound to `inproc://zeromq.zap.01` in this context, in whatever thread it is. One
 * pipe for all sockets of this thread; request ids tell answers apart, which may come in any order, or never.
 */
export class ZapClient implements PipeHost, PipeEvents {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  readonly #context: ZapContext;
  /** By id, the oldest first. */
  readonly #pending: Map<string, Pending>;
  /** Of connections that were given up: what the handler has yet to read of them stays with it. */
  readonly #left: Set<PipeCounters>;
  #link: PipeLink | null;
  #lastId: number;
  #idleTimer: Timer | null;

  constructor(context: ZapContext) {
    this.typeName = "ZAP";
    this.options = createSocketOptions(SocketType.Dealer, context.optionValues);
    this.options.sendHighWaterMark = 0;
    this.options.receiveHighWaterMark = 0;
    this.options.linger = 0;
    this.#context = context;
    this.#pending = new Map();
    this.#left = new Set();
    this.#link = null;
    this.#lastId = 0;
    this.#idleTimer = null;
  }

  /** Questions without an answer. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Gives back what withdraws the question, unless it is answered already. */
  ask({ timeoutMs, ...request }: ZapQuestion, answer: ZapAnswer): Withdraw | undefined {
    const transport = this.#context.pipeTransports.find(({ scheme }) => scheme === SCHEME);
    if (transport === undefined || !transport.isBound(NAME)) return void answer(null);
    // Those that were withdrawn wait for the handler, too.
    const count = Math.max(this.#pending.size, this.#unreadCount());
    if (count >= QUESTIONS_MAX) return void answer(tooManyQuestions(count));
    const id = String(++this.#lastId);
    const timer = timeoutMs > 0 ? platform.setTimer(() => this.#onTimeout(id, timeoutMs), timeoutMs) : null;
    this.#pending.set(id, { answer, timer });
    const link = this.#link ?? this.#connect(transport, id);
    if (link === null) return undefined;
    if (!link.pipe.tryWrite(encodeZapRequest(keyBytes(id), request), false)) this.#onPipeGone();
    return this.#pending.has(id) ? () => void this.#forget(id) : undefined;
  }

  // PipeHost.

  describe(endpoint: string): PeerInfo {
    const { routingId } = this.options;
    return {
      endpoint,
      address: endpoint,
      socketType: SocketType.Dealer,
      routingId,
      outgoing: false,
      properties: undefined,
    };
  }

  attachPipe(pipe: Pipe): boolean {
    pipe.events = this;
    return true;
  }

  /** "The handler SHALL use a REP or ROUTER socket." */
  identifyPipe({ peer }: Pipe): boolean {
    if (peer.socketType === SocketType.Reply || peer.socketType === SocketType.Router) return true;
    const type =
      peer.socketType === undefined
        ? "socket of unknown type"
        : `${SOCKET_TYPE_NAMES[peer.socketType]} socket`;
    const sentence = `A ${type} is bound to ${ZAP_ENDPOINT}, which cannot authenticate anybody.`;
    this.#drop(new ZmqError("EFAULT", sentence, { remedy: "A ZAP handler is a Reply or a Router." }));
    return false;
  }

  // PipeEvents.

  onReadable(pipe: Pipe): void {
    for (let reply = pipe.tryRead(); reply !== undefined; reply = pipe.tryRead()) this.#onReply(reply);
  }

  onWritable(): void {
    // There is no high-water mark.
  }

  onPeerClosed(pipe: Pipe): void {
    this.onReadable(pipe);
    if (pipe === this.#link?.pipe) this.#onPipeGone();
    else pipe.close("peer-gone");
  }

  onDrained(): void {
    // Seen by `onPeerClosed`.
  }

  // Parts.

  /** `null` where the handler refused us or could not be reached: the question was answered so. */
  #connect(transport: PipeTransport, id: string): PipeLink | null {
    let link: PipeLink;
    try {
      link = transport.connect(NAME, this, null);
    } catch (error) {
      if (error instanceof ZmqError) {
        this.#settle(id, error);
        return null;
      }
      this.#forget(id);
      throw error;
    }
    // A refusal is told out of `connect`.
    if (this.#pending.has(id)) {
      this.#link = link;
      return link;
    }
    link.disconnect();
    return null;
  }

  #onReply(reply: Message): void {
    const id = zapReplyId(reply);
    const key = id === undefined ? "" : bytesKey(id.subarray(0, 20));
    if (!this.#pending.has(key)) {
      // Late or repeated, if we ever asked so; otherwise it is the oldest question's, answered by a handler gone wrong.
      if (/^[1-9]\d{0,15}$/.test(key) && Number(key) <= this.#lastId) return;
      const [oldest] = this.#pending.keys();
      const sentence = "A ZAP reply has an id that no request had.";
      if (oldest !== undefined) this.#settle(oldest, zapError("ERR_ZAP_BAD_REQUEST_ID", sentence));
      return;
    }
    let outcome: Outcome;
    try {
      outcome = parseZapReply(reply);
    } catch (error) {
      outcome = error as Outcome;
    }
    this.#settle(key, outcome);
  }

  #settle(id: string, outcome: Outcome): void {
    this.#forget(id)?.answer(outcome);
  }

  #forget(id: string): Pending | undefined {
    const pending = this.#pending.get(id);
    if (pending === undefined) return undefined;
    this.#pending.delete(id);
    if (pending.timer !== null) platform.clearTimer(pending.timer);
    if (this.#pending.size === 0) this.#leaveLater();
    return pending;
  }

  #onTimeout(id: string, timeoutMs: number): void {
    this.#settle(id, new ZmqError("ETIMEDOUT", `The ZAP handler did not answer within ${timeoutMs} ms.`));
  }

  #onPipeGone(): void {
    this.#drop(new ZmqError("EPIPE", "The ZAP handler was closed before it answered."));
  }

  /** The pipe is of no more use; what waits for it is answered so. */
  #drop(error: ZmqError): void {
    const link = this.#link;
    this.#link = null;
    link?.disconnect();
    for (const id of [...this.#pending.keys()]) this.#settle(id, error);
  }

  /** Another handler may be bound when something is asked again. */
  #leaveLater(): void {
    this.#idleTimer ??= platform.setTimer(() => {
      this.#idleTimer = null;
      if (this.#pending.size > 0 || this.#link === null) return;
      this.#left.add(this.#link.pipe.written);
      this.#link.disconnect();
      this.#link = null;
    }, IDLE_MS);
  }

  /** What handlers have in their queues, answered or not. */
  #unreadCount(): number {
    let count = this.#link === null ? 0 : this.#link.pipe.written.queued;
    for (const written of this.#left) {
      count += written.queued;
      if (written.queued === 0) this.#left.delete(written);
    }
    return count;
  }
}

/** What is answered where so many questions wait. */
export function tooManyQuestions(count: number): ZmqError {
  const sentence = `${count} questions wait for the ZAP handler; one more is not put.`;
  return new ZmqError("EAGAIN", sentence, { remedy: "The handler is slow or has stopped." });
}
