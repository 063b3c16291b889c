import { bytesKey, keyBytes } from "../base/bytes.ts";
import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import { SOCKET_TYPE_NAMES, SocketType } from "../base/socket-type.ts";
import type { PeerInfo, Pipe, PipeEvents } from "../pipe/pipe.ts";
import type { Outcome } from "../security/authenticator.ts";
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
const QUESTIONS_MAX = 16384;
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
    this.#link = null;
    this.#lastId = 0;
    this.#idleTimer = null;
  }

  /** Questions without an answer. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  ask({ timeoutMs, ...request }: ZapQuestion, answer: ZapAnswer): void {
    const transport = this.#context.pipeTransports.find(({ scheme }) => scheme === SCHEME);
    if (transport === undefined || !transport.isBound(NAME)) return answer(null);
    if (this.#pending.size >= QUESTIONS_MAX) {
      const why = `${this.#pending.size} questions wait for the ZAP handler; one more is not put.`;
      return answer(new ZmqError("EAGAIN", why, { remedy: "The handler is slow or has stopped." }));
    }
    const id = String(++this.#lastId);
    const timer = timeoutMs > 0 ? platform.setTimer(() => this.#onTimeout(id, timeoutMs), timeoutMs) : null;
    this.#pending.set(id, { answer, timer });
    const link = (this.#link ??= transport.connect(NAME, this, null));
    // The handler may have refused us, which is told out of `connect`.
    if (!this.#pending.has(id)) return;
    if (!link.pipe.tryWrite(encodeZapRequest(keyBytes(id), request), false)) this.#onPipeGone();
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
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    if (pending.timer !== null) platform.clearTimer(pending.timer);
    if (this.#pending.size === 0) this.#leaveLater();
    pending.answer(outcome);
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
      if (this.#pending.size > 0) return;
      this.#link?.disconnect();
      this.#link = null;
    }, IDLE_MS);
  }
}
