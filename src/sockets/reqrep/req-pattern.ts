import { readU32, writeU32 } from "../../base/bytes.ts";
import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { LoadBalancer } from "../../routing/load-balancer.ts";
import { emptyFrame, framesFrom, probe, withFrame } from "../envelope.ts";
import type { Asker, AskingPattern } from "./asker.ts";
import { REQUEST_ID_SIZE, replyId } from "./asker.ts";

/** No request id is awaited: the request went out without one. */
const UNCORRELATED = -1;

/**
 * 28/REQREP, "The REQ Socket Type": one request, then its reply. On the wire, with `correlate` and without:
 *
 *     [request id] [] [frames of the application ...]
 *                  [] [frames of the application ...]
 *
 *     idle --send--> awaiting --receive--> idle          `relaxed`: awaiting --send--> awaiting, the reply is given up
 *     idle --openRequest--> asking --its reply, or closeRequest--> idle
 */
export class ReqPattern implements AskingPattern {
  readonly type: SocketType;
  onRequestRoom: (() => void) | null;
  readonly #host: PatternHost;
  readonly #outward: LoadBalancer;
  readonly #inward: FairQueue;
  readonly #delimiter: Frame;
  readonly #idFrame: Frame;
  #nextId: number;
  #isAwaiting: boolean;
  /** Where the request went; `null` once that pipe is gone, and then any peer may reply, as in libzmq. */
  #server: Pipe | null;
  #awaitedId: number;
  #sentMs: number;
  /** A reply that `canReceive` found, and where. */
  #reply: Message | null;
  #replyPipe: Pipe | null;
  /** The `request()` under way, and its number. */
  #asker: Asker | null;
  #askerId: number;

  constructor(host: PatternHost) {
    this.type = SocketType.Request;
    this.onRequestRoom = null;
    this.#host = host;
    this.#outward = new LoadBalancer();
    this.#inward = new FairQueue();
    this.#delimiter = emptyFrame();
    this.#idFrame = platform.view(new ArrayBuffer(REQUEST_ID_SIZE), 0, REQUEST_ID_SIZE);
    this.#nextId = Math.floor(platform.random() * 0x100000000);
    this.#isAwaiting = false;
    this.#server = null;
    this.#awaitedId = UNCORRELATED;
    this.#sentMs = 0;
    this.#reply = null;
    this.#replyPipe = null;
    this.#asker = null;
    this.#askerId = UNCORRELATED;
  }

  attach(pipe: Pipe): boolean {
    this.#outward.attach(pipe);
    this.#inward.attach(pipe);
    return true;
  }

