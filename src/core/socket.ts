import { ProtocolError, ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { SocketType } from "../base/socket-type.ts";
import type { DropReason, PeerInfo, Pipe, PipeEvents } from "../pipe/pipe.ts";
import { Acceptor } from "./acceptor.ts";
import { Closing } from "./closing.ts";
import type { CloseReport } from "./closing.ts";
import type { Context } from "./context.ts";
import { parseEndpoint } from "./endpoint.ts";
import { describePeer, Ledger } from "./ledger.ts";
import type { PeerStats, SocketStats } from "./ledger.ts";
import type { Link, LinkHost } from "./link.ts";
import { MonitorHub } from "./monitor-event.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import { assignSocketOptions, createSocketOptions, orphanCap, snapshotOptions } from "./options.ts";
import type { SocketOptionName, SocketOptionValues } from "./options.ts";
import type { Pattern, PatternHost } from "./pattern.ts";
import { Receiving } from "./receiving.ts";
import { Sending } from "./sending.ts";
import { Session } from "./session.ts";
import type { PipeHost, PipeLink, PipeTransport, StreamTransport } from "./transport.ts";
import { WaitQueue } from "./waiters.ts";
import type { WaitOptions } from "./waiters.ts";

/** Types that take a second `connect` to the same endpoint for the first (libzmq). */
const CONNECTS_ONCE: ReadonlySet<SocketType> = new Set([
  SocketType.Dealer,
  SocketType.Subscriber,
  SocketType.Publisher,
  SocketType.Request,
]);

/**
 * The machine under every socket type: endpoints, pipes, waiting calls and counts. What makes a type is its pattern;
 * what brings peers are links (over streams) and pipe transports. Not public: the public classes wrap one each.
 */
export class SocketCore implements LinkHost, PipeHost, PipeEvents, PatternHost {
  readonly type: SocketType;
  readonly typeName: string;
  readonly context: Context;
  readonly options: SocketOptionValues;
  readonly pattern: Pattern;
  readonly sending: Sending;
  readonly receiving: Receiving;
  readonly monitor: MonitorHub;
  lastEndpoint: string | null;
  /** Told when the socket may have become readable, writable or closed; for `Proxy`. */
  onActivity: (() => void) | null;
  readonly #ledger: Ledger;
  /** Every pipe that counts, with the link that brought it (inproc: none). */
  readonly #pipes: Map<Pipe, Link | null>;
  readonly #acceptors: Set<Acceptor>;
  readonly #sessions: Set<Session>;
  /** inproc names bound, and pipes connected. */
  readonly #boundNames: Map<string, PipeTransport>;
  readonly #pipeLinks: Set<{ readonly endpoint: string; readonly link: PipeLink }>;
  readonly #peerWaits: WaitQueue<() => boolean, void>;
  #closing: Closing | null;
  #terminated: boolean;

  constructor(type: SocketType, typeName: string, context: Context, makePattern: (host: PatternHost) => Pattern, given: object) {
    this.type = type;
    this.typeName = typeName;
    this.context = context;
    this.options = createSocketOptions(type, context.optionValues);
    assignSocketOptions(this.options, type, given);
    this.lastEndpoint = null;
    this.onActivity = null;
    this.monitor = new MonitorHub();
    this.#ledger = new Ledger();
    this.#pipes = new Map();
    this.#acceptors = new Set();
    this.#sessions = new Set();
    this.#boundNames = new Map();
    this.#pipeLinks = new Set();
    this.#peerWaits = new WaitQueue((timeoutMs) => `${this.label()} did not see the awaited peers within ${timeoutMs} ms.`);
    this.#closing = null;
    this.#terminated = false;
    this.pattern = makePattern(this);
    this.sending = new Sending(this);
    this.receiving = new Receiving(this);
    context.addSocket(this);
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  label(): string {
    const where = this.lastEndpoint === null ? "without an endpoint" : this.lastEndpoint;
    return `${this.typeName} ${where}`;
  }

  // Endpoints.

  bind(endpoint: string): Promise<void> {
    try {
      this.checkOpen();
      const { scheme, address } = parseEndpoint(endpoint, this.context.schemes);
      const transport = this.context.transport(scheme);
      if (transport.kind === "pipe") {
        this.#bindPipe(transport, endpoint, address);
        return Promise.resolve();
      }
      transport.checkBind(address, this.options);
      const acceptor = new Acceptor(this, endpoint, snapshotOptions(this.options));
      this.#acceptors.add(acceptor);
      platform.hold();
      return new Promise((resolve, reject) => {
        acceptor.listen(transport, address, (error) => {
          platform.release();
          if (error !== null) return reject(error);
          this.lastEndpoint = acceptor.endpoint;
          resolve();
        });
      });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  bindSync(endpoint: string): void {
    this.checkOpen();
    const { scheme, address } = parseEndpoint(endpoint, this.context.schemes);
    const transport = this.context.transport(scheme);
    if (transport.kind === "pipe") return this.#bindPipe(transport, endpoint, address);
    transport.checkBind(address, this.options);
    const acceptor = new Acceptor(this, endpoint, snapshotOptions(this.options));
    acceptor.listenSync(transport, address);
    this.#acceptors.add(acceptor);
    this.lastEndpoint = acceptor.endpoint;
  }

  /** Stops listening, and closes every connection that came in there (libzmq behaviour B79). */
  unbind(endpoint: string): Promise<void> {
    try {
      const ended = this.#unbind(endpoint);
      if (ended.length === 0) return Promise.resolve();
      platform.hold();
      return Promise.all(ended).then(() => platform.release());
    } catch (error) {
      return Promise.reject(error);
    }
  }

  unbindSync(endpoint: string): void {
    this.#unbind(endpoint);
  }

  connect(endpoint: string, prepare: ((pipe: Pipe) => void) | null = null): void {
    this.checkOpen();
    const { scheme, address } = parseEndpoint(endpoint, this.context.schemes);
    const transport = this.context.transport(scheme);
    if (CONNECTS_ONCE.has(this.type) && this.#isConnected(endpoint)) return;
    if (transport.kind === "pipe") return this.#connectPipe(transport, endpoint, address, prepare);
    transport.checkConnect(address, this.options);
    this.#connectStream(transport, endpoint, address, prepare);
  }

  /** Ends all connections that `connect(endpoint)` made; what was written is still sent, within linger. */
  disconnect(endpoint: string): void {
    this.checkOpen();
    const { scheme } = parseEndpoint(endpoint, this.context.schemes);
    if (this.context.transport(scheme).kind === "pipe") return this.#disconnectPipe(endpoint);
    const transport = this.context.transport(scheme) as StreamTransport;
    const found = [...this.#sessions].filter((session) => isSame(transport, session.endpoint, endpoint));
    if (found.length === 0) throw this.#noEndpoint(endpoint, "connected");
    for (const session of found) this.#finishLink(session);
  }

  close(): Promise<CloseReport> {
    if (this.#closing !== null) return this.#closing.report;
    const closing = new Closing(this);
    this.#closing = closing;
    if (!this.#terminated) this.#shut(() => this.#closedError(), (what) => new ZmqError("EAGAIN", `${this.label()} was closed while ${what} waited.`));
    for (const [name, transport] of this.#boundNames) transport.unbind(name, this);
    this.#boundNames.clear();
    const links: Link[] = [...this.#acceptors, ...this.#sessions];
    for (const { link } of this.#pipeLinks) link.disconnect();
    this.#pipeLinks.clear();
    for (const transport of this.context.pipeTransports) transport.release(this);
    for (const [pipe, link] of [...this.#pipes]) {
      this.#letGo(pipe);
      if (link === null) this.retirePipe(pipe);
    }
    for (const link of links) link.finish();
    closing.start(() => [...this.#acceptors, ...this.#sessions]);
    return closing.report;
  }

  /** The context was terminated: everything that waits or comes is ETERM, and the socket closes. */
  terminate(): Promise<CloseReport> {
    if (!this.#terminated && this.#closing === null) {
      this.#terminated = true;
      this.receiving.isTerminated = true;
      this.#shut(() => termError(this), () => termError(this));
    }
    return this.close();
  }

  // Peers.

  get peers(): PeerStats[] {
    const peers: PeerStats[] = [];
    for (const pipe of this.#pipes.keys()) if (!pipe.isClosed) peers.push(describePeer(pipe));
    return peers;
  }

  stats(): SocketStats {
    return this.#ledger.snapshot(this.#pipes.keys());
  }

  /** Messages that no link has handed over yet. */
  get unsentCount(): number {
    let count = 0;
    for (const session of this.#sessions) count += session.unsentCount;
    for (const acceptor of this.#acceptors) count += acceptor.unsentCount;
    return count;
  }

  get links(): readonly Link[] {
    return [...this.#sessions, ...this.#acceptors];
  }

  waitForPeers(count: number, options: WaitOptions = {}): Promise<void> {
    return this.waitUntil(() => this.#liveCount() >= count, options);
  }

  /** Resolves once `condition` holds; it is looked at when peers or their subscriptions change. */
  waitUntil(condition: () => boolean, options: WaitOptions): Promise<void> {
    try {
      this.checkOpen();
      if (condition()) return Promise.resolve();
      return this.#peerWaits.add(condition, options.timeoutMs ?? -1, options.signal);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  peersChanged(): void {
    for (let waiter = this.#peerWaits.peek(); waiter !== undefined && waiter.payload(); waiter = this.#peerWaits.peek()) {
      this.#peerWaits.resolveNext();
    }
  }

  optionChanged(name: SocketOptionName): void {
    if (name === "sendHighWaterMark" || name === "receiveHighWaterMark") {
      for (const [pipe, link] of this.#pipes) {
        if (link !== null) pipe.setHighWaterMarks(this.options.sendHighWaterMark, this.options.receiveHighWaterMark);
        else this.context.pipeTransports.forEach((transport) => transport.optionsChanged(this, pipe));
      }
    }
    this.pattern.optionChanged?.(name);
  }

  checkOpen(): void {
    if (this.#terminated) throw termError(this);
    if (this.#closing !== null) throw this.#closedError();
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
    if (!this.pattern.attach(pipe)) return false;
    this.#pipes.set(pipe, link);
    this.#serveSends();
    return true;
  }

  identifyPipe(pipe: Pipe): boolean {
    if (!this.pattern.identified(pipe)) {
      if (pipe.peer.outgoing) return false;
      this.#letGo(pipe);
      this.#pipes.delete(pipe);
      return false;
    }
    this.peersChanged();
    this.#serveSends();
    this.#serveReceives();
    return true;
  }

  refusal(): string {
    return this.pattern.refusal ?? "it takes no further peer.";
  }

  retirePipe(pipe: Pipe): void {
    if (this.#pipes.delete(pipe)) this.#ledger.retire(pipe);
  }

  onLinkEnded(link: Link): void {
    this.#sessions.delete(link as Session);
    this.#acceptors.delete(link as Acceptor);
    this.#closing?.onLinkEnded();
  }

  emit(event: MonitorEvent): void {
    this.monitor.emit(event);
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
    this.#boundOrphans();
    if (pipe.unreadCount === 0) this.onDrained(pipe);
    this.peersChanged();
    this.#serveSends();
    this.#serveReceives();
  }

  onDrained(pipe: Pipe): void {
    // Out of a read: the pattern is in the midst of its turn.
    platform.defer(() => {
      if (!this.#pipes.has(pipe) || pipe.isClosed) return;
      this.#letGo(pipe);
      this.retirePipe(pipe);
      this.#serveReceives();
    });
  }

  // PatternHost.

  countDrop(reason: DropReason): void {
    this.#ledger.countSentDrop(reason);
  }

  countReceivedDrop(pipe: Pipe, reason: DropReason): void {
    pipe.retract(1, reason);
  }

  disconnectPeer(pipe: Pipe, why: string, reconnect: boolean): void {
    const link = this.#pipes.get(pipe);
    if (reconnect && pipe.peer.outgoing && link) {
      link.breakConnection(pipe, new ProtocolError("ERR_ZMTP_UNSPECIFIED", why, "28/REQREP"));
      return;
    }
    this.#letGo(pipe);
    if (pipe.isEnded || link === null) this.retirePipe(pipe);
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

  #bindPipe(transport: PipeTransport, endpoint: string, name: string): void {
    transport.bind(name, this);
    this.#boundNames.set(name, transport);
    this.lastEndpoint = endpoint;
    this.emit({ type: "bind", address: endpoint });
  }

  #unbind(endpoint: string): Promise<void>[] {
    this.checkOpen();
    const { scheme, address } = parseEndpoint(endpoint, this.context.schemes);
    const transport = this.context.transport(scheme);
    if (transport.kind === "pipe") {
      if (!transport.unbind(address, this)) throw this.#noEndpoint(endpoint, "bound");
      this.#boundNames.delete(address);
      this.emit({ type: "close", address: endpoint });
      return [];
    }
    const found = [...this.#acceptors].filter((acceptor) => isSame(transport, acceptor.endpoint, endpoint));
    if (found.length === 0) throw this.#noEndpoint(endpoint, "bound");
    return found.map((acceptor) => this.#finishLink(acceptor));
  }

  #connectStream(transport: StreamTransport, endpoint: string, address: string, prepare: ((pipe: Pipe) => void) | null): void {
    const session = new Session(this, endpoint, address, transport, snapshotOptions(this.options));
    this.#sessions.add(session);
    session.start(prepare);
    this.lastEndpoint = endpoint;
  }

  #connectPipe(transport: PipeTransport, endpoint: string, name: string, prepare: ((pipe: Pipe) => void) | null): void {
    const link = transport.connect(name, this, prepare);
    this.#pipeLinks.add({ endpoint, link });
    this.lastEndpoint = endpoint;
  }

  #disconnectPipe(endpoint: string): void {
    const found = [...this.#pipeLinks].filter((one) => one.endpoint === endpoint);
    if (found.length === 0) throw this.#noEndpoint(endpoint, "connected");
    for (const one of found) {
      this.#pipeLinks.delete(one);
      const { pipe } = one.link;
      one.link.disconnect();
      this.#letGo(pipe);
      this.retirePipe(pipe);
    }
  }

  #isConnected(endpoint: string): boolean {
    for (const session of this.#sessions) if (session.endpoint === endpoint) return true;
    for (const one of this.#pipeLinks) if (one.endpoint === endpoint && !one.link.pipe.isClosed) return true;
    return false;
  }

  /** No new peers on the link; its pipes are closed on our side and what they hold is sent within linger. */
  #finishLink(link: Session | Acceptor): Promise<void> {
    for (const [pipe, owner] of [...this.#pipes]) if (owner === link) this.#letGo(pipe);
    link.finish();
    if (!this.#acceptors.has(link as Acceptor) && !this.#sessions.has(link as Session)) return Promise.resolve();
    const { linger } = this.options;
    if (linger === 0) link.abort("linger");
    else if (linger > 0) platform.setTimer(() => link.abort("linger"), linger);
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#acceptors.has(link as Acceptor) || this.#sessions.has(link as Session)) platform.setTimer(check, 1);
        else resolve();
      };
      check();
    });
  }

  /** The pattern forgets the pipe and our end is closed; what we wrote may still be read at the other end. */
  #letGo(pipe: Pipe): void {
    if (pipe.isClosed) return;
    this.pattern.detach(pipe);
    pipe.close("orphaned");
  }

  /** Messages of peers that left are kept for the application up to a cap. */
  #boundOrphans(): void {
    const cap = orphanCap(this.options);
    if (cap === Number.POSITIVE_INFINITY) return;
    let left = cap;
    for (const pipe of this.#pipes.keys()) {
      if (!pipe.isEnded || pipe.isClosed) continue;
      const excess = pipe.unreadCount - left;
      if (excess > 0) pipe.discard(excess, "orphaned");
      left = Math.max(0, left - pipe.unreadCount);
    }
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

  #closedError(): ZmqError {
    return new ZmqError("EBADF", `${this.label()} is closed.`);
  }

  #noEndpoint(endpoint: string, what: string): ZmqError {
    return new ZmqError("ENOENT", `${this.label()} has not ${what} ${endpoint}.`, { address: endpoint });
  }
}

function isSame(transport: StreamTransport, a: string, b: string): boolean {
  return a === b || transport.isSameEndpoint(a, b);
}

function termError(socket: SocketCore): ZmqError {
  return new ZmqError("ETERM", `The context of ${socket.label()} was terminated.`);
}
