import type { Timer } from "../base/platform.ts";
import { platform } from "../base/platform.ts";
import type { ContextOptionValues } from "../core/context-options.ts";
import type { ContextHandle, ContextShare } from "../core/context-share.ts";
import { CONTEXT_STATE, DIRECTORY_MAGIC, HEADER, SEAT } from "./layout.ts";
import type { Directory } from "./seat/directory.ts";
import type { Rendezvous } from "./seat/rendezvous.ts";
import { Seat } from "./seat/seat.ts";
import { createSharedOptions } from "./seat/shared-options.ts";

/** How long a seat is kept for the next socket. To take one costs 0.3 ms. */
const KEEP_MS = 1000;
/** How often a blocked thread looks at the seat that it had before the default context moved. */
const FORMER_SLICE_MS = 5;

/** Says which directory is the default context's. */
export type DefaultDirectory = Pick<Rendezvous, "onMoved" | "settle">;

/** What in this thread needs to know of the thread's seat. */
export interface SeatUser {
  /** The first seat, or another one: the default context has moved. */
  onSeat(seat: Seat): void;
  /** The seat is given up. */
  onSeatLeft(): void;
  /** Whether the seat is needed though the thread has no sockets. */
  readonly needsSeat: boolean;
}

/**
 * A context as one thread has it: options in shared memory, sockets counted over all threads, one termination.
 *
 * The thread takes its seat in the directory when it is needed, and not before: when it makes a socket while others may
 * know of the context or serve it, or at the first thing that involves them. Nobody knows of a context whose handle was
 * never read, so most contexts of a program cost memory alone. A seat without sockets is given up again.
 */
export class SharedContext implements ContextShare {
  readonly hasThreads: boolean;
  readonly canBlock: boolean;
  onTerminate: (() => Promise<unknown>) | null;
  /** inproc. */
  seatUser: SeatUser | null;
  /** Told after it of each new seat. */
  onSeat: (() => void) | null;
  readonly #options: ContextOptionValues;
  /** Of the default context: which directory is its. */
  readonly #rendezvous: DefaultDirectory | null;
  #directory: Directory;
  #seat: Seat | null;
  /** Taken before the default context moved; pipes are still there. */
  #formerSeats: Seat[];
  /** Other threads may know of the context. */
  #isShared: boolean;
  #socketCount: number;
  /** Our sockets, since this thread knows of the end. */
  #closing: Promise<void> | null;
  #isClosed: boolean;
  /** What `terminate` answered, if it was called in this thread. */
  #end: Promise<void> | null;
  #resolveEnd: (() => void) | null;
  #leaveTimer: Timer | null;

  /** `isShared`: other threads may know of the directory already. */
  constructor(directory: Directory, isShared: boolean, rendezvous: DefaultDirectory | null = null) {
    this.hasThreads = true;
    this.canBlock = true;
    this.onTerminate = null;
    this.seatUser = null;
    this.onSeat = null;
    this.#options = createSharedOptions(() => this.#directory);
    this.#rendezvous = rendezvous;
    this.#directory = directory;
    this.#seat = null;
    this.#formerSeats = [];
    this.#isShared = isShared;
    this.#socketCount = 0;
    this.#closing = null;
    this.#isClosed = false;
    this.#end = null;
    this.#resolveEnd = null;
    this.#leaveTimer = null;
    if (rendezvous !== null) rendezvous.onMoved = (winner) => this.#move(winner);
  }

  get options(): ContextOptionValues {
    this.#rendezvous?.settle();
    return this.#options;
  }

  get directory(): Directory {
    return this.#directory;
  }

  /** This thread's seat, taken now if it was not. EMFILE when all seats are taken. */
  get seat(): Seat {
    return this.#seat ?? this.#sit();
  }

