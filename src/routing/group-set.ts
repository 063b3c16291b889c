import { bytesKey, keyBytes } from "../base/bytes.ts";

/** The groups that a socket has joined: octet strings, each once, and equal only to themselves. */
export class GroupSet {
  readonly #keys: Set<string>;

  constructor() {
    this.#keys = new Set();
  }

  get topicCount(): number {
    return this.#keys.size;
  }

  has(octets: Uint8Array): boolean {
    return this.#keys.has(bytesKey(octets));
  }

  /** Adds the group that stands from `start` on; whether it is new. */
  add(octets: Uint8Array, start: number): boolean {
    const key = bytesKey(octets, start);
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }

  /** Takes out the group that stands from `start` on; whether it was there. */
  remove(octets: Uint8Array, start: number): boolean {
    return this.#keys.delete(bytesKey(octets, start));
  }

  /** Whether the octets are one of the groups. */
  matches(octets: Uint8Array): boolean {
    return this.has(octets);
  }

  /** Calls back with each group once after `prefix` octets for the caller to fill. */
  forEach(prefix: number, visit: (group: Uint8Array) => void): void {
    for (const key of this.#keys) {
      const group = new Uint8Array(prefix + key.length);
      group.set(keyBytes(key), prefix);
      visit(group);
    }
  }
}
