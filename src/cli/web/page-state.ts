/**
 * What the server tells the page each second: plain data, no more than the page shows. It stands alone, because the page
 * is compiled for a browser.
 */
export interface PageState {
  /** Counts up while the server lives. */
  readonly sequence: number;
  /** The server's clock, in milliseconds; all times of a state are of this clock. */
  readonly atMs: number;
  readonly processes: readonly ProcessState[];
}

/** A process that is, or was, looked into. */
export interface ProcessState {
  /** Unique while the server lives, also when the system uses a process id again. */
  readonly key: string;
  readonly pid: number;
  /** What runs in it: `producer.js`. */
  readonly title: string;
  /** `silent`: it is there and did not answer in time, so what is said of it is old. */
  readonly status: "live" | "silent" | "ended";
  /** When what follows was true. */
  readonly atMs: number;
  readonly sockets: readonly SocketState[];
  /** All of them, shown or not. */
  readonly socketCount: number;
  readonly findings: readonly FindingState[];
  readonly findingCount: number;
}

/** Messages in one direction. */
export interface FlowState {
  readonly accepted: number;
  readonly delivered: number;
  readonly queued: number;
  /** By reason; without what nobody wanted, and what is nought. */
  readonly dropped: Readonly<Record<string, number | undefined>>;
}

export interface SocketState {
  /** Unique in its process. */
  readonly id: string;
  /** `PUSH`, `SUB`, ... */
  readonly type: string;
  readonly label: string;
  readonly isClosed: boolean;
  readonly endpoints: readonly EndpointState[];
  readonly peers: readonly PeerState[];
  /** All of them, shown or not. */
  readonly peerCount: number;
  readonly sent: FlowState;
  readonly received: FlowState;
  readonly waitingSends: number;
  readonly waitingReceives: number;
  readonly facts: Readonly<Record<string, number | string | boolean | null>>;
}

export interface EndpointState {
  readonly endpoint: string;
  readonly kind: "bind" | "connect";
  readonly handshakeCount: number;
  readonly failureCount: number;
  readonly lastError: string | null;
  /** Messages that wait for it. */
  readonly unsentCount: number;
}

export interface PeerState {
  /** Bound or connected, by this socket. */
  readonly endpoint: string;
  /** The peer's own. */
  readonly address: string;
  /** `null` before the handshake. */
  readonly type: string | null;
  /** This socket connected to it. */
  readonly outgoing: boolean;
  readonly live: boolean;
  /** The last handshake; `null` if there was none. */
  readonly liveSinceMs: number | null;
  readonly sent: FlowState;
  readonly received: FlowState;
  /** 0 is unlimited. */
  readonly sendHighWaterMark: number;
  readonly receiveHighWaterMark: number;
}

/** What the solver found. */
export interface FindingState {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  /** As `SocketState.id`. */
  readonly socketId: string;
  readonly socketLabel: string;
  readonly endpoint: string | null;
  readonly peer: string | null;
  readonly what: string;
  readonly remedy: string;
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
  readonly help: string;
}