  /** From now on other threads may know of the context. */
  get handle(): ContextHandle {
    this.#isShared = true;
    if (this.#socketCount > 0 || this.seatUser?.needsSeat) this.#ensureSeat();
    const isDefault = this.#rendezvous !== null;
    return { zeromqContext: DIRECTORY_MAGIC, isDefault, memory: this.#directory.memory };
  }

  get isUsed(): boolean {
    return Atomics.load(this.#directory.words, HEADER.USED) === 1;
  }

  get isTerminated(): boolean {
    return this.#closing !== null || this.#directory.state === CONTEXT_STATE.TERMINATED;
  }

  addSocket(): number {
    if (this.#isShared || this.#options.ioMode === "background") this.#ensureSeat();
    Atomics.store(this.#directory.words, HEADER.USED, 1);
    this.#setSocketCount(this.#socketCount + 1);
    return this.#seat === null ? this.#socketCount : this.#directory.socketCount();
  }

  removeSocket(): void {
    this.#setSocketCount(this.#socketCount - 1);
    if (this.#socketCount === 0 && this.#seat !== null) this.#leaveLater();
  }

  terminate(): Promise<void> {
    if (this.#end !== null) return this.#end;
    this.#end = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
    platform.hold();
    this.#directory.terminate();
    // In this order: who joins afterwards looks at the state and finds the end.
    if (this.#directory.threads().length > 0) this.seat.bell.ringAll();
    this.#look();
    return this.#end;
  }

  block(timeoutMs: number): boolean {
    const { seat } = this;
    if (this.#formerSeats.length === 0) return seat.block(timeoutMs);
    const endMs = timeoutMs < 0 ? Number.POSITIVE_INFINITY : platform.now() + timeoutMs;
    for (;;) {
      const leftMs = Math.max(0, endMs - platform.now());
      if (seat.block(Math.min(leftMs, FORMER_SLICE_MS))) return true;
      if (this.#formerSeats.some((former) => former.block(0))) return true;
      if (leftMs === 0) return false;
    }
  }

  #sit(): Seat {
    // Which may take us to another directory.
    this.#rendezvous?.settle();
    const seat = Seat.take(this.#directory);
    this.#seat = seat;
    this.#setSocketCount(this.#socketCount);
    seat.addNewsListener(() => this.#look());
    seat.onGone(() => this.#look());
    this.seatUser?.onSeat(seat);
    this.onSeat?.();
    if (this.#socketCount === 0) this.#leaveLater();
    // Whoever ended it meanwhile did not know of us.
    if (this.isTerminated) platform.defer(() => this.#look());
    return seat;
  }

  #ensureSeat(): void {
    if (this.#seat === null) this.#sit();
  }

  /** The default context is another one than this thread thought, whose options and names count. */
  #move(winner: Directory): void {
    if (this.isUsed) Atomics.store(winner.words, HEADER.USED, 1);
    this.#directory = winner;
    const former = this.#seat;
    if (former === null) return;
    const { directory, me } = former;
    Atomics.store(directory.words, directory.seatWord(me.seat, SEAT.SOCKETS), 0);
    this.#formerSeats.push(former);
    this.#seat = null;
    this.#sit();
    this.#leaveLater();
  }

  #setSocketCount(count: number): void {
    this.#socketCount = count;
    if (this.#seat === null) return;
    const { directory, me } = this.#seat;
    Atomics.store(directory.words, directory.seatWord(me.seat, SEAT.SOCKETS), count);
  }

  /** The context may be terminated, a thread may have closed its sockets or be gone. */
  #look(): void {
    if (!this.isTerminated) return;
    if (this.#closing === null) {
      this.#closing = Promise.resolve(this.onTerminate?.()).then(() => {
        this.#isClosed = true;
        this.#look();
      });
    }
    if (!this.#isClosed) return;
    if (this.#resolveEnd !== null) {
      if (this.#directory.socketCount() > 0) return;
      this.#resolveEnd();
      this.#resolveEnd = null;
      platform.release();
    }
    // Which tells those that wait for the end. Not in here: who leaves while his bell is drained writes in the seat of
    // the next.
    platform.defer(() => this.#leaveIfIdle());
  }

  #leaveLater(): void {
    if (this.#leaveTimer !== null) return;
    this.#leaveTimer = platform.setTimer(() => {
      this.#leaveTimer = null;
      const idle = this.#formerSeats.filter((seat) => seat.isIdle);
      this.#formerSeats = this.#formerSeats.filter((seat) => !idle.includes(seat));
      for (const seat of idle) seat.vacate();
      if (this.#formerSeats.length > 0) this.#leaveLater();
      this.#leaveIfIdle();
    }, KEEP_MS);
  }

  #leaveIfIdle(): void {
    const seat = this.#seat;
    if (seat === null || this.#socketCount > 0 || this.#resolveEnd !== null) return;
    if (!this.isTerminated) {
      // Other threads may use I/O threads that this one made.
      if (this.#options.ioMode === "background") return;
      // What was sent to a name that nobody has bound yet waits for its binder.
      if (this.seatUser?.needsSeat || !seat.isIdle) return this.#leaveLater();
    }
    this.#seat = null;
    this.seatUser?.onSeatLeft();
    seat.vacate();
  }
}
