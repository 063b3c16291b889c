import { setTimeout as sleep } from "node:timers/promises";
import type { Context, Script } from "node:vm";
import { createContext, Script as VmScript } from "node:vm";

const IDLE = 0;
const RUNNING = 1;
/** A cell runs, and is in the midst of what must be finished. */
const SHIELDED = 2;
const INTERRUPTED = 3;

/**
 * Ends a cell that never comes back, from another thread. Node ends a script on SIGINT, but a signal that comes a moment
 * before it or after it ends the process, or nothing: so it is sent while the script is there, which this is the word for.
 */
export class Interruption {
  /** For the other thread. */
  readonly memory: SharedArrayBuffer;
  readonly #state: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(4)) {
    this.memory = memory;
    this.#state = new Int32Array(memory);
  }

  /** Runs a script so that it can be interrupted. */
  run(script: Script, context: Context): unknown {
    let value: unknown;
    const run = (): void => {
      Atomics.store(this.#state, 0, RUNNING);
      try {
        value = script.runInContext(context);
      } finally {
        if (!this.#move(RUNNING, IDLE)) awaitSignal();
      }
    };
    try {
      new VmScript("run()").runInContext(createContext({ run }), { breakOnSigint: true });
      return value;
    } finally {
      Atomics.store(this.#state, 0, IDLE);
    }
  }

  /** What a running cell calls, and what must not end halfway. */
  shield<Value>(act: () => Value): Value {
    if (!this.#move(RUNNING, SHIELDED)) {
      if (Atomics.load(this.#state, 0) === INTERRUPTED) awaitSignal();
      return act();
    }
    try {
      return act();
    } finally {
      this.#move(SHIELDED, RUNNING);
    }
  }

  /** In the other thread. Answers whether there was a script to be interrupted. */
  async interrupt(): Promise<boolean> {
    while (!this.#move(RUNNING, INTERRUPTED)) {
      if (Atomics.load(this.#state, 0) !== SHIELDED) return false;
      await sleep(1);
    }
    process.kill(process.pid, "SIGINT");
    return true;
  }

  #move(from: number, to: number): boolean {
    return Atomics.compareExchange(this.#state, 0, from, to) === from;
  }
}

/** The signal is on its way, and ends this, too. */
function awaitSignal(): never {
  for (;;);
}
