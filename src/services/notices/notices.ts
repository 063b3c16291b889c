import { platform } from "../../base/platform.ts";
import { isUnsentTold } from "../../core/closing.ts";
import type { Finding } from "../../core/finding.ts";
import type { Loss } from "../../core/journal.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";
import type { SolverListener } from "../explain/context-solver.ts";
import { hasFindingReaders, publishFinding, publishLoss } from "./channels.ts";
import { Looks } from "./looks.ts";
import { Sampler } from "./sampler.ts";
import { warnOf } from "./warnings.ts";

/** Who knows the sockets and what is wrong with them. */
export interface NoticesHost {
  readonly sockets: readonly ViewedSocket[];
  explain(socket: ViewedSocket): readonly Finding[];
}

/** Whoever did it was told at once: by a warning of its own (sockets/socket.ts), or by the error of the call. */
const SAID_AT_ONCE: ReadonlySet<string> = new Set(["late-option", "bind-failed", "socket-posted"]);
/** What ZMQ_UNSENT says of a socket: see core/closing.ts. */
const SAID_OF_UNSENT: ReadonlySet<string> = new Set(["never-connected", "lost-connection", "linger-cut"]);

let hasFailed = false;

/**
 * Tells, without being asked, what goes wrong with the sockets of a context in this thread: on diagnostics channels, and
 * as warnings. A finding is told once for its socket and code.
 */
export class Notices implements SolverListener {
  readonly #host: NoticesHost;
  readonly #settings: { readonly warnings: boolean };
  readonly #looks: Looks<ViewedSocket>;
  readonly #sampler: Sampler;
  /** Codes that were told, and whether that was a warning. */
  readonly #told: WeakMap<ViewedSocket, Map<string, boolean>>;
  #socketCount: number;
  #unwatch: readonly (() => void)[];

  constructor(host: NoticesHost, settings: { readonly warnings: boolean }) {
    this.#host = host;
    this.#settings = settings;
    this.#looks = new Looks((socket) => this.#look(socket));
    this.#sampler = new Sampler(() => host.sockets);
    this.#told = new WeakMap();
    this.#socketCount = 0;
    this.#unwatch = [];
  }

  onOpened(socket: ViewedSocket): void {
    if (this.#socketCount++ === 0) {
      this.#sampler.start();
      const flush = (): void => this.#looks.flush();
      this.#unwatch = [platform.onBeforeExit(flush), platform.onExit(flush)];
    }
    this.#looks.noteNew(socket);
  }

  onLoss(socket: ViewedSocket, loss: Loss): void {
    publishLoss(socket, loss);
    this.#looks.noteDoubt(socket);
  }

  onDoubt(socket: ViewedSocket): void {
    this.#looks.noteDoubt(socket);
  }

  onClosed(socket: ViewedSocket): void {
    if (this.#looks.delete(socket)) this.#look(socket);
    if (--this.#socketCount > 0) return;
    this.#sampler.stop();
    for (const unwatch of this.#unwatch) unwatch();
    this.#unwatch = [];
  }

  #look(socket: ViewedSocket): void {
    const isWarning = this.#settings.warnings && process.env["ZEROMQ_TS_WARNINGS"] !== "0";
    if (!isWarning && !hasFindingReaders()) return;
    const findings = this.#explain(socket);
    if (findings.length === 0) return;
    let told = this.#told.get(socket);
    if (told === undefined) this.#told.set(socket, (told = new Map()));
    const countOf = new Map<string, number>();
    for (const { code } of findings) countOf.set(code, (countOf.get(code) ?? 0) + 1);
    for (const finding of findings) {
      const { code } = finding;
      const wasWarned = told.get(code);
      if (wasWarned === undefined) publishFinding(finding);
      const isDue = isWarning && wasWarned !== true && isWorthAWarning(socket, finding);
      if (isDue) warnOf(finding, (countOf.get(code) as number) - 1);
      told.set(code, wasWarned === true || isDue);
    }
  }

  /** What explains faults must not become one: a rule that fails is told of once. */
  #explain(socket: ViewedSocket): readonly Finding[] {
    try {
      return this.#host.explain(socket);
    } catch (error) {
      if (!hasFailed)
        platform.warn(`The solver could not look at ${socket.label()}: ${String(error)}`, "ZMQ_SOLVER");
      hasFailed = true;
      return [];
    }
  }
}

function isWorthAWarning(socket: ViewedSocket, { code, severity }: Finding): boolean {
  if (severity === "info" || SAID_AT_ONCE.has(code)) return false;
  return !(SAID_OF_UNSENT.has(code) && isUnsentTold(socket));
}
