import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { Lingering } from "./closing.ts";
import { isExpendable, warnLost, warnUnsent } from "./closing.ts";
import type { ContextOptions, ContextOptionValues } from "./context-options.ts";
import { assignContextOptions, installContextAccessors } from "./context-options.ts";
import type { ContextHandle, ContextShare } from "./context-share.ts";
import { LoneShare } from "./context-share.ts";
import type { LinkMaker } from "./link-maker.ts";
import { LOCAL_LINKS } from "./link-maker.ts";
import type { Solver } from "./solver.ts";
import { threadBound } from "./thread-bound.ts";
import type { PipeTransport, Transport } from "./transport.ts";
import { ZapClient } from "./zap-client.ts";

/** How often the end of the process looks whether everything was sent. */
const EXIT_POLL_MS = 10;
const EXIT_WARN_AFTER_MS = 1000;

/** A socket as its context sees it. */
export interface ContextMember extends Lingering {
  terminate(): Promise<unknown>;
}

const bindToThread = threadBound(
  "Post its handle, and give that to Context.attach in the other thread; the default context is there already.",
);

/**
 * Sockets that share inproc names and are terminated together, in whatever thread they are. Transports and what lies
 * beyond this thread come in by argument; the package's index makes the public class of it.
 */
export class Context {
  readonly #share: ContextShare;
  readonly #links: LinkMaker;
  readonly #transports: Map<string, Transport>;
  readonly #sockets: Set<ContextMember>;
  #zap: ZapClient | null;
  #termination: Promise<void> | null;
  #solver: Solver | null;

