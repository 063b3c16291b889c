import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import { SocketType } from "../base/socket-type.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { checkDirection } from "./datagram.ts";
import type { DatagramHost, DatagramTarget } from "./datagram-link.ts";
import { DatagramLink } from "./datagram-link.ts";
import { parseEndpoint } from "./endpoint.ts";
import type { Link, LinkHost } from "./link.ts";
import type { LinkMaker, LinkTarget } from "./link-maker.ts";
import { snapshotOptions } from "./options.ts";
import { checkSecurity } from "./security-options.ts";
import type {
  DatagramTransport,
  PipeHost,
  PipeLink,
  PipeTransport,
  StreamTransport,
  Transport,
} from "./transport.ts";

/** Names the peer of a new pipe before it is attached. */
export type Prepare = ((pipe: Pipe) => void) | null;

/** The socket, as its endpoints see it. */
export interface EndpointsHost extends DatagramHost, Omit<PipeHost, keyof LinkHost> {
  readonly context: {
    readonly schemes: readonly string[];
    readonly pipeTransports: readonly PipeTransport[];
    /** Who serves streams. */
    readonly links: LinkMaker;
    transport(scheme: string): Transport;
  };
  attachPipe(pipe: Pipe, link: Link | null): boolean;
  readonly isClosed: boolean;
  /** Throws what calls on a closed socket are rejected with. */
  checkOpen(): void;
  closedError(): ZmqError;
  label(): string;
  dropPipe(pipe: Pipe): void;
  dropPipesOf(link: Link): void;
}

/** An endpoint that is bound or connected, and what waits for it. */
export interface EndpointState {
  readonly endpoint: string;
  readonly kind: "bind" | "connect";
  readonly unsentCount: number;
  /** Over streams: the last thing that went wrong. */
  readonly lastError: Error | null;
}

/** Types that take a second `connect` to the same endpoint for the first (libzmq). */
const CONNECTS_ONCE: ReadonlySet<SocketType> = new Set([
  SocketType.Dealer,
  SocketType.Subscriber,
  SocketType.Publisher,
  SocketType.Request,
]);

/** What `parseEndpoint` gave, with the transport that serves it. */
interface Target {
  readonly transport: Transport;
  readonly endpoint: string;
  readonly address: string;
}

/** Everything that one socket has bound and connected. */
export class Endpoints {
  /** Bound or connected last, wildcards resolved. */
  last: string | null;
  readonly #socket: EndpointsHost;
  /** Bound over streams, and connected over streams. */
  readonly #acceptors: Set<Link>;
  readonly #sessions: Set<Link>;
  /** inproc names bound, and pipes connected. */
  readonly #boundNames: Map<string, PipeTransport>;
  readonly #pipeLinks: Set<{ readonly endpoint: string; readonly link: PipeLink }>;
  /** Links that were told to finish, and who waits for it: they are bound and connected no more. */
  readonly #leaving: Map<Link, () => void>;

  constructor(socket: EndpointsHost) {
    this.last = null;
    this.#socket = socket;
    this.#acceptors = new Set();
    this.#sessions = new Set();
    this.#boundNames = new Map();
    this.#pipeLinks = new Set();
    this.#leaving = new Map();
  }

