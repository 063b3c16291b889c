/** Numbers that look random and are the same for the same seed: a failure is repeated by its seed. Not for secrets. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 32 bits (Mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor((this.next() / 0x100000000) * bound);
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability * 0x100000000;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  octets(count: number): Uint8Array {
    const octets = new Uint8Array(count);
    for (let i = 0; i < count; i++) octets[i] = this.next();
    return octets;
  }

  /** Mostly small, sometimes around the borders where codecs change their mind. */
  size(): number {
    const kind = this.below(16);
    if (kind < 8) return this.below(20);
    if (kind < 11) return this.between(250, 260);
    if (kind < 13) return this.below(300);
    if (kind < 15) return this.below(3000);
    return this.chance(0.8) ? this.between(8000, 20_000) : this.between(30_000, 150_000);
  }
}

/** The seed from the command line or the environment, or a fresh one. The caller prints it. */
export function chooseSeed(given: string | undefined): number {
  if (given === undefined || given === "") return Number(process.hrtime.bigint() & 0x7fffffffn);
  const seed = Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`${given} is no seed`);
  return seed;
}
