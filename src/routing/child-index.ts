import { BlockArena } from "./block-arena.ts";

/**
 * For nodes of a tree that have two children or more: which child a label starts with an octet. Small indexes are
 * searched octet by octet, which is faster than hashing up to some fifty; larger ones have a word for every octet.
 *
 *     kind      0    1    2    3   DIRECT
 *     children  6   12   25   51      256
 *     words     8   16   32   64      256
 *
 *     [ count octet octet ... | child child child ... ]        [ child for 0 | child for 1 | ... ]
 *
 * An index is named by one number: the place of its block, a multiple of 8, plus its kind. Children are numbers above 0.
 */
export class ChildIndex {
  readonly #arena: BlockArena;

  constructor() {
    this.#arena = new BlockArena();
  }

  get isSparse(): boolean {
    return this.#arena.isSparse;
  }

  /** A new index of two children. */
  create(firstOctet: number, first: number, secondOctet: number, second: number): number {
    const index = this.#allocate(0);
    this.add(index, firstOctet, first);
    return this.add(index, secondOctet, second);
  }

  /** The child, or 0. */
  find(index: number, octet: number): number {
    const kind = index & KIND;
    const block = index - kind;
    if (kind === DIRECT) return this.#arena.words[block + octet]!;
    const octets = this.#arena.octets;
    const first = block * 4 + 1;
    const end = first + octets[first - 1]!;
    for (let at = first; at < end; at++) {
      if (octets[at] === octet) return this.#arena.words[block + CHILDREN_AT[kind]! + at - first]!;
    }
    return 0;
  }

  /** Adds a child that is not there yet. Gives the index, which may be another one now. */
  add(index: number, octet: number, child: number): number {
    const kind = index & KIND;
    const block = index - kind;
    if (kind === DIRECT) {
      this.#arena.words[block + octet] = child;
      return index;
    }
    const octets = this.#arena.octets;
    const count = octets[block * 4]!;
    if (count === CAPACITY[kind])
      return this.add(this.#resize(index, kind === 3 ? DIRECT : kind + 1), octet, child);
    octets[block * 4] = count + 1;
    octets[block * 4 + 1 + count] = octet;
    this.#arena.words[block + CHILDREN_AT[kind]! + count] = child;
    return index;
  }

  /** Puts another child in the place of one that is there. */
  replace(index: number, octet: number, child: number): void {
    const kind = index & KIND;
    this.#arena.words[index - kind + this.#position(index, octet)] = child;
  }

  /** Takes out a child that is there. Gives the index, or minus the last child if one only is left. */
  remove(index: number, octet: number): number {
    const kind = index & KIND;
    const block = index - kind;
    const words = this.#arena.words;
    if (kind === DIRECT) {
      words[block + octet] = 0;
      return this.count(index) <= SHRINK_AT[DIRECT]! ? this.#resize(index, 3) : index;
    }
    const octets = this.#arena.octets;
    const last = octets[block * 4]! - 1;
    const hole = this.#position(index, octet);
    octets[block * 4] = last;
    octets[block * 4 + 1 + hole - CHILDREN_AT[kind]!] = octets[block * 4 + 1 + last]!;
    words[block + hole] = words[block + CHILDREN_AT[kind]! + last]!;
    if (last === 1) {
      const survivor = words[block + CHILDREN_AT[kind]!]!;
      this.#release(index);
      return -survivor;
    }
    return last <= SHRINK_AT[kind]! ? this.#resize(index, kind - 1) : index;
  }

  count(index: number): number {
    const kind = index & KIND;
    const block = index - kind;
    if (kind !== DIRECT) return this.#arena.octets[block * 4]!;
    let count = 0;
    for (let octet = 0; octet < 256; octet++) if (this.#arena.words[block + octet] !== 0) count++;
    return count;
  }

  /** Copies an index into another arena; `forward` turns old children into new ones. */
  copyTo(other: ChildIndex, index: number, forward: Int32Array, shift: number): number {
    const kind = index & KIND;
    const block = index - kind;
    const copy = other.#allocate(kind);
    const from = this.#arena.words;
    const to = other.#arena.words;
    const children = CHILDREN_AT[kind]!;
    for (let word = 0; word < children; word++) to[copy - kind + word] = from[block + word]!;
    const end = kind === DIRECT ? 256 : children + this.count(index);
    for (let word = children; word < end; word++) {
      const child = from[block + word]!;
      if (child !== 0) to[copy - kind + word] = forward[child >> shift]!;
    }
    return copy;
  }

  /** Where in its block the child for an octet stands. */
  #position(index: number, octet: number): number {
    const kind = index & KIND;
    if (kind === DIRECT) return octet;
    const first = (index - kind) * 4 + 1;
    return CHILDREN_AT[kind]! + this.#arena.octets.indexOf(octet, first) - first;
  }

  #resize(index: number, kind: number): number {
    const before = index & KIND;
    const block = index - before;
    let copy = this.#allocate(kind);
    const { words, octets } = this.#arena;
    if (before === DIRECT) {
      for (let octet = 0; octet < 256; octet++) {
        if (words[block + octet] !== 0) copy = this.add(copy, octet, words[block + octet]!);
      }
    } else {
      for (let i = 0; i < octets[block * 4]!; i++) {
        copy = this.add(copy, octets[block * 4 + 1 + i]!, words[block + CHILDREN_AT[before]! + i]!);
      }
    }
    this.#release(index);
    return copy;
  }

  #allocate(kind: number): number {
    return this.#arena.allocate(WORDS_LOG2[kind]!) + kind;
  }

  #release(index: number): void {
    const kind = index & KIND;
    this.#arena.release(index - kind, WORDS_LOG2[kind]!);
  }
}

const KIND = 7;
const DIRECT = 4;
/** By kind. */
const CAPACITY = [6, 12, 25, 51, 256];
const WORDS_LOG2 = [3, 4, 5, 6, 8];
const CHILDREN_AT = [2, 4, 7, 13, 0];
/** A smaller index takes over from this count down: well below its capacity, so that none goes to and fro. */
const SHRINK_AT = [0, 4, 9, 19, 40];
