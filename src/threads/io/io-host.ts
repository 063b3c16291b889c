import type { ProtocolError } from "../../base/errors.ts";
import { ZmqError } from "../../base/errors.ts";
import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import { SocketType } from "../../base/socket-type.ts";
import { Acceptor } from "../../core/acceptor.ts";
import type { KeptBack } from "../../core/connection-end.ts";
import type { Link, LinkHost, RemoteSocket } from "../../core/link.ts";
import type { MonitorEvent } from "../../core/monitor-event.ts";
import type { SocketOptionValues } from "../../core/options.ts";
import { Session } from "../../core/session.ts";
import type { StreamTransport } from "../../core/transport.ts";
import type { ZapAnswer, ZapQuestion } from "../../core/zap-client.ts";
import { QUESTIONS_MAX, tooManyQuestions } from "../../core/zap-client.ts";
import type { DropReason, PeerInfo, Pipe } from "../../pipe/pipe.ts";
import type { Withdraw } from "../../security/authenticator.ts";
import type { PipeOffer, PipeThread, ThreadRef } from "../pipe-thread.ts";
import type { SharedPipe } from "../ring/shared-pipe.ts";
import { createSharedPipe, openSharedPipe } from "../ring/shared-pipe.ts";
import type { EventData, OutcomeData } from "./io-codec.ts";
import { decodeOutcome, encodeError, encodeEvent, encodePeer } from "./io-codec.ts";
import type { IoTold, LinkOrder } from "./io-mail.ts";

/** A question that was put to the socket's thread. */
interface Question {
  readonly answer: ZapAnswer;
  readonly timer: Timer | null;
}

/** One link's mail, without the link's number. */
type Told = IoTold extends infer One ? (One extends IoTold ? Omit<One, "link" | "lastError"> : never) : never;

/**
 * The socket's end of a pipe, as the link sees it. The end itself is in the application's thread: only what a link looks
 * at is here.
 */
class FarEnd {
  readonly peer: PeerInfo;
  live: boolean;
  /** A link then tells when its own end is closed, which is what the application must know. */
  readonly isClosed: boolean;
  readonly pipe: SharedPipe;
  /** The application made it, and has it since `connect`. */
  readonly isKept: boolean;
  /** Of the peer that was told last. */
  turn: number;

  constructor(pipe: SharedPipe, isKept: boolean) {
    this.peer = pipe.peer;
    this.live = false;
    this.isClosed = true;
    this.pipe = pipe;
    this.isKept = isKept;
    this.turn = 0;
  }
}

/**
 * A socket in an I/O thread: one link of it, and its application's thread at the other end of the mail. The link is the
 * very session or acceptor that would serve the socket in its own thread. It cannot wait for the socket's word, which
 * may be busy: the socket takes every peer for now, and what it says comes later.
 */
export class IoHost implements LinkHost, RemoteSocket {
  readonly type: SocketType;
  readonly typeName: string;
  readonly options: SocketOptionValues;
  readonly keepsBack: KeptBack | null;
  readonly owner: ThreadRef;
  readonly #order: LinkOrder;
  readonly #thread: PipeThread;
  readonly #post: (told: IoTold) => void;
  readonly #onEnded: (host: IoHost) => void;
  readonly #ends: Map<string, FarEnd>;
  #link: Session | Acceptor | null;
  #offer: PipeOffer | null;
  #turn: number;
  readonly #questions: Map<number, Question>;
  #questionCount: number;
  #lastError: Error | null;

  constructor(
    thread: PipeThread,
    owner: ThreadRef,
    order: LinkOrder,
    post: (told: IoTold) => void,
    onEnded: (host: IoHost) => void,
  ) {
    this.type = order.type;
    this.typeName = order.typeName;
    this.options = order.options;
    this.keepsBack = KEPT_BACK[order.type] ?? (order.options.routerNotify > 0 ? NOTICES_FIRST : null);
    this.owner = owner;
    this.#order = order;
    this.#thread = thread;
    this.#post = post;
    this.#onEnded = onEnded;
    this.#ends = new Map();
    this.#link = null;
    this.#offer = null;
    this.#turn = 0;
    this.#questions = new Map();
    this.#questionCount = 0;
    this.#lastError = null;
  }

  get remote(): RemoteSocket {
    return this;
  }

  /** The link's number in the application's thread. */
  get number(): number {
    return this.#order.link;
  }

  connect(transport: StreamTransport, offer: PipeOffer | null): void {
    const { endpoint, address, options } = this.#order;
    const session = new Session(this, endpoint, address, transport, options);
    this.#link = session;
    this.#offer = offer;
    // A session keeps the pipe of a peer that was named.
    session.start(offer === null ? null : () => undefined);
  }

