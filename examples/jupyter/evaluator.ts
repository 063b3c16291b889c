import type { Context } from "node:vm";
import { createContext, Script } from "node:vm";
import type { Interruption } from "./interruption.ts";

export type Completeness = "complete" | "incomplete" | "invalid";

/** What the parser says of code that may go on: there was more to come. */
const UNFINISHED = /^Unexpected end of input|^Unterminated template|^missing \) after argument list/;

/** JavaScript, cell by cell: what one declares the next one has. */
export class Evaluator {
  readonly #context: Context;
  readonly #interruption: Interruption;

  constructor(globals: object, interruption: Interruption) {
    this.#interruption = interruption;
    this.#context = createContext(this.#shielded(globals) as object);
  }

  /**
   * Answers the cell's last value, and waits for it if it is a promise, until `signal` is aborted. Throws what the cell throws.
   */
  async run(code: string, signal: AbortSignal): Promise<unknown> {
    const value = this.#interruption.run(compile(code), this.#context);
    if (typeof (value as PromiseLike<unknown> | undefined)?.then !== "function") return value;
    let stop = (): void => undefined;
    const interrupted = new Promise((_, reject) => {
      stop = () => reject(signal.reason);
      signal.addEventListener("abort", stop);
    });
    try {
      return await Promise.race([value, interrupted]);
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  check(code: string): Completeness {
    try {
      compile(code);
      return "complete";
    } catch (error) {
      return UNFINISHED.test((error as Error).message) ? "incomplete" : "invalid";
    }
  }

  /** Names that go on from where the cursor stands, and where they begin: `Math.ma` may be `Math.max`. */
  complete(code: string, cursor: number): { matches: string[]; start: number } {
    const [, path = "", prefix = ""] = /((?:[\w$]+\.)*)([\w$]*)$/.exec(code.slice(0, cursor)) ?? [];
    const names = new Set<string>();
    try {
      let owner: unknown = new Script("globalThis").runInContext(this.#context);
      for (const name of path.split(".").slice(0, -1)) owner = (owner as Record<string, unknown>)[name];
      for (let at = owner; at !== null && at !== undefined; at = Object.getPrototypeOf(at))
        for (const name of Object.getOwnPropertyNames(at)) names.add(name);
    } catch {
      // There is no such thing, or it does not want to be looked at.
      names.clear();
    }
    const matches = [...names].filter((name) => name.startsWith(prefix)).sort();
    return { matches, start: cursor - prefix.length };
  }

  /** What cells call of ours is never left halfway. */
  #shielded(value: unknown): unknown {
    if (typeof value === "function")
      return (...args: unknown[]) => this.#interruption.shield(() => value(...args) as unknown);
    return Object.fromEntries(
      Object.entries(value as object).map(([name, member]) => [name, this.#shielded(member)]),
    );
  }
}

/** A script knows no `await` outside of functions: code that needs it becomes the body of one. */
function compile(code: string): Script {
  try {
    return new Script(code, { filename: "cell" });
  } catch (error) {
    if (!/\bawait\b/.test(code)) throw error;
    return new Script(`(async () => {${code}\n})()`, { filename: "cell" });
  }
}
