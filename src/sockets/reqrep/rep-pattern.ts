import { ZmqError } from "../../base/errors.ts";
import type { Frame, Message } from "../../base/message.ts";
import { platform } from "../../base/platform.ts";
import { SocketType } from "../../base/socket-type.ts";
import type { Pattern, PatternFacts, PatternHost } from "../../core/pattern.ts";
import type { Pipe } from "../../pipe/pipe.ts";
import { FairQueue } from "../../routing/fair-queue.ts";
import { framesFrom, withFrame } from "../envelope.ts";

/**
 * 28/REQREP, "The REP Socket Type": one request, then its reply. The frames up to the first empty one are the envelope;
 * they are kept from the application and put in front of its reply.
 *
 *     [address] [address] [] [frames of the application ...]
 *     `------ envelope -----'
 *
 *     idle --receive--> owing --send--> idle
 */
export class RepPattern implements Pattern {
  readonly type: SocketType;
  readonly #host: PatternHost;
  readonly #inward: FairQueue;
  #isOwing: boolean;
  /** A request that `canReceive` found. */
  #request: Message | null;
  /** Of the request found or owed. */
  #envelope: Message;
  /** Who sent it; `null` when that peer is gone. */
  #requester: Pipe | null;
  /** When the request that is owed a reply was received. */
  #receivedMs: number;

  constructor(host: PatternHost) {
    this.type = SocketType.Reply;
    this.#host = host;
    this.#inward = new FairQueue();
    this.#isOwing = false;
    this.#request = null;
    this.#envelope = [];
    this.#requester = null;
    this.#receivedMs = 0;
  }

  attach(pipe: Pipe): boolean {
    this.#inward.attach(pipe);
    return true;
  }

  identified(): boolean {
    return true;
  }

  detachWriter(pipe: Pipe): void {
    if (this.#requester === pipe) this.#requester = null;
  }

  detach(pipe: Pipe): void {
    this.#inward.detach(pipe);
    if (this.#requester === pipe) this.#requester = null;
  }

  onReadable(pipe: Pipe): void {
    this.#inward.activate(pipe);
  }

  onWritable(): void {
    // A reply never waits.
  }

  /** Never refuses: a reply that its requester cannot take is dropped (libzmq behaviour B37). */
  send(message: Message): boolean {
    if (!this.#isOwing) {
      this.#host.noteOutOfStep();
      throw new ZmqError("EFSM", "There is no request to reply to.", { remedy: "Receive a request first." });
    }
    const requester = this.#requester;
    const reply = enveloped(this.#envelope, message);
    this.#isOwing = false;
    this.#envelope = [];
    this.#requester = null;
    if (requester === null) {
      this.#host.countDrop("unroutable");
    } else if (!requester.tryWrite(reply, false)) {
      if (requester.isEnded || requester.isClosed) this.#host.countDrop("unroutable");
      else requester.countDrop("hwm");
    }
    this.#host.becameReadable();
    return true;
  }

  receive(): Message | undefined {
    if (this.#isOwing) {
      this.#host.noteOutOfStep();
      throw new ZmqError("EFSM", "The last request has not been replied to.", {
        remedy: "Send its reply first.",
      });
    }
    const request = this.#request ?? this.#takeRequest();
    if (request === undefined) return undefined;
    this.#request = null;
    this.#isOwing = true;
    this.#receivedMs = platform.now();
    this.#host.becameWritable();
    return request;
  }

  origin(): Pipe | null {
    return this.#inward.origin;
  }

  canSend(): boolean {
    return this.#isOwing;
  }

  canReceive(): boolean {
    if (this.#isOwing) return false;
    this.#request ??= this.#takeRequest() ?? null;
    return this.#request !== null;
  }

  facts(): PatternFacts {
    if (!this.#isOwing) return { isOwing: false };
    const owedTo = this.#requester === null ? null : this.#requester.peer.address;
    return { isOwing: true, owedMs: platform.now() - this.#receivedMs, owedTo };
  }

  #takeRequest(): Message | undefined {
    for (;;) {
      const message = this.#inward.receive();
      if (message === undefined) return undefined;
      const pipe = this.#inward.origin as Pipe;
      const delimiter = delimiterIndex(message);
      if (delimiter < 0) {
        // libzmq behaviour B36: the message is skipped and its sender keeps its connection.
        this.#host.countReceivedDrop(pipe, "protocol");
        continue;
      }
      this.#requester = pipe;
      this.#envelope = message.slice(0, delimiter + 1);
      return framesFrom(message, delimiter + 1);
    }
  }
}

/** Index of the first empty frame that others follow, or -1. */
function delimiterIndex(message: Message): number {
  const last = message.length - 1;
  for (let i = 0; i < last; i++) if (message[i]!.length === 0) return i;
  return -1;
}

function enveloped(envelope: readonly Frame[], message: Message): Message {
  if (envelope.length === 1) return withFrame(envelope[0]!, message);
  return [...envelope, ...message];
}