  identified(pipe: Pipe): boolean {
    if (this.#host.options.probeRouter) probe(pipe);
    this.onRequestRoom?.();
    return true;
  }

  lost(pipe: Pipe): void {
    const asker = this.#asker;
    if (asker === null || asker.server !== pipe) return;
    asker.server = null;
    asker.onServerLost();
  }

  detachWriter(pipe: Pipe): void {
    this.#outward.detach(pipe);
    this.lost(pipe);
  }

  detach(pipe: Pipe): void {
    this.#outward.detach(pipe);
    this.#inward.detach(pipe);
    if (this.#server === pipe) this.#server = null;
    this.lost(pipe);
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
    this.#lookForReply();
  }

  onWritable(pipe: Pipe): void {
    this.#outward.activate(pipe);
    this.onRequestRoom?.();
  }

  send(message: Message): boolean {
    const options = this.#host.options;
    this.#checkNotAsking();
    if (this.#isAwaiting && !options.relaxed) {
      this.#host.noteOutOfStep();
      throw new ZmqError("EFSM", "The reply to the last request has not been received.");
    }
    if (!this.#outward.canSend()) return false;
    // Before the request goes out, so that its own reply is never among them.
    this.#discardUnread();
    let request = withFrame(this.#delimiter, message);
    if (options.correlate) {
      writeU32(this.#idFrame, 0, this.#nextId);
      request = withFrame(this.#idFrame, request);
    }
    if (!this.#outward.send(request, false)) return false;
    this.#server = this.#outward.lastPipe;
    this.#awaitedId = UNCORRELATED;
    if (options.correlate) {
      this.#awaitedId = this.#nextId;
      this.#nextId = (this.#nextId + 1) >>> 0;
    }
    this.#isAwaiting = true;
    this.#sentMs = platform.now();
    return true;
  }

  receive(): Message | undefined {
    this.#checkNotAsking();
    if (!this.#isAwaiting) {
      this.#host.noteOutOfStep();
      throw new ZmqError("EFSM", "There is no request to receive a reply to.", {
        remedy: "Send a request first.",
      });
    }
    const reply = this.#reply ?? this.#takeReply();
    if (reply === undefined) return undefined;
    this.#reply = null;
    this.#replyPipe = null;
    this.#server = null;
    this.#isAwaiting = false;
    this.#host.becameWritable();
    return reply;
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    if (this.#asker !== null || (this.#isAwaiting && !this.#host.options.relaxed)) return false;
    return this.#outward.canSend();
  }

  canReceive(): boolean {
    if (!this.#isAwaiting || this.#asker !== null) return false;
    this.#reply ??= this.#takeReply() ?? null;
    return this.#reply !== null;
  }

  openRequest(asker: Asker): number {
    if (this.#isAwaiting && !this.#host.options.relaxed) {
      this.#host.noteOutOfStep();
      throw new ZmqError("EFSM", "The reply to the last request has not been received.", {
        remedy: "Receive it before request(), or set relaxed.",
      });
    }
    this.#isAwaiting = false;
    this.#server = null;
    this.#discardUnread();
    this.#asker = asker;
    this.#askerId = this.#nextId;
    this.#nextId = (this.#nextId + 1) >>> 0;
    return this.#askerId;
  }

  sendRequest(asker: Asker): boolean {
    if (!this.#outward.sendLive(asker.message, false, asker.server)) return false;
    asker.server = this.#outward.lastPipe;
    return true;
  }

  closeRequest(id: number): void {
    if (this.#askerId !== id) return;
    this.#asker = null;
    this.#askerId = UNCORRELATED;
  }

  get heldBackCount(): number {
    return 0;
  }

  shutRequests(): void {
    // A REQ keeps nothing back.
  }

  facts(): PatternFacts {
    if (!this.#isAwaiting) return { isAwaiting: false };
    const address = this.#server === null ? null : this.#server.peer.address;
    return { isAwaiting: true, awaitedMs: platform.now() - this.#sentMs, server: address };
  }

  /** Reads until the reply to the request comes; everything else is discarded (libzmq behaviours B30, B31). */
  #takeReply(): Message | undefined {
    for (;;) {
      const message = this.#inward.receive();
      if (message === undefined) return undefined;
      const pipe = this.#inward.origin as Pipe;
      const start = bodyStart(message);
      if (start > 0 && (pipe === this.#server || this.#server === null) && this.#isAwaited(message, start)) {
        this.#replyPipe = pipe;
        return framesFrom(message, start);
      }
      this.#discard(pipe, message, start);
    }
  }

  #checkNotAsking(): void {
    if (this.#asker === null) return;
    this.#host.noteOutOfStep();
    throw new ZmqError("EFSM", "A request() is under way, and its reply goes to that call.", {
      remedy: "Await it before send() or receive(), or use request() for this one too.",
    });
  }

  /** While a `request()` is under way all is read as it comes: its reply, from whichever server, or none that counts. */
  #lookForReply(): void {
    while (this.#asker !== null) {
      const message = this.#inward.receive();
      if (message === undefined) return;
      if (replyId(message) !== this.#askerId) {
        this.#discard(this.#inward.origin as Pipe, message, bodyStart(message));
        continue;
      }
      const asker = this.#asker;
      this.closeRequest(this.#askerId);
      asker.onReply(framesFrom(message, 2));
    }
  }

  #isAwaited(message: Message, start: number): boolean {
    if (this.#awaitedId === UNCORRELATED) return start === 1;
    return start === 2 && readU32(message[0]!, 0) === this.#awaitedId;
  }

  #discardUnread(): void {
    if (this.#reply !== null) {
      this.#host.countReceivedDrop(this.#replyPipe as Pipe, "protocol");
      this.#reply = null;
      this.#replyPipe = null;
    }
    for (let message = this.#inward.receive(); message !== undefined; message = this.#inward.receive()) {
      this.#discard(this.#inward.origin as Pipe, message, bodyStart(message));
    }
  }

  #discard(pipe: Pipe, message: Message, start: number): void {
    this.#host.countReceivedDrop(pipe, "protocol");
    if (start > 0 || isProbe(message)) return;
    // libzmq behaviour B33, and what its authors meant to do: close, and connect again. What else the connection
    // brought goes with it, lest it condemn the next one.
    pipe.discard(pipe.unreadCount, "protocol");
    if (pipe.isEnded || pipe.isClosed) return;
    this.#host.disconnectPeer(pipe, "The peer sent a reply without the empty delimiter frame.", true);
  }
}

/** Index of the first frame for the application; 0 where the envelope is broken. */
function bodyStart(message: Message): number {
  const size = message[0]!.length;
  if (size === 0) return message.length > 1 ? 1 : 0;
  return size === REQUEST_ID_SIZE && message.length > 2 && message[1]!.length === 0 ? 2 : 0;
}

/** A ROUTER with `probeRouter` means no harm: cutting it off would only bring the next probe. */
function isProbe(message: Message): boolean {
  return message.length === 1 && message[0]!.length === 0;
}
