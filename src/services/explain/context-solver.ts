import { platform } from "../../base/platform.ts";
import type { Context } from "../../core/context.ts";
import type { Finding } from "../../core/finding.ts";
import type { Loss } from "../../core/journal.ts";
import type { SocketView, ViewedSocket } from "../../core/socket-view.ts";
import { viewSocket } from "../../core/socket-view.ts";
import type { Solver } from "../../core/solver.ts";
import type { Ground, Patience } from "./rule.ts";
import { PATIENCE } from "./rule.ts";
import { explainView } from "./rules.ts";
import { SolversHere } from "./solvers-here.ts";

/** Closed sockets that lost something: so many are remembered. */
const CLOSED_COUNT_MAX = 32;

/** Hears what the sockets of a context tell, e.g. to warn of it. */
export interface SolverListener {
  onOpened(socket: ViewedSocket): void;
  onLoss(socket: ViewedSocket, loss: Loss): void;
  onDoubt(socket: ViewedSocket): void;
  onClosed(socket: ViewedSocket): void;
}

/** Those of this thread. */
export const solversHere: SolversHere<ContextSolver> = new SolversHere();

/** The solver of one context in one thread: runs the rules on its sockets, and on those that closed with losses. */
export class ContextSolver implements Solver {
  /** Who is told of what happens. */
  readonly listeners: Set<SolverListener>;
  readonly context: Context;
  readonly #closed: SocketView[];
  readonly #closedMs: WeakMap<SocketView, number>;

  constructor(context: Context) {
    this.listeners = new Set();
    this.context = context;
    this.#closed = [];
    this.#closedMs = new WeakMap();
  }

  explain(socket: ViewedSocket, patience: Partial<Patience> = {}): Finding[] {
    return explainView(viewSocket(socket), this.#ground(patience));
  }

  /** What is wrong with a socket as it was seen. */
  explainView(view: SocketView, patience: Partial<Patience> = {}): Finding[] {
    return explainView(view, this.#ground(patience));
  }

  /** All sockets of the context in this thread, then those that closed. */
  explainAll(patience: Partial<Patience> = {}): Finding[] {
    const ground = this.#ground(patience);
    const open = this.views().flatMap((view) => explainView(view, ground));
    const nowMs = platform.now();
    const closed = this.#closed.flatMap((view) => {
      const elapsedMs = nowMs - (this.#closedMs.get(view) ?? nowMs);
      return explainView(view, ground).map((finding) => aged(finding, elapsedMs));
    });
    return [...open, ...closed];
  }

  views(): SocketView[] {
    return this.sockets.map(viewSocket);
  }

  get sockets(): ViewedSocket[] {
    return [...this.context.members] as unknown as ViewedSocket[];
  }

  get closedViews(): readonly SocketView[] {
    return this.#closed;
  }

  onOpened(socket: ViewedSocket): void {
    solversHere.enter(this);
    for (const listener of this.listeners) listener.onOpened(socket);
  }

  onLoss(socket: ViewedSocket, loss: Loss): void {
    for (const listener of this.listeners) listener.onLoss(socket, loss);
  }

  onDoubt(socket: ViewedSocket): void {
    for (const listener of this.listeners) listener.onDoubt(socket);
  }

  onClosed(socket: ViewedSocket): void {
    for (const listener of this.listeners) listener.onClosed(socket);
    if (socket.books.journal.losses.length > 0) {
      if (this.#closed.length >= CLOSED_COUNT_MAX) this.#closed.splice(0, 1);
      const view = viewSocket(socket);
      this.#closed.push(view);
      this.#closedMs.set(view, platform.now());
    }
    // It leaves the context next.
    if (this.context.members.size <= 1) solversHere.leave(this);
  }

  #ground(given: Partial<Patience>): Ground {
    const patience = { ...PATIENCE, ...given };
    const otherContexts = (name: string): number => {
      let count = 0;
      for (const { context } of solversHere.numbers.keys())
        if (context !== this.context && isBound(context, name)) count++;
      return count;
    };
    return { isBoundHere: (name) => isBound(this.context, name), otherContexts, patience };
  }
}

/** A view stands still, and what it shows grows older. */
function aged(finding: Finding, elapsedMs: number): Finding {
  return finding.sinceMs === null ? finding : { ...finding, sinceMs: finding.sinceMs + elapsedMs };
}

/** Whether a socket of the context has bound the name over inproc, in whatever thread. */
function isBound(context: Context, name: string): boolean {
  return context.pipeTransports.some((transport) => transport.isBound(name));
}
