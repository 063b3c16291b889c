import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { SocketType } from "../base/socket-type.ts";
import type { CloseOptions, CloseReport } from "../core/closing.ts";
import { Context, defaultContext } from "../core/context.ts";
import type { Finding } from "../core/finding.ts";
import type { PeerStats, SocketStats } from "../core/ledger.ts";
import { Observer } from "../core/observer.ts";
import type { SocketOptionName } from "../core/options.ts";
import { installOptionAccessors, isImmediate } from "../core/options.ts";
import type { MessageOrigin } from "../core/origins.ts";
import type { Pattern, PatternHost } from "../core/pattern.ts";
import type { Receiving } from "../core/receiving.ts";
import { mechanismOf } from "../core/security-options.ts";
import type { Sending } from "../core/sending.ts";
import { SocketCore } from "../core/socket.ts";
import type { Patience } from "../core/solver.ts";
import { threadBound } from "../core/thread-bound.ts";
import type { WaitOptions } from "../core/waiters.ts";

/** The machine behind a public socket; for this folder and `services`, not for applications. */
export let coreOf: (socket: Socket) => SocketCore;
/** The halves of a socket: one property load on the hot path. */
export let sendingOf: (socket: Socket) => Sending;
export let receivingOf: (socket: Socket) => Receiving;

const SHOWN_MECHANISMS = { NULL: null, PLAIN: "plain", CURVE: "curve" } as const;

const bindToThread = threadBound(
  "Make a socket in that thread, and connect the two over inproc.",
  (socket: Socket) => coreOf(socket).books.journal.postedCount++,
);

/**
 * What all socket types share: endpoints, life, peers and counts. Errors of calls that return promises are rejections,
 * never throws; `connect`, `disconnect` and setting an option throw at once. Options are properties; see
 * docs/guide/options.md.
 */
export abstract class Socket {
  readonly #core: SocketCore;
  readonly #sending: Sending;
  readonly #receiving: Receiving;
  #observer: Observer | null;

  static {
    coreOf = (socket) => socket.#core;
    sendingOf = (socket) => socket.#sending;
    receivingOf = (socket) => socket.#receiving;
  }

  /** @internal */
  protected constructor(type: SocketType, makePattern: (host: PatternHost) => Pattern, options: object = {}) {
    if (options === null || typeof options !== "object") {
      throw new ZmqError("EINVAL", `The options of a socket are an object, not ${String(options)}.`);
    }
    const context = (options as { context?: Context }).context ?? defaultContext();
    if (!(context instanceof Context))
      throw new ZmqError("EINVAL", "The option context must be a Context of this package.");
    this.#core = new SocketCore(type, this.constructor.name, context, makePattern, options);
    this.#sending = this.#core.sending;
    this.#receiving = this.#core.receiving;
    this.#observer = null;
    bindToThread(this);
    // A misspelt option throws, as with the native package, instead of being kept without effect. A class of the
    // application's own has fields to add yet.
    if (Object.getPrototypeOf(new.target) === Socket) Object.preventExtensions(this);
  }

  /** The context that the socket was made in. */
  get context(): Context {
    return this.#core.context;
  }

  /** libzmq's number of the socket type, e.g. 8 for PUSH. */
  get type(): SocketType {
    return this.#core.type;
  }

  /** Whether `close` was called or the context terminated. */
  get closed(): boolean {
    return this.#core.isClosed;
  }

  /** The endpoint bound or connected last, wildcards resolved, or `null`. libzmq: ZMQ_LAST_ENDPOINT. */
  get lastEndpoint(): string | null {
    return this.#core.lastEndpoint;
  }

