/**
 * zeromq-ts: ZeroMQ in TypeScript. This file is the public API: it installs Node's platform, makes the default context
 * and re-exports; nothing else.
 */
import { installPlatform } from "./base/platform.ts";
import { Context as ContextCore, setDefaultContext } from "./core/context.ts";
import type { ContextOptions } from "./core/context-options.ts";
import type { ContextHandle } from "./core/context-share.ts";
import { ContextsHere } from "./threads/context-handle.ts";
import { Exchange } from "./threads/inproc/exchange.ts";
import { IoLinks } from "./threads/io/io-links.ts";
import { Directory } from "./threads/seat/directory.ts";
import { defaultDirectory } from "./threads/seat/rendezvous.ts";
import { sharedDefaults } from "./threads/seat/shared-options.ts";
import { SharedContext } from "./threads/shared-context.ts";
import { InprocTransport } from "./transports/inproc.ts";
import { hasIpc, IpcTransport } from "./transports/ipc.ts";
import { nodePlatform } from "./transports/node-platform.ts";
import { TcpTransport } from "./transports/tcp.ts";

installPlatform(nodePlatform);

/** One object for each context that this thread shares with others. */
const contextsHere = new ContextsHere<Context>();

/**
 * Sockets that share inproc names and are terminated together, in whatever threads they are. Most programs need only the
 * default one, `context`, which all threads of the process have without doing anything for it.
 */
export class Context extends ContextCore {
  constructor(options?: Partial<ContextOptions>);
  /** @internal */
  constructor(options: Partial<ContextOptions>, share: SharedContext);
  constructor(options: Partial<ContextOptions> = {}, share: SharedContext = newShare()) {
    const exchange = new Exchange();
    const links = new IoLinks(share);
    share.seatUser = exchange;
    share.onSeat = () => links.prepare();
    super(options, [new TcpTransport(), new IpcTransport(), new InprocTransport(exchange)], share, links);
    contextsHere.add(share.directory.id, this);
  }

  /**
   * The context that another thread posted the `handle` of: the same object each time in one thread. EINVAL for anything
   * that is no handle, or comes from another version of the package.
   */
  static attach(handle: ContextHandle): Context {
    return contextsHere.attach(handle, (directory) => new Context({}, new SharedContext(directory, true)));
  }
}

function newShare(): SharedContext {
  return new SharedContext(Directory.create(sharedDefaults()), false);
}

const rendezvous = defaultDirectory();

/** The context of all sockets that are given none, and of all threads. */
export const context: Context = new Context({}, new SharedContext(rendezvous.directory, true, rendezvous));
setDefaultContext(context);
contextsHere.default = context;

/** The level of the ZeroMQ API that this package offers, as programs test it; the package's own is `packageVersion`. */
export const version = "4.3.5";
export { packageVersion } from "./version.ts";

/** What this package can do, in zeromq v6's names: transports and mechanisms beyond tcp, inproc and NULL. */
export const capability: Readonly<Partial<Record<Capability, boolean>>> = Object.freeze({ ipc: hasIpc });

/** A name in `capability`. */
export type Capability = "ipc" | "pgm" | "tipc" | "norm" | "curve" | "gssapi" | "draft";

export type { ErrorCode, ProtocolErrorCode } from "./base/errors.ts";
export { AuthError, ProtocolError, ZmqError } from "./base/errors.ts";
export { SocketType } from "./base/socket-type.ts";
export type { BlockingOptions } from "./core/blocking.ts";
export type { CloseReport } from "./core/closing.ts";
export type { ContextHandle } from "./core/context-share.ts";
export type { FlowStats, PeerStats, SocketStats } from "./core/ledger.ts";
export type { FrameLike, MessageLike } from "./core/message-like.ts";
export type { MonitorEvent as Event, MonitorEventType as EventType } from "./core/monitor-event.ts";
export { Observer } from "./core/observer.ts";
export type * from "./core/option-types.ts";
export type { WaitOptions } from "./core/waiters.ts";
export type { DropCounts, DropReason } from "./pipe/pipe.ts";
export type { PollRequest, PollResult } from "./services/poll.ts";
export { pollSync } from "./services/poll.ts";
export type { ProxyOptions } from "./services/proxy.ts";
export { Proxy } from "./services/proxy.ts";
export type { ConnectOptions } from "./sockets/connect-named.ts";
export { Pair } from "./sockets/pair.ts";
export { Pull } from "./sockets/pipeline/pull.ts";
export { Push } from "./sockets/pipeline/push.ts";
export { Publisher } from "./sockets/pubsub/pub.ts";
export { Subscriber } from "./sockets/pubsub/sub.ts";
export { XPublisher } from "./sockets/pubsub/xpub.ts";
export { XSubscriber } from "./sockets/pubsub/xsub.ts";
export type { Readable, ReceivedMessage } from "./sockets/readable.ts";
export { Dealer } from "./sockets/reqrep/dealer.ts";
export { Reply } from "./sockets/reqrep/rep.ts";
export { Request } from "./sockets/reqrep/req.ts";
export { Router } from "./sockets/reqrep/router.ts";
export { Socket } from "./sockets/socket.ts";
export { Stream } from "./sockets/stream.ts";
export type { Writable } from "./sockets/writable.ts";
export { allocateShared } from "./threads/ring/shared-body.ts";
