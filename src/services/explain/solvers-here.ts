/** Contexts without sockets that are looked at for what their closed sockets lost, as long as somebody has them. */
const EMPTY_COUNT_MAX = 16;

/** The solvers of this thread whose contexts have sockets, or had some that closed with losses. */
export class SolversHere<Solver extends { readonly closedViews: readonly unknown[] }> {
  /** Told of each that is new. */
  readonly watchers: Set<(solver: Solver) => void>;
  readonly #open: Map<Solver, number>;
  /** What nobody else knows any more is not kept alive from here. */
  readonly #empty: Map<number, WeakRef<Solver>>;
  #last: number;

  constructor() {
    this.watchers = new Set();
    this.#open = new Map();
    this.#empty = new Map();
    this.#last = 0;
  }

  /** In the order of their first sockets, each with a number that stays. */
  get numbers(): ReadonlyMap<Solver, number> {
    const numbers = new Map(this.#open);
    for (const [number, reference] of this.#empty) {
      const solver = reference.deref();
      if (solver === undefined) this.#empty.delete(number);
      else numbers.set(solver, number);
    }
    return new Map([...numbers].sort(([, one], [, other]) => one - other));
  }

  /** The context opens a socket. */
  enter(solver: Solver): void {
    if (this.#open.has(solver)) return;
    const known = this.numbers.get(solver);
    if (known !== undefined) this.#empty.delete(known);
    this.#open.set(solver, known ?? ++this.#last);
    if (known === undefined) for (const watcher of this.watchers) watcher(solver);
  }

  /** The context's last socket closes. */
  leave(solver: Solver): void {
    const number = this.#open.get(solver);
    this.#open.delete(solver);
    if (number === undefined || solver.closedViews.length === 0) return;
    this.#empty.set(number, new WeakRef(solver));
    const [oldest] = this.#empty.keys();
    if (this.#empty.size > EMPTY_COUNT_MAX && oldest !== undefined) this.#empty.delete(oldest);
  }
}
