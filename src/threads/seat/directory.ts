import { types } from "node:util";
import { threadId } from "node:worker_threads";
import { ZmqError } from "../../base/errors.ts";
import {
  CONTEXT_STATE,
  DIRECTORY_MAGIC,
  DIRECTORY_SIZE,
  HEADER,
  SEAT,
  SEAT_COUNT,
  SEAT_STATE,
  SEAT_WORDS,
  SHARED_OPTIONS,
  seatWord,
} from "../layout.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import { DirectoryLock } from "./directory-lock.ts";
import { NameTable } from "./name-table.ts";
import type { Liveness } from "./system-thread.ts";
import { isSystemThreadAlive } from "./system-thread.ts";

export type { ThreadRef };

/** An option that all threads see, as a number. */
export type SharedOption = (typeof SHARED_OPTIONS)[number];

/** What a thread tells of itself when it sits down; see `SystemThread`. */
export interface JoinDetails {
  readonly systemId: number;
  readonly threadId: number;
  readonly role: number;
  readonly startTime?: number;
}

/**
 * One context as its threads share it: who is there, which names are bound, the options, and whether it lives. Every
 * thread has an object of its own over the same memory.
 *
 * A thread may end between any two stores. So seats and names change under a lock that others can take over, and each
 * change has one store that makes it happen; what was written before it does not count, and what follows is cleaning
 * that anybody may finish. Joining happens with `TAKEN`, leaving with `DEAD`, which frees the thread's names at once,
 * because the names of absent threads are free.
 */
export class Directory {
  readonly memory: SharedArrayBuffer;
  readonly words: Int32Array;
  /** Tells it from others of the process. */
  readonly id: string;
  readonly #lock: DirectoryLock;
  readonly #names: NameTable;
  readonly #isAlive: Liveness;

  /** A new one. What an option is not given stays 0. */
  static create(options: Partial<Record<SharedOption, number>> = {}): Directory {
    const memory = new SharedArrayBuffer(DIRECTORY_SIZE);
    const words = new Int32Array(memory);
    const nowNs = process.hrtime.bigint();
    // Nobody else in the process has both.
    words[HEADER.ID] = Number(BigInt.asIntN(32, nowNs));
    words[HEADER.ID + 1] = threadId;
    const born = nowNs / 1000n;
    words[HEADER.BORN] = Number(BigInt.asIntN(32, born >> 32n));
    words[HEADER.BORN + 1] = Number(BigInt.asIntN(32, born));
    for (const [index, name] of SHARED_OPTIONS.entries()) words[HEADER.OPTIONS + index] = options[name] ?? 0;
    words[HEADER.MAGIC] = DIRECTORY_MAGIC;
    return new Directory(memory);
  }

  /** EINVAL if the memory is no directory of this layout. */
  constructor(memory: SharedArrayBuffer, isAlive: Liveness = isSystemThreadAlive) {
    const isDirectory =
      types.isSharedArrayBuffer(memory) &&
      memory.byteLength === DIRECTORY_SIZE &&
      new Int32Array(memory)[HEADER.MAGIC] === DIRECTORY_MAGIC;
    if (!isDirectory) {
      throw new ZmqError("EINVAL", "The handle is no context of this version of the package.", {
        remedy: "Pass context.handle as it is, between threads that load the same version.",
      });
    }
    this.memory = memory;
    this.words = new Int32Array(memory);
    this.id = hex(this.words[HEADER.ID] as number) + hex(this.words[HEADER.ID + 1] as number);
    this.#isAlive = isAlive;
    this.#lock = new DirectoryLock(this.words, isAlive);
    this.#lock.onRobbed = () => this.#recover();
    this.#names = new NameTable(this.words, this.#lock, (seat, uid) => this.#isTakenBy(seat, uid));
  }

  /** One of `CONTEXT_STATE`. */
  get state(): number {
    return Atomics.load(this.words, HEADER.STATE);
  }

