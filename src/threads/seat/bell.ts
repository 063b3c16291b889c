import { availableParallelism } from "node:os";
import { invariant, ZmqError } from "../../base/errors.ts";
import { platform } from "../../base/platform.ts";
import { SEAT, SLEEP, seatWord } from "../layout.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import type { Directory } from "./directory.ts";
import { markReady, ReadyBits } from "./ready-bits.ts";
import type { WaitAsync } from "./wait-async.ts";
import { waitAsync } from "./wait-async.ts";

type Handler = () => void;

/** What `SLEEP` takes of its word. */
const HOW = 3;
/** How long a blocking call sleeps at most before it looks around. */
const SLICE_MS = 250;
/** To sleep and be woken costs as much: who is rung within it was better up. */
const SPIN_MS = availableParallelism() > 1 ? 0.06 : 0;
const LOOKS_PER_CLOCK = 16;
/** How long the loop's I/O waits at most for threads that ring again and again. */
const TURN_MS = 0.5;
/** So many quick wakes must follow each other at most before the loop spins once more. */
const CAUTION_MAX = 256;

/**
 * A thread's bell: threads tell each other that there is news, and whoever sleeps is woken.
 *
 * ## No wake-up is lost
 *
 * Who rings sets the bits, then looks at `SLEEP`. Who lies down writes `SLEEP`, then looks at the bits. One of the two
 * sees the other.
 *
 *     ring:  READY |= bit, SUMMARY |= 1 << word;  SLEEP?       AWAKE: done. Else: wake, then SLEEP = AWAKE
 *     sleep: SLEEP = LOOP or BLOCKED;             SUMMARY?     not 0: stays up. Else: waits
 *     drain: take SUMMARY, then the words of READY
 *
 * Who rings wakes before it writes `AWAKE`, so that those who find `AWAKE` may rely on it, though a thread may be
 * terminated between any two steps. It writes `AWAKE` only over the very sleep that it found, which is why sleeps are
 * counted: a late one would else silence the next sleep.
 *
 * ## Two ways to sleep
 *
 * In the event loop a `waitAsync` stands on `BELL`; it costs nothing and keeps no process alive. A blocking call waits on
 * `SUMMARY` itself, so that the `waitAsync` that may still stand is left alone. Before it sleeps in a blocking call a
 * thread spins for 60 us; in the loop it does so only while that pays.
 */
export class Bell {
  /** Bit 0 of ours was set. */
  onNews: Handler | null;
  readonly #directory: Directory;
  readonly #me: ThreadRef;
  readonly #sliceMs: number;
  readonly #words: Int32Array;
  /** The first word of our seat. */
  readonly #at: number;
  readonly #bits: ReadyBits;
  /** Counts sleeps, above the bits of `HOW`. */
  #turn: number;
  #isStarted: boolean;
  /** A waitAsync stands, or its callback is to come. */
  #isArmed: boolean;
  /** `BELL`, and the time, when it was armed. */
  #armedBell: number;
  #armedMs: number;
  /** When the loop was woken last. */
  #wokenMs: number;
  /** Quick wakes that are still to come before the loop spins, and how many it will be after the next failure. */
  #spinsAfter: number;
  #caution: number;
  #nextLookMs: number;
  readonly #onWake: () => void;
  readonly #onServed: () => void;
  readonly #onSettled: () => void;
  readonly #onTurn: () => void;

  constructor(directory: Directory, me: ThreadRef, sliceMs: number = SLICE_MS) {
    this.onNews = null;
    this.#directory = directory;
    this.#me = me;
    this.#sliceMs = sliceMs;
    this.#words = directory.words;
    this.#at = seatWord(me.seat, 0);
    this.#bits = new ReadyBits(this.#words, this.#at, () => this.onNews?.());
    // Not from 0: the thread that had the seat before may have left somebody about to write over one of its sleeps.
    this.#turn = me.uid << 10;
    this.#isStarted = false;
    this.#isArmed = false;
    this.#armedBell = 0;
    this.#armedMs = 0;
    this.#wokenMs = 0;
    this.#spinsAfter = 1;
    this.#caution = 1;
    this.#nextLookMs = 0;
    this.#onWake = () => this.#wake();
    // What is rung for is often served in a deferred call, and only the microtasks after that go on with it.
    this.#onServed = () => platform.defer(this.#onSettled);
    this.#onSettled = () => this.#settle();
    this.#onTurn = () => this.#afterTurn();
  }

