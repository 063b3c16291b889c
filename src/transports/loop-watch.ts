/**
 * What keeps Node's event loop alive, and what is done before it ends. Every handle of ours is unref'd, so that an idle
 * socket keeps nothing alive; what must be waited for holds the loop through `hold`. One per thread, like the loop.
 */
export class LoopWatch {
  #holdCount: number;
  #anchor: NodeJS.Timeout | null;
  readonly #beforeExit: Set<() => void>;
  readonly #exit: Set<() => void>;
  readonly #requests: Set<KernelRequest>;
  #lookTimer: NodeJS.Timeout | null;
  #isExiting: boolean;
  readonly #onBeforeExit: () => void;
  readonly #onExit: () => void;

  constructor() {
    this.#holdCount = 0;
    this.#anchor = null;
    this.#beforeExit = new Set();
    this.#exit = new Set();
    this.#requests = new Set();
    this.#lookTimer = null;
    this.#isExiting = false;
    this.#onBeforeExit = () => {
      for (const callback of [...this.#beforeExit]) callback();
    };
    this.#onExit = () => {
      this.#isExiting = true;
      for (const callback of [...this.#exit]) callback();
    };
  }

  /** The process is at its end: what is begun now never happens. */
  get isExiting(): boolean {
    return this.#isExiting;
  }

  hold(): void {
    if (this.#holdCount++ > 0) return;
    // An interval, because a timer cannot be armed for longer than 2^31 ms. Turning it costs 15 ns.
    if (this.#anchor === null) this.#anchor = setInterval(onAnchor, ANCHOR_MS);
    else this.#anchor.ref();
  }

  release(): void {
    if (--this.#holdCount === 0) this.#anchor?.unref();
  }

  onBeforeExit(callback: () => void): () => void {
    if (this.#beforeExit.size === 0) process.on("beforeExit", this.#onBeforeExit);
    this.#beforeExit.add(callback);
    this.#look();
    return () => {
      if (this.#beforeExit.delete(callback) && this.#beforeExit.size === 0) {
        process.off("beforeExit", this.#onBeforeExit);
      }
    };
  }

  onExit(callback: () => void): () => void {
    if (this.#exit.size === 0) process.on("exit", this.#onExit);
    this.#exit.add(callback);
    return () => {
      if (this.#exit.delete(callback) && this.#exit.size === 0) process.off("exit", this.#onExit);
    };
  }

  /**
   * A request that the kernel has and that keeps the loop alive whatever is unref'd: an attempt to connect, a write that
   * waits. When nothing but such requests is left, that is the end of the loop too.
   */
  addRequest(request: KernelRequest): void {
    this.#requests.add(request);
    this.#look();
  }

  removeRequest(request: KernelRequest): void {
    if (!this.#requests.delete(request) || this.#requests.size > 0 || this.#lookTimer === null) return;
    clearInterval(this.#lookTimer);
    this.#lookTimer = null;
  }

  #look(): void {
    if (this.#lookTimer !== null || this.#requests.size === 0) return;
    this.#lookTimer = setInterval(() => this.#endIfAlone(), LOOK_MS);
    this.#lookTimer.unref();
  }

  #endIfAlone(): void {
    if (this.#holdCount > 0 || !this.#isAlone()) return;
    this.#onBeforeExit();
    if (this.#holdCount > 0 || !this.#isAlone()) return;
    for (const request of [...this.#requests]) request.abandon();
  }

  /** Whether nothing but our requests, one each, keeps the loop alive. */
  #isAlone(): boolean {
    const resources = process.getActiveResourcesInfo();
    const others = resources.filter((name) => !REQUEST_RESOURCES.has(name));
    const requestCount = resources.length - others.length;
    // Standard output is on the list without keeping anything alive.
    return requestCount <= this.#requests.size && others.length === outputCount();
  }
}

export interface KernelRequest {
  /** The process ends: the request is given up. */
  abandon(): void;
}

const ANCHOR_MS = 2 ** 30;
const LOOK_MS = 100;

/** Node's names for what a stream or a connector may have under way; they differ with its versions. */
const REQUEST_RESOURCES: ReadonlySet<string> = new Set([
  "ConnectWrap",
  "GetAddrInfoReqWrap",
  "PipeConnectWrap",
  "ShutdownWrap",
  "SimpleShutdownWrap",
  "SimpleWriteWrap",
  "TCPConnectWrap",
  "WriteWrap",
]);

/** Output streams of the process among the handles of this loop; `NaN`, equal to nothing, where Node does not say. */
function outputCount(): number {
  const { _getActiveHandles: list } = process as NodeJS.Process & {
    _getActiveHandles?(): readonly StandardStream[];
  };
  if (list === undefined) return Number.NaN;
  return list.call(process).filter(({ _isStdio, fd }) => _isStdio === true && fd !== 0).length;
}

interface StandardStream {
  readonly _isStdio?: boolean;
  readonly fd?: number;
}

function onAnchor(): void {
  // Its being armed is all that it is for.
}

/** The watch of this thread's loop. */
export const loopWatch = new LoopWatch();
