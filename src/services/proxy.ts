import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import type { SocketCore } from "../core/socket.ts";
import { beginBatch, endBatch } from "../pipe/batch.ts";
import { coreOf, Socket } from "../sockets/socket.ts";

/** Messages forwarded in one direction before the event loop gets a turn (libzmq's burst). */
const BURST_MAX = 1000;

/** Beyond the two sockets. */
export interface ProxyOptions {
  /** Gets a copy of every message in both directions: a Publisher, Dealer, Push or Pair. */
  readonly capture?: Socket | undefined;
}

/** One direction of a proxy. */
interface Lane {
  readonly from: SocketCore;
  readonly to: SocketCore;
  /** Received, and not taken by `to` yet: a ROUTER or XPUB knows only from the message whether there is room for it. */
  held: Message | null;
  /** Whether `capture` has the held message. */
  isCaptured: boolean;
}

/**
 * Forwards messages between two sockets in both directions, until it is terminated: a ROUTER and a DEALER make a broker,
 * an XSUB and an XPUB a forwarder, a PULL and a PUSH a streamer. A message leaves a socket only when the other (and
 * `capture`) can take it, so high-water marks hold across the proxy.
 */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  /** The socket that was given first. */
  readonly frontEnd: F;
  /** The socket that was given second. */
  readonly backEnd: B;
  readonly #front: SocketCore;
  readonly #back: SocketCore;
  readonly #capture: SocketCore | null;
  readonly #lanes: readonly Lane[];
  #run: { resolve: () => void; reject: (error: Error) => void } | null;
  #isPaused: boolean;
  #isEnded: boolean;
  #isPumpScheduled: boolean;

  constructor(frontEnd: F, backEnd: B, options: ProxyOptions = {}) {
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
    this.#front = checkedCore("frontEnd", frontEnd);
    this.#back = checkedCore("backEnd", backEnd);
    this.#capture = options.capture === undefined ? null : checkedCore("capture", options.capture);
    const lane = (from: SocketCore, to: SocketCore): Lane => ({ from, to, held: null, isCaptured: false });
    const forth = lane(this.#front, this.#back);
    this.#lanes = this.#front === this.#back ? [forth] : [forth, lane(this.#back, this.#front)];
    this.#run = null;
    this.#isPaused = false;
    this.#isEnded = false;
    this.#isPumpScheduled = false;
  }

  /**
   * Forwards until `terminate` is called or one of the sockets closes; then resolves. Rejects with EINVAL if a socket is
   * neither bound nor connected, EBUSY if one is in a proxy already, EBADF, ETERM.
   */
  run(): Promise<void> {
    try {
      for (const core of this.#cores()) core.checkOpen();
      if (this.#run !== null || this.#isEnded) {
        throw new ZmqError("EBUSY", "The proxy runs already, or ran before.", {
          remedy: "Make a new Proxy.",
        });
      }
      for (const core of this.#cores()) checkFree(core);
    } catch (error) {
      return Promise.reject(error);
    }
    platform.hold();
    for (const core of this.#cores()) core.onActivity = () => this.#schedule();
    this.#schedule();
    return new Promise((resolve, reject) => {
      this.#run = { resolve, reject };
    });
  }

  /** Stops forwarding; the sockets go on queueing up to their high-water marks. */
  pause(): void {
    this.#checkRunning();
    this.#isPaused = true;
  }

  /** Forwards again. */
  resume(): void {
    this.#checkRunning();
    this.#isPaused = false;
    this.#schedule();
  }

  /** Ends the proxy and closes both sockets. */
  terminate(): void {
    this.#checkRunning();
    this.#end(null);
    void this.#front.close();
    void this.#back.close();
  }

  #checkRunning(): void {
    if (this.#run !== null) return;
    throw new ZmqError("EBADF", "The proxy is not running.", { remedy: "Call run() first." });
  }

  #cores(): SocketCore[] {
    return this.#capture === null ? [this.#front, this.#back] : [this.#front, this.#back, this.#capture];
  }

  #schedule(): void {
    if (this.#isPumpScheduled || this.#isEnded) return;
    this.#isPumpScheduled = true;
    platform.defer(() => {
      this.#isPumpScheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#isEnded) return;
    try {
      for (const core of this.#cores()) core.checkOpen();
      if (this.#isPaused) return;
      let isCut = false;
      for (const lane of this.#lanes) isCut = this.#forwardAll(lane) || isCut;
      if (isCut) platform.yieldTurn(() => this.#schedule());
    } catch (error) {
      this.#end(error instanceof ZmqError && error.code === "EBADF" ? null : (error as Error));
    }
  }

  /** What another thread is sent it is told of at once. */
  #forwardAll(lane: Lane): boolean {
    beginBatch();
    try {
      return this.#forward(lane);
    } finally {
      endBatch();
    }
  }

  /** Answers whether the burst was cut short by its bound. */
  #forward(lane: Lane): boolean {
    const from = lane.from.pattern;
    const to = lane.to.pattern;
    const capture = this.#capture === null ? null : this.#capture.pattern;
    for (let count = 0; count < BURST_MAX; count++) {
      if (lane.held === null) {
        if (!from.canReceive() || !to.canSend() || capture?.canSend() === false) return false;
        lane.held = from.receive() ?? null;
        lane.isCaptured = capture === null;
        if (lane.held === null) return false;
      }
      lane.isCaptured ||= capture?.send(lane.held) === true;
      if (!lane.isCaptured || !to.send(lane.held)) return false;
      lane.held = null;
    }
    return true;
  }

  #end(error: Error | null): void {
    const run = this.#run;
    this.#isEnded = true;
    this.#run = null;
    for (const core of this.#cores()) core.onActivity = null;
    for (const lane of this.#lanes) {
      if (lane.held !== null) lane.to.countDrop("unroutable");
      lane.held = null;
    }
    if (run === null) return;
    platform.release();
    if (error === null) run.resolve();
    else run.reject(error);
  }
}

function checkedCore(name: string, socket: unknown): SocketCore {
  if (socket instanceof Socket) return coreOf(socket);
  throw new ZmqError("EINVAL", `The ${name} of a Proxy must be a socket of this package.`);
}

function checkFree(core: SocketCore): void {
  if (core.lastEndpoint === null) {
    const remedy = "Call bind() or connect() before run().";
    throw new ZmqError("EINVAL", `${core.label()} must be bound or connected to be in a proxy.`, { remedy });
  }
  if (core.onActivity !== null) {
    throw new ZmqError("EBUSY", `${core.label()} is in a proxy already.`, {
      remedy: "Give each proxy its own sockets.",
    });
  }
}
