import type { World } from "./world.ts";

/** Who reads a direction of a wire. */
export interface WireReader {
  onOctets(piece: Uint8Array): void;
  onEnd(isReset: boolean): void;
  /** There is room for octets again. */
  onDrain(): void;
}

export interface WireOptions {
  readonly delayMeanMs: number;
  readonly delayMaxMs: number;
  /** Octets that may be under way before the writer must wait. */
  readonly window: number;
  readonly pieceMax: number;
  /** What no TCP does, to see that the invariants notice. */
  readonly planted?: "lose" | "duplicate" | "reorder" | "corrupt" | undefined;
}

/**
 * One direction of a TCP connection: octets arrive in order, cut anywhere, late, and all of them until the connection
 * ends; after a reset what was under way may be gone.
 */
class Direction {
  readonly #world: World;
  readonly #options: WireOptions;
  #underWay: number;
  #lastArrival: number;
  #isOver: boolean;
  #isSilent: boolean;
  reader: WireReader | null;
  writer: WireReader | null;

  constructor(world: World, options: WireOptions) {
    this.#world = world;
    this.#options = options;
    this.#underWay = 0;
    this.#lastArrival = 0;
    this.#isOver = false;
    this.#isSilent = false;
    this.reader = null;
    this.writer = null;
  }

  get isFull(): boolean {
    return this.#underWay >= this.#options.window;
  }

  write(octets: Uint8Array): void {
    const { random } = this.#world;
    for (let at = 0; at < octets.length; ) {
      const size = Math.min(octets.length - at, random.between(1, this.#options.pieceMax));
      const piece = octets.slice(at, at + size);
      at += size;
      this.#underWay += size;
      const { planted } = this.#options;
      if (planted === "corrupt" && random.chance(0.02)) {
        const where = random.below(size);
        piece[where] = piece[where]! ^ (1 << random.below(8));
      }
      if (planted === "lose" && random.chance(0.02)) continue;
      this.#arrive(() => this.#deliver(piece), planted === "reorder" && random.chance(0.05));
      if (planted === "duplicate" && random.chance(0.02))
        this.#arrive(() => this.reader?.onOctets(piece.slice()), false);
    }
  }

  /** FIN: after all that is under way. RST: at once or soon, past what is under way. */
  end(isReset: boolean): void {
    if (isReset) {
      this.#world.after(this.#world.delay(this.#options.delayMeanMs, this.#options.delayMaxMs), () =>
        this.#finish(true),
      );
    } else {
      this.#arrive(() => this.#finish(false), false);
    }
  }

  /** The cable is pulled: nothing arrives any more and nobody is told. */
  silence(): void {
    this.#isSilent = true;
  }

  #deliver(piece: Uint8Array): void {
    if (this.#isOver || this.#isSilent) return;
    const wasFull = this.isFull;
    this.#underWay -= piece.length;
    this.reader?.onOctets(piece);
    if (wasFull && !this.isFull) this.writer?.onDrain();
  }

  #finish(isReset: boolean): void {
    if (this.#isOver || this.#isSilent) return;
    this.#isOver = true;
    this.reader?.onEnd(isReset);
  }

  #arrive(action: () => void, overtakes: boolean): void {
    const { delayMeanMs, delayMaxMs } = this.#options;
    const arrival = this.#world.now + this.#world.delay(delayMeanMs, delayMaxMs);
    // A hair apart: the order of a connection is not the seed's to choose.
    const inOrder = overtakes ? arrival : Math.max(arrival, this.#lastArrival + 1e-6);
    if (!overtakes) this.#lastArrival = inOrder;
    this.#world.after(inOrder - this.#world.now, action);
  }
}

/** A connection of two readers. */
export class Wire {
  readonly #there: Direction;
  readonly #back: Direction;

  constructor(world: World, options: WireOptions) {
    this.#there = new Direction(world, options);
    this.#back = new Direction(world, options);
  }

  join(first: WireReader, second: WireReader): readonly [WireEnd, WireEnd] {
    this.#there.writer = this.#back.reader = first;
    this.#there.reader = this.#back.writer = second;
    return [new WireEnd(this.#there), new WireEnd(this.#back)];
  }

  reset(): void {
    this.#there.end(true);
    this.#back.end(true);
  }

  silence(): void {
    this.#there.silence();
    this.#back.silence();
  }
}

/** What one side may do with its connection. */
export class WireEnd {
  readonly #out: Direction;

  constructor(out: Direction) {
    this.#out = out;
  }

  get isFull(): boolean {
    return this.#out.isFull;
  }

  write(octets: Uint8Array): void {
    this.#out.write(octets);
  }

  end(isReset: boolean): void {
    this.#out.end(isReset);
  }
}
