import { ZmqError } from "../base/errors.ts";
import { platform } from "../base/platform.ts";
import type { SocketCore } from "../core/socket.ts";
import { coreOf } from "../sockets/socket.ts";
import type { Socket } from "../sockets/socket.ts";

/** Messages forwarded in one direction before the event loop gets a turn (libzmq's burst). */
const BURST_MAX = 1000;

/** Beyond the two sockets. */
export interface ProxyOptions {
  /** Gets a copy of every message in both directions: a Publisher, Dealer, Push or Pair. */
  readonly capture?: Socket | undefined;
}

/**
 * Forwards messages between two sockets in both directions, until it is terminated: a ROUTER and a DEALER make a broker,
 * an XSUB and an XPUB a forwarder, a PULL and a PUSH a streamer. A message leaves a socket only when the other (and
 * `capture`) can take it, so high-water marks hold across the proxy.
 */
export class Proxy<F extends Socket = Socket, B extends Socket = Socket> {
  readonly frontEnd: F;
  readonly backEnd: B;
  readonly #front: SocketCore;
  readonly #back: SocketCore;
  readonly #capture: SocketCore | null;
  #run: { resolve: () => void; reject: (error: Error) => void } | null;
  #isPaused: boolean;
  #isEnded: boolean;
  #isPumpScheduled: boolean;

  constructor(frontEnd: F, backEnd: B, options: ProxyOptions = {}) {
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
    this.#front = coreOf(frontEnd);
    this.#back = coreOf(backEnd);
    this.#capture = options.capture === undefined ? null : coreOf(options.capture);
    this.#run = null;
    this.#isPaused = false;
    this.#isEnded = false;
    this.#isPumpScheduled = false;
  }

  /** Forwards until `terminate` is called or one of the sockets closes; then resolves. Rejects with ETERM. */
  run(): Promise<void> {
    try {
      this.#front.checkOpen();
      this.#back.checkOpen();
      if (this.#run !== null || this.#isEnded) {
        throw new ZmqError("EBUSY", "The proxy runs already, or ran before.", { remedy: "Make a new Proxy." });
      }
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
    throw new ZmqError("EINVAL", "The proxy is not running.", { remedy: "Call run() first." });
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
      const isForthCut = this.#forward(this.#front, this.#back);
      const isBackCut = this.#front !== this.#back && this.#forward(this.#back, this.#front);
      if (isForthCut || isBackCut) platform.yieldTurn(() => this.#schedule());
    } catch (error) {
      this.#end(error instanceof ZmqError && error.code === "EBADF" ? null : (error as Error));
    }
  }

  /** Answers whether the burst was cut short by its bound. */
  #forward(from: SocketCore, to: SocketCore): boolean {
    for (let count = 0; count < BURST_MAX; count++) {
      if (!from.pattern.canReceive() || !to.pattern.canSend()) return false;
      if (this.#capture !== null && !this.#capture.pattern.canSend()) return false;
      const message = from.pattern.receive();
      if (message === undefined) return false;
      this.#capture?.pattern.send(message);
      to.pattern.send(message);
    }
    return true;
  }

  #end(error: Error | null): void {
    const run = this.#run;
    this.#isEnded = true;
    this.#run = null;
    for (const core of this.#cores()) core.onActivity = null;
    if (run === null) return;
    platform.release();
    if (error === null) run.resolve();
    else run.reject(error);
  }
}