  /** What the options ask for; `null`: the NULL mechanism. libzmq: ZMQ_MECHANISM. */
  get securityMechanism(): null | "plain" | "curve" | "gssapi" {
    return SHOWN_MECHANISMS[mechanismOf(this.#core.options)];
  }

  /** Always `false`: a socket belongs to the thread that made it. */
  get threadSafe(): boolean {
    return false;
  }

  /** Whether a message could be received now. */
  get readable(): boolean {
    return !this.#core.isClosed && this.#core.pattern.canReceive();
  }

  /** Whether a message could be sent now. */
  get writable(): boolean {
    return !this.#core.isClosed && this.#core.pattern.canSend();
  }

  /** What happens to the connections: an async iterable, and `on`/`off` by event type. Events before the first use are not kept. */
  get events(): Observer {
    this.#observer ??= new Observer(this.#core.books.monitor, () => this.#core.isClosed);
    return this.#observer;
  }

  /** The peers that are connected or being connected, each with its counts. */
  get peers(): readonly PeerStats[] {
    return this.#core.peers;
  }

  /**
   * Who sent a message that this socket received, as an `Authenticator`, or any handler of ZAP, took the peer: its user id
   * and metadata. Kept for as long as the message is. `undefined` for messages of peers that nobody vouched for, of other
   * sockets, and over inproc.
   */
  peerOf(message: readonly unknown[]): MessageOrigin | undefined {
    return this.#receiving.originOf(message as Message);
  }

  /** What became of every message: accepted = delivered + queued + dropped, by direction, reason and peer. */
  stats(): SocketStats {
    return this.#core.stats();
  }

  /**
   * What is wrong with this socket, in plain words and exact numbers, and what to do about it: messages that were lost or
   * cannot arrive, and why. Empty when all is well. docs/guide/missing-messages.md has every code. What takes time is a
   * finding once it has taken longer than `patience` says.
   */
  explain(patience: Partial<Patience> = {}): readonly Finding[] {
    return this.#core.context.solver?.explain(this.#core, patience) ?? [];
  }

  /** What loggers show of it: the type, the endpoint, how many peers. */
  toJSON(): object {
    const { typeName, lastEndpoint, isClosed, peers } = this.#core;
    return { type: typeName, lastEndpoint, closed: isClosed, peerCount: peers.length };
  }

  /** Binds to `tcp://`, `ipc://` or `inproc://`. Resolves when peers can connect; `lastEndpoint` tells the address. */
  bind(endpoint: string): Promise<void> {
    return this.#core.endpoints.bind(endpoint);
  }

  /** As `bind`, done when it returns. ENOTSUP where the runtime cannot (host names). */
  bindSync(endpoint: string): void {
    this.#core.endpoints.bindSync(endpoint);
  }

  /** Undoes `bind`: stops listening and closes the connections that came in there, within linger. ENOENT if unknown. */
  unbind(endpoint: string): Promise<void> {
    return this.#core.endpoints.unbind(endpoint);
  }

  /** As `unbind`; the address is free at once, connections end within linger. */
  unbindSync(endpoint: string): void {
    this.#core.endpoints.unbindSync(endpoint);
  }

  /** Connects, now and again after each loss; messages may be sent at once and wait. EINVAL for a wrong endpoint. */
  connect(endpoint: string): void {
    this.#core.endpoints.connect(endpoint);
  }

  /** Undoes `connect`; what was sent before goes out within linger. ENOENT if unknown. */
  disconnect(endpoint: string): void {
    this.#core.endpoints.disconnect(endpoint);
  }

  /** Resolves when at least `count` peers are connected and their handshakes done. */
  waitForPeers(count = 1, options?: WaitOptions): Promise<void> {
    return this.#core.waitForPeers(count, options);
  }

  /**
   * Closes the socket: calls that wait are rejected, messages that were sent go out within `linger`, then the promise
   * resolves with what was sent and what was dropped. It never rejects and need not be awaited.
   */
  close(options?: CloseOptions): Promise<CloseReport> {
    return this.#core.close(options);
  }

  /** `using socket = ...` closes at the end of the block, without waiting. */
  [Symbol.dispose](): void {
    void this.#core.close();
  }

  /** `await using socket = ...` closes at the end of the block and waits until that is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#core.close();
  }
}

/** Gives a socket class the option properties of its type. */
export function installOptions(socketClass: { readonly prototype: Socket }, type: SocketType): void {
  installOptionAccessors(socketClass.prototype, type, {
    values: (socket) => coreOf(socket).options,
    changed: (socket, name) => {
      const core = coreOf(socket);
      core.optionChanged(name);
      if (isImmediate(name) || core.lastEndpoint === null) return;
      core.books.journal.noteLateOption(name);
      warnLate(core, name);
    },
  });
}

function warnLate(core: SocketCore, name: SocketOptionName): void {
  platform.warn(
    `${name} was set on ${core.label()}, which is bound or connected already: it counts from the next bind() or connect() on.`,
    "ZMQ_LATE_OPTION",
  );
}
