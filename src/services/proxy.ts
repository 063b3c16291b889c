import { ZmqError } from "../base/errors.ts";
import type { Message } from "../base/message.ts";
import { platform } from "../base/platform.ts";
import { SocketType } from "../base/socket-type.ts";
import type { SocketCore } from "../core/socket.ts";
import { beginBatch, endBatch } from "../pipe/batch.ts";
import { coreOf, Socket } from "../sockets/socket.ts";
import { ProxyControl } from "./proxy-control.ts";
import type { ProxyFlow, ProxyStatistics } from "./proxy-statistics.ts";
import { FlowCount } from "./proxy-statistics.ts";

/** Messages forwarded in one direction before the event loop gets a turn (libzmq's burst). */
const BURST_MAX = 1000;

/** Types whose messages bear the number of a peer of theirs. */
const NUMBERING: readonly SocketType[] = [SocketType.Server, SocketType.Peer];

/** Beyond the two sockets. */
export interface ProxyOptions {
  /** Gets a copy of every message in both directions: a Publisher, Dealer, Push or Pair. */
  readonly capture?: Socket | undefined;

  /**
   * Steers the proxy by messages of one frame: `PAUSE`, `RESUME`, `TERMINATE` and `STATISTICS`, as `pause`, `resume`,
   * `terminate` and `statistics` do. A Reply, Pair or Dealer answers `STATISTICS` with eight frames of 64 bits in this
   * machine's order: front end received, front end sent, back end received, back end sent, each as frames and bytes. A
   * Reply answers all else with an empty frame. A Pull or Subscriber only obeys. Whoever reaches it steers: give it an
   * endpoint or a mechanism to which only those have access who may. (zmq_proxy_steerable)
   */
  readonly control?: Socket | undefined;
}

/** One direction of a proxy. */
interface Lane {
  readonly from: SocketCore;
  readonly to: SocketCore;
  /** Received, and not taken by `to` yet: a ROUTER or XPUB knows only from the message whether there is room for it. */
  held: Message | null;
  /** Whether `capture` has the held message. */
  isCaptured: boolean;
  /** All that was received. */
  readonly count: FlowCount;
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
  readonly #control: ProxyControl | null;
  readonly #cores: readonly SocketCore[];
  readonly #lanes: readonly Lane[];
  #run: { resolve: () => void; reject: (error: Error) => void } | null;
  #isPaused: boolean;
  #isEnded: boolean;
  #isPumpScheduled: boolean;

  /** Throws EINVAL for what is no socket of this package, and for a control that cannot steer. */
  constructor(frontEnd: F, backEnd: B, options: ProxyOptions = {}) {
    this.frontEnd = frontEnd;
    this.backEnd = backEnd;
    this.#front = checkedCore("frontEnd", frontEnd);
    this.#back = checkedCore("backEnd", backEnd);
    this.#capture = options.capture === undefined ? null : checkedCore("capture", options.capture);
    checkAddressees(this.#front, this.#back);
    const control = options.control === undefined ? null : checkedCore("control", options.control);
    this.#control = control === null ? null : new ProxyControl(control, this);
    const cores = [this.#front, this.#back, this.#capture, control];
    this.#cores = [...new Set(cores.filter((core) => core !== null))];
    if (control !== null && cores.indexOf(control) < cores.length - 1) {
      const remedy = "Give the proxy a socket that it is steered by alone.";
      throw new ZmqError("EINVAL", "The control of a Proxy is another socket than the ones it serves.", {
        remedy,
      });
    }
    const lane = (from: SocketCore, to: SocketCore): Lane => {
      return { from, to, held: null, isCaptured: false, count: new FlowCount() };
    };
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
      for (const core of this.#cores) core.checkOpen();
      if (this.#run !== null || this.#isEnded) {
        throw new ZmqError("EBUSY", "The proxy runs already, or ran before.", {
          remedy: "Make a new Proxy.",
        });
      }
      for (const core of this.#cores) checkFree(core);
    } catch (error) {
      return Promise.reject(error);
    }
    platform.hold();
    for (const core of this.#cores) core.onActivity = () => this.#schedule();
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

  /**
   * What went through so far, also when the proxy has ended. Received and sent differ only by a message that waits in the
   * proxy, and by what could not be sent any more.
   */
  statistics(): ProxyStatistics {
    const [forth, back = null] = this.#lanes as [Lane, Lane?];
    return {
      frontEnd: { received: receivedOf(forth), sent: sentOf(back) },
      backEnd: { received: receivedOf(back), sent: sentOf(forth) },
    };
  }

  /** Ends the proxy and closes both sockets; `capture` and `control` stay open. */
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
      for (const core of this.#cores) core.checkOpen();
      let isCut = this.#control?.serve() === true;
      if (this.#isEnded) return;
      for (const lane of this.#isPaused ? [] : this.#lanes) isCut = this.#forwardAll(lane) || isCut;
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
        lane.count.add(lane.held);
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
    for (const core of this.#cores) core.onActivity = null;
    for (const lane of this.#lanes) if (lane.held !== null) lane.to.countDrop("unroutable");
    if (run === null) return;
    platform.release();
    if (error === null) run.resolve();
    else run.reject(error);
  }
}

const NOTHING: ProxyFlow = { messages: 0, frames: 0, bytes: 0 };

/** `null`: with one socket on both sides there is one lane. */
function receivedOf(lane: Lane | null): ProxyFlow {
  return lane === null ? NOTHING : lane.count.without(null);
}

function sentOf(lane: Lane | null): ProxyFlow {
  return lane === null ? NOTHING : lane.count.without(lane.held);
}

function checkedCore(name: string, socket: unknown): SocketCore {
  if (socket instanceof Socket) return coreOf(socket);
  throw new ZmqError("EINVAL", `The ${name} of a Proxy must be a socket of this package.`);
}

/** A routing id means nothing to another socket; back at its own it is the one who is answered. */
function checkAddressees(front: SocketCore, back: SocketCore): void {
  const numbered = front === back ? undefined : [front, back].find(({ type }) => NUMBERING.includes(type));
  if (numbered === undefined) return;
  throw new ZmqError("EINVAL", `${numbered.label()} cannot be in a proxy with another socket.`, {
    remedy: "Its routing ids are known to itself alone: use a Router and a Dealer, which forward them.",
  });
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