  /** Handlers are being called: this is no moment to block. */
  get isDraining(): boolean {
    return this.#bits.isDraining;
  }

  /** A bit of our own; beyond 1023 they are shared. `onBell` is called in `drain` when somebody rang it. */
  register(onBell: Handler): number {
    return this.#bits.register(onBell);
  }

  /** Not called any more from now on, whatever was rung. */
  unregister(bit: number, onBell: Handler): void {
    this.#bits.unregister(bit, onBell);
  }

  /** Sets the bit in that thread's seat and wakes it if it sleeps. Nothing happens if the thread has left its seat. */
  ring(thread: ThreadRef, bit: number): void {
    const words = this.#words;
    const at = seatWord(thread.seat, 0);
    if (Atomics.load(words, at + SEAT.UID) !== thread.uid) return;
    markReady(words, at, bit);
    const sleep = Atomics.load(words, at + SEAT.SLEEP);
    if ((sleep & HOW) !== SLEEP.AWAKE) this.#rouse(at, sleep);
  }

  /** Tells a thread that there is something besides its pipes. */
  ringNews(thread: ThreadRef): void {
    this.ring(thread, 0);
  }

  /** Tells all other threads. */
  ringAll(): void {
    for (const thread of this.#directory.threads()) if (thread.uid !== this.#me.uid) this.ring(thread, 0);
  }

  /** News for a thread whose event loop hears of it in another way: it is woken from a blocking call only. */
  markNews(thread: ThreadRef): void {
    const words = this.#words;
    const at = seatWord(thread.seat, 0);
    if (Atomics.load(words, at + SEAT.UID) !== thread.uid) return;
    markReady(words, at, 0);
    const sleep = Atomics.load(words, at + SEAT.SLEEP);
    if ((sleep & HOW) === SLEEP.BLOCKED) this.#rouse(at, sleep);
  }

  /**
   * Calls the handlers of all bits that are set; answers whether there were any. A handler may do anything here but
   * block. What one throws becomes an uncaught error, and the others are called.
   */
  drain(): boolean {
    return this.#bits.drain();
  }

  /**
   * From now on the thread's loop drains when it is rung. It costs nothing until then, and no process is kept alive.
   * ENOTSUP where the host cannot.
   */
  start(): void {
    if (this.#isStarted) return;
    if (waitAsync === undefined) {
      throw new ZmqError("ENOTSUP", "Threads need Atomics.waitAsync, which this host does not have.", {
        remedy: "Use Node 20 or newer.",
      });
    }
    this.#isStarted = true;
    this.#arm(waitAsync);
  }

  stop(): void {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    this.#getUp();
    // Its promise would never be settled.
    if (this.#isArmed) Atomics.notify(this.#words, this.#at + SEAT.BELL);
  }

  /**
   * Blocks this thread until something was drained or `timeoutMs` (-1: for ever) is over; answers whether anything was.
   * At least every 250 ms `onSlice` looks for what nobody rings for; it answers whether it found anything.
   */
  block(timeoutMs: number, onSlice: () => boolean): boolean {
    invariant(!this.#bits.isDraining, "a thread does not block while its bell is drained");
    let nowMs = platform.now();
    const endMs = timeoutMs < 0 ? Number.POSITIVE_INFINITY : nowMs + timeoutMs;
    if (this.#look(nowMs, onSlice)) return true;
    if (nowMs >= endMs) return false;
    this.#getUp();
    let found = this.#spin(Math.min(nowMs + SPIN_MS, endMs));
    while (!found && (nowMs = platform.now()) < endMs) {
      this.#lieDown(SLEEP.BLOCKED);
      Atomics.wait(this.#words, this.#at + SEAT.SUMMARY, 0, Math.min(endMs - nowMs, this.#sliceMs));
      this.#getUp();
      found = this.#look(platform.now(), onSlice);
    }
    this.#lieDownAgain();
    return found;
  }

  /** Wakes the thread of the seat at `at` from a sleep. */
  #rouse(at: number, sleep: number): void {
    const words = this.#words;
    if ((sleep & HOW) === SLEEP.BLOCKED) {
      Atomics.notify(words, at + SEAT.SUMMARY);
    } else {
      Atomics.add(words, at + SEAT.BELL, 1);
      Atomics.notify(words, at + SEAT.BELL);
    }
    Atomics.compareExchange(words, at + SEAT.SLEEP, sleep, sleep & ~HOW);
  }

  #lieDown(how: number): void {
    this.#turn = (this.#turn + HOW + 1) | 0;
    Atomics.store(this.#words, this.#at + SEAT.SLEEP, this.#turn | how);
  }

  #getUp(): void {
    Atomics.store(this.#words, this.#at + SEAT.SLEEP, this.#turn | SLEEP.AWAKE);
  }

  /** Lies down in the loop. */
  #arm(wait: WaitAsync): void {
    const bellAt = this.#at + SEAT.BELL;
    while (!this.#isArmed) {
      this.#armedBell = Atomics.load(this.#words, bellAt);
      this.#lieDown(SLEEP.LOOP);
      const waiting = wait(this.#words, bellAt, this.#armedBell);
      if (!waiting.async) continue;
      this.#isArmed = true;
      void waiting.value.then(this.#onWake);
    }
    this.#armedMs = platform.now();
    this.#lieDownAgain();
  }

  /** After something else than the loop's sleep: what was set meanwhile nobody has rung for. */
  #lieDownAgain(): void {
    const words = this.#words;
    const bellAt = this.#at + SEAT.BELL;
    // If it was rung since it was armed, the callback is on its way, and there is no need to ring again.
    if (!this.#isArmed || !this.#isStarted || Atomics.load(words, bellAt) !== this.#armedBell) return;
    this.#lieDown(SLEEP.LOOP);
    if (Atomics.load(words, this.#at + SEAT.SUMMARY) === 0) return;
    this.#getUp();
    // By way of the loop, so that its I/O has its turn.
    Atomics.notify(words, bellAt);
  }

  #wake(): void {
    this.#isArmed = false;
    if (!this.#isStarted) return;
    this.#getUp();
    this.#wokenMs = platform.now();
    if (this.#spinsAfter > 0 && this.#wokenMs - this.#armedMs < 2 * SPIN_MS) this.#spinsAfter--;
    this.drain();
    platform.defer(this.#onServed);
  }

  /** What follows from a drain, in microtasks, is done. To stay up until here spares others the ringing. */
  #settle(): void {
    if (!this.#isStarted || this.#isArmed) return;
    const nowMs = platform.now();
    if (nowMs - this.#wokenMs < TURN_MS) {
      if (this.drain() || this.#spinIfItPays(nowMs)) platform.defer(this.#onServed);
      else this.#arm(waitAsync!);
    } else if (this.#spinsAfter === 0) {
      // It was up for long, and will not lie down yet: the loop's I/O has its turn first.
      platform.yieldTurn(this.#onTurn);
    } else {
      this.#arm(waitAsync!);
    }
  }

  #afterTurn(): void {
    this.#wokenMs = platform.now();
    this.#settle();
  }

  #spinIfItPays(nowMs: number): boolean {
    if (this.#spinsAfter > 0) return false;
    const found = this.#spin(nowMs + SPIN_MS);
    if (!found) this.#spinsAfter = this.#caution;
    this.#caution = found ? 1 : Math.min(2 * this.#caution, CAUTION_MAX);
    return found;
  }

  #look(nowMs: number, onSlice: () => boolean): boolean {
    const found = this.drain();
    if (nowMs < this.#nextLookMs) return found;
    this.#nextLookMs = nowMs + this.#sliceMs;
    return onSlice() || found;
  }

  #spin(untilMs: number): boolean {
    const summaryAt = this.#at + SEAT.SUMMARY;
    do {
      for (let look = 0; look < LOOKS_PER_CLOCK; look++) {
        if (Atomics.load(this.#words, summaryAt) !== 0 && this.drain()) return true;
      }
    } while (platform.now() < untilMs);
    return false;
  }
}
