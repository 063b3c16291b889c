import { ZmqError } from "../../base/errors.ts";
import { HEADER, NAME, NAME_COUNT, NAME_WORDS, NAMES_AT } from "../layout.ts";
import type { ThreadRef } from "../pipe-thread.ts";
import type { DirectoryLock } from "./directory-lock.ts";

const KEY_WORDS = 8;
const EMPTY = 0;
/** Was a name, and is passed over in looking for another. */
const VACANT = -1;

/**
 * The inproc names of a context: a hash table in shared memory, with open addressing. It is read and written under the
 * directory's lock, and `OWNER` is the word that counts: a name is there from the store of its owner, which is the
 * last, until the store of `VACANT`.
 *
 * A search for a name goes from its home place on to an empty one, so a place that is given up in between stays vacant
 * as long as a name stands behind it whose search passes there. After that it is made empty: what was bound and unbound
 * leaves no trace, however often.
 */
export class NameTable {
  readonly #words: Int32Array;
  readonly #lock: DirectoryLock;
  readonly #isPresent: (seat: number, uid: number) => boolean;

  constructor(words: Int32Array, lock: DirectoryLock, isPresent: (seat: number, uid: number) => boolean) {
    this.#words = words;
    this.#lock = lock;
    this.#isPresent = isPresent;
  }

  /** `false`: somebody who is present has it. */
  claim(name: string, owner: ThreadRef): boolean {
    const key = keyOf(name);
    return this.#lock.run(() => {
      const { taken, free } = this.#probe(key);
      if (taken !== null) return false;
      if (free === null || !this.#leavesEmpty(free)) {
        throw new ZmqError("EMFILE", `The context has ${NAME_COUNT - 1} inproc names already.`, {
          remedy: "Unbind some.",
        });
      }
      // A thread that is gone may still stand there: without an owner first, so that no mixture can be read.
      const lock = this.#lock;
      if (this.#words[free + NAME.OWNER] !== EMPTY) lock.store(free + NAME.OWNER, VACANT);
      for (let i = 0; i < KEY_WORDS; i++) lock.store(free + NAME.KEY + i, key[i] as number);
      lock.store(free + NAME.OWNER_UID, owner.uid);
      lock.store(free + NAME.OWNER, owner.seat + 1);
      Atomics.add(this.#words, HEADER.NAMES_EPOCH, 1);
      return true;
    });
  }

  /** `false`: it was not the owner's. */
  release(name: string, owner: ThreadRef): boolean {
    const key = keyOf(name);
    return this.#lock.run(() => {
      const { taken } = this.#probe(key);
      if (taken === null || !this.#isOwnedBy(taken, owner)) return false;
      this.#vacate(taken);
      return true;
    });
  }

  find(name: string): ThreadRef | null {
    const key = keyOf(name);
    return this.#lock.run(() => {
      const { taken } = this.#probe(key);
      if (taken === null) return null;
      return {
        seat: (this.#words[taken + NAME.OWNER] as number) - 1,
        uid: this.#words[taken + NAME.OWNER_UID] as number,
      };
    });
  }

  /** Frees all names of a thread; under the lock. */
  freeAllOf(owner: ThreadRef): void {
    const end = NAMES_AT + NAME_COUNT * NAME_WORDS;
    let freed = 0;
    for (let place = NAMES_AT; place < end; place += NAME_WORDS) {
      if (!this.#isOwnedBy(place, owner)) continue;
      this.#lock.store(place + NAME.OWNER, VACANT);
      freed++;
    }
    if (freed > 0) this.sweep();
  }

  /** Makes places empty that need not be vacant, also those of somebody who died before he did it; under the lock. */
  sweep(): void {
    for (let i = 0; i < NAME_COUNT; i++) if (this.#ownerAt(i) === EMPTY) this.#emptyBefore(i);
  }

  #isOwnedBy(place: number, owner: ThreadRef): boolean {
    const words = this.#words;
    return words[place + NAME.OWNER] === owner.seat + 1 && words[place + NAME.OWNER_UID] === owner.uid;
  }

  /** Where the name is, if somebody who is present has it; else the first place that it may get. */
  #probe(key: Int32Array): { taken: number | null; free: number | null } {
    const words = this.#words;
    const home = (key[0] as number) & (NAME_COUNT - 1);
    let free: number | null = null;
    for (let i = 0; i < NAME_COUNT; i++) {
      const place = placeOf(home + i);
      const owner = words[place + NAME.OWNER] as number;
      if (owner > 0 && this.#isPresent(owner - 1, words[place + NAME.OWNER_UID] as number)) {
        if (this.#hasKey(place, key)) return { taken: place, free: null };
        continue;
      }
      free ??= place;
      if (owner === EMPTY) break;
    }
    return { taken: null, free };
  }

  /** One place stays empty whatever happens: there every search ends, and cleaning begins. */
  #leavesEmpty(free: number): boolean {
    const words = this.#words;
    if (words[free + NAME.OWNER] !== EMPTY) return true;
    const from = (free - NAMES_AT) / NAME_WORDS;
    for (let i = 1; i < NAME_COUNT; i++) if (words[placeOf(from + i) + NAME.OWNER] === EMPTY) return true;
    return false;
  }

  #hasKey(place: number, key: Int32Array): boolean {
    for (let i = 0; i < KEY_WORDS; i++) {
      if (this.#words[place + NAME.KEY + i] !== key[i]) return false;
    }
    return true;
  }

  #vacate(place: number): void {
    this.#lock.store(place + NAME.OWNER, VACANT);
    let end = (place - NAMES_AT) / NAME_WORDS;
    while (this.#ownerAt(end) !== EMPTY) end++;
    this.#emptyBefore(end);
  }

  /**
   * Goes back over the places before an empty one, up to the next empty one. Each store is right by itself: no search
   * passes the place.
   */
  #emptyBefore(end: number): void {
    // How far back from `end` searches for the names seen so far begin.
    let reach = 0;
    for (let back = 1; back < NAME_COUNT; back++) {
      const owner = this.#ownerAt(end - back);
      if (owner === EMPTY) return;
      if (owner === VACANT) {
        if (reach < back) this.#lock.store(placeOf(end - back) + NAME.OWNER, EMPTY);
        continue;
      }
      const home = this.#words[placeOf(end - back) + NAME.KEY] as number;
      reach = Math.max(reach, (end - home) & (NAME_COUNT - 1));
    }
  }

  #ownerAt(i: number): number {
    return this.#words[placeOf(i) + NAME.OWNER] as number;
  }
}

function placeOf(i: number): number {
  return NAMES_AT + (i & (NAME_COUNT - 1)) * NAME_WORDS;
}

function keyOf(name: string): Int32Array {
  // Loaded at the first name: the module takes 6 ms, and most programs use no inproc.
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(name, "utf8").digest();
  return Int32Array.from({ length: KEY_WORDS }, (_, i) => digest.readInt32LE(4 * i));
}