  /** `true` for the one caller that did it. */
  terminate(): boolean {
    return this.#changeState(CONTEXT_STATE.TERMINATED);
  }

  /** Another directory is the default context's; `true` for the one caller that said so. */
  supersede(): boolean {
    return this.#changeState(CONTEXT_STATE.SUPERSEDED);
  }

  /** A total order over directories that all threads agree on. */
  isElderThan(other: Directory): boolean {
    for (const word of [HEADER.BORN, HEADER.BORN + 1, HEADER.ID, HEADER.ID + 1]) {
      const ours = (this.words[word] as number) >>> 0;
      const theirs = (other.words[word] as number) >>> 0;
      if (ours !== theirs) return ours < theirs;
    }
    return false;
  }

  /** Takes a seat for a thread. EMFILE when all are taken. */
  join(about: JoinDetails): ThreadRef {
    this.#lock.setSystemId(about.systemId);
    // Given before the lock is taken: no uid is ever given twice, whoever dies.
    const uid = Atomics.add(this.words, HEADER.LAST_UID, 1) + 1;
    const seat = this.#lock.run(() => this.#sit(uid, about));
    this.#lock.setUid(uid);
    // For those who sleep until others come: see watch.ts.
    Atomics.add(this.words, HEADER.JOINED, 1);
    Atomics.notify(this.words, HEADER.JOINED);
    return { seat, uid };
  }

