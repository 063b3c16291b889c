import type { Finding } from "./finding.ts";
import type { Loss } from "./journal.ts";
import type { ViewedSocket } from "./socket-view.ts";

/** Milliseconds after which a state is a finding. */
export interface Patience {
  /** What a program may do in its next lines: subscribe after the handshake. Default 250. */
  readonly momentMs: number;
  /** No connection since `connect()`, or since the last one was lost. Default 2,000. */
  readonly connectMs: number;
  /** A reply that does not come, a send that waits. Default 5,000. */
  readonly waitMs: number;
  /** A peer without a word and without heartbeat; also how long a refused peer is worth telling. Default 300,000. */
  readonly quietMs: number;
}

/**
 * CONTRACT. Who explains what happens to messages: it reads sockets and never changes them. A context is given one; the
 * sockets tell it of what is rare. No call may throw, and none may take long: it is called out of sends and receives.
 */
export interface Solver {
  /** What is wrong with a socket now; empty when all is well. */
  explain(socket: ViewedSocket, patience?: Partial<Patience>): Finding[];
  /** The context has its first socket, or another one. */
  onOpened(socket: ViewedSocket): void;
  /** The first loss of its socket, peer and reason. */
  onLoss(socket: ViewedSocket, loss: Loss): void;
  /** Something happened that may mean trouble: a look at the socket is worth its while, later. */
  onDoubt(socket: ViewedSocket): void;
  /** The socket is closed, its counts are final. */
  onClosed(socket: ViewedSocket): void;
}