  listen(transport: StreamTransport, isSync: boolean): void {
    const { endpoint, address, options } = this.#order;
    const acceptor = new Acceptor(this, endpoint, options);
    this.#link = acceptor;
    const onBound = (error: ZmqError | null): void =>
      this.#tell({
        told: "bound",
        endpoint: acceptor.endpoint,
        error: error === null ? null : encodeError(error),
      });
    if (!isSync) return acceptor.listen(transport, address, onBound);
    try {
      acceptor.listenSync(transport, address);
    } catch (error) {
      if (!(error instanceof ZmqError)) throw error;
      onBound(error);
      this.#onEnded(this);
      return;
    }
    onBound(null);
  }

  finish(): void {
    this.#link?.finish();
  }

  abort(reason: DropReason): void {
    this.#link?.abort(reason);
  }

  breakConnection(pipe: string, error: ProtocolError): void {
    const end = this.#ends.get(pipe);
    if (end !== undefined) this.#link?.breakConnection(asPipe(end), error);
  }

  endConnection(pipe: string): void {
    const end = this.#ends.get(pipe);
    if (end !== undefined) this.#link?.endConnection(asPipe(end));
  }

  /** What was said of an earlier connection counts no more. */
  confirm(turn: number): void {
    if (turn === this.#turn && this.#link instanceof Session) this.#link.confirm();
  }

  refuse(pipe: string, turn: number, address: string, why: string): void {
    const end = this.#ends.get(pipe);
    if (this.#link instanceof Acceptor) this.#link.refuse(end && asPipe(end), address, why);
    else if (end?.turn === turn) this.#link?.refuse(why);
  }

  onAnswer(question: number, outcome: OutcomeData): void {
    this.#forget(question)?.answer(decodeOutcome(outcome));
  }

  // RemoteSocket.

  createPipe(options: SocketOptionValues, peer: PeerInfo): [Pipe, Pipe] {
    const offer = this.#offer;
    this.#offer = null;
    const marks = {
      firstToSecondHwm: options.receiveHighWaterMark,
      secondToFirstHwm: options.sendHighWaterMark,
      conflate: options.conflate,
    };
    const pipe =
      offer === null
        ? createSharedPipe(this.#thread, marks, peer)
        : openSharedPipe(this.#thread, offer, peer);
    const end = new FarEnd(pipe, offer !== null);
    this.#ends.set(pipe.id, end);
    return [asPipe(end), pipe];
  }

  // LinkHost.

  authenticate(about: ZapQuestion, answer: ZapAnswer): Withdraw | undefined {
    if (this.#questions.size >= QUESTIONS_MAX) return void answer(tooManyQuestions(this.#questions.size));
    const question = ++this.#questionCount;
    const { timeoutMs } = about;
    // A thread that is busy for ever never answers.
    const timer = timeoutMs > 0 ? platform.setTimer(() => void this.#forget(question), timeoutMs) : null;
    this.#questions.set(question, { answer, timer });
    this.#tell({ told: "asked", question, about: { ...about, ...copied(about) } });
    return () => {
      if (this.#forget(question) !== undefined) this.#tell({ told: "withdrawn", question });
    };
  }

  attachPipe(): boolean {
    return true;
  }

  identifyPipe(pipe: Pipe): boolean {
    const end = asEnd(pipe);
    const turn = ++this.#turn;
    end.turn = turn;
    // The application sees the messages of this connection only after it has heard of it.
    if (end.isKept) end.pipe.markTurn(turn);
    this.#tell({
      told: "identified",
      pipe: end.pipe.id,
      offer: end.isKept ? null : end.pipe.offer(this.owner),
      peer: encodePeer(end.peer),
      turn,
    });
    return true;
  }

  onConnectionLost(pipe: Pipe): void {
    this.#tell({ told: "lost", pipe: asEnd(pipe).pipe.id });
  }

  refusal(): string {
    return "";
  }

  retirePipe(pipe: Pipe): void {
    const { id } = asEnd(pipe).pipe;
    this.#ends.delete(id);
    this.#tell({ told: "retired", pipe: id });
  }

  onLinkEnded(_link: Link): void {
    this.#tell({ told: "ended" });
    this.#onEnded(this);
  }

  emit(event: MonitorEvent): void {
    const data: EventData = encodeEvent(event);
    this.#tell({ told: "event", event: data });
  }

  #forget(question: number): Question | undefined {
    const found = this.#questions.get(question);
    this.#questions.delete(question);
    if (found !== undefined && found.timer !== null) platform.clearTimer(found.timer);
    return found;
  }

  #tell(told: Told): void {
    const lastError = this.#link === null ? null : this.#link.lastError;
    const news =
      lastError === this.#lastError || lastError === null ? {} : { lastError: encodeError(lastError) };
    this.#lastError = lastError;
    this.#post({ ...told, link: this.number, ...news } as IoTold);
  }
}

/** Octets alone: a view would take all the memory along that it is a view of. */
function copied({ credentials, identity }: ZapQuestion): Pick<ZapQuestion, "credentials" | "identity"> {
  return {
    credentials: credentials.map((octets) => Uint8Array.from(octets)),
    identity: Uint8Array.from(identity),
  };
}

/** By type: what must not overtake the socket's own view of a connection that was made again. */
const KEPT_BACK: Readonly<Partial<Record<SocketType, KeptBack>>> = {
  // All subscriptions are told anew, before anything else.
  [SocketType.Subscriber]: { written: true, received: false },
  [SocketType.XSubscriber]: { written: true, received: false },
  [SocketType.Dish]: { written: true, received: false },
  // The socket tells beginnings and ends of connections between the octets of one and the other.
  [SocketType.Stream]: { written: false, received: true },
};

/** A ROUTER that is told of beginnings and ends of connections tells them between the messages of one and the other. */
const NOTICES_FIRST: KeptBack = { written: false, received: true };

/** Links pass the socket's end on and look at what `FarEnd` has, no more. */
function asPipe(end: FarEnd): Pipe {
  return end as unknown as Pipe;
}

function asEnd(pipe: Pipe): FarEnd {
  return pipe as unknown as FarEnd;
}
