/**
 * zeromq-ts: ZeroMQ in TypeScript. This file is the public API: it installs Node's platform, makes the default context
 * and re-exports; nothing else.
 */
import { installPlatform } from "./base/platform.ts";
import { Context as ContextCore, setDefaultContext } from "./core/context.ts";
import type { ContextOptions } from "./core/context-options.ts";
import { InprocTransport } from "./transports/inproc.ts";
import { hasIpc, IpcTransport } from "./transports/ipc.ts";
import { nodePlatform } from "./transports/node-platform.ts";
import { TcpTransport } from "./transports/tcp.ts";

installPlatform(nodePlatform);

/**
 * Sockets that share inproc names and are terminated together. Most programs need only the default one, `context`.
 */
export class Context extends ContextCore {
  constructor(options: Partial<ContextOptions> = {}) {
    super(options, [new TcpTransport(), new IpcTransport(), new InprocTransport()]);
  }
}

/** The context of all sockets that are given none. */
export const context: Context = new Context();
setDefaultContext(context);

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
export type { CloseReport } from "./core/closing.ts";
export type { FlowStats, PeerStats, SocketStats } from "./core/ledger.ts";
export type { FrameLike, MessageLike } from "./core/message-like.ts";
export type { MonitorEvent as Event, MonitorEventType as EventType } from "./core/monitor-event.ts";
export { Observer } from "./core/observer.ts";
export type * from "./core/option-types.ts";
export type { WaitOptions } from "./core/waiters.ts";
export type { DropCounts, DropReason } from "./pipe/pipe.ts";
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
