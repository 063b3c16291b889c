/**
 * The octets of all labels of a tree, end to end in one typed array. Labels are appended and never moved, so a label can
 * be cut in two without copying; what is no longer used is reclaimed when the tree copies its labels into a new store.
 *
 * `octets` is replaced when the store grows: read the field anew after every `add`.
 */
export class LabelStore {
  octets: Uint8Array;
  #used: number;
  #live: number;

  constructor(capacity: number) {
    this.octets = new Uint8Array(Math.max(capacity, FIRST_OCTETS));
    this.#used = 0;
    this.#live = 0;
  }

  /** Octets of labels that are in use. */
  get live(): number {
    return this.#live;
  }

  /** Octets that nothing uses any more. */
  get garbage(): number {
    return this.#used - this.#live;
  }

  /** Takes a label; gives its place. `source` may be `octets` itself. */
  add(source: Uint8Array, start: number, end: number): number {
    const place = this.#reserve(end - start);
    const octets = this.octets;
    if (end - start > COPY_BY_HAND_MAX) octets.set(source.subarray(start, end), place);
    else for (let i = start; i < end; i++) octets[place + i - start] = source[i]!;
    return place;
  }

  /** The label that two labels make; those that lie side by side already are one. */
  join(first: number, firstSize: number, second: number, secondSize: number): number {
    if (first + firstSize === second) return first;
    const place = this.#reserve(firstSize + secondSize);
    this.octets.copyWithin(place, first, first + firstSize);
    this.octets.copyWithin(place + firstSize, second, second + secondSize);
    this.#live -= firstSize + secondSize;
    return place;
  }

  release(size: number): void {
    this.#live -= size;
  }

  #reserve(size: number): number {
    const place = this.#used;
    this.#used += size;
    this.#live += size;
    const capacity = this.octets.length;
    if (this.#used > capacity) {
      const larger = new Uint8Array(Math.max(this.#used, capacity + (capacity >> 1)));
      larger.set(this.octets.subarray(0, place));
      this.octets = larger;
    }
    return place;
  }
}

const FIRST_OCTETS = 64;
const COPY_BY_HAND_MAX = 32;
