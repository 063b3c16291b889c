import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { SocketStats } from "./ledger.ts";
import { totalDropped } from "./ledger.ts";
import type { Link } from "./link.ts";
import type { MonitorEvent } from "./monitor-event.ts";
import type { SocketOptionValues } from "./options.ts";

/** What became of the messages that were not sent yet when `close` was called. */
export interface CloseReport {
  /** Messages sent while the socket lingered. */
  readonly sentCount: number;
  /** Messages that were dropped: by linger, or with a peer that left meanwhile. */
  readonly droppedCount: number;
  /** Whether linger ran out. */
  readonly isLingerExpired: boolean;
  /** The socket's counts, final. */
  readonly stats: SocketStats;
}

/** What a call of `close` may say. */
export interface CloseOptions {
  /** `false`: the process may end before all messages are sent, whatever linger says. Default true. */
  readonly keepAlive?: boolean | undefined;
}

/** A socket whose messages may outlast it. */
export interface Lingering {
  readonly typeName: string;
  readonly options: SocketOptionValues;
  readonly links: readonly Link[];
  /** Messages that no link has handed over yet. */
  readonly unsentCount: number;
}

/** A socket that closes. */
export interface ClosingHost extends Lingering {
  stats(): SocketStats;
  emit(event: MonitorEvent): void;
  /** The socket is gone: its context forgets it. */
  leaveContext(): void;
}

/** A hanging close says so after this, once. */
const WARN_AFTER_MS = 2000;

/** A socket on its way out: links flush within linger, then the report. */
export class Closing {
  readonly report: Promise<CloseReport>;
  readonly #socket: ClosingHost;
  readonly #before: SocketStats;
  #settle: ((report: CloseReport) => void) | null;
  #timer: Timer | null;
  #warnTimer: Timer | null;
  #isLingerExpired: boolean;
  readonly #holds: boolean;

  constructor(socket: ClosingHost, { keepAlive = true }: CloseOptions = {}) {
    this.#socket = socket;
    this.#holds = keepAlive;
    if (!keepAlive) expendable.add(socket);
    this.#before = socket.stats();
    this.#settle = null;
    this.#timer = null;
    this.#warnTimer = null;
    this.#isLingerExpired = false;
    this.report = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** All links were told to finish. */
  start(): void {
    if (this.#holds) platform.hold();
    const { linger } = this.#socket.options;
    if (this.#socket.links.length > 0) {
      if (linger === 0) this.#expire();
      else if (linger > 0) this.#timer = platform.setTimer(() => this.#expire(), linger);
      if (linger !== 0 && this.#holds) this.#warnTimer = platform.setTimer(() => this.#warn(), WARN_AFTER_MS);
    }
    this.onLinkEnded();
  }

  onLinkEnded(): void {
    if (this.#settle === null || this.#socket.links.length > 0) return;
    const settle = this.#settle;
    this.#settle = null;
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    if (this.#warnTimer !== null) platform.clearTimer(this.#warnTimer);
    // Pipes drain their last counts in deferred calls.
    platform.defer(() => {
      const stats = this.#socket.stats();
      this.#socket.leaveContext();
      this.#socket.emit({ type: "end" });
      if (this.#holds) platform.release();
      settle({
        sentCount: stats.sent.delivered - this.#before.sent.delivered,
        droppedCount: totalDropped(stats.sent.dropped) - totalDropped(this.#before.sent.dropped),
        isLingerExpired: this.#isLingerExpired,
        stats,
      });
    });
  }

  #expire(): void {
    const { links } = this.#socket;
    if (links.some((link) => link.unsentCount > 0)) this.#isLingerExpired = true;
    for (const link of links) link.abort("linger");
  }

  #warn(): void {
    this.#warnTimer = null;
    warnUnsent(this.#socket, "is closing and still has");
  }
}

/** Sockets that were closed without keeping the process alive. */
const expendable = new WeakSet<Lingering>();

/** Whether the process may end although the socket has messages to send. */
export function isExpendable(socket: Lingering): boolean {
  return expendable.has(socket);
}

const toldUnsent = new WeakSet<Lingering>();

/** Whether the person who runs the process was told of this socket's unsent messages. */
export function isUnsentTold(socket: Lingering): boolean {
  return toldUnsent.has(socket);
}

/** Tells the person who runs the process what waits, once a socket: which endpoint, how many, and the last error. */
export function warnUnsent(socket: Lingering, what: string): void {
  const { linger } = socket.options;
  const until = linger < 0 ? "until they are sent (linger is -1)" : `for ${linger} ms at the most`;
  toldUnsent.add(socket);
  for (const unsent of describeUnsent(socket)) {
    platform.warn(
      `${socket.typeName} ${what} ${unsent} The process waits ${until}. Set linger to bound this.`,
      "ZMQ_UNSENT",
    );
  }
}

/** Linger ran out as the process ends: these messages are lost, and the process says so. */
export function warnLost(socket: Lingering): void {
  const { linger } = socket.options;
  toldUnsent.add(socket);
  for (const unsent of describeUnsent(socket)) {
    const advice = `They are lost: the process ends, and linger is ${linger} ms. Raise linger to wait longer.`;
    platform.warn(`${socket.typeName} has ${unsent} ${advice}`, "ZMQ_UNSENT");
  }
}

function describeUnsent(socket: Lingering): string[] {
  const waiting = socket.links.filter((link) => link.unsentCount > 0);
  return waiting.map(({ unsentCount, endpoint, lastError }) => {
    const why = lastError === null ? "the peer does not take them" : lastError.message;
    return `${unsentCount} unsent message${unsentCount === 1 ? "" : "s"} for ${endpoint}: ${why.replace(/\.?$/, ".")}`;
  });
}
