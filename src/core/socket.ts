import { ProtocolError, ZmqError } from "../base/errors.ts";
import type { SocketType } from "../base/socket-type.ts";
import type { DropReason, PeerInfo, Pipe, PipeEvents } from "../pipe/pipe.ts";
import { Blocking } from "./blocking.ts";
import type { BooksHost } from "./books.ts";
import { Books } from "./books.ts";
import type { CloseOptions, CloseReport } from "./closing.ts";
import { Closing } from "./closing.ts";
import type { Context } from "./context.ts";
import { Endpoints } from "./endpoints.ts";
import type { Loss } from "./journal.ts";
import type { PeerStats, SocketStats } from "./ledger.ts";
import { describePeer } from "./ledger.ts";
import type { Link, LinkHost } from "./link.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { SocketOptionName, SocketOptionValues } from "./options.ts";
import { assignSocketOptions, createSocketOptions } from "./options.ts";
import { Orphans } from "./orphans.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { PeerWaits } from "./peer-waits.ts";
import { Receiving } from "./receiving.ts";
import { Sending } from "./sending.ts";
import type { PipeHost } from "./transport.ts";
import type { WaitOptions } from "./waiters.ts";
import type { ZapAnswer, ZapQuestion } from "./zap-client.ts";

let lastId = 0;

/**
 * The machine under every socket type: endpoints, pipes, waiting calls and counts. What makes a type is its pattern;
 * what brings peers are links (over streams) and pipe transports. Not public: the public classes wrap one each.
 */
export class SocketCore implements LinkHost, PipeHost, PipeEvents, PatternHost, BooksHost {
  /** Unique in this thread. */
  readonly id: number;
  readonly type: SocketType;
  readonly typeName: string;
  readonly context: Context;
  readonly options: SocketOptionValues;
  readonly pattern: Pattern;
  readonly sending: Sending;
  readonly receiving: Receiving;
  readonly blocking: Blocking;
  readonly endpoints: Endpoints;
  readonly books: Books;
  /** Told when the socket may have become readable, writable or closed; for `Proxy`. */
  onActivity: (() => void) | null;
  /** Every pipe that counts, with the link that brought it (inproc: none). */
  readonly #pipes: Map<Pipe, Link | null>;
  readonly #orphans: Orphans;
  readonly #peerWaits: PeerWaits;
  #closing: Closing | null;
  #terminated: boolean;

