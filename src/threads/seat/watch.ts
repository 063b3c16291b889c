import { HEADER, SEAT } from "../layout.ts";
import type { Directory, ThreadRef } from "./directory.ts";
import { waitAsync } from "./wait-async.ts";
import { onWorkerExit } from "./worker-exits.ts";

/** How often a death is looked for that nobody told of. Peers must hear of it within a second. */
const LOOK_MS = 250;
/** Who finds that another thread looked more recently leaves it at that: threads do not look for each other n times n. */
const FRESH_MS = 200;

/**
 * Finds out which of a context's threads are gone. Workers that this thread started tell by their "exit"; all others
 * the operating system knows, and one of all threads asks it every 250 ms. Where it tells nothing (Linux tells), nobody
 * misses a thread whose starter does not use the context, or did not when it started it.
 *
 * Whoever finds a death takes the thread off the directory and announces it. Everybody notices by himself, from the
 * directory, at the next `poll`.
 */
export class ThreadWatch {
  /** Told once of every thread that this one knew and that is gone. */
  onGone: ((thread: ThreadRef) => void) | null;
  /** Tells all threads to `poll`, after something was found here. */
  announce: (() => void) | null;
  readonly #directory: Directory;
  readonly #me: ThreadRef;
  /** By uid: everybody who was there at some poll, or was named by `know`, and of whose end nobody was told. */
  readonly #known: Map<number, ThreadRef>;
  #stopListening: (() => void) | null;
  #timer: NodeJS.Timeout | null;
  #isAsleep: boolean;

  constructor(directory: Directory, me: ThreadRef) {
    this.onGone = null;
    this.announce = null;
    this.#directory = directory;
    this.#me = me;
    this.#known = new Map();
    this.#stopListening = null;
    this.#timer = null;
    this.#isAsleep = false;
  }

  /** Watches from now on; keeps nothing alive. While no other thread is there, it sleeps until one joins. */
  start(): void {
    if (this.#stopListening !== null) return;
    this.#stopListening = onWorkerExit((threadId) => this.#onWorkerExit(threadId));
    this.#sleepOrTick();
  }

  stop(): void {
    if (this.#stopListening === null) return;
    this.#stopListening();
    this.#stopListening = null;
    this.#clearTimer();
    // Lets the sleep end that waits for a thread to join.
    Atomics.notify(this.#directory.words, HEADER.JOINED);
  }

  /** Whether the thread is gone, as far as it can be told now. */
  isGone(thread: ThreadRef): boolean {
    return !this.#directory.isPresent(thread) || this.#directory.hasEnded(thread);
  }

  /** Who deals with a thread says so: `onGone` then tells of its end also if it was there between two polls only. */
  know(thread: ThreadRef): void {
    if (thread.uid !== this.#me.uid) this.#known.set(thread.uid, thread);
  }

  /** Looks now, if it is time for a look; tells of all that are gone, and answers them. */
  poll(): ThreadRef[] {
    if (this.#takeTurn()) this.#look();
    const directory = this.#directory;
    for (const thread of directory.threads()) this.know(thread);
    const gone = [...this.#known.values()].filter((thread) => !directory.isPresent(thread));
    for (const { uid } of gone) this.#known.delete(uid);
    if (this.#stopListening !== null) this.#sleepOrTick();
    this.#tell(gone);
    return gone;
  }

  #onWorkerExit(threadId: number): void {
    const { words } = this.#directory;
    const ended = this.#others().filter(
      ({ seat }) => Atomics.load(words, this.#directory.seatWord(seat, SEAT.THREAD_ID)) === threadId,
    );
    if (this.#remove(ended)) this.poll();
  }

  #tell(gone: readonly ThreadRef[]): void {
    const errors: unknown[] = [];
    for (const thread of gone) {
      try {
        this.onGone?.(thread);
      } catch (error) {
        errors.push(error);
      }
    }
    // Who told of one death hears of the next all the same; then the fault comes out.
    if (errors.length > 0) throw errors[0];
  }

  /** One look serves all threads. */
  #takeTurn(): boolean {
    const { words } = this.#directory;
    const now = Number(process.hrtime.bigint() / 1_000_000n) | 0;
    const last = Atomics.load(words, HEADER.LOOKED);
    // 0: nobody looked yet.
    if (last !== 0 && ((now - last) | 0) >= 0 && ((now - last) | 0) < FRESH_MS) return false;
    return Atomics.compareExchange(words, HEADER.LOOKED, last, now) === last;
  }

  #look(): void {
    this.#remove(this.#others().filter((thread) => this.#directory.hasEnded(thread)));
  }

  #others(): ThreadRef[] {
    return this.#directory.threads().filter(({ uid }) => uid !== this.#me.uid);
  }

  #remove(ended: readonly ThreadRef[]): boolean {
    // Known first: whoever is removed here must be told of here, too.
    for (const thread of ended) this.know(thread);
    const removed = ended.filter((thread) => this.#directory.remove(thread));
    if (removed.length > 0) this.announce?.();
    return removed.length > 0;
  }

  #sleepOrTick(): void {
    const { words } = this.#directory;
    const joined = Atomics.load(words, HEADER.JOINED);
    if (this.#known.size === 0 && this.#others().length === 0 && waitAsync !== undefined) {
      this.#clearTimer();
      this.#sleep(waitAsync, joined);
    } else if (this.#timer === null) {
      this.#timer = setInterval(() => this.poll(), LOOK_MS).unref();
    }
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Until somebody joins; the promise keeps nothing alive. `joined` was read before nobody was found. */
  #sleep(wait: NonNullable<typeof waitAsync>, joined: number): void {
    if (this.#isAsleep) return;
    const slept = wait(this.#directory.words, HEADER.JOINED, joined);
    this.#isAsleep = true;
    const wake = (): void => {
      this.#isAsleep = false;
      if (this.#stopListening !== null) this.#sleepOrTick();
    };
    if (slept.async) void slept.value.then(wake);
    else queueMicrotask(wake);
  }
}
