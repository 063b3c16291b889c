import type { ZmqError } from "../base/errors.ts";
import type { Pipe } from "../pipe/pipe.ts";
import { Acceptor } from "./acceptor.ts";
import type { Link, LinkHost } from "./link.ts";
import type { SocketOptionValues } from "./options.ts";
import { Session } from "./session.ts";
import type { StreamTransport } from "./transport.ts";

/** An endpoint to be bound or connected: the address is what follows `://`. */
export interface LinkTarget {
  readonly endpoint: string;
  readonly address: string;
  readonly transport: StreamTransport;
  /** As they are now: later changes do not reach the link. */
  readonly options: SocketOptionValues;
}

/** CONTRACT. Who serves streams: the thread of the socket, or I/O threads. The same sessions and engines either way. */
export interface LinkMaker {
  /** Connects and stays connected. `prepare` names the peer of the pipe before it is attached. EINVAL if the socket takes no further peer. */
  connect(host: LinkHost, target: LinkTarget, prepare: ((pipe: Pipe) => void) | null): Link;
  /** Listens; `onBound` is told the outcome once, never before this returned. */
  listen(host: LinkHost, target: LinkTarget, onBound: (error: ZmqError | null) => void): Link;
  /** Listens before it returns, or throws. */
  listenSync(host: LinkHost, target: LinkTarget): Link;
}

/** Served by the thread that made the socket. */
export const LOCAL_LINKS: LinkMaker = {
  connect(host, { endpoint, address, transport, options }, prepare) {
    const session = new Session(host, endpoint, address, transport, options);
    session.start(prepare);
    return session;
  },
  listen(host, { endpoint, address, transport, options }, onBound) {
    const acceptor = new Acceptor(host, endpoint, options);
    acceptor.listen(transport, address, onBound);
    return acceptor;
  },
  listenSync(host, { endpoint, address, transport, options }) {
    const acceptor = new Acceptor(host, endpoint, options);
    acceptor.listenSync(transport, address);
    return acceptor;
  },
};
