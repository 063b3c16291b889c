import { HEADER, NAMES_AT, SEAT, SEAT_WORDS, seatWord } from "../layout.ts";
import type { Liveness } from "./system-thread.ts";

/** Looks at a lock that is held before the thread sleeps: a holder is done within microseconds. */
const SPINS = 300;
const SLICE_MS = 1;
/** A holder of whom nothing can be told and that does not move for so long is taken for dead. */
const STILL_MS = 1000;
/** Negative words below this tell no system id: each is its holder's own. */
const UNKNOWN = -0x40000000;

/** What a holder throws that finds itself robbed; `run` begins again. */
const LOST = new Error("The directory's lock was lost.");

/**
 * The lock that whoever changes seats or names holds, for microseconds. A thread may end at any instant, so whoever
 * waits looks whether the holder lives, and robs a dead one. Where the system cannot tell, standing still for a second
 * counts as death; a holder that only slept must not write then, so every store asks first whose the lock is.
 */
export class DirectoryLock {
  /** Makes good what a holder that died left half done; called under the lock. */
  onRobbed: () => void;
  readonly #words: Int32Array;
  readonly #isAlive: Liveness;
  /** What we write into the lock: see `HEADER.LOCK`. */
  #holder: number;

  constructor(words: Int32Array, isAlive: Liveness) {
    this.onRobbed = () => undefined;
    this.#words = words;
    this.#isAlive = isAlive;
    this.#holder = UNKNOWN - Number(process.hrtime.bigint() % BigInt(-UNKNOWN));
  }

  /** Before this thread has a seat. */
  setSystemId(systemId: number): void {
    if (systemId > 0) this.#holder = -systemId;
  }

  setUid(uid: number): void {
    this.#holder = uid;
  }

  /** `goneUid`: a thread that the caller knows to be dead. What `change` throws is thrown on, and the lock is free. */
  run<T>(change: () => T, goneUid = 0): T {
    for (;;) {
      const wasRobbed = this.#take(goneUid);
      try {
        if (wasRobbed) this.onRobbed();
        return change();
      } catch (error) {
        if (error !== LOST) throw error;
      } finally {
        if (Atomics.compareExchange(this.#words, HEADER.LOCK, this.#holder, 0) === this.#holder) {
          Atomics.notify(this.#words, HEADER.LOCK, 1);
        }
      }
    }
  }

  /** Writes a word that the lock guards. The thread may end after any of these, and what stands then must be in order. */
  store(index: number, value: number): void {
    if (Atomics.load(this.#words, HEADER.LOCK) !== this.#holder) throw LOST;
    Atomics.store(this.#words, index, value);
  }

  /** Answers whether the lock was a dead thread's. */
  #take(goneUid: number): boolean {
    const words = this.#words;
    for (let spins = 0; spins < SPINS; spins++) {
      if (this.#swap(0)) return false;
    }
    let holder = 0;
    let turn = 0;
    let stillSince = 0;
    for (;;) {
      if (this.#swap(0)) return false;
      const holderNow = Atomics.load(words, HEADER.LOCK);
      const turnNow = Atomics.load(words, HEADER.LOCK_TURN);
      if (holderNow !== holder || turnNow !== turn) stillSince = performance.now();
      holder = holderNow;
      turn = turnNow;
      if (holder === 0) continue;
      const isAlive = holder === goneUid ? false : this.#isHolderAlive(holder);
      const isGone = isAlive === undefined ? performance.now() - stillSince >= STILL_MS : !isAlive;
      if (isGone && this.#swap(holder)) return true;
      Atomics.wait(words, HEADER.LOCK, holder, SLICE_MS);
    }
  }

  #swap(from: number): boolean {
    const words = this.#words;
    if (from === 0 && Atomics.load(words, HEADER.LOCK) !== 0) return false;
    if (Atomics.compareExchange(words, HEADER.LOCK, from, this.#holder) !== from) return false;
    Atomics.add(words, HEADER.LOCK_TURN, 1);
    return true;
  }

  #isHolderAlive(holder: number): boolean | undefined {
    if (holder < 0) return holder <= UNKNOWN ? undefined : this.#isAlive(-holder, 0);
    const words = this.#words;
    for (let uidAt = seatWord(0, SEAT.UID); uidAt < NAMES_AT; uidAt += SEAT_WORDS) {
      if (Atomics.load(words, uidAt) !== holder) continue;
      const first = uidAt - SEAT.UID;
      return this.#isAlive(words[first + SEAT.SYSTEM_ID] as number, words[first + SEAT.START_TIME] as number);
    }
    return undefined;
  }
}