  /** @internal */
  constructor(
    given: object,
    transports: readonly Transport[],
    share: ContextShare = new LoneShare(),
    links: LinkMaker = LOCAL_LINKS,
  ) {
    if (given === null || typeof given !== "object") {
      throw new ZmqError("EINVAL", `The options of a context are an object, not ${String(given)}.`);
    }
    this.#share = share;
    this.#links = links;
    this.#transports = new Map(transports.map((transport) => [transport.scheme, transport]));
    this.#sockets = new Set();
    this.#zap = null;
    this.#termination = null;
    this.#solver = null;
    assignContextOptions(share.options, given, share);
    share.onTerminate = () => Promise.all([...this.#sockets].map((socket) => socket.terminate()));
    bindToThread(this);
    // A misspelt option throws, as with the native package, instead of being kept without effect.
    Object.preventExtensions(this);
  }

  /** @internal */
  get share(): ContextShare {
    return this.#share;
  }

  /** @internal Who serves streams. */
  get links(): LinkMaker {
    return this.#links;
  }

  /** @internal Who explains what happens to messages; whoever makes the context sets it. */
  get solver(): Solver | null {
    return this.#solver;
  }

  /** @internal */
  set solver(solver: Solver) {
    this.#solver = solver;
  }

  /** @internal Sockets of this thread. */
  get members(): ReadonlySet<ContextMember> {
    return this.#sockets;
  }

  /** @internal */
  get optionValues(): ContextOptionValues {
    return this.#share.options;
  }

  /** @internal */
  get schemes(): readonly string[] {
    return [...this.#transports.keys()];
  }

  /** @internal */
  get pipeTransports(): readonly PipeTransport[] {
    return [...this.#transports.values()].filter((transport) => transport.kind === "pipe");
  }

  /** @internal Who asks the context's ZAP handler. */
  get zap(): ZapClient {
    this.#zap ??= new ZapClient(this);
    return this.#zap;
  }

  /** @internal */
  transport(scheme: string): Transport {
    return this.#transports.get(scheme) as Transport;
  }

  /** Whether `terminate` was called, in whatever thread. */
  get closed(): boolean {
    return this.#share.isTerminated;
  }

  /**
   * What another thread attaches to this context with: post it (`workerData`, `postMessage`) and give it to
   * `Context.attach` there. The default context needs none: each thread that imports the package has it.
   */
  get handle(): ContextHandle {
    const { handle } = this.#share;
    if (handle !== null) return handle;
    throw new ZmqError("ENOTSUP", "This context cannot be shared: there are no threads here.");
  }

  /**
   * Ends the context, in every thread: every call that waits on one of its sockets is rejected with ETERM, every later
   * one too, all sockets are closed, and the promise resolves when what they had to send is sent or its linger over
   * (zmq_ctx_term). A thread closes its sockets when its event loop turns; threads that ended are not waited for.
   */
  terminate(): Promise<void> {
    this.#termination ??= this.#share.terminate();
    return this.#termination;
  }

  /** What loggers show of it. */
  toJSON(): object {
    return { type: "Context", closed: this.closed, socketCount: this.#sockets.size };
  }

  /** `await using context = new Context()` terminates at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.terminate();
  }

  /** @internal */
  addSocket(socket: ContextMember): void {
    if (this.#share.isTerminated)
      throw new ZmqError("ETERM", "The context was terminated; it makes no more sockets.");
    const { maxSockets } = this.#share.options;
    const count = this.#share.addSocket();
    if (count > maxSockets) {
      this.#share.removeSocket();
      throw new ZmqError("EMFILE", `The context has ${count - 1} sockets, as many as maxSockets allows.`);
    }
    if (this.#sockets.size === 0) watchExit(this);
    this.#sockets.add(socket);
  }

  /** @internal */
  removeSocket(socket: ContextMember): void {
    if (!this.#sockets.delete(socket)) return;
    this.#share.removeSocket();
    if (this.#sockets.size === 0) contexts.delete(this);
  }

  /** @internal Sockets with messages that were not sent yet. */
  get unsentSockets(): ContextMember[] {
    return [...this.#sockets].filter((socket) => socket.unsentCount > 0);
  }
}

export interface Context extends ContextOptions {}

installContextAccessors(
  Context.prototype,
  (context) => context.optionValues,
  (context) => context.share,
);

let theDefault: Context | null = null;

/** The context of sockets that are given none. */
export function defaultContext(): Context {
  if (theDefault === null)
    throw new ZmqError("EINVAL", "No default context was set.", { remedy: "Import the package's index." });
  return theDefault;
}

/** The package's index sets it once. */
export function setDefaultContext(context: Context): void {
  theDefault = context;
}

/** Contexts with sockets, for the end of the process. */
const contexts = new Set<Context>();
/** Sockets whose linger ran out at the end of the loop: Node tells of that end again when nothing holds it any more. */
const lingered = new WeakSet<ContextMember>();
let isWatching = false;

function watchExit(context: Context): void {
  contexts.add(context);
  if (isWatching) return;
  isWatching = true;
  platform.onBeforeExit(lingerAtExit);
}

/** The loop is empty: the process stays while messages wait within their linger. */
function lingerAtExit(): void {
  const since = platform.now();
  const warned = new Set<ContextMember>();
  if (unsent(0, warned).length === 0) return;
  platform.hold();
  const look = (): void => {
    const sinceMs = platform.now() - since;
    const sockets = unsent(sinceMs, warned);
    if (sockets.length === 0) return platform.release();
    for (const socket of sockets) {
      if (sinceMs < EXIT_WARN_AFTER_MS || warned.has(socket)) continue;
      warned.add(socket);
      warnUnsent(socket, "has");
    }
    platform.setTimer(look, EXIT_POLL_MS);
  };
  look();
}

/** Sockets that may keep the process until their messages are sent; those whose linger is over are told off, once. */
function unsent(sinceMs: number, warned: ReadonlySet<ContextMember>): ContextMember[] {
  const waiting: ContextMember[] = [];
  for (const socket of [...contexts].flatMap((context) => context.unsentSockets)) {
    if (lingered.has(socket) || isExpendable(socket)) continue;
    const { linger } = socket.options;
    if (linger < 0 || sinceMs < linger) {
      waiting.push(socket);
    } else {
      lingered.add(socket);
      // Who set 0 wants them dropped.
      if (linger > 0 && !warned.has(socket)) warnLost(socket);
    }
  }
  return waiting;
}