  /**
   * Marks the thread's seat dead if it is still the thread's, and frees its names and the seat. True for the one caller
   * that did it.
   */
  remove(thread: ThreadRef): boolean {
    const wasThere = this.#lock.run(() => {
      if (!this.#isSeatOf(thread)) return false;
      this.#clear(thread);
      return true;
    }, thread.uid);
    // Afterwards, because who robs the lock looks its holder up by this word.
    Atomics.compareExchange(this.words, this.seatWord(thread.seat, SEAT.UID), thread.uid, 0);
    return wasThere;
  }

  isPresent(thread: ThreadRef): boolean {
    return this.#isTakenBy(thread.seat, thread.uid);
  }

  /** All that are present, in the order of their seats. */
  threads(): ThreadRef[] {
    const found: ThreadRef[] = [];
    const high = Atomics.load(this.words, HEADER.SEAT_HIGH);
    for (let seat = 0; seat < high; seat++) {
      if (this.#stateOf(seat) !== SEAT_STATE.TAKEN) continue;
      const uid = Atomics.load(this.words, this.seatWord(seat, SEAT.UID));
      if (uid !== 0) found.push({ seat, uid });
    }
    return found;
  }

  /** The index into `words` of a word of a seat. */
  seatWord(seat: number, word: number): number {
    return seatWord(seat, word);
  }

  /** Whether the operating system says that the thread has ended; `false` also where it does not tell. */
  hasEnded({ seat, uid }: ThreadRef): boolean {
    const systemId = Atomics.load(this.words, this.seatWord(seat, SEAT.SYSTEM_ID));
    const startTime = Atomics.load(this.words, this.seatWord(seat, SEAT.START_TIME));
    // What was read is the thread's only if it is still its seat.
    return this.#isTakenBy(seat, uid) && this.#isAlive(systemId, startTime) === false;
  }

  /**
   * Binds a name for a thread; exactly one of all that try at once gets it. `false`: another has it, or the thread has it
   * already.
   */
  claim(name: string, owner: ThreadRef): boolean {
    return this.#names.claim(name, owner);
  }

  release(name: string, owner: ThreadRef): boolean {
    return this.#names.release(name, owner);
  }

  find(name: string): ThreadRef | null {
    return this.#names.find(name);
  }

  /** Another number after every `claim`. */
  get namesEpoch(): number {
    return Atomics.load(this.words, HEADER.NAMES_EPOCH);
  }

  /** Open sockets of all threads that are present. */
  socketCount(): number {
    return this.threads().reduce(
      (sum, { seat }) => sum + Atomics.load(this.words, this.seatWord(seat, SEAT.SOCKETS)),
      0,
    );
  }

  option(name: SharedOption): number {
    return Atomics.load(this.words, HEADER.OPTIONS + SHARED_OPTIONS.indexOf(name));
  }

  setOption(name: SharedOption, value: number): void {
    Atomics.store(this.words, HEADER.OPTIONS + SHARED_OPTIONS.indexOf(name), value);
  }

  #changeState(state: number): boolean {
    const { LIVE } = CONTEXT_STATE;
    return Atomics.compareExchange(this.words, HEADER.STATE, LIVE, state) === LIVE;
  }

  #stateOf(seat: number): number {
    return Atomics.load(this.words, this.seatWord(seat, SEAT.STATE));
  }

  /** In this order: a seat that was taken, and after that has this uid, was this thread's when it was taken. */
  #isTakenBy(seat: number, uid: number): boolean {
    return (
      this.#stateOf(seat) === SEAT_STATE.TAKEN &&
      Atomics.load(this.words, this.seatWord(seat, SEAT.UID)) === uid
    );
  }

  /** Also of one that is dead and not cleared; under the lock. */
  #isSeatOf({ seat, uid }: ThreadRef): boolean {
    const isFree = this.#stateOf(seat) === SEAT_STATE.FREE;
    return !isFree && Atomics.load(this.words, this.seatWord(seat, SEAT.UID)) === uid;
  }

  #sit(uid: number, about: JoinDetails): number {
    const seat = this.#freeSeat();
    const lock = this.#lock;
    if (seat >= Atomics.load(this.words, HEADER.SEAT_HIGH)) lock.store(HEADER.SEAT_HIGH, seat + 1);
    for (let word = SEAT.STATE + 1; word < SEAT_WORDS; word++) {
      if (word !== SEAT.UID) lock.store(this.seatWord(seat, word), 0);
    }
    lock.store(this.seatWord(seat, SEAT.SYSTEM_ID), about.systemId);
    lock.store(this.seatWord(seat, SEAT.START_TIME), about.startTime ?? 0);
    lock.store(this.seatWord(seat, SEAT.THREAD_ID), about.threadId);
    lock.store(this.seatWord(seat, SEAT.ROLE), about.role);
    lock.store(this.seatWord(seat, SEAT.UID), uid);
    lock.store(this.seatWord(seat, SEAT.STATE), SEAT_STATE.TAKEN);
    return seat;
  }

  #freeSeat(): number {
    for (let seat = 0; seat < SEAT_COUNT; seat++) if (this.#stateOf(seat) === SEAT_STATE.FREE) return seat;
    // Before it is refused: somebody may have ended whom nobody has missed yet.
    for (const thread of this.threads()) {
      if (!this.hasEnded(thread)) continue;
      this.#clear(thread);
      return thread.seat;
    }
    throw new ZmqError("EMFILE", `The context has ${SEAT_COUNT} threads already.`, {
      remedy: "End some of them, or use a Context of its own for each group of threads.",
    });
  }

  /** Under the lock. The first store is the one that counts. */
  #clear(thread: ThreadRef): void {
    this.#lock.store(this.seatWord(thread.seat, SEAT.STATE), SEAT_STATE.DEAD);
    this.#names.freeAllOf(thread);
    this.#lock.store(this.seatWord(thread.seat, SEAT.STATE), SEAT_STATE.FREE);
  }

  /** Finishes what a thread began that died with the lock in hand. */
  #recover(): void {
    const high = Atomics.load(this.words, HEADER.SEAT_HIGH);
    for (let seat = 0; seat < high; seat++) {
      const uidAt = this.seatWord(seat, SEAT.UID);
      const uid = Atomics.load(this.words, uidAt);
      if (this.#stateOf(seat) === SEAT_STATE.DEAD) this.#clear({ seat, uid });
      if (this.#stateOf(seat) === SEAT_STATE.FREE && uid !== 0) this.#lock.store(uidAt, 0);
    }
    this.#names.sweep();
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