  constructor(
    type: SocketType,
    typeName: string,
    context: Context,
    makePattern: (host: PatternHost) => Pattern,
    given: object,
  ) {
    this.id = ++lastId;
    this.type = type;
    this.typeName = typeName;
    this.context = context;
    this.options = createSocketOptions(type, context.optionValues);
    assignSocketOptions(this.options, type, given);
    this.onActivity = null;
    this.books = new Books(this);
    this.#pipes = new Map();
    this.#orphans = new Orphans((pipe) => this.#endDrained(pipe));
    this.endpoints = new Endpoints(this);
    this.#peerWaits = new PeerWaits(() => this.label());
    this.#closing = null;
    this.#terminated = false;
    this.pattern = makePattern(this);
    this.sending = new Sending(this);
    this.receiving = new Receiving(this);
    this.blocking = new Blocking(this, this.endpoints, this.#pipes, this.#orphans);
    context.addSocket(this);
    context.solver?.onOpened(this);
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  get lastEndpoint(): string | null {
    return this.endpoints.last;
  }

  label(): string {
    return `${this.typeName} ${this.lastEndpoint ?? "without an endpoint"}`;
  }

  // Life.

  close(options?: CloseOptions): Promise<CloseReport> {
    if (this.#closing !== null) return this.#closing.report;
    const closing = new Closing(this, options);
    this.#closing = closing;
    if (!this.#terminated) {
      const pending = (what: string): ZmqError =>
        new ZmqError("EAGAIN", `${this.label()} was closed while ${what} waited.`);
      this.#shut(() => this.closedError(), pending);
    }
    this.endpoints.closeAll();
    const { links } = this;
    for (const pipe of [...this.#pipes.keys()]) this.dropPipe(pipe);
    for (const link of links) link.finish();
    closing.start();
    return closing.report;
  }

  /** The context was terminated: everything that waits or comes is ETERM, and the socket closes. */
  terminate(): Promise<CloseReport> {
    if (!this.#terminated && this.#closing === null) {
      this.#terminated = true;
      this.receiving.isTerminated = true;
      this.#shut(
        () => termError(this),
        () => termError(this),
      );
    }
    return this.close();
  }

  // Peers.

  get peers(): PeerStats[] {
    const peers: PeerStats[] = [];
    for (const pipe of this.openPipes()) peers.push(describePeer(pipe));
    return peers;
  }

  /** `withPeers` false leaves `peers` empty. */
  stats(withPeers = true): SocketStats {
    return this.books.stats(this.#pipes.keys(), withPeers);
  }

  openPipes(): Pipe[] {
    return [...this.#pipes.keys()].filter((pipe) => !pipe.isClosed);
  }

  /** Messages that no link has handed over yet. */
  get unsentCount(): number {
    return this.endpoints.unsentCount;
  }

  get links(): readonly Link[] {
    return this.endpoints.links;
  }

  leaveContext(): void {
    this.context.solver?.onClosed(this);
    this.context.removeSocket(this);
  }

  waitForPeers(count: number, options: WaitOptions = {}): Promise<void> {
    return this.waitUntil(() => this.#liveCount() >= count, options);
  }

  waitUntil(condition: () => boolean, options: WaitOptions): Promise<void> {
    try {
      this.checkOpen();
      return this.#peerWaits.until(condition, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  peersChanged(): void {
    this.#peerWaits.look();
  }

  optionChanged(name: SocketOptionName): void {
    if (name === "sendHighWaterMark" || name === "receiveHighWaterMark") {
      for (const [pipe, link] of this.#pipes) {
        if (link !== null)
          pipe.setHighWaterMarks(this.options.sendHighWaterMark, this.options.receiveHighWaterMark);
        else this.context.pipeTransports.forEach((transport) => transport.optionsChanged(this, pipe));
      }
    }
    this.pattern.optionChanged?.(name);
  }

  checkOpen(): void {
    if (this.#terminated || this.#closing !== null) throw this.closedError();
  }

  closedError(): ZmqError {
    return this.#terminated ? termError(this) : new ZmqError("EBADF", `${this.label()} is closed.`);
  }

  /** Lets go of a pipe of ours; one that no link reads any more is counted off at once. */
  dropPipe(pipe: Pipe): void {
    this.#letGo(pipe);
    if (pipe.isEnded || this.#pipes.get(pipe) === null) this.retirePipe(pipe);
  }

  dropPipesOf(link: Link): void {
    for (const [pipe, owner] of [...this.#pipes]) if (owner === link) this.dropPipe(pipe);
  }

  // LinkHost and PipeHost.

  describe(endpoint: string): PeerInfo {
    return {
      endpoint,
      address: endpoint,
      socketType: this.type,
      routingId: this.options.routingId,
      outgoing: false,
      properties: undefined,
    };
  }

  attachPipe(pipe: Pipe, link: Link | null): boolean {
    if (this.#closing !== null) return false;
    pipe.events = this;
    this.books.journal.noteAttached(pipe, this.#pipes.keys(), this.#pipes.size);
    if (!this.pattern.attach(pipe)) {
      this.books.journal.forget(pipe);
      return false;
    }
    this.#pipes.set(pipe, link);
    this.#serveSends();
    return true;
  }

  identifyPipe(pipe: Pipe): boolean {
    if (!this.pattern.identified(pipe)) {
      // An endpoint that we connected over a stream keeps its pipe for the next connection.
      if (pipe.peer.outgoing && this.#pipes.get(pipe) !== null) return false;
      this.#letGo(pipe);
      this.#pipes.delete(pipe);
      this.books.journal.forget(pipe);
      return false;
    }
    this.books.journal.noteLive(pipe);
    this.receiving.onIdentified(pipe);
    this.peersChanged();
    this.#serveSends();
    this.#serveReceives();
    return true;
  }

  authenticate(question: ZapQuestion, answer: ZapAnswer): (() => void) | undefined {
    return this.context.zap.ask(question, answer);
  }

  refusal(): string {
    return this.pattern.refusal ?? "it takes no further peer.";
  }

  onConnectionLost(pipe: Pipe): void {
    this.books.audit(pipe);
    this.pattern.lost?.(pipe);
    this.#serveReceives();
  }

  retirePipe(pipe: Pipe): void {
    if (!this.#pipes.delete(pipe)) return;
    this.books.retire(pipe);
  }

  onLinkEnded(link: Link): void {
    this.endpoints.onLinkEnded(link);
    this.#closing?.onLinkEnded();
  }

  emit(event: MonitorEvent): void {
    this.books.emit(event);
  }

  // PipeEvents of the socket's ends.

  onReadable(pipe: Pipe): void {
    this.pattern.onReadable(pipe);
    this.#serveReceives();
  }

  onWritable(pipe: Pipe): void {
    this.pattern.onWritable(pipe);
    this.#serveSends();
  }

  onPeerClosed(pipe: Pipe): void {
    if (!this.#pipes.has(pipe)) return;
    this.pattern.detachWriter(pipe);
    if (pipe.unreadCount > 0) {
      this.#orphans.add(pipe, this.options);
      this.books.audit(pipe);
    }
    if (pipe.unreadCount === 0 && !pipe.checkReadable()) this.onDrained(pipe);
    this.peersChanged();
    this.#serveSends();
    this.#serveReceives();
  }

  onDrained(pipe: Pipe): void {
    this.#orphans.noteDrained(pipe);
  }

  onFirstDrop(pipe: Pipe, reason: DropReason): void {
    this.books.noteFirstDrop(pipe, reason);
  }

  // BooksHost.

  onLoss(loss: Loss): void {
    this.context.solver?.onLoss(this, loss);
  }

  onDoubt(): void {
    this.context.solver?.onDoubt(this);
  }

  // PatternHost.

  countDrop(reason: DropReason, id?: Uint8Array): void {
    this.books.countDrop(reason, id);
  }

  countReceivedDrop(pipe: Pipe, reason: DropReason): void {
    this.books.countReceivedDrop(pipe, reason);
  }

  subscribersChanged(count: number, pipe: Pipe | null): void {
    this.books.noteSubscribers(count, pipe);
  }

  noteOutOfStep(): void {
    this.books.noteOutOfStep();
  }

  disconnectPeer(pipe: Pipe, why: string, reconnect: boolean): void {
    const link = this.#pipes.get(pipe);
    if (reconnect && pipe.peer.outgoing && link) {
      link.breakConnection(pipe, new ProtocolError("ERR_ZMTP_UNSPECIFIED", why, "28/REQREP"));
      return;
    }
    // Unread messages of an accepted peer stay readable; an endpoint that we connected is given up.
    if (link && !pipe.peer.outgoing) link.endConnection(pipe);
    else this.dropPipe(pipe);
    this.peersChanged();
  }

  becameReadable(): void {
    this.#serveReceives();
  }

  becameWritable(): void {
    this.#serveSends();
  }

  // Parts.

  #serveSends(): void {
    this.sending.serve();
    this.onActivity?.();
  }

  #serveReceives(): void {
    this.receiving.serve();
    this.onActivity?.();
  }

  /** The pattern forgets the pipe and our end is closed; what we wrote may still be read at the other end. */
  #letGo(pipe: Pipe): void {
    if (pipe.isClosed) return;
    this.pattern.detach(pipe);
    this.#orphans.delete(pipe);
    pipe.close("orphaned");
  }

  #endDrained(pipe: Pipe): void {
    if (!this.#pipes.has(pipe) || pipe.isClosed) return;
    this.#letGo(pipe);
    this.retirePipe(pipe);
    this.#serveReceives();
  }

  #liveCount(): number {
    let count = 0;
    for (const pipe of this.#pipes.keys()) if (pipe.live) count++;
    return count;
  }

  #shut(refusal: () => ZmqError, pending: (what: string) => ZmqError): void {
    this.sending.shut(refusal, () => pending("send()"));
    this.receiving.shut(refusal, () => pending("receive()"));
    this.#peerWaits.rejectAll(() => pending("a wait for peers"));
    this.onActivity?.();
  }
}

function termError(socket: SocketCore): ZmqError {
  return new ZmqError("ETERM", `The context of ${socket.label()} was terminated.`);
}