  get links(): Link[] {
    return [...this.#acceptors, ...this.#sessions];
  }

  list(): EndpointState[] {
    const states: EndpointState[] = [];
    for (const { endpoint, unsentCount, lastError } of this.#acceptors)
      states.push({ endpoint, kind: "bind", unsentCount, lastError });
    for (const { endpoint, unsentCount, lastError } of this.#sessions)
      states.push({ endpoint, kind: "connect", unsentCount, lastError });
    for (const [name, { scheme }] of this.#boundNames)
      states.push({ endpoint: `${scheme}://${name}`, kind: "bind", unsentCount: 0, lastError: null });
    for (const { endpoint, link } of this.#pipeLinks)
      states.push({ endpoint, kind: "connect", unsentCount: link.pipe.written.queued, lastError: null });
    return states;
  }

  get unsentCount(): number {
    let count = 0;
    for (const session of this.#sessions) count += session.unsentCount;
    for (const acceptor of this.#acceptors) count += acceptor.unsentCount;
    return count;
  }

  /** An endpoint that this thread serves; `null` if others serve all of them. */
  get servedHere(): string | null {
    return this.#findServed(false)?.endpoint ?? null;
  }

  /** Whether peers may come without this thread's doing: a name is bound, or another thread serves an endpoint. */
  get isOpen(): boolean {
    return this.#boundNames.size > 0 || this.#findServed(true) !== null;
  }

  bind(endpoint: string): Promise<void> {
    try {
      this.#socket.checkOpen();
      return this.#bind(endpoint);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  bindSync(endpoint: string): void {
    this.#socket.checkOpen();
    const { transport, address } = this.#target(endpoint);
    checkDirection(this.#socket, endpoint, transport.kind, "bind");
    if (transport.kind === "pipe") return this.#bindPipe(transport, endpoint, address);
    transport.checkBind(address, this.#socket.options);
    const acceptor =
      transport.kind === "datagram"
        ? DatagramLink.bindSync(this.#socket, this.#datagramTarget(transport, endpoint, address))
        : this.#socket.context.links.listenSync(this.#socket, this.#linkTarget(transport, endpoint, address));
    this.#acceptors.add(acceptor);
    this.last = acceptor.endpoint;
  }

  /** Stops listening, and closes every connection that came in there (libzmq behaviour B79). */
  async unbind(endpoint: string): Promise<void> {
    this.#socket.checkOpen();
    platform.hold();
    try {
      await this.#unbind(endpoint);
    } finally {
      platform.release();
    }
  }

  unbindSync(endpoint: string): void {
    this.#socket.checkOpen();
    void this.#unbind(endpoint);
  }

  connect(endpoint: string, prepare: Prepare = null): void {
    this.#socket.checkOpen();
    const { transport, address } = this.#target(endpoint);
    checkDirection(this.#socket, endpoint, transport.kind, "connect");
    if (CONNECTS_ONCE.has(this.#socket.type) && this.#isConnected(endpoint)) return;
    if (transport.kind === "pipe") {
      this.#forgetEndedPipes();
      const link = transport.connect(address, this.#socket, prepare);
      this.#pipeLinks.add({ endpoint, link });
    } else if (transport.kind === "datagram") {
      transport.checkConnect(address, this.#socket.options);
      const target = this.#datagramTarget(transport, endpoint, address);
      this.#sessions.add(DatagramLink.connect(this.#socket, target));
    } else {
      transport.checkConnect(address, this.#socket.options);
      const target = this.#linkTarget(transport, endpoint, address);
      this.#sessions.add(this.#socket.context.links.connect(this.#socket, target, prepare));
    }
    this.last = endpoint;
  }

  /** Ends all connections that `connect(endpoint)` made; what was written is still sent, within linger. */
  disconnect(endpoint: string): void {
    this.#socket.checkOpen();
    const { transport } = this.#target(endpoint);
    if (transport.kind !== "pipe") {
      void this.#finishFound(this.#sessions, transport, endpoint, "connected");
      return;
    }
    this.#forgetEndedPipes();
    const found = [...this.#pipeLinks].filter((one) => one.endpoint === endpoint);
    if (found.length === 0) throw this.#unknown(endpoint, "connected");
    for (const one of found) {
      this.#pipeLinks.delete(one);
      this.#leavePipe(one.link);
    }
  }

  /** The socket closes: names are free again, and every link finishes. */
  closeAll(): void {
    for (const [name, transport] of this.#boundNames) transport.unbind(name, this.#socket);
    this.#boundNames.clear();
    for (const { link } of this.#pipeLinks) this.#leavePipe(link);
    this.#pipeLinks.clear();
    for (const transport of this.#socket.context.pipeTransports) transport.release(this.#socket);
  }

  onLinkEnded(link: Link): void {
    this.#sessions.delete(link);
    this.#acceptors.delete(link);
    this.#leaving.get(link)?.();
    this.#leaving.delete(link);
  }

  #bind(endpoint: string): Promise<void> {
    const { transport, address } = this.#target(endpoint);
    checkDirection(this.#socket, endpoint, transport.kind, "bind");
    if (transport.kind === "pipe") {
      this.#bindPipe(transport, endpoint, address);
      return Promise.resolve();
    }
    transport.checkBind(address, this.#socket.options);
    if (transport.kind === "datagram") {
      const target = this.#datagramTarget(transport, endpoint, address);
      return this.#listen((onBound) => DatagramLink.bind(this.#socket, target, onBound));
    }
    const target = this.#linkTarget(transport, endpoint, address);
    return this.#listen((onBound) => this.#socket.context.links.listen(this.#socket, target, onBound));
  }

  #listen(start: (onBound: (error: ZmqError | null) => void) => Link): Promise<void> {
    const promise = new Promise<void>((resolve, reject) => {
      const acceptor = start((error) => {
        platform.release();
        if (error === null) {
          this.last = acceptor.endpoint;
          return resolve();
        }
        if (!this.#socket.isClosed) return reject(error);
        // A program that closes the socket need not wait for what it was about to do.
        promise.catch(() => undefined);
        reject(this.#socket.closedError());
      });
      platform.hold();
      this.#acceptors.add(acceptor);
    });
    return promise;
  }

  /** Resolves when the listener and all its connections are gone. */
  #unbind(endpoint: string): Promise<unknown> {
    const { transport, address } = this.#target(endpoint);
    if (transport.kind === "pipe") {
      if (!transport.unbind(address, this.#socket)) throw this.#unknown(endpoint, "bound");
      this.#boundNames.delete(address);
      this.#socket.emit({ type: "close", address: endpoint });
      return Promise.resolve();
    }
    return this.#finishFound(this.#acceptors, transport, endpoint, "bound");
  }

  #target(endpoint: string): Target {
    const { context } = this.#socket;
    const { scheme, address } = parseEndpoint(endpoint, context.schemes);
    return { transport: context.transport(scheme), endpoint, address };
  }

  /** By another thread or by this one; those that are leaving count no more. */
  #findServed(isRemote: boolean): Link | null {
    for (const link of this.#acceptors)
      if (link.isRemote === isRemote && !this.#leaving.has(link)) return link;
    for (const link of this.#sessions)
      if (link.isRemote === isRemote && !this.#leaving.has(link)) return link;
    return null;
  }

  #linkTarget(transport: StreamTransport, endpoint: string, address: string): LinkTarget {
    checkSecurity(this.#socket.type, this.#socket.options, this.#socket.typeName);
    return { endpoint, address, transport, options: snapshotOptions(this.#socket.options) };
  }

  #datagramTarget(transport: DatagramTransport, endpoint: string, address: string): DatagramTarget {
    checkSecurity(this.#socket.type, this.#socket.options, this.#socket.typeName, endpoint);
    return { endpoint, address, transport, options: snapshotOptions(this.#socket.options) };
  }

  #bindPipe(transport: PipeTransport, endpoint: string, name: string): void {
    transport.bind(name, this.#socket);
    this.#boundNames.set(name, transport);
    this.last = endpoint;
    this.#socket.emit({ type: "bind", address: endpoint });
  }

  #isConnected(endpoint: string): boolean {
    for (const session of this.#sessions) {
      if (session.endpoint === endpoint && !this.#leaving.has(session)) return true;
    }
    for (const one of this.#pipeLinks) if (one.endpoint === endpoint && !one.link.pipe.isClosed) return true;
    return false;
  }

  #finishFound(
    links: Set<Link>,
    transport: StreamTransport | DatagramTransport,
    endpoint: string,
    what: string,
  ): Promise<unknown> {
    const found: Link[] = [...links].filter(
      (link) =>
        !this.#leaving.has(link) &&
        (link.endpoint === endpoint || transport.isSameEndpoint(link.endpoint, endpoint)),
    );
    if (found.length === 0) throw this.#unknown(endpoint, what);
    return Promise.all(found.map((link) => this.#finish(link)));
  }

  /** No new peers on the link; its pipes are closed on our side, and what they hold is sent within linger. */
  #finish(link: Link): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#leaving.set(link, resolve));
    this.#socket.dropPipesOf(link);
    link.finish();
    const { linger } = this.#socket.options;
    if (linger === 0) link.abort("linger");
    else if (linger > 0) platform.setTimer(() => link.abort("linger"), linger);
    return ended;
  }

  /** The pattern lets go of its end before the transport closes it. */
  #leavePipe(link: PipeLink): void {
    this.#socket.dropPipe(link.pipe);
    link.disconnect();
  }

  /** A peer over inproc that left does not come back: that connection is over. */
  #forgetEndedPipes(): void {
    for (const one of this.#pipeLinks) if (one.link.pipe.isClosed) this.#pipeLinks.delete(one);
  }

  #unknown(endpoint: string, what: string): ZmqError {
    return new ZmqError("ENOENT", `${this.#socket.label()} has not ${what} ${endpoint}.`, {
      address: endpoint,
    });
  }
}
