import type { Timer } from "../../base/platform.ts";
import { platform } from "../../base/platform.ts";
import { RingQueue } from "../../base/ring-queue.ts";
import type { MonitorEvent } from "../../core/monitor-event.ts";
import type { ViewedSocket } from "../../core/socket-view.ts";
import { nameSocket, viewEvent } from "../../core/socket-view.ts";
import type { ContextSolver, SolverListener } from "../explain/context-solver.ts";
import { solversHere } from "../explain/context-solver.ts";
import type { InspectionEvent } from "./protocol.ts";

/** Events that are kept for a client that has not asked again. */
const EVENT_COUNT_MAX = 4000;
/** Nobody asked for so long: nobody watches. */
const IDLE_MS = 30_000;

interface LoggedEvent {
  readonly number: number;
  readonly atMs: number;
  readonly socket: InspectionEvent["socket"];
  readonly event: MonitorEvent | { readonly type: "open" };
}

/** Events since a cursor. */
export interface EventPage {
  readonly events: readonly InspectionEvent[];
  readonly cursor: number;
  readonly missed: number;
}

/** What happens to all sockets of the thread, kept while somebody watches. */
export class EventLog implements SolverListener {
  readonly #events: RingQueue<LoggedEvent>;
  readonly #watched: Map<ViewedSocket, (event: MonitorEvent) => void>;
  readonly #onSolver: (solver: ContextSolver) => void;
  #last: number;
  #isOn: boolean;
  #timer: Timer | null;

  constructor() {
    this.#events = new RingQueue();
    this.#watched = new Map();
    this.#onSolver = (solver) => solver.listeners.add(this);
    this.#last = 0;
    this.#isOn = false;
    this.#timer = null;
  }

  /** Events behind number `since`; without it, none yet. */
  read(since: number | undefined): EventPage {
    this.#watch();
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = platform.setTimer(() => this.close(), IDLE_MS);
    const cursor = this.#last;
    if (since === undefined || since >= cursor) return { events: [], cursor, missed: 0 };
    const nowMs = platform.now();
    const events: InspectionEvent[] = [];
    this.#events.forEach((logged) => {
      if (logged.number > since) events.push(show(logged, nowMs));
    });
    return { events, cursor, missed: cursor - since - events.length };
  }

  close(): void {
    if (this.#timer !== null) platform.clearTimer(this.#timer);
    this.#timer = null;
    if (!this.#isOn) return;
    this.#isOn = false;
    solversHere.watchers.delete(this.#onSolver);
    for (const solver of solversHere.numbers.keys()) solver.listeners.delete(this);
    for (const socket of [...this.#watched.keys()]) this.onClosed(socket);
    while (!this.#events.isEmpty) this.#events.take();
    // What nobody kept was missed, as a client of before can tell from the gap.
    this.#last++;
  }

  onOpened(socket: ViewedSocket): void {
    this.#add(socket, { type: "open" });
    this.#attach(socket);
  }

  onLoss(): void {
    // The socket's monitor tells of it, too.
  }

  onDoubt(): void {
    // Nothing happened yet.
  }

  onClosed(socket: ViewedSocket): void {
    const listener = this.#watched.get(socket);
    if (listener === undefined) return;
    this.#watched.delete(socket);
    socket.books.monitor.remove(listener);
  }

  #watch(): void {
    if (this.#isOn) return;
    this.#isOn = true;
    solversHere.watchers.add(this.#onSolver);
    for (const solver of solversHere.numbers.keys()) {
      solver.listeners.add(this);
      for (const socket of solver.sockets) this.#attach(socket);
    }
  }

  #attach(socket: ViewedSocket): void {
    const listener = (event: MonitorEvent): void => this.#add(socket, event);
    this.#watched.set(socket, listener);
    socket.books.monitor.add(listener);
  }

  #add(socket: ViewedSocket, event: LoggedEvent["event"]): void {
    if (this.#events.length >= EVENT_COUNT_MAX) this.#events.take();
    this.#events.push({ number: ++this.#last, atMs: platform.now(), socket: nameSocket(socket), event });
  }
}

function show({ number, atMs, socket, event }: LoggedEvent, nowMs: number): InspectionEvent {
  return {
    number,
    ageMs: nowMs - atMs,
    socket,
    ...viewEvent(event),
    reason: "reason" in event ? event.reason : null,
    direction: "direction" in event ? event.direction : null,
  };
}
