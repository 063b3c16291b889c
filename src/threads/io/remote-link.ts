import type { ProtocolError } from "../../base/errors.ts";
import { ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import type { Link, LinkHost } from "../../core/link.ts";
import { unknownPeer } from "../../core/link.ts";
import type { LinkTarget } from "../../core/link-maker.ts";
import type { ZapAnswer, ZapQuestion } from "../../core/zap-client.ts";
import type { DropReason, Pipe } from "../../pipe/pipe.ts";
import type { Withdraw } from "../../security/authenticator.ts";
import type { PipeOffer, PipeThread } from "../pipe-thread.ts";
import type { SharedPipe } from "../ring/shared-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../ring/shared-pipe.ts";
import type { PeerData } from "./io-codec.ts";
import { decodeError, decodeEvent, decodePeer, decodeZmqError, encodeOutcome } from "./io-codec.ts";
import type { IoTold, LinkOrder } from "./io-mail.ts";
import type { IoThread } from "./io-thread.ts";

/** What a link needs of those who serve it. */
export interface LinkCrew {
  readonly seat: PipeThread;
  /**
   * A thread for a link; EINVAL if there is none for this affinity. For a listener its endpoint: whoever is about to
   * leave that goes first. `isHasty`: one that is there already, if any is.
   */
  pick(affinity: number, endpoint: string | null, isHasty?: boolean): IoThread;
  /** A number for a link, by which it is told of itself from now on. */
  enlist(link: RemoteLink): number;
  /** The link has another thread than before. */
  onAssigned(link: RemoteLink): void;
  dismiss(link: RemoteLink): void;
}

/** A pipe that a link brought. */
interface Brought {
  readonly pipe: SharedPipe;
  /** The socket has it. */
  isAttached: boolean;
  /** A connection stands behind it. */
  isUp: boolean;
}

type Identified = Extract<IoTold, { readonly told: "identified" }>;

/**
 * A link that an I/O thread serves. To the socket it is like a session or an acceptor of its own thread; what really
 * happens is told by mail. When the I/O thread is gone, peers are gone too, and another takes the link.
 */
export class RemoteLink implements Link {
  endpoint: string;
  lastError: Error | null;
  readonly isRemote: boolean;
  readonly number: number;
  readonly #crew: LinkCrew;
  readonly #host: LinkHost;
  readonly #target: LinkTarget;
  readonly #isListener: boolean;
  readonly #pipes: Map<string, Brought>;
  /** Questions that the I/O thread asked and that wait for an answer. */
  readonly #questions: Map<number, Withdraw>;
  #thread: IoThread;
  /** Starts it, again if need be. */
  #start: () => void;
  #onBound: ((error: ZmqError | null) => void) | null;
  #isFinishing: boolean;
  #isEnded: boolean;

  constructor(crew: LinkCrew, host: LinkHost, target: LinkTarget, isListener = false) {
    this.endpoint = target.endpoint;
    this.lastError = null;
    this.isRemote = true;
    this.#crew = crew;
    this.#host = host;
    this.#target = target;
    this.#pipes = new Map();
    this.#questions = new Map();
    this.#isListener = isListener;
    this.#thread = crew.pick(target.options.affinity, isListener ? target.endpoint : null);
    this.#start = () => undefined;
    this.#onBound = null;
    this.#isFinishing = false;
    this.#isEnded = false;
    this.number = crew.enlist(this);
  }

  /** Who serves it now. */
  get thread(): IoThread {
    return this.#thread;
  }

  /** A listener that was told to end. */
  get isClosing(): boolean {
    return this.#isListener && this.#isFinishing;
  }

  /** Messages that the I/O thread has not handed to the kernel. */
  get unsentCount(): number {
    let count = 0;
    for (const { pipe } of this.#pipes.values()) count += pipe.written.queued;
    return count;
  }

  /** As a session's `start`. */
  connect(prepare: ((pipe: Pipe) => void) | null): void {
    const { options } = this.#target;
    const keepsPipe = !options.immediate || prepare !== null;
    let pipe = keepsPipe ? this.#makePipe(prepare) : null;
    if (keepsPipe && pipe === null) {
      this.#end("peer-gone");
      const why = `${this.#host.typeName} cannot connect to ${this.endpoint}: ${this.#host.refusal()}`;
      throw new ZmqError("EINVAL", why);
    }
    this.#thread.connect(this.#order(), pipe);
    this.#start = () => {
      if (pipe !== null && !this.#pipes.has(pipe.id)) pipe = this.#makePipe(prepare);
      // A socket that does not take a new pipe yet may do so when there is a connection.
      const changes = keepsPipe && pipe === null ? { immediate: true } : {};
      this.#thread.connect(this.#order(changes), pipe);
    };
  }

  /** As an acceptor's. */
  listen(isSync: boolean, onBound: (error: ZmqError | null) => void): void {
    this.#onBound = onBound;
    this.#start = () => this.#thread.listen(this.#order(), isSync && this.#onBound !== null);
    this.#start();
  }

  // Link.

  finish(): void {
    if (this.#isEnded || this.#isFinishing) return;
    this.#isFinishing = true;
    if (this.unsentCount === 0 && this.#thread.withdraw(this.number)) this.#end("linger");
    else this.#thread.finish(this.number);
  }

  abort(reason: DropReason): void {
    if (this.#isEnded) return;
    this.#isFinishing = true;
    if (this.#thread.withdraw(this.number)) this.#end(reason);
    else this.#thread.abort(this.number, reason);
  }

  breakConnection(pipe: Pipe, error: ProtocolError): void {
    this.#thread.breakConnection(this.number, (pipe as SharedPipe).id, error);
  }

  endConnection(pipe: Pipe): void {
    this.#thread.endConnection(this.number, (pipe as SharedPipe).id);
  }

  // The I/O thread tells.

  onTold(told: IoTold): void {
    if (this.#isEnded) return;
    if (told.lastError !== undefined) this.lastError = decodeError(told.lastError);
    switch (told.told) {
      case "event": {
        const event = decodeEvent(told.event);
        if (event.type === "bind") this.endpoint = event.address;
        this.#host.emit(event);
        return;
      }
      case "bound":
        return this.onBound(told.endpoint, told.error === null ? null : decodeZmqError(told.error));
      case "identified":
        return this.#onIdentified(told);
      case "asked":
        return this.#onAsked(told.question, told.about);
      case "withdrawn":
        return this.#withdraw(told.question);
      case "lost":
        return this.#onLost(told.pipe);
      case "retired":
        return this.#onRetired(told.pipe);
      case "ended":
        return this.#end("peer-gone");
    }
  }

  onBound(endpoint: string, error: ZmqError | null): void {
    this.endpoint = endpoint;
    const onBound = this.#onBound;
    this.#onBound = null;
    const isLate = error === null && this.#isFinishing;
    onBound?.(isLate ? new ZmqError("EBADF", `${endpoint} was given up before it was bound.`) : error);
  }

  /** The I/O thread is gone, and its ends of the pipes with it. */
  onThreadGone(error: ZmqError): void {
    if (this.#isEnded) return;
    this.lastError = error;
    this.#withdrawAll();
    const address = this.endpoint;
    for (const [id, { pipe, isUp }] of this.#pipes) {
      // What it never opened waits for another.
      if (pipe.peerThread === null) continue;
      this.#pipes.delete(id);
      if (isUp) this.#host.emit({ type: "disconnect", address, peer: pipe.peer.address, error });
      if (pipe.isClosed) this.#host.retirePipe(pipe);
    }
    if (this.#isFinishing) this.#end("peer-gone");
    // The socket lets go of the pipes that ended, and takes new ones then.
    else platform.defer(() => this.#restart());
  }

  /** There is no I/O thread, and there will be none. */
  onUnavailable(error: ZmqError): void {
    if (this.#isEnded) return;
    this.lastError = error;
    const address = this.endpoint;
    if (this.#onBound !== null) {
      this.#host.emit({ type: "bind:error", address, error });
      this.onBound(address, error);
    } else {
      this.#host.emit({ type: "close", address, error });
    }
    this.#end("peer-gone");
  }

  // Parts.

  #order(changes: { readonly immediate?: boolean } = {}): LinkOrder {
    const { transport, options } = this.#target;
    const { type, typeName } = this.#host;
    return {
      link: this.number,
      // Where a wildcard was resolved once, the address stays.
      endpoint: this.endpoint,
      address: this.endpoint.slice(transport.scheme.length + "://".length),
      scheme: transport.scheme,
      type,
      typeName,
      options: { ...options, ...changes },
    };
  }

  #restart(): void {
    if (this.#isEnded) return;
    if (this.#isFinishing) return this.#end("peer-gone");
    this.#thread = this.#crew.pick(this.#target.options.affinity, null, true);
    this.#crew.onAssigned(this);
    // Given up right there, if there is no thread and will be none.
    if (!this.#isEnded) this.#start();
  }

  /** The pipe of a peer that is connected, attached; `null` if the socket takes no further peer. */
  #makePipe(prepare: ((pipe: Pipe) => void) | null): SharedPipe | null {
    const { options } = this.#target;
    const marks = {
      firstToSecondHwm: options.sendHighWaterMark,
      secondToFirstHwm: options.receiveHighWaterMark,
      conflate: options.conflate,
    };
    const peer = unknownPeer(this.endpoint, this.endpoint, true);
    const pipe = createSharedPipe(this.#crew.seat, marks, peer);
    let isAttached = false;
    try {
      prepare?.(pipe);
      isAttached = this.#host.attachPipe(pipe, this);
    } finally {
      if (!isAttached) {
        this.#discard(pipe, "peer-gone");
        pipe.close("peer-gone");
      }
    }
    if (!isAttached) return null;
    this.#pipes.set(pipe.id, { pipe, isAttached, isUp: false });
    return pipe;
  }

  #onIdentified({ pipe: id, offer, peer, turn }: Identified): void {
    const brought = offer === null ? this.#pipes.get(id) : this.#open(offer, peer);
    if (brought === undefined) return;
    const { pipe } = brought;
    Object.assign(pipe.peer, decodePeer(peer));
    if (pipe.isClosed || this.#isFinishing) {
      // What it holds is still sent.
      this.#thread.confirm(this.number, turn);
      if (!brought.isAttached) pipe.close("orphaned");
      return;
    }
    pipe.live = true;
    brought.isUp = true;
    if (!brought.isAttached) brought.isAttached = this.#host.attachPipe(pipe, this);
    if (!brought.isAttached || !this.#host.identifyPipe(pipe)) {
      pipe.live = false;
      brought.isUp = false;
      this.#thread.refuse(this.number, id, turn, pipe.peer.address, this.#host.refusal());
      return;
    }
    this.#thread.confirm(this.number, turn);
    pipe.passTurn(turn);
  }

  #onAsked(question: number, about: ZapQuestion): void {
    const asker = this.#thread.thread;
    const answer: ZapAnswer = (outcome) => {
      this.#questions.delete(question);
      this.#thread.answer(this.number, question, encodeOutcome(outcome), asker);
    };
    if (this.#host.authenticate === undefined) return answer(null);
    const withdraw = this.#host.authenticate(about, answer);
    if (withdraw !== undefined) this.#questions.set(question, withdraw);
  }

  #withdraw(question: number): void {
    this.#questions.get(question)?.();
    this.#questions.delete(question);
  }

  /** The connections that asked are gone. */
  #withdrawAll(): void {
    for (const question of [...this.#questions.keys()]) this.#withdraw(question);
  }

  #open(offer: PipeOffer, peer: PeerData): Brought {
    const pipe = openSharedPipe(this.#crew.seat, offer, decodePeer(peer));
    const brought = { pipe, isAttached: false, isUp: false };
    this.#pipes.set(pipe.id, brought);
    return brought;
  }

  #onLost(id: string): void {
    const brought = this.#pipes.get(id);
    if (brought === undefined) return;
    const { pipe } = brought;
    // What came before the loss is seen before it.
    pipe.onBell();
    pipe.live = false;
    brought.isUp = false;
    if (!pipe.isClosed) this.#host.onConnectionLost(pipe);
  }

  #onRetired(id: string): void {
    const brought = this.#pipes.get(id);
    if (brought === undefined) return;
    this.#pipes.delete(id);
    const { pipe } = brought;
    pipe.onBell();
    if (!brought.isAttached) pipe.close("peer-gone");
    else if (pipe.isClosed) this.#host.retirePipe(pipe);
  }

  #end(reason: DropReason): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#withdrawAll();
    this.#crew.dismiss(this);
    for (const { pipe } of this.#pipes.values()) {
      if (pipe.peerThread === null) this.#discard(pipe, reason);
      if (pipe.isClosed) this.#host.retirePipe(pipe);
    }
    this.#pipes.clear();
    this.#host.onLinkEnded(this);
  }

  /** Nobody has the other end, or will: it is closed here. */
  #discard(pipe: SharedPipe, reason: DropReason): void {
    const { seat } = this.#crew;
    openSharedPipe(seat, pipe.offer(seat.me), pipe.peer).close(reason);
    pipe.onBell();
  }
}
