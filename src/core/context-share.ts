import type { ContextOptionValues, ContextUse } from "./context-options.ts";
import { createContextOptions } from "./context-options.ts";

/**
 * What another thread attaches to a context with: post it there and give it to `Context.attach`. What it holds is not
 * for applications.
 */
export interface ContextHandle {
  /** The version of what the threads share. */
  readonly zeromqContext: number;
  /** Whether it is the context of sockets that are given none. */
  readonly isDefault: boolean;
  /** What the threads share. */
  readonly memory: SharedArrayBuffer;
}

/**
 * CONTRACT. What a context is beyond this thread: options that all threads see, sockets counted over all of them, one
 * termination, and waiting for another thread without the event loop.
 */
export interface ContextShare extends ContextUse {
  /** The values that all threads see; setting one sets it for all. */
  readonly options: ContextOptionValues;
  /** `null` where there are no threads. */
  readonly handle: ContextHandle | null;
  /** Counts a socket of this thread; answers how many all threads have now, this one included. */
  addSocket(): number;
  removeSocket(): void;
  readonly isTerminated: boolean;
  /** Ends the context in every thread; resolves when all have closed their sockets. */
  terminate(): Promise<void>;
  /** Called once in every thread when the context is terminated, whoever did it: closes this thread's sockets. */
  onTerminate: (() => Promise<unknown>) | null;
  /** Whether another thread can answer at all: a blocking call may wait. */
  readonly canBlock: boolean;
  /**
   * Blocks this thread until something came from another and was handled, or `timeoutMs` (-1: for ever) is over. Answers
   * whether anything was handled.
   */
  block(timeoutMs: number): boolean;
}

/** A context of one thread. */
export class LoneShare implements ContextShare {
  readonly options: ContextOptionValues;
  readonly handle: null;
  readonly hasThreads: boolean;
  readonly canBlock: boolean;
  onTerminate: (() => Promise<unknown>) | null;
  #socketCount: number;
  #isUsed: boolean;
  #isTerminated: boolean;
  #termination: Promise<void> | null;

  constructor() {
    this.options = createContextOptions();
    this.handle = null;
    this.hasThreads = false;
    this.canBlock = false;
    this.onTerminate = null;
    this.#socketCount = 0;
    this.#isUsed = false;
    this.#isTerminated = false;
    this.#termination = null;
  }

  get isUsed(): boolean {
    return this.#isUsed;
  }

  get isTerminated(): boolean {
    return this.#isTerminated;
  }

  addSocket(): number {
    this.#isUsed = true;
    return ++this.#socketCount;
  }

  removeSocket(): void {
    this.#socketCount--;
  }

  terminate(): Promise<void> {
    this.#isTerminated = true;
    this.#termination ??= Promise.resolve(this.onTerminate?.()).then(() => undefined);
    return this.#termination;
  }

  block(): boolean {
    return false;
  }
}
